"""What people of brands and staff are told: a row for each, written with what it tells of.

The row is the record, and the queue of its mail: a worker claims it, sends the mail
outside any transaction and notes that. A mail that may have gone out is never tried
again at once, so a worker that dies in between costs minutes and rarely a second copy.
Of a talk that goes to and fro one mail in ten minutes tells all that is still unread.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser as User
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import mails
from campaigns.models import Brand, Campaign, Event, Membership, Message, Notice, Webhook
from campaigns.moves import MOVES
from core.wake import wake

log = structlog.get_logger(__name__)

ATTEMPTS = 10  # with doubled pauses, about 17 hours
TALK = "#conversacion"  # where the talk stands on the pages of both sides

# What to do now, of notices that tell of no move.
ADVICE: Mapping[str, str | Promise] = {
    Notice.Kind.DISCARDED: gettext_lazy(
        "Tu cuenta sigue abierta: entra, corrige los datos de tu marca y pídelo de nuevo."
    ),
    Notice.Kind.APPLIED: gettext_lazy(
        "Revisa quién es y actívala, o descártala con un motivo que su titular recibe."
    ),
    Notice.Kind.HOOK_DEAD: gettext_lazy(
        "En tres días no recibió nada de lo que le enviamos. Arréglalo, mándale un evento de "
        "prueba y reanúdalo: lo que pasó mientras tanto lo espera 30 días."
    ),
    Notice.Kind.HOOK_GONE: gettext_lazy(
        "Contestó 410, que es pedir que no le enviemos más. Si fue un error, arréglalo y "
        "reanúdalo: lo que pasó mientras tanto lo espera 30 días."
    ),
}


def tell(event: Event) -> None:
    """Tell a brand's owners and editors of a step, in the transaction that made it.

    The table says of which moves they hear. Who made the step has read of it already.
    """
    if MOVES[event.move].notifies:
        brand = event.campaign.brand
        _write(_writers(brand), Notice(brand=brand, event=event, at=event.at), actor=event.by_id)


def tell_message(message: Message) -> None:
    """Tell the other side of what was said, in the transaction that said it.

    Of a brand those who write for it; of staff who last decided or answered, else all
    who may review.
    """
    brand, kind = message.campaign.brand, Notice.Kind.ANSWER
    people: Iterable[int] = _writers(brand)
    if message.side == Message.Side.BRAND:
        kind, people = Notice.Kind.QUESTION, _reviewers(message.campaign)
    _write(people, Notice(brand=brand, kind=kind, message=message, at=message.at))


def tell_seen(campaign: Campaign, side: str, up_to: int) -> None:
    """Mark as read what told one side of messages that it has seen now; their mail is not sent."""
    kind = Notice.Kind.QUESTION if side == Message.Side.STAFF else Notice.Kind.ANSWER
    seen = Notice.objects.of_talk(campaign).unread().filter(kind=kind, message_id__lte=up_to)
    seen.update(read_at=timezone.now())


def tell_applied(brand: Brand) -> None:
    """Tell the staff who let brands in that one waits, in the transaction that made it wait."""
    people = _staff_who("activate_brand").values_list("pk", flat=True)
    _write(people, Notice(brand=brand, kind=Notice.Kind.APPLIED))


def tell_activated(brand: Brand) -> None:
    """Tell a brand's owners that they may begin, in the transaction that let it in."""
    _write(_owners(brand), Notice(brand=brand, kind=Notice.Kind.ACTIVATED))


def tell_discarded(brand: Brand) -> None:
    """Tell a brand's owners that it was not let in and why, in the transaction that did it."""
    note = brand.discard_reason
    _write(_owners(brand), Notice(brand=brand, kind=Notice.Kind.DISCARDED, note=note))


def tell_paused(webhook: Webhook) -> None:
    """Tell a brand's owners that we paused a webhook, in the transaction that did."""
    gone = webhook.paused_for == Webhook.PausedFor.GONE
    kind = Notice.Kind.HOOK_GONE if gone else Notice.Kind.HOOK_DEAD
    _write(_owners(webhook.brand), Notice(brand=webhook.brand, kind=kind, webhook=webhook))


