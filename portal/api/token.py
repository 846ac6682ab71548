"""Where programs get their tokens: by client credentials, and in no other way."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.views import TokenView

GRANT = "client_credentials"


class Token(TokenView):
    """The library's, less the grants that need a person or a device.

    Source: RFC 6749, sections 4.4 and 5.2.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sent = request.POST.get("grant_type")
        if sent == GRANT:
            return super().post(request, *args, **kwargs)
        error = "unsupported_grant_type" if sent else "invalid_request"
        headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        return JsonResponse({"error": error}, status=400, headers=headers)
