"""Sending of mails whose rows are their queue: claimed, sent outside any transaction, recorded.

A mail that may have gone out is not tried again at once, so a worker that dies in between costs
minutes and rarely a second copy.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Protocol, TypeVar

import structlog
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

log = structlog.get_logger(__name__)

ATTEMPTS = 10  # with doubled pauses, about 17 hours


class QueuedMail(Protocol):
    """A row that is the queue of its mail; `mail_due_at` null: sent, or given up."""

    pk: int
    mail_attempts: int
    mail_due_at: datetime | None

    def save(self, *, update_fields: list[str]) -> None: ...


Row = TypeVar("Row", bound=QueuedMail)


def postpone(row: QueuedMail, now: datetime) -> None:
    """Count an attempt of a locked row, and set when the next one is due."""
    row.mail_attempts += 1
    pause = timedelta(minutes=2**row.mail_attempts)
    row.mail_due_at = now + pause if row.mail_attempts < ATTEMPTS else None
    row.save(update_fields=["mail_attempts", "mail_due_at"])


def send_all(claim: Callable[[], Row | None], send: Callable[[Row, BaseEmailBackend], bool]) -> int:
    """Send the mails of rows as long as there is one to claim; return how many went out.

    They share a connection. Where the mail server cannot be reached nothing is claimed, so no
    attempt is spent.
    """
    connection = mail.get_connection()
    try:
        connection.open()
    except OSError as error:  # as are all errors of SMTP
        log.warning("mail_server_unreachable", error=error)
        return 0
    sent = 0
    try:
        while (row := claim()) is not None:
            try:
                sent += send(row, connection)
            except SMTPRecipientsRefused:
                log.warning("mail_refused", row=row.pk, table=type(row).__name__)
    except OSError as error:
        log.warning("mail_interrupted", error=error)
    finally:
        connection.close()
    return sent
