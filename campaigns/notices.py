"""Notices to people of brands and staff: one row for each person, written with its cause."""

from collections.abc import Iterable, Mapping

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser as User
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from campaigns.models import (
    Brand,
    Campaign,
    Certificate,
    Event,
    Membership,
    Message,
    Notice,
    Webhook,
)
from campaigns.moves import MOVES
from core.wake import wake

Kind = Notice.Kind
CONVERSATION_ANCHOR = "#conversacion"  # on the campaign's page of either side

# What to do now, by the kind of notice; of a move, the table of moves has it.
ADVICE: Mapping[str, str | Promise] = {
    Notice.Kind.DISCARDED: gettext_lazy(
        "Tu cuenta sigue abierta: entra, corrige los datos de tu marca y pídelo de nuevo."
    ),
    Notice.Kind.SUSPENDED: gettext_lazy(
        "Sus campañas en marcha quedaron en pausa. Puedes entrar y ver todo; nada se cambia hasta "
        "que Telefónica levante la suspensión."
    ),
    Notice.Kind.REINSTATED: gettext_lazy(
        "Lo que estaba en marcha al suspenderla sigue donde iba, y puedes trabajar como siempre."
    ),
    Notice.Kind.APPLIED: gettext_lazy(
        "Revisa quién es y actívala, o descártala con un motivo que su titular recibe."
    ),
    Notice.Kind.CERTIFIED: gettext_lazy(
        "Descárgala y acéptala, u objétala si tus cuentas son otras: Telefónica responde."
    ),
    Notice.Kind.RULED: gettext_lazy("La objeción y su respuesta quedan en el registro."),
    Notice.Kind.WEBHOOK_FAILING: gettext_lazy(
        "En tres días no recibió nada de lo que le enviamos. Arréglalo, mándale un evento de "
        "prueba y reanúdalo: lo que pasó mientras tanto lo espera 30 días."
    ),
    Notice.Kind.WEBHOOK_GONE: gettext_lazy(
        "Contestó 410, que es pedir que no le enviemos más. Si fue un error, arréglalo y "
        "reanúdalo: lo que pasó mientras tanto lo espera 30 días."
    ),
}


def notify_event(event: Event) -> None:
    """Notify a brand's owners and editors of a step, in the transaction that made it.

    The table of moves decides which moves are notified. The notice of whoever made the step is
    already read.
    """
    if MOVES[event.move].notifies:
        brand = event.campaign.brand
        notice = Notice(brand=brand, event=event, at=event.at)
        _create_for(_writers(brand), notice, actor=event.by_id)


def notify_message(message: Message) -> None:
    """Notify the other side of a message, in the transaction that wrote it.

    Of a brand: those who write for it. Of staff: whoever last decided or replied, or else
    all who may review. Nobody is notified of a sandbox's.
    """
    if message.campaign.sandbox:
        return
    brand, kind = message.campaign.brand, Notice.Kind.ANSWER
    user_ids: Iterable[int] = _writers(brand)
    if message.side == Message.Side.BRAND:
        kind, user_ids = Notice.Kind.QUESTION, _reviewers(message.campaign)
    _create_for(user_ids, Notice(brand=brand, kind=kind, message=message, at=message.at))


def mark_messages_read(campaign: Campaign, side: str, up_to: int) -> None:
    """Mark one side's notices of messages up to an id as read; their mail is not sent."""
    kind = Notice.Kind.QUESTION if side == Message.Side.STAFF else Notice.Kind.ANSWER
    unread = Notice.objects.of_conversation(campaign).unread()
    unread.filter(kind=kind, message_id__lte=up_to).update(read_at=timezone.now())


def notify_applied(brand: Brand) -> None:
    """Notify the staff who activate brands that one waits, in the transaction that made it wait."""
    user_ids = staff_with("activate_brand").values_list("pk", flat=True)
    _create_for(user_ids, Notice(brand=brand, kind=Notice.Kind.APPLIED))


def notify_activated(brand: Brand) -> None:
    """Notify a brand's owners that it was activated, in the transaction that did it."""
    _create_for(_owners(brand), Notice(brand=brand, kind=Notice.Kind.ACTIVATED))


def notify_discarded(brand: Brand) -> None:
    """Notify a brand's owners that it was discarded and why, in the transaction that did it."""
    note = brand.discard_reason
    _create_for(_owners(brand), Notice(brand=brand, kind=Notice.Kind.DISCARDED, note=note))


def notify_suspended(brand: Brand) -> None:
    """Notify all people of a brand that it was suspended and why, in the transaction of that."""
    note = brand.suspension_reason
    _create_for(_members(brand), Notice(brand=brand, kind=Notice.Kind.SUSPENDED, note=note))


def notify_reinstated(brand: Brand) -> None:
    """Notify all people of a brand that its suspension was lifted, in the transaction of that."""
    _create_for(_members(brand), Notice(brand=brand, kind=Notice.Kind.REINSTATED))


def notify_paused(webhook: Webhook) -> None:
    """Notify a brand's owners that a webhook was paused, in the transaction that did it."""
    gone = webhook.paused_for == Webhook.PausedFor.GONE
    kind = Notice.Kind.WEBHOOK_GONE if gone else Notice.Kind.WEBHOOK_FAILING
    _create_for(_owners(webhook.brand), Notice(brand=webhook.brand, kind=kind, webhook=webhook))


