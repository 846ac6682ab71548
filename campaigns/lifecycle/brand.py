"""What a brand does with its campaign."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import ad_text, links, readiness
from campaigns.errors import NotAllowed, NotReady, StaleRevision
from campaigns.gateway.contract import DesiredState
from campaigns.lifecycle import holds
from campaigns.lifecycle.moves import (
    Status,
    check,
    lock,
    move,
    note,
    release,
    require_editor,
    restate,
)
from campaigns.models import Brand, Campaign, Link, Version
from core.wake import wake
from segments import areas


@transaction.atomic
def draft(brand_id: int, terms: Mapping[str, Any] | None = None, *, by: User) -> Campaign:
    """Begin a campaign. Raises NotAllowed."""
    brand = Brand.objects.get(pk=brand_id)
    if not (brand.active and brand.may_edit(by)):
        raise NotAllowed
    campaign = Campaign(brand=brand, created_by_id=by.pk)
    _set_terms(campaign, terms or {})
    campaign.save()
    _mint(campaign)
    note(campaign, "draft", by=by, from_status="")
    return campaign


@transaction.atomic
def edit(campaign_id: int, terms: Mapping[str, Any], *, revision: int, by: User) -> Campaign:
    """Save the terms of a draft, over the revision that the editor saw.

    A campaign without inventory becomes a draft again and loses its place in the
    waiting list; one with changes requested stays so. What is held stays held for its
    time, and is changed when the campaign is sent. Raises NotAllowed, WrongStatus, StaleRevision.
    """
    campaign = lock(campaign_id)
    require_editor(campaign, by)
    check(campaign, "edit")
    if campaign.revision != revision:
        raise StaleRevision
    if not _set_terms(campaign, terms):
        return campaign
    campaign.revision += 1
    campaign.saved_at = timezone.now()
    campaign.save(update_fields=[*Campaign.TERMS, "revision", "saved_at"])
    _mint(campaign)
    if campaign.status == Status.NO_INVENTORY:
        move(campaign, "edit", Status.DRAFT, by=by)
    return campaign


def insert_link(campaign_id: int, *, revision: int, by: User) -> Campaign:
    """Put a draft's short link at the end of its text, or in the place of another of ours.

    A draft without destination has no link, and stays as it is. Raises as `edit` does.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    text = campaign.text
    if campaign.short_link:
        text = links.text_with_link(text, campaign.short_link)
    return edit(campaign_id, {"text": text}, revision=revision, by=by)


@transaction.atomic
def copy(campaign_id: int, *, by: User) -> Campaign:
    """Begin a draft with the terms of another campaign, and a link of its own in the text.

    Raises NotAllowed.
    """
    source = Campaign.objects.get(pk=campaign_id)
    terms = {name: getattr(source, name) for name in Campaign.TERMS}
    terms["name"] = _("Copia de {name}").format(name=source.name)[:80]
    copied = draft(source.brand_id, terms, by=by)
    if source.short_link and copied.short_link:
        copied.text = links.replace_link(copied.text, source.short_link, copied.short_link)
        copied.save(update_fields=["text"])
    return copied


@transaction.atomic
def submit(campaign_id: int, *, by: User) -> Campaign:
    """Freeze the terms as the next version and ask a worker to hold its inventory.

    Raises NotAllowed, WrongStatus, NotReady with what is missing, by field, or
    TooManyHolds.
    """
    campaign = lock(campaign_id)
    require_editor(campaign, by)
    check(campaign, "submit")
    if problems := readiness.problems(campaign):
        raise NotReady(problems)
    holds.require_room(campaign)
    chosen = campaign.chosen_area
    assert chosen is not None  # readiness has checked it
    campaign.version_number += 1
    campaign.save(update_fields=["version_number"])
    terms = {name: getattr(campaign, name) for name in Campaign.TERMS}
    terms["text"] = ad_text.normalise(campaign.text)
    wanted = campaign.destination.strip()
    terms["destination"] = links.read_destination(wanted).url if wanted else ""
    version = Version.objects.create(
        campaign=campaign,
        number=campaign.version_number,
        ladas=list(areas.resolve(chosen)),
        sent_by_id=by.pk,
        **terms,
    )
    holds.keep(campaign, version)
    move(campaign, "submit", by=by)
    wake("campaigns.tasks.hold_submitted")
    return campaign


@transaction.atomic
def withdraw(campaign_id: int, *, by: User) -> Campaign:
    """Take a campaign back from review and give its inventory back."""
    campaign = lock(campaign_id)
    require_editor(campaign, by)
    move(campaign, "withdraw", by=by)
    release(campaign)
    return campaign


@transaction.atomic
def pause(campaign_id: int, *, by: User, comment: str = "") -> Campaign:
    """Stop appending the text; the inventory stays booked."""
    campaign = lock(campaign_id)
    _require_editor_or_reviewer(campaign, by)
    move(campaign, "pause", by=by, comment=comment)
    restate(campaign, DesiredState.PAUSED)
    return campaign


@transaction.atomic
def resume(campaign_id: int, *, by: User) -> Campaign:
    """Go on with a paused campaign: on the air if its first day has come."""
    campaign = lock(campaign_id)
    _require_editor_or_reviewer(campaign, by)
    begun = campaign.starts_on is not None and campaign.starts_on <= timezone.localdate()
    move(campaign, "resume", Status.LIVE if begun else Status.SCHEDULED, by=by)
    restate(campaign, DesiredState.ACTIVE)
    return campaign


@transaction.atomic
def cancel(campaign_id: int, *, by: User, comment: str = "") -> Campaign:
    """End a campaign before its time; give back what is not yet frozen at the gateway.

    Past days, today and tomorrow stay booked: they were, or may be, delivered.
    """
    campaign = lock(campaign_id)
    _require_editor_or_reviewer(campaign, by)
    ordered = campaign.status in Campaign.ORDERED
    move(campaign, "cancel", by=by, comment=comment)
    if ordered:
        release(campaign, from_day=timezone.localdate() + timedelta(days=2))
        restate(campaign, DesiredState.CANCELLED)
    else:
        release(campaign)
    return campaign


def _require_editor_or_reviewer(campaign: Campaign, by: User) -> None:
    if not by.has_perm("campaigns.review_campaign"):
        require_editor(campaign, by)


def _mint(campaign: Campaign) -> None:
    """Give a campaign its short link when it first has a destination; it keeps it."""
    if campaign.destination.strip():
        campaign.link = Link.objects.get_or_create_for(campaign)


def _set_terms(campaign: Campaign, terms: Mapping[str, Any]) -> bool:
    """Write known terms into the object; say whether anything changed."""
    if unknown := terms.keys() - set(Campaign.TERMS):
        raise ValueError(f"Not terms of a campaign: {sorted(unknown)}")
    changed = [name for name, value in terms.items() if getattr(campaign, name) != value]
    for name in changed:
        setattr(campaign, name, terms[name])
    return bool(changed)