def _owners(brand: Brand) -> Iterable[int]:
    owners = brand.memberships.filter(role=Membership.Role.OWNER)
    return owners.values_list("user_id", flat=True)


def _writers(brand: Brand) -> Iterable[int]:
    """Who follows a brand's campaigns: those who may write them, while it is active."""
    writers = brand.memberships.filter(brand__active=True, role__in=Membership.EDITORS)
    return writers.values_list("user_id", flat=True)


def _reviewers(campaign: Campaign) -> Iterable[int]:
    """Who has a campaign: whoever of staff did or said something last; else all who may review."""
    own = Membership.objects.filter(brand_id=campaign.brand_id)
    able = _staff_who("review_campaign").exclude(pk__in=own.values("user"))
    decided = campaign.events.filter(by__in=able).order_by("-at").values_list("at", "by")
    answered = campaign.messages.filter(side=Message.Side.STAFF, author__in=able)
    said = answered.order_by("-at").values_list("at", "author")
    acts = [act for act in (decided.first(), said.first()) if act]
    return [max(acts)[1]] if acts else able.values_list("pk", flat=True)


def _staff_who(permission: str) -> QuerySet[User]:
    """The staff with a permission of this app, given to them, to a group, or to all superusers."""
    given = {"codename": permission, "content_type__app_label": "campaigns"}
    direct, by_group = (
        Q(**{f"{way}__{field}": value for field, value in given.items()})
        for way in ("user_permissions", "groups__permissions")
    )
    staff = get_user_model().objects.filter(is_active=True, is_staff=True)
    return staff.filter(Q(is_superuser=True) | direct | by_group).distinct()


def _write(people: Iterable[int], pattern: Notice, actor: int | None = None) -> None:
    """Write a notice like the pattern for each person, read already by whoever acted."""
    rows = [
        Notice(
            user_id=person,
            brand_id=pattern.brand_id,
            kind=pattern.kind,
            event_id=pattern.event_id,
            message_id=pattern.message_id,
            note=pattern.note,
            webhook_id=pattern.webhook_id,
            at=pattern.at,
            read_at=pattern.at if person == actor else None,
        )
        for person in people
    ]
    if rows:
        Notice.objects.bulk_create(rows)
        wake("campaigns.tasks.mail_notices")


def read_all(user: User) -> int:
    """Mark all that a person can see as read; say how many were not."""
    unread = Notice.objects.visible_to(user).unread().values("pk")
    return Notice.objects.filter(pk__in=unread).update(read_at=timezone.now())


def advice(notice: Notice) -> str | Promise:
    """Say what to do now, or nothing."""
    return MOVES[notice.event.move].advice if notice.event else ADVICE.get(notice.kind, "")


def page(notice: Notice) -> str:
    """Give the address, without host, of what the notice is about."""
    match notice.kind, notice.campaign:
        case Notice.Kind.APPLIED, _:
            return reverse("admin:campaigns_brand_changelist") + "?estado=por-activar"
        case Notice.Kind.HOOK_DEAD | Notice.Kind.HOOK_GONE, _:
            return reverse("portal:api_clients", args=[notice.brand.slug])
        case Notice.Kind.DISCARDED, _:
            return reverse("portal:application", args=[notice.brand_id])
        case Notice.Kind.QUESTION, Campaign(pk=pk):
            return reverse("admin:campaigns_campaign_change", args=[pk]) + TALK
        case kind, Campaign(folio=folio):
            there = reverse("portal:campaign", args=[folio])
            return there + TALK if kind == Notice.Kind.ANSWER else there
    return reverse("portal:campaigns", args=[notice.brand.slug])


def mail_due() -> int:
    """Send the mails that are due, over one connection; say how many went out.

    Where there is no mail server nothing is claimed, so no attempt is spent.
    """
    if not Notice.objects.due(timezone.now()).exists():
        return 0
    connection = mail.get_connection()
    try:
        connection.open()
    except OSError as error:  # as are all errors of SMTP
        log.warning("mail_server_away", error=str(error))
        return 0
    sent = 0
    try:
        while (notice := _claim()) is not None:
            try:
                sent += _send(notice, connection)
            except SMTPRecipientsRefused:
                log.warning("mail_refused", notice=notice.pk)
    except OSError as error:
        log.warning("mail_interrupted", error=str(error))
    finally:
        connection.close()
    return sent


