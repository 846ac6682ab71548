"""Mails that were written to files instead of sent, read back for people who develop."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

END = b"-" * 79 + b"\n"  # what Django's file backend writes after each mail
SHOWN = 100


class Letter(NamedTuple):
    """One mail, as its reader sees it. `key` names it for as long as its file is there."""

    key: str
    subject: str
    to: str
    sent: datetime
    text: str
    html: str


def letters() -> list[Letter]:
    """Give the newest mails, the newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    newest = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    found: list[Letter] = []
    for path in newest:
        found += reversed(list(_in_file(path)))
        if len(found) >= SHOWN:
            break
    return found[:SHOWN]


def letter(key: str) -> Letter | None:
    return next((one for one in letters() if one.key == key), None)


def _in_file(path: Path) -> Iterator[Letter]:
    for raw in path.read_bytes().split(END):
        if not raw.strip():
            continue
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)  # as the policy says
        yield Letter(
            key=hashlib.sha256(path.name.encode() + raw).hexdigest()[:20],
            subject=str(message["Subject"]),
            to=str(message["To"]),
            sent=parsedate_to_datetime(message["Date"]).replace(tzinfo=UTC),  # as Django writes it
            text=_body(message, "plain"),
            html=_body(message, "html"),
        )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
