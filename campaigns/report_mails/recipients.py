"""To whom a brand has results mailed: its people, and other addresses once they confirm.

Writers of a brand choose for everybody, and each person for themselves. What a person stopped only
that person may begin again.
"""

from collections.abc import Collection
from datetime import timedelta
from functools import partial

import structlog
from django.contrib.auth.models import AbstractUser as User
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import override

from campaigns import rights
from campaigns.errors import JustSent, NotAllowed
from campaigns.models import Brand, ReportRecipient
from campaigns.report_mails import compose, weeks
from campaigns.report_mails.errors import (
    AlreadyRecipient,
    AskedToday,
    NothingToReport,
    StoppedByRecipient,
    TooManyRecipients,
)

log = structlog.get_logger(__name__)

Kind = ReportRecipient.Kind

MAX_ADDRESSES = 20  # of a brand that are not its people's, or asked within a day
ASK_INTERVAL = timedelta(days=1)
SAMPLE_INTERVAL = 60  # seconds


@transaction.atomic
def choose(brand_id: int, user_id: int, kinds: Collection[str], *, by: User) -> None:
    """Set the kinds of mails that one of a brand's people gets.

    Those who do it for themselves also stop or begin what the brand chose for them. Raises
    NotAllowed or BrandSuspended.
    """
    brand = _lock(brand_id)
    own = user_id == by.pk
    if own:
        rights.require_active(brand)
    else:
        rights.require_editor(brand, by)
    if not brand.memberships.people().filter(user_id=user_id).exists():
        raise NotAllowed
    recipient = ReportRecipient.objects.filter(brand=brand, user_id=user_id).first()
    if recipient is None:
        recipient = ReportRecipient(brand=brand, user_id=user_id, added_by_id=by.pk)
        recipient.confirmed_at = timezone.now()
    for kind in Kind:
        if own:
            recipient.stop(kind, stopped=kind not in kinds and bool(recipient.chosen_since(kind)))
        if not own or kind in kinds:
            recipient.choose(kind, wanted=kind in kinds)
    recipient.save()


@transaction.atomic
def choose_for_address(recipient_id: int, kinds: Collection[str], *, by: User) -> None:
    """Set the kinds of mails that another address gets. Raises NotAllowed or BrandSuspended."""
    recipient = _lock_address(recipient_id, by)
    for kind in Kind:
        recipient.choose(kind, wanted=kind in kinds)
    recipient.save()


@transaction.atomic
def add(brand_id: int, email: str, kinds: Collection[str], *, by: User) -> ReportRecipient:
    """Add an address that is nobody's of the brand, and ask it by mail whether it wants to.

    Raises NotAllowed, BrandSuspended, AlreadyRecipient, StoppedByRecipient, AskedToday or
    TooManyRecipients.
    """
    brand = _lock(brand_id)
    rights.require_editor(brand, by)
    email = email.lower()
    if brand.memberships.filter(user__email__iexact=email).exists():
        raise AlreadyRecipient(email)
    rows = ReportRecipient.objects.filter(brand=brand, user__isnull=True)
    found = rows.filter(email=email).first()
    if found and found.removed_at is None:
        raise AlreadyRecipient(email)
    if found and any(found.stopped_at(kind) for kind in Kind):
        raise StoppedByRecipient(email)
    recent = Q(removed_at__isnull=True) | Q(asked_at__gt=timezone.now() - ASK_INTERVAL)
    if rows.filter(recent).exclude(email=email).count() >= MAX_ADDRESSES:
        raise TooManyRecipients(MAX_ADDRESSES)
    recipient = found or ReportRecipient(brand=brand, email=email)
    recipient.added_by_id = by.pk
    recipient.removed_at = recipient.confirmed_at = None
    for kind in Kind:
        recipient.choose(kind, wanted=kind in kinds)
    _ask(recipient)
    return recipient


