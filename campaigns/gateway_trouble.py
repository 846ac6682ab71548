"""Trouble with the gateway as a whole: seen in orders, the switch and events; told to staff once.

What fails is in the rows of orders and switches, and in what was heard last. A row of
GatewayTrouble is the record that staff were told, so that they get one mail when it has lasted,
and one when it is over.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import structlog
from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.core import mail
from django.db import transaction
from django.db.models import Count, F, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import gateway_words, mails, notices, silence
from campaigns.models import AdOrder, ChannelSwitch, GatewayTrouble
from core import advisory_locks
from core.advisory_locks import Key
from core.wake import wake

log = structlog.get_logger(__name__)

PERMISSION = "view_adorder"
MAIL_AFTER = timedelta(minutes=5)  # of trouble without an end
MAIL_RETRY = timedelta(minutes=2)
Kind = GatewayTrouble.Kind


class Trouble(NamedTuple):
    """What the gateway does not take or send now: how many orders, since when, and why."""

    kind: str
    since: datetime
    orders: int
    channel: bool  # a stop of the channel, or its end, is not confirmed
    last_error: str

    @property
    def cause(self) -> str:
        return _cause(self.kind, self.last_error)

    @property
    def remedy(self) -> str:
        return _remedy(self.kind)


def _cause(kind: str, last_error: str) -> str:
    return gateway_words.silence() if kind == Kind.SILENT else gateway_words.cause(last_error)


def _remedy(kind: str) -> str:
    words = {Kind.REFUSED: gateway_words.refused, Kind.SILENT: gateway_words.silent}
    return words.get(Kind(kind), gateway_words.retrying)()


def current() -> list[Trouble]:
    """Return the present trouble of each kind, from the rows; empty while all is well."""
    return list(_found())


def _found() -> Iterator[Trouble]:
    unconfirmed = AdOrder.objects.filter(generation__gt=F("acknowledged_generation"))
    switch = ChannelSwitch.objects.pending().exclude(last_error="").first()
    is_refused = Q(refused_generation=F("generation"))
    for kind, rows, stuck in (
        (Kind.FAILING, unconfirmed.exclude(is_refused).filter(failing_since__isnull=False), switch),
        (Kind.REFUSED, unconfirmed.filter(is_refused), None),
    ):
        total = rows.aggregate(count=Count("pk"), since=Min("failing_since"))
        newest = rows.order_by("-next_attempt_at").first() if total["count"] else None
        since = [moment for moment in (total["since"], stuck and stuck.at) if moment]
        if newest or stuck:
            yield Trouble(
                kind=kind,
                since=min(since, default=timezone.now()),
                orders=total["count"],
                channel=stuck is not None,
                last_error=newest.last_error if newest else stuck.last_error if stuck else "",
            )
    if quiet := silence.current(timezone.now()):
        yield Trouble(Kind.SILENT, quiet.since, orders=0, channel=False, last_error=quiet.what)


def figures() -> dict[str, object]:
    """Return the present trouble for programs."""
    found = {trouble.kind: trouble for trouble in current()}
    failing, refused = found.get(Kind.FAILING), found.get(Kind.REFUSED)
    silent = found.get(Kind.SILENT)
    return {
        "failing_since": failing and failing.since,
        "failing_orders": failing.orders if failing else 0,
        "refused_orders": refused.orders if refused else 0,
        "channel_unconfirmed": bool(failing and failing.channel),
        "silent_since": silent and silent.since,
    }


@transaction.atomic
def record() -> None:
    """Record the trouble that has lasted for MAIL_AFTER, and the end of what was recorded.

    It is over once nothing fails and nothing waits for its first attempt: a new generation of an
    order has not failed yet. Silence is over with the first heartbeat.
    """
    advisory_locks.acquire(Key.GATEWAY_TROUBLE)
    now = timezone.now()
    found = {trouble.kind: trouble for trouble in current()}
    recorded = {row.kind: row for row in GatewayTrouble.objects.open()}
    for kind, trouble in found.items():
        if kind not in recorded and trouble.since <= now - MAIL_AFTER:
            GatewayTrouble.objects.create(
                kind=kind, began_at=trouble.since, cause=trouble.last_error, mail_due_at=now
            )
            log.warning("gateway_trouble", kind=kind, orders=trouble.orders)
    is_untried = AdOrder.objects.pending().filter(attempts=0).exists()
    for kind, row in recorded.items():
        if kind not in found and (kind == Kind.SILENT or not is_untried):
            row.ended_at = row.mail_due_at = now
            row.save(update_fields=["ended_at", "mail_due_at"])
            log.info("gateway_trouble_over", kind=kind)
    if GatewayTrouble.objects.filter(mail_due_at__lte=now).exists():
        wake("campaigns.tasks.mail_gateway_trouble")


def mail_due() -> int:
    """Mail staff what was recorded; return how many mails went out. An error repeats them later."""
    sent = 0
    while (row := _claim()) is not None:
        lease = row.mail_due_at
        try:
            messages = mails.for_each(notices.staff_with(PERMISSION), partial(_compose, row))
            sent += mail.get_connection().send_messages(messages) or 0
        except OSError as error:  # as are all errors of SMTP
            log.warning("mail_interrupted", error=str(error))
            return sent
        GatewayTrouble.objects.filter(pk=row.pk, mail_due_at=lease).update(mail_due_at=None)
    return sent


@transaction.atomic
def _claim() -> GatewayTrouble | None:
    now = timezone.now()
    rows = GatewayTrouble.objects.filter(mail_due_at__lte=now).order_by("mail_due_at")
    row = rows.select_for_update(skip_locked=True).first()
    if row is not None:
        row.mail_due_at = now + MAIL_RETRY
        row.save(update_fields=["mail_due_at"])
    return row


def _compose(row: GatewayTrouble, user: User) -> mail.EmailMultiAlternatives:
    title = _title(row)
    context = {
        "trouble": row,
        "title": title,
        "cause": _cause(row.kind, row.cause),
        "remedy": _remedy(row.kind),
        "over": gateway_words.heard_again()
        if row.kind == Kind.SILENT
        else gateway_words.taken_again(),
        "url": settings.PORTAL_URL + reverse("admin:campaigns_adorder_changelist"),
        "action": _("Ver las órdenes"),
    }
    return mails.compose("gateway_trouble", user.email, title, context)


def _title(row: GatewayTrouble) -> str:
    if row.kind == Kind.SILENT:
        return (
            _("La plataforma de entrega ya manda datos")
            if row.ended_at
            else _("La plataforma de entrega no manda datos")
        )
    if row.ended_at:
        return _("La plataforma de entrega ya toma los cambios")
    if row.kind == Kind.REFUSED:
        return _("La plataforma de entrega rechaza órdenes")
    return _("La plataforma de entrega falla")