def notify_certified(certificate: Certificate, *, actor: int) -> None:
    """Notify those who write for a brand of a certificate, in the transaction that issued it."""
    brand = certificate.campaign.brand
    notice = Notice(brand=brand, kind=Kind.CERTIFIED, certificate=certificate)
    _create_for(_writers(brand), notice, actor)


def notify_answered(
    certificate: Certificate, kind: Notice.Kind, *, actor: int, note: str = ""
) -> None:
    """Notify both sides of an answer to a certificate, in the transaction that recorded it."""
    brand = certificate.campaign.brand
    own = brand.memberships.values("user")
    staff = staff_with("settle_certificate").exclude(pk__in=own).values_list("pk", flat=True)
    notice = Notice(brand=brand, kind=kind, certificate=certificate, note=note)
    _create_for([*_writers(brand), *staff], notice, actor)


def _members(brand: Brand) -> Iterable[int]:
    return brand.memberships.values_list("user_id", flat=True)


def _owners(brand: Brand) -> Iterable[int]:
    owners = brand.memberships.filter(role=Membership.Role.OWNER)
    return owners.values_list("user_id", flat=True)


def _writers(brand: Brand) -> Iterable[int]:
    """Return the ids of those who write a brand's campaigns; of none before it was activated."""
    writers = brand.memberships.filter(
        brand__activated_at__isnull=False, role__in=Membership.EDITORS
    )
    return writers.values_list("user_id", flat=True)


def _reviewers(campaign: Campaign) -> Iterable[int]:
    """Return the id of the reviewer who last decided or replied, or else of all reviewers.

    Reviewers who belong to the campaign's brand are left out.
    """
    own = Membership.objects.filter(brand_id=campaign.brand_id)
    reviewers = staff_with("review_campaign").exclude(pk__in=own.values("user"))
    decisions = campaign.events.filter(by__in=reviewers).order_by("-at").values_list("at", "by")
    replies = campaign.messages.filter(side=Message.Side.STAFF, author__in=reviewers)
    last_replies = replies.order_by("-at").values_list("at", "author")
    latest = [action for action in (decisions.first(), last_replies.first()) if action]
    return [max(latest)[1]] if latest else reviewers.values_list("pk", flat=True)


def staff_with(permission: str) -> QuerySet[User]:
    """Return active staff with a permission of this app: their own, a group's, or superusers."""
    granted = {"codename": permission, "content_type__app_label": "campaigns"}
    own, by_group = (
        Q(**{f"{path}__{field}": value for field, value in granted.items()})
        for path in ("user_permissions", "groups__permissions")
    )
    staff = get_user_model().objects.filter(is_active=True, is_staff=True)
    return staff.filter(Q(is_superuser=True) | own | by_group).distinct()


def _create_for(user_ids: Iterable[int], template: Notice, actor: int | None = None) -> None:
    """Create a copy of a notice for each user; the actor's is already read."""
    rows = [
        Notice(
            user_id=user_id,
            brand_id=template.brand_id,
            kind=template.kind,
            event_id=template.event_id,
            message_id=template.message_id,
            note=template.note,
            webhook_id=template.webhook_id,
            certificate_id=template.certificate_id,
            at=template.at,
            read_at=template.at if user_id == actor else None,
        )
        for user_id in user_ids
    ]
    if rows:
        Notice.objects.bulk_create(rows)
        wake("campaigns.tasks.mail_notices")


def mark_all_read(user: User) -> int:
    """Mark all notices that a user can see as read; return how many were unread."""
    unread = Notice.objects.visible_to(user).unread().values("pk")
    return Notice.objects.filter(pk__in=unread).update(read_at=timezone.now())


def advice(notice: Notice) -> str | Promise:
    """Return what the reader can do next, in Spanish, or an empty text."""
    return MOVES[notice.event.move].advice if notice.event else ADVICE.get(notice.kind, "")


def risk_note(campaign: Campaign | None) -> str:
    """Return how many of a campaign's notifications have no place now, in Spanish, or nothing."""
    if campaign is None or not campaign.at_risk:
        return ""
    assert campaign.reservation is not None  # it has something at risk
    return gettext(
        "{at_risk} de sus {quantity} notificaciones no tienen lugar por ahora: Telefónica les "
        "busca otro dentro de tus fechas y zona."
    ).format(at_risk=intcomma(campaign.at_risk), quantity=intcomma(campaign.reservation.quantity))


def target_path(notice: Notice) -> str:
    """Return the path, without host, of the page that the notice is about."""
    match notice.kind, notice.campaign:
        case Notice.Kind.APPLIED, _:
            return reverse("admin:campaigns_brand_changelist") + "?estado=por-activar"
        case Notice.Kind.WEBHOOK_FAILING | Notice.Kind.WEBHOOK_GONE, _:
            return reverse("portal:api_clients", args=[notice.brand.slug])
        case Notice.Kind.DISCARDED, _:
            return reverse("portal:application", args=[notice.brand_id])
        case kind, Campaign(folio=folio) if kind in Notice.CERTIFICATE_KINDS:
            if notice.is_for_staff:
                return reverse("admin:campaigns_certificate_change", args=[notice.certificate_id])
            return reverse("portal:certificates", args=[folio])
        case Notice.Kind.QUESTION, Campaign(pk=pk):
            return reverse("admin:campaigns_campaign_change", args=[pk]) + CONVERSATION_ANCHOR
        case kind, Campaign(folio=folio):
            path = reverse("portal:campaign", args=[folio])
            return path + CONVERSATION_ANCHOR if kind == Notice.Kind.ANSWER else path
    return reverse("portal:campaigns", args=[notice.brand.slug])