@transaction.atomic
def ask_again(recipient_id: int, *, by: User) -> ReportRecipient:
    """Ask an address again that has not answered.

    Raises NotAllowed, BrandSuspended, AskedToday, or AlreadyRecipient where it has confirmed.
    """
    recipient = _lock_address(recipient_id, by)
    if recipient.confirmed_at:
        raise AlreadyRecipient(recipient.email)
    if any(recipient.stopped_at(kind) for kind in Kind):
        raise StoppedByRecipient(recipient.email)
    _ask(recipient)
    return recipient


@transaction.atomic
def remove(recipient_id: int, *, by: User) -> ReportRecipient:
    """Remove an address; nothing more is sent to it. Raises NotAllowed or BrandSuspended."""
    recipient = _lock_address(recipient_id, by)
    recipient.removed_at = timezone.now()
    recipient.save(update_fields=["removed_at"])
    return recipient


@transaction.atomic
def answer(recipient_id: int, *, wanted: bool) -> ReportRecipient:
    """Record the answer of an address: it confirms, or it wants no mail of the brand at all."""
    recipient = _lock_row(recipient_id)
    recipient.confirmed_at = timezone.now() if wanted else None
    for kind in Kind:
        recipient.stop(kind, stopped=not wanted)
        if wanted and recipient.chosen_since(kind):
            recipient.begin(kind)  # not when the brand asked
    recipient.save()
    return recipient


@transaction.atomic
def stop(recipient_id: int, kind: str, *, stopped: bool) -> ReportRecipient:
    """Stop mails of a kind for the person who gets them, or begin them again."""
    recipient = _lock_row(recipient_id)
    recipient.stop(kind, stopped=stopped)
    recipient.save()
    return recipient


def send_sample(brand: Brand, *, to: User) -> None:
    """Mail a person of a brand the results of the last whole week, outside the queue.

    Raises BrandSuspended, JustSent, NothingToReport if no campaign ran in that week, or OSError
    while the mail server cannot be reached.
    """
    rights.require_active(brand)
    rows = ReportRecipient.objects.filter(brand=brand, user_id=to.pk).select_related("user")
    recipient = rows.first()
    if recipient is None:
        recipient = ReportRecipient(brand=brand, user_id=to.pk, added_by_id=to.pk)
        recipient.confirmed_at = timezone.now()
        recipient.save()
    recipient.brand = brand
    with override(recipient.language):
        message = compose.weekly(recipient, weeks.last_whole(timezone.now()))
    if message is None:
        raise NothingToReport
    key = f"report-sample:{recipient.pk}"
    if not cache.add(key, True, SAMPLE_INTERVAL):
        raise JustSent
    try:
        message.send()
    except OSError:
        cache.delete(key)
        raise


def _ask(recipient: ReportRecipient) -> None:
    """Save an address and mail it the request after the commit. Raises AskedToday."""
    now = timezone.now()
    if recipient.asked_at and recipient.asked_at > now - ASK_INTERVAL:
        raise AskedToday(recipient.email)
    recipient.asked_at = now
    recipient.save()
    transaction.on_commit(partial(_mail_request, recipient), robust=True)


def _mail_request(recipient: ReportRecipient) -> None:
    """Mail the request; if it is lost, it may be asked again at once."""
    try:
        compose.request(recipient).send()
    except OSError as error:  # as are all errors of SMTP
        log.warning("mail_lost", recipient=recipient.pk, error=error)
        ReportRecipient.objects.filter(pk=recipient.pk).update(asked_at=None)


def _lock(brand_id: int) -> Brand:
    return Brand.objects.select_for_update(no_key=True).get(pk=brand_id)


def _lock_row(recipient_id: int) -> ReportRecipient:
    rows = ReportRecipient.objects.select_related("user", "brand")
    return rows.select_for_update(of=("self",)).get(pk=recipient_id)


def _lock_address(recipient_id: int, by: User) -> ReportRecipient:
    """Lock an address that was not removed. Raises NotAllowed or BrandSuspended."""
    recipient = _lock_row(recipient_id)
    rights.require_editor(recipient.brand, by)
    if recipient.user_id or recipient.removed_at:
        raise NotAllowed
    return recipient
