"""Mails that Django's file backend wrote instead of sending them, read back."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

SEPARATOR = b"-" * 79 + b"\n"  # what Django's file backend writes after each mail
LIMIT = 100


class Mail(NamedTuple):
    """One mail. `key` identifies it as long as its file exists."""

    key: str
    subject: str
    to: str
    sent_at: datetime
    text: str
    html: str


def newest() -> list[Mail]:
    """Return the newest mails, at most LIMIT, the newest first."""
    assert settings.EMAIL_FILE_PATH, "mails do not go to files"
    folder = Path(settings.EMAIL_FILE_PATH)
    mails: list[Mail] = []
    for path in sorted(folder.glob("*.log"), key=_modified_at, reverse=True):
        mails += reversed(list(_read(path)))
        if len(mails) >= LIMIT:
            break
    return mails[:LIMIT]


def find(key: str) -> Mail | None:
    """Return the mail with this key if it is among the newest."""
    return next((mail for mail in newest() if mail.key == key), None)


def _modified_at(path: Path) -> float:
    return path.stat().st_mtime


def _read(path: Path) -> Iterator[Mail]:
    for raw in path.read_bytes().split(SEPARATOR):
        if not raw.strip():
            continue
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)  # the default policy makes these
        yield Mail(
            key=hashlib.sha256(path.name.encode() + raw).hexdigest()[:20],
            subject=str(message["Subject"]),
            to=str(message["To"]),
            # Django writes the date in UTC.
            sent_at=parsedate_to_datetime(message["Date"]).replace(tzinfo=UTC),
            text=_body(message, "plain"),
            html=_body(message, "html"),
        )


def _body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return str(part.get_content()) if part is not None else ""
