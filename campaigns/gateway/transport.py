"""One HTTP exchange with bounds on time and size, or NoAnswer."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from campaigns.gateway.failures import NoAnswer

DEFAULT_TIMEOUT = httpx.Timeout(connect=3.0, read=10.0, write=5.0, pool=5.0)
"""Seconds. Read is the longest silence, not the whole answer: for that there is the deadline."""

DEFAULT_DEADLINE = 30.0
"""Seconds from the call to the last byte of its answer."""

MAX_ANSWER_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, of whatever status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def exchange(
    http: httpx.Client, request: httpx.Request, *, deadline: float, correlator: str
) -> Answer:
    """Send a request and read its answer whole, without following redirects.

    Raises NoAnswer: not reached, cut, too slow, too large or not HTTP at all.
    """
    until = time.monotonic() + deadline
    body = bytearray()
    try:
        response = http.send(request, stream=True, follow_redirects=False)
        try:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise NoAnswer("The answer is too large", correlator=correlator)
                if time.monotonic() > until:
                    raise NoAnswer("The answer is too slow", correlator=correlator)
        finally:
            response.close()
    except (httpx.TransportError, httpx.DecodingError) as error:
        # The text of the error may carry the address; its class says enough.
        raise NoAnswer(type(error).__name__, correlator=correlator) from error
    return Answer(response.status_code, response.headers, bytes(body))
