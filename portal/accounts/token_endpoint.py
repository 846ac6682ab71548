"""The token endpoint: a program shows its secret and gets a token for an hour."""

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

OF_AN_ADDRESS = 10  # times what one program of it may
LONGEST_ID = 100  # characters; ours are shorter


class Token(TokenView):
    """Gives tokens for client credentials, so many a minute to each program and address.

    Who is counted is a program at an address: nobody locks out a program from elsewhere by
    asking in its name. Refusals are those of OAuth 2 (RFC 6749, 5.2), whose words are ASCII.
    """

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        client_id = _client_id(request)
        if "\0" in client_id:
            return _refuse(401, "invalid_client", "El client_id no existe.")
        use = _count(client_id, _address(request))
        if use.exceeded:
            told = "Pediste demasiados tokens: cada uno sirve una hora. Ve Retry-After."
            answer = _refuse(429, "temporarily_unavailable", told)
            answer["Retry-After"] = str(use.seconds_left)
        else:
            answer = self.authorization_flow_token_response(request)
        for name, value in use.headers().items():
            answer[name] = value
        return answer


def _count(client_id: str, address: str) -> Usage:
    """Count for the address and for the program there; give the one that is nearer its end."""
    most = settings.API_TOKENS_A_MINUTE
    of_all = throttles.count_request(f"token-{address}", most * OF_AN_ADDRESS)
    own = throttles.count_request(f"token-{address}-{client_id}", most)
    return of_all if of_all.exceeded else own


def _address(request: HttpRequest) -> str:
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:  # it has none: a local socket
        return ""


def _client_id(request: HttpRequest) -> str:
    """Give the program that a request names, proven or not; empty where it names none."""
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    named = str(request.POST.get("client_id", ""))
    if scheme.lower() == "basic":
        try:
            named = unquote_plus(base64.b64decode(sent).decode().partition(":")[0])
        except (binascii.Error, UnicodeDecodeError):
            named = ""
    return named[:LONGEST_ID]


def _refuse(status: int, error: str, told: str) -> HttpResponse:
    answer = JsonResponse({"error": error, "error_description": told}, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
