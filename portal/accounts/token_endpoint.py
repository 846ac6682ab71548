"""The OAuth 2 token endpoint: client credentials in exchange for a token of one hour."""

import base64
import binascii
from urllib.parse import unquote_plus

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.views import TokenView

from core.api import throttles
from core.api.throttles import Usage
from core.body_limits import KIB

ADDRESS_FACTOR = 10  # an address may send this many times the requests of one client there
MAX_CLIENT_ID_LENGTH = 100  # characters; ours are shorter


class TokenEndpoint(TokenView):
    """Issue tokens for client credentials, API_TOKENS_A_MINUTE to each client at an address.

    Requests are counted by client and address together, so that nobody can lock a client out
    from another address. Errors are those of OAuth 2 (RFC 6749, 5.2), whose text is ASCII.
    """

    http_method_names = ("post",)
    max_body = 16 * KIB

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        client_id = _client_id(request)
        if "\0" in client_id:
            return _error(401, "invalid_client", "El client_id no existe.")
        use = _count(client_id, _address(request))
        if use.exceeded:
            description = "Pediste demasiados tokens: cada uno sirve una hora. Ve Retry-After."
            response = _error(429, "temporarily_unavailable", description)
            response["Retry-After"] = str(use.seconds_left)
        else:
            response = self.authorization_flow_token_response(request)
        for name, value in use.headers().items():
            response[name] = value
        return response


def _count(client_id: str, address: str) -> Usage:
    """Count the request for its address and for the client there; return the use that binds."""
    limit = settings.API_TOKENS_A_MINUTE
    of_address = throttles.count_request(f"token-{address}", limit * ADDRESS_FACTOR)
    if of_address.exceeded:
        return of_address
    return throttles.count_request(f"token-{address}-{client_id}", limit)


def _address(request: HttpRequest) -> str:
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:  # a local socket has no address
        return ""


def _client_id(request: HttpRequest) -> str:
    """Return the client_id that a request names, authenticated or not; "" where there is none."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    client_id = str(request.POST.get("client_id", ""))
    if scheme.lower() == "basic":
        try:
            client_id = unquote_plus(base64.b64decode(credentials).decode().partition(":")[0])
        except (binascii.Error, UnicodeDecodeError):
            client_id = ""
    return client_id[:MAX_CLIENT_ID_LENGTH]


def _error(status: int, error: str, description: str) -> HttpResponse:
    response = JsonResponse({"error": error, "error_description": description}, status=status)
    response["Cache-Control"] = "no-store"
    return response
