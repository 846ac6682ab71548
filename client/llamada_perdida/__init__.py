"""Client of the API of Llamada Perdida."""

from llamada_perdida.client import Client
from llamada_perdida.errors import (
    BadRequest,
    Conflict,
    LlamadaPerdidaError,
    NoAnswer,
    NotAllowed,
    NotFound,
    Refused,
    SignInRefused,
    Stale,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)
from llamada_perdida.http import etag_of
from llamada_perdida.webhooks import BadSignature, verify_webhook

__version__ = "1.0.0"
__all__ = [
    "BadRequest",
    "BadSignature",
    "Client",
    "Conflict",
    "LlamadaPerdidaError",
    "NoAnswer",
    "NotAllowed",
    "NotFound",
    "Refused",
    "SignInRefused",
    "Stale",
    "TooManyRequests",
    "Unauthenticated",
    "Unavailable",
    "Unprocessable",
    "etag_of",
    "verify_webhook",
]
