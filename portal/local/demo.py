"""Creates the campaigns of the demo brands, for a new portal.

Everything goes through the domain's own functions, as if people did it, so that history, holds
and notices are consistent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from campaigns import conversation, lifecycle, notices, readiness, saved_zones
from campaigns.models import Brand, Campaign
from inventory import capacity
from portal.accounts.models import User
from portal.local import past
from portal.local.demo_campaigns import BRANDS, CAMPAIGNS, ON_AIR, SAVED_ZONES, DemoCampaign
from portal.local.sandbox_control import SandboxControl
from segments.areas import Area

Side = conversation.Side
DAYS_ON_AIR = 14
LEAD_DAYS = 3  # from approval to the first day


def exists() -> bool:
    """Return whether a demo brand has campaigns already."""
    return Campaign.objects.filter(brand__slug__in=BRANDS).exists()


def create(writers: Mapping[str, User], reviewer: User) -> int:
    """Create the demo campaigns and return their number.

    `writers` has one person of each brand, by the brand's slug.
    """
    for slug, name, area in SAVED_ZONES:
        saved_zones.create(_brand_id(slug), name, area, by=writers[slug])
    return _run(CAMPAIGNS, writers, reviewer)


def put_on_air(
    writers: Mapping[str, User], reviewer: User, gateway: SandboxControl, now: datetime
) -> int:
    """Create the campaigns that have been on air for two weeks; return their number.

    The gateway starts again without any state, plays the two weeks while the portal starts, and
    sends what it counted.
    """
    began = now - timedelta(days=DAYS_ON_AIR + LEAD_DAYS)
    gateway.start_again()
    gateway.set_clock(began)
    with past.travel(began):
        capacity.open_days()
        number = _run(ON_AIR, writers, reviewer)
        past.send_orders()
    past.move_on(began.date(), now.date())
    gateway.begin_advance(now)
    return number


def _run(campaigns: Sequence[DemoCampaign], writers: Mapping[str, User], reviewer: User) -> int:
    """Create campaigns, submit them, and do with each what its outcome says."""
    drafts = [(demo, _create_draft(demo, writers[demo.brand])) for demo in campaigns]
    _submit((draft, writers[demo.brand]) for demo, draft in drafts if demo.outcome != "draft")
    for person in User.objects.filter(memberships__brand__slug__in=BRANDS).distinct():
        notices.mark_all_read(person)  # notices of what follows stay unread
    for demo, draft in drafts:
        if act := ACTIONS.get(demo.outcome):
            act(draft, writers[demo.brand], reviewer)
    lifecycle.hold_submitted()
    return len(drafts)


def _brand_id(slug: str) -> int:
    return Brand.objects.get(slug=slug).pk


def _create_draft(demo: DemoCampaign, by: User) -> Campaign:
    """Create the draft, with a short link in its text if it has a destination."""
    terms: dict[str, Any] = {
        "name": demo.name,
        "text": demo.text,
        "area": Area.from_json(dict(demo.area)).to_json() if demo.area else {},
        "destination": demo.destination,
        "volume": demo.volume,
    }
    if demo.starts is not None:
        first = readiness.first_possible_day() + timedelta(days=demo.starts)
        last = first + timedelta(days=demo.days - 1)
        terms |= {"starts_on": first, "ends_on": last}
        if demo.promotion:
            terms |= {"use": Campaign.Use.PROMOTION, "promotion_ends_on": last}
    campaign = lifecycle.draft(_brand_id(demo.brand), terms, by=by)
    return lifecycle.insert_link(campaign.pk, revision=campaign.revision, by=by)


def _submit(campaigns: Iterable[tuple[Campaign, User]]) -> None:
    for campaign, by in campaigns:
        lifecycle.submit(campaign.pk, by=by)
    lifecycle.hold_submitted()


def _approve(campaign: Campaign, by: User, reviewer: User) -> None:
    lifecycle.approve(campaign.pk, version=1, by=reviewer)


def _request_evidence(campaign: Campaign, by: User, reviewer: User) -> None:
    lifecycle.request_changes(
        campaign.pk,
        version=1,
        reasons=["Promete algo que no se puede comprobar", "El texto no dice qué marca anuncia"],
        comment="Empieza con «Tienda Movistar» y cambia «los mejores» por un precio o un dato.",
        by=reviewer,
    )


def _change(campaign: Campaign, by: User, reviewer: User) -> None:
    """Request changes, exchange messages about them, and submit another version."""
    lifecycle.request_changes(
        campaign.pk,
        version=1,
        reasons=["El texto no dice qué marca anuncia", "La oferta no se entiende"],
        comment="¿De qué cafetería es, y en qué sucursal?",
        by=reviewer,
    )
    conversation.write(
        campaign.pk,
        "Es nuestra primera sucursal en Puebla. ¿Basta con decir la colonia?",
        side=Side.BRAND,
        by=by,
    )
    conversation.write(
        campaign.pk,
        "Sí, con la marca al principio y la colonia queda clara.",
        side=Side.STAFF,
        by=reviewer,
    )
    text = "Cafe Barranca abre en Puebla, La Paz. Tu primer cafe va por la casa"
    campaign.refresh_from_db()
    lifecycle.edit(campaign.pk, {"text": text}, revision=campaign.revision, by=by)
    lifecycle.submit(campaign.pk, by=by)
    conversation.write(campaign.pk, "Listo, ya la enviamos con la colonia.", side=Side.BRAND, by=by)


def _reject(campaign: Campaign, by: User, reviewer: User) -> None:
    lifecycle.reject(
        campaign.pk,
        version=1,
        reasons=["Contenido no permitido en el canal"],
        comment="El canal no lleva cadenas ni sorteos que pidan reenviar mensajes.",
        by=reviewer,
    )


def _cancel(campaign: Campaign, by: User, reviewer: User) -> None:
    lifecycle.withdraw(campaign.pk, by=by)
    lifecycle.cancel(campaign.pk, by=by, comment="La feria cambió de fecha.")


ACTIONS: Mapping[str, Callable[[Campaign, User, User], None]] = {
    "approve": _approve,
    "ask_proof": _request_evidence,
    "change": _change,
    "reject": _reject,
    "cancel": _cancel,
}
