"""The mail of notices: a notice is the queue of its own mail.

Of a conversation one mail in ten minutes carries everything that is still unread.
"""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import mail_queue, mails, notices
from campaigns.models import Membership, Notice


def send_due() -> int:
    """Send the mails that are due, over one connection; return how many went out."""
    if not Notice.objects.due(timezone.now()).exists():
        return 0
    return mail_queue.send_all(_claim, _send)


@transaction.atomic
def _claim() -> Notice | None:
    """Claim the longest due notice."""
    now = timezone.now()
    related = ("user", "brand", "event__campaign", "message__campaign", "webhook")
    rows = Notice.objects.due(now).select_related(*related).with_certificate()
    notice = rows.select_for_update(skip_locked=True, of=("self",)).order_by("mail_due_at").first()
    if notice is not None:
        mail_queue.postpone(notice, now)
    return notice


def _send(notice: Notice, connection: BaseEmailBackend) -> bool:
    """Send a claimed notice's mail unless it is no longer wanted; return whether it was sent.

    Other unread messages of the same conversation go out with it.
    """
    batch = _batch(notice)
    included = [
        item for item in batch if item.read_at is None or item.kind not in Notice.CONVERSATION_KINDS
    ]
    wanted = bool(included) and _is_wanted(notice)
    sent_at: datetime | None = None
    if wanted:
        [message] = mails.for_each([notice.user], lambda user: _compose(notice, included))
        message.connection = connection
        message.send()
        sent_at = timezone.now()
    rows = Notice.objects.filter(pk__in=[item.pk for item in batch])
    rows.update(mail_due_at=None, mailed_at=sent_at)
    return wanted


def _batch(notice: Notice) -> list[Notice]:
    """Return the notices of one mail, oldest first: of a conversation all that are not mailed."""
    if notice.message is None:
        return [notice]
    rows = Notice.objects.of_conversation(notice.message.campaign).filter(user_id=notice.user_id)
    unsent = Q(pk=notice.pk) | Q(mail_due_at__isnull=False)
    return list(rows.filter(unsent).select_related("message__author").order_by("pk"))


def _is_wanted(notice: Notice) -> bool:
    """Return whether the notice still holds and its user may still receive it."""
    brand, user = notice.brand, notice.user
    if not user.is_active:
        return False
    match notice.kind:
        case Notice.Kind.QUESTION:
            return user.has_perm(Notice.STAFF_PERMISSIONS[notice.kind]) and not brand.has_member(
                user
            )
        case Notice.Kind.APPLIED:
            return user.has_perm(Notice.STAFF_PERMISSIONS[notice.kind]) and brand.is_waiting
        case Notice.Kind.DISCARDED:
            return brand.is_discarded and brand.is_owned_by(user)
        case Notice.Kind.SUSPENDED | Notice.Kind.REINSTATED:
            holds = brand.is_suspended == (notice.kind == Notice.Kind.SUSPENDED)
            return holds and brand.memberships.people().filter(user_id=user.pk).exists()
        case kind if kind in Notice.CERTIFICATE_KINDS and notice.is_for_staff:
            return user.has_perm(Notice.STAFF_PERMISSIONS[kind])
    people = brand.memberships.people()  # an API client reads its notices by the API
    is_writer = people.filter(user_id=user.pk, role__in=Membership.EDITORS).exists()
    return is_writer and brand.activated_at is not None


def _compose(notice: Notice, included: Sequence[Notice]) -> mail.EmailMultiAlternatives:
    title = notice.title
    if len(included) > 1:
        title = ngettext("{n} mensaje sin leer", "{n} mensajes sin leer", len(included))
        title = title.format(n=len(included))
    topic = notice.campaign.name if notice.campaign else notice.brand.name
    if notice.webhook:
        topic = notice.webhook.host
    risk_note = notices.risk_note(notice.campaign)
    context = {
        "notice": notice,
        "title": title,
        "messages": [item.message for item in included if item.message],
        "advice": notices.advice(notice),
        "risk_note": "" if risk_note == notice.comment else risk_note,
        "url": settings.PORTAL_URL + notices.target_path(notice),
        "action": _button_label(notice),
    }
    message = mails.compose("notice", notice.user.email, f"{title}: {topic}", context)
    # A second copy after a lost record has the same id, so that mail programs show one.
    message.extra_headers["Message-ID"] = (
        f"<aviso-{notice.pk}@{urlsplit(settings.PORTAL_URL).hostname}>"
    )
    return message


def _button_label(notice: Notice) -> str:
    if notice.kind in Notice.CONVERSATION_KINDS:
        return _("Leer y responder")
    if notice.kind == Notice.Kind.APPLIED:
        return _("Ver las que esperan")
    if notice.certificate:
        return _("Ver la constancia")
    return _("Ver la campaña") if notice.campaign else _("Entrar al portal")