@transaction.atomic
def _claim() -> Notice | None:
    """Take the longest due notice, and put its next try off far enough to send it now."""
    now = timezone.now()
    about = ("user", "brand", "event__campaign", "message__campaign", "webhook")
    rows = Notice.objects.due(now).select_related(*about)
    notice = rows.select_for_update(skip_locked=True, of=("self",)).order_by("mail_due_at").first()
    if notice is None:
        return None
    notice.mail_attempts += 1
    pause = timedelta(minutes=2**notice.mail_attempts)
    notice.mail_due_at = now + pause if notice.mail_attempts < ATTEMPTS else None
    notice.save(update_fields=["mail_attempts", "mail_due_at"])
    return notice


def _send(notice: Notice, connection: BaseEmailBackend) -> bool:
    """Send a claimed notice's mail, if its person is still to be told; say whether.

    What else is unread of a talk goes out with it.
    """
    rows = _gathered(notice)
    told = [row for row in rows if row.read_at is None or row.kind not in Notice.OF_TALK]
    wanted = bool(told) and _is_wanted(notice)
    sent_at: datetime | None = None
    if wanted:
        letter = _letter(notice, told)
        letter.connection = connection
        letter.send()
        sent_at = timezone.now()
    done = Notice.objects.filter(pk__in=[row.pk for row in rows])
    done.update(mail_due_at=None, mailed_at=sent_at)
    return wanted


def _gathered(notice: Notice) -> list[Notice]:
    """Give what one mail tells, oldest first: of a talk all whose mail was not sent yet."""
    if notice.message is None:
        return [notice]
    rows = Notice.objects.of_talk(notice.message.campaign).filter(user_id=notice.user_id)
    unsent = Q(pk=notice.pk) | Q(mail_due_at__isnull=False)
    return list(rows.filter(unsent).select_related("message__author").order_by("pk"))


def _is_wanted(notice: Notice) -> bool:
    """Say whether a person is still who is told such things, and they are still so."""
    brand, user = notice.brand, notice.user
    if not user.is_active:
        return False
    match notice.kind:
        case Notice.Kind.QUESTION:
            return user.has_perm(Notice.OF_STAFF[notice.kind]) and not brand.has_member(user)
        case Notice.Kind.APPLIED:
            return user.has_perm(Notice.OF_STAFF[notice.kind]) and brand.is_waiting
        case Notice.Kind.DISCARDED:
            return brand.is_discarded and brand.is_owned_by(user)
    people = brand.memberships.people()  # a program reads its notices by the API
    return brand.active and people.filter(user_id=user.pk, role__in=Membership.EDITORS).exists()


def _letter(notice: Notice, told: Sequence[Notice]) -> mail.EmailMultiAlternatives:
    title = notice.title
    if len(told) > 1:
        title = ngettext("{n} mensaje sin leer", "{n} mensajes sin leer", len(told))
        title = title.format(n=len(told))
    about = notice.campaign.name if notice.campaign else notice.brand.name
    if notice.webhook:
        about = notice.webhook.host
    context = {
        "notice": notice,
        "title": title,
        "messages": [row.message for row in told if row.message],
        "advice": advice(notice),
        "url": settings.PORTAL_URL + page(notice),
        "action": _action(notice),
    }
    letter = mails.write("notice", notice.user.email, f"{title}: {about}", context)
    # A second copy after a lost note has the same name, so that mail programs show one.
    letter.extra_headers["Message-ID"] = (
        f"<aviso-{notice.pk}@{urlsplit(settings.PORTAL_URL).hostname}>"
    )
    return letter


def _action(notice: Notice) -> str:
    if notice.kind in Notice.OF_TALK:
        return _("Leer y responder")
    if notice.kind == Notice.Kind.APPLIED:
        return _("Ver las que esperan")
    return _("Ver la campaña") if notice.campaign else _("Entrar al portal")
