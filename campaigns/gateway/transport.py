"""One HTTP exchange with the gateway, limited in time and size."""

import time

import httpx

from campaigns.gateway.errors import NoResponse
from campaigns.gateway.http_response import GatewayResponse

DEFAULT_TIMEOUT = httpx.Timeout(connect=3.0, read=10.0, write=5.0, pool=5.0)
"""Seconds. `read` is the longest silence; the deadline limits the whole response."""

DEFAULT_DEADLINE = 30.0
"""Seconds from the call to the last byte of its response."""

MAX_RESPONSE_BYTES = 4 * 1024 * 1024


def send_request(
    http: httpx.Client, request: httpx.Request, *, deadline: float, correlator: str
) -> GatewayResponse:
    """Return the whole response to a request, without following redirects.

    Raise NoResponse if the server cannot be reached, closes the connection, is too slow, sends
    too much, or does not speak HTTP.
    """
    give_up_at = time.monotonic() + deadline
    body = bytearray()
    try:
        response = http.send(request, stream=True, follow_redirects=False)
        try:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_RESPONSE_BYTES:
                    raise NoResponse("The response is too large", correlator=correlator)
                if time.monotonic() > give_up_at:
                    raise NoResponse("The response is too slow", correlator=correlator)
        finally:
            response.close()
    except (httpx.TransportError, httpx.DecodingError) as error:
        # The text of the error may contain the address; its class is enough.
        raise NoResponse(type(error).__name__, correlator=correlator) from error
    return GatewayResponse(response.status_code, response.headers, bytes(body))
