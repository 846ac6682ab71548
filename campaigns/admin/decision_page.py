"""The context of the page where a campaign is decided."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractUser as User
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import ad_text, conversation, links, review, text_limit
from campaigns.admin import orders, queue
from campaigns.admin.decision import Decision
from campaigns.errors import OwnBrand
from campaigns.gateway_words import DESIRED_STATE_LABELS
from campaigns.models import AdOrder, Campaign, Event, Reason, Version
from campaigns.moves import MOVES, Actor
from campaigns.reports import progress
from inventory.models import Reservation
from segments import areas, gazetteer, picture
from segments.catalogue import ATTRIBUTION

DECISIONS = [m.name for m in MOVES.values() if m.closes_version and Actor.REVIEWER in m.actors]
MAX_OTHER_CAMPAIGNS = 6


class Check(NamedTuple):
    """The result of one automatic check; `message` is in Spanish."""

    level: str  # ok, tight (needs attention) or out (not possible)
    message: str


def context(campaign: Campaign, user: User, entered: Decision | None) -> dict[str, Any]:
    """Return the context of the page, and mark its messages as read.

    `entered` is what the reviewer filled in before and has not decided yet.
    """
    version = campaign.version
    waiting = campaign.status == Campaign.Status.IN_REVIEW
    own = campaign.brand.has_member(user)
    order = AdOrder.objects.filter(campaign=campaign).first()
    return {
        "campaign": campaign,
        "version": version,
        "waiting": waiting,
        "own_brand": OwnBrand().message if own else "",
        "may_decide": waiting and not own and review.may_review(user),
        "hold_again": waiting and campaign.current_hold is None,
        **_partial_hold(campaign, entered),
        "entered": entered or Decision(),
        "reasons": Reason.objects.filter(active=True),
        "next": review.next_after(campaign, user) if review.may_review(user) else None,
        "checks": list(_checks(campaign, version)) if version else [],
        "where": _where(version) if version else "",
        "places": gazetteer.group_by_state(version.ladas) if version else [],
        "sheet": picture.draw([version.ladas]) if version else None,
        "attribution": ATTRIBUTION,
        "span": _span(version) if version else 0,
        "changes": review.changes(version) if version else [],
        "destination": _destination(version) if version else None,
        "clicks": campaign.link.clicks() if campaign.short_link else {},
        "by_day": _by_day(campaign.reservation),
        "history": campaign.events.select_related("by").order_by("-id"),
        "last_decision": _last_decision(campaign),
        "other_campaigns": _other_campaigns(campaign),
        "status_counts": _status_counts(campaign),
        "order": order,
        "progress": progress.of_campaign(campaign),
        "order_trouble": orders.trouble(order) if order else "",
        "order_progress": orders.progress(order) if order else None,
        **_conversation(campaign, user),
        "refused_message": entered.message if entered else "",
        "order_wanted": DESIRED_STATE_LABELS.get(order.desired_state, "") if order else "",
    }


def _partial_hold(campaign: Campaign, entered: Decision | None) -> dict[str, Any]:
    """Return the hold that can be approved with less than was asked, and whether that is ticked.

    A figure that has changed since it was ticked is not.
    """
    hold = campaign.current_hold if campaign.brand.active else None
    if hold is None or not (hold.at_risk and hold.placed):
        return {}
    return {"partial_hold": hold, "ticked": entered is not None and entered.agreed == hold.placed}


def _conversation(campaign: Campaign, user: User) -> dict[str, Any]:
    messages = conversation.messages_for(campaign, conversation.Side.STAFF)
    may_write = conversation.may_write(campaign, conversation.Side.STAFF, user)
    if may_write:
        conversation.mark_read(campaign, conversation.Side.STAFF, messages)
    return {"conversation": messages, "may_write": may_write}


def _checks(campaign: Campaign, version: Version) -> Iterable[Check]:
    limit = now = text_limit.current()
    if campaign.status in Campaign.ORDERED:
        limit = max(now, len(version.text))  # it was approved when it fitted, and keeps running
    refusals = ad_text.check(version.text, limit=limit)
    if len(version.text) > now:
        message = (
            _("Los textos nuevos tienen hasta {limit} caracteres: este se aprobó antes y sigue.")
            if campaign.status in Campaign.ORDERED
            else _(
                "La plataforma de entrega no llevaría este texto: caben {limit} caracteres. Pide "
                "que lo acorten."
            )
        )
        yield Check("tight", message.format(limit=now))
    if not refusals:
        yield Check(
            "ok",
            _("El canal acepta el texto: {length} de {limit} caracteres.").format(
                length=len(version.text), limit=limit
            ),
        )
    yield from (Check("out", refusal.message) for refusal in refusals)
    yield from (Check("tight", advice) for advice in review.advice(version))
    yield from _link_checks(version)
    if version.use == Version.Use.PROMOTION and version.promotion_ends_on:
        yield Check(
            "ok",
            _("La promoción vale hasta el {day}.").format(day=_day(version.promotion_ends_on)),
        )
    if campaign.status == Campaign.Status.IN_REVIEW:
        yield _hold_check(campaign.reservation)


def _link_checks(version: Version) -> Iterable[Check]:
    """Check the destination again: the rules may have changed since it was submitted."""
    if not version.destination:
        return
    refusals = links.check_destination(version.destination)
    yield from (Check("out", refusal.message) for refusal in refusals)
    destination = links.stored_destination(version.destination)
    if destination.foreign_letters:
        yield Check(
            "tight",
            _(
                "El destino lleva letras de otro alfabeto que se parecen a las nuestras: {letters}."
            ).format(letters=destination.foreign_letters),
        )
    if destination.host_display:
        yield Check(
            "tight",
            _("El destino se lee «{read}» y es {host}: compara letra por letra.").format(
                read=destination.host_display, host=destination.host
            ),
        )


def _destination(version: Version) -> links.Destination | None:
    return links.stored_destination(version.destination) if version.destination else None


def _hold_check(hold: Reservation | None) -> Check:
    """Check that the inventory is still held."""
    if hold is None or hold.status != Reservation.Status.HELD or hold.expires_at is None:
        return Check("out", _("El inventario ya no está apartado: apártalo otra vez."))
    if hold.expires_at <= timezone.now():
        return Check("out", _("El apartado de inventario ya venció: apártalo otra vez."))
    if hold.at_risk:
        message = _(
            "Solo {placed} de {quantity} notificaciones tienen lugar: {at_risk} están en riesgo "
            "desde que bajó la capacidad."
        )
        level = "tight" if hold.placed else "out"
    else:
        level, message = "ok", _("Inventario apartado: {quantity} notificaciones.")
    counts = {"placed": hold.placed, "quantity": hold.quantity, "at_risk": hold.at_risk}
    return Check(level, message.format(**{name: intcomma(n) for name, n in counts.items()}))


def _where(version: Version) -> str:
    chosen = version.chosen_area
    return areas.describe(chosen) if chosen else ""


def _span(version: Version) -> int:
    assert version.starts_on and version.ends_on  # a version is complete
    return (version.ends_on - version.starts_on).days + 1


def _by_day(hold: Reservation | None) -> list[dict[str, Any]]:
    """Return the notifications held or booked on each day."""
    if hold is None:
        return []
    return [{"day": day, "quantity": total} for day, total in hold.planned_by_day().items()]


def _last_decision(campaign: Campaign) -> Event | None:
    """Return the last decision on the latest version, or None."""
    decisions = campaign.events.filter(move__in=DECISIONS, version_number=campaign.version_number)
    return decisions.select_related("by").order_by("-id").first()


def _submitted_by_brand(campaign: Campaign) -> QuerySet[Campaign]:
    """Return the brand's other campaigns that were ever submitted."""
    return Campaign.objects.filter(brand_id=campaign.brand_id, version_number__gt=0).exclude(
        pk=campaign.pk
    )


def _other_campaigns(campaign: Campaign) -> list[Campaign]:
    others = list(_submitted_by_brand(campaign).order_by("-id")[:MAX_OTHER_CAMPAIGNS])
    queue.show_sent(others)
    return others


def _status_counts(campaign: Campaign) -> list[tuple[str, str, int]]:
    """Return (status, label, count) of the brand's other campaigns."""
    counts = dict(
        _submitted_by_brand(campaign)
        .order_by()
        .values_list("status")
        .annotate(Count("id"))  # no ordering by id
    )
    return [(s.value, str(s.label), counts[s]) for s in Campaign.Status if s in counts]


def _day(day: date) -> str:
    return date_format(day)
