"""The links in mails of results: their tokens are signed, and each serves one thing.

A token names a recipient, which is one address of one brand; that of a stop names the kind of
mail too, and never expires.
"""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer, TimestampSigner
from django.urls import reverse

from campaigns.models import ReportRecipient

CONFIRM_WITHIN = timedelta(days=7)

_stops = Signer(salt="report-mails.stop")
_requests = TimestampSigner(salt="report-mails.confirm")


def stop_url(recipient: ReportRecipient, kind: str) -> str:
    """Return the URL that stops mails of a kind, to a recipient."""
    token = _stops.sign_object([recipient.pk, str(kind)])
    return settings.PORTAL_URL + reverse("portal:stop_report_mails", args=[token])


def confirm_url(recipient: ReportRecipient) -> str:
    """Return the URL by which an address is confirmed, or refuses; it serves CONFIRM_WITHIN."""
    token = _requests.sign_object([recipient.pk])
    return settings.PORTAL_URL + reverse("portal:confirm_report_mails", args=[token])


def read_stop(token: str) -> tuple[ReportRecipient, str] | None:
    """Return the recipient and the kind of mail of a stop's token; None of any other text."""
    try:
        pk, kind = _stops.unsign_object(token)
    except BadSignature:
        return None
    recipient = _recipient(pk)
    return (recipient, kind) if recipient else None


def read_request(token: str) -> ReportRecipient | None:
    """Return the recipient of a request's token; None of any other text, or once it expired."""
    try:
        [pk] = _requests.unsign_object(token, max_age=CONFIRM_WITHIN)
    except BadSignature:
        return None
    return _recipient(pk)


def _recipient(pk: int) -> ReportRecipient | None:
    return ReportRecipient.objects.select_related("user", "brand").filter(pk=pk).first()
