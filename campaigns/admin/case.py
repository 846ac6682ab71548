"""All that stands on the page of one decision, in words."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import ad_text, conversation, links, review
from campaigns.admin import orders
from campaigns.admin.decision import Decision
from campaigns.errors import OwnBrand
from campaigns.models import AdOrder, Campaign, Event, Reason, Version
from campaigns.moves import MOVES, Actor
from inventory.models import Reservation
from segments import areas, gazetteer, picture
from segments.catalogue import ATTRIBUTION

DECISIONS = [move.name for move in MOVES.values() if move.actors == {Actor.REVIEWER}]
SHOWN = 6  # other campaigns of the brand


class Check(NamedTuple):
    """One thing that was looked at: `ok`, `tight` (look twice) or `out` (it cannot go)."""

    level: str
    told: str


def of(campaign: Campaign, user: User, asked: Decision | None) -> dict[str, Any]:
    """Give the page its context, and remember what of the conversation was seen.

    `asked` is what was ticked and written and has not been sent: it is shown again.
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
        "asked": asked or Decision(),
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
        "verdict": _verdict(campaign),
        "others": _others(campaign),
        "endings": _endings(campaign),
        "order": order,
        "order_progress": orders.progress(order) if order else None,
        **_conversation(campaign, user),
        "unsaid": asked.message if asked else "",
        "order_wanted": orders.WANTED.get(order.desired_state, "") if order else "",
    }


def _conversation(campaign: Campaign, user: User) -> dict[str, Any]:
    lines = conversation.read(campaign, conversation.Side.STAFF)
    may_write = conversation.may_write(campaign, conversation.Side.STAFF, user)
    if may_write:
        conversation.mark_seen(campaign, conversation.Side.STAFF, lines)
    return {"talk": lines, "may_talk": may_write}


def _checks(campaign: Campaign, version: Version) -> Iterable[Check]:
    limit = settings.AD_TEXT_LIMIT
    refusals = ad_text.check(version.text, limit=limit)
    if not refusals:
        yield Check(
            "ok",
            _("El canal acepta el texto: {length} de {limit} caracteres.").format(
                length=len(version.text), limit=limit
            ),
        )
    yield from (Check("out", refusal.message) for refusal in refusals)
    yield from (Check("tight", line) for line in review.advice(version))
    yield from _link_checks(version)
    if version.use == Version.Use.PROMOTION and version.promotion_ends_on:
        yield Check(
            "ok",
            _("La promoción vale hasta el {day}.").format(day=_day(version.promotion_ends_on)),
        )
    if campaign.status == Campaign.Status.IN_REVIEW:
        yield _hold_check(campaign.reservation)


def _link_checks(version: Version) -> Iterable[Check]:
    """Say where the link leads; the law of today may refuse what yesterday's took."""
    if not version.destination:
        return
    refusals = links.check_destination(version.destination)
    yield from (Check("out", refusal.message) for refusal in refusals)
    leads_to = links.stored_destination(version.destination)
    if leads_to.host_read:
        yield Check(
            "tight",
            _("El destino se lee «{read}» y es {host}: compara letra por letra.").format(
                read=leads_to.host_read, host=leads_to.host
            ),
        )


def _destination(version: Version) -> links.Destination | None:
    return links.stored_destination(version.destination) if version.destination else None


def _hold_check(hold: Reservation | None) -> Check:
    if hold is None or hold.status != Reservation.Status.HELD or hold.expires_at is None:
        return Check("out", _("El inventario ya no está apartado: la marca debe enviar de nuevo."))
    if hold.expires_at <= timezone.now():
        return Check("out", _("El apartado de inventario ya venció."))
    return Check(
        "ok",
        _("Inventario apartado: {quantity} notificaciones.").format(
            quantity=intcomma(hold.quantity)
        ),
    )


def _where(version: Version) -> str:
    chosen = version.chosen_area
    return areas.describe(chosen) if chosen else ""


def _span(version: Version) -> int:
    assert version.starts_on and version.ends_on  # a version is complete
    return (version.ends_on - version.starts_on).days + 1


def _by_day(hold: Reservation | None) -> list[dict[str, Any]]:
    """Give what is held or booked on each day."""
    if hold is None:
        return []
    return [{"day": day, "quantity": total} for day, total in hold.planned_by_day().items()]


def _verdict(campaign: Campaign) -> Event | None:
    """Give the last decision on the latest version; None where nobody decided on it."""
    decided = campaign.events.filter(move__in=DECISIONS, version_number=campaign.version_number)
    return decided.select_related("by").order_by("-id").first()


def _sent(campaign: Campaign) -> QuerySet[Campaign]:
    """The brand's other campaigns that were ever sent."""
    return Campaign.objects.filter(brand_id=campaign.brand_id, version_number__gt=0).exclude(
        pk=campaign.pk
    )


def _others(campaign: Campaign) -> QuerySet[Campaign]:
    return _sent(campaign).order_by("-id")[:SHOWN]


def _endings(campaign: Campaign) -> list[tuple[str, str, int]]:
    """Count the brand's other campaigns by where they are: status, its words, how many."""
    counts = dict(
        _sent(campaign).order_by().values_list("status").annotate(Count("id"))  # no ordering by id
    )
    return [(s.value, str(s.label), counts[s]) for s in Campaign.Status if s in counts]


def _day(day: date) -> str:
    return date_format(day).lower()
