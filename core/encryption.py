"""Encryption of secrets that are stored: Fernet, with the keys of ENCRYPTION_KEYS.

The first key encrypts and all of them decrypt, so a key is replaced by putting a new one first,
running `manage.py reencrypt_secrets`, and removing the old one.
"""

import base64
import binascii
from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models

# Of every Fernet token: its version, and a time before the year 2106.
TOKEN_PREFIX = "gAAAA"  # noqa: S105 (no secret)
KEY_BYTES = 32
LEAST_DIFFERENT_BYTES = 16  # of a random key; fewer come once in 10²⁰


def encrypt(text: str) -> str:
    """Return a token of the text, another one each time."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return the text of a token. Raise cryptography's InvalidToken if no key is its own."""
    return _fernet().decrypt(token.encode()).decode()


def is_strong(key: str) -> bool:
    """Return whether a key is 32 bytes in URL-safe base64 that look random."""
    try:
        content = base64.b64decode(key, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(content) == KEY_BYTES and len(set(content)) >= LEAST_DIFFERENT_BYTES


def _fernet() -> MultiFernet:
    keys: Sequence[str] = settings.ENCRYPTION_KEYS
    return MultiFernet([Fernet(key) for key in keys])


class EncryptedTextField(models.TextField):
    """A text that only the database's column has encrypted. An empty one stays empty."""

    def get_prep_value(self, value: object) -> object:
        text = super().get_prep_value(value)
        return encrypt(text) if text else text

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return decrypt(value) if value else value
