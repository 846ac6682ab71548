"""The moves that a brand makes."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import ad_text, links, pricing, readiness, rights
from campaigns.errors import NotReady, StaleRevision
from campaigns.lifecycle import holds, running
from campaigns.lifecycle.transitions import (
    lock_for_move,
    move,
    record,
    release,
)
from campaigns.models import Brand, Campaign, Link, Version
from campaigns.moves import Status
from core.wake import wake
from segments import areas


@transaction.atomic
def draft(brand_id: int, terms: Mapping[str, Any] | None = None, *, by: User) -> Campaign:
    """Create a campaign. Raises NotAllowed or BrandSuspended."""
    brand = Brand.objects.get(pk=brand_id)
    rights.require_editor(brand, by)
    campaign = Campaign(brand=brand, created_by_id=by.pk, sandbox=brand.is_sandbox)
    _set(campaign, _changed(campaign, terms or {}))
    campaign.save()
    _ensure_link(campaign)
    record(campaign, "draft", by=by, from_status="")
    return campaign


@transaction.atomic
def edit(campaign_id: int, terms: Mapping[str, Any], *, revision: int, by: User) -> Campaign:
    """Save terms of a draft, as an edit of a revision of it that the editor has read.

    An edit conflicts only where a term that it changes was changed since that revision, so
    two people can write different terms at once. What changes nothing is no edit.
    A campaign without inventory becomes a draft again and loses its entry in the waiting
    list; one with changes requested stays so. What is held stays held for its time, and is
    changed when the campaign is sent. Raises NotAllowed, WrongStatus, StaleRevision.
    """
    campaign = lock_for_move(campaign_id, "edit", by=by)
    changes = _changed(campaign, terms)
    if not changes:
        return campaign
    if campaign.changed_since(revision) & changes.keys():
        raise StaleRevision
    campaign.revision += 1
    campaign.term_revisions |= dict.fromkeys(changes, campaign.revision)
    campaign.saved_at = timezone.now()
    _set(campaign, changes)
    campaign.save(update_fields=[*changes, "revision", "term_revisions", "saved_at"])
    _ensure_link(campaign)
    if campaign.status == Status.NO_INVENTORY:
        move(campaign, "edit", Status.DRAFT, by=by)
    return campaign


def insert_link(campaign_id: int, *, revision: int, by: User) -> Campaign:
    """Add the short link to a draft's text, at its end or in place of another link of ours.

    A draft without destination has no link and is not changed. Raises as `edit` does.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    text = campaign.text
    if campaign.short_link:
        text = links.text_with_link(text, campaign.short_link)
    return edit(campaign_id, {"text": text}, revision=revision, by=by)


@transaction.atomic
def copy(campaign_id: int, *, by: User) -> Campaign:
    """Create a draft with the terms of another campaign, and its own link in the text.

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
def submit(campaign_id: int, *, by: User, shown: str | None = None) -> Campaign:
    """Freeze the terms and their price as the next version, and wake a worker to hold inventory.

    `shown` is the total that `by` has seen, "" if no price was displayed; None compares nothing.
    Raises NotAllowed, WrongStatus, NotReady with what is missing, by field, PriceChanged, or
    TooManyHolds, TooMuchHeld or TooLargeShare.
    """
    campaign = lock_for_move(campaign_id, "submit", by=by)
    if problems := readiness.problems(campaign):
        raise NotReady(problems)
    holds.require_free_hold(campaign)
    chosen = campaign.chosen_area
    assert chosen is not None  # readiness has checked it
    campaign.version_number += 1
    campaign.save(update_fields=["version_number"])
    terms = {name: getattr(campaign, name) for name in Campaign.TERMS}
    terms["text"] = ad_text.normalise(campaign.text)
    destination = campaign.destination.strip()
    terms["destination"] = links.read_destination(destination).url if destination else ""
    version = Version.objects.create(
        campaign=campaign,
        number=campaign.version_number,
        ladas=list(areas.resolve(chosen)),
        sent_by_id=by.pk,
        sent_at=campaign.now(),
        **terms,
    )
    pricing.store(version, shown=shown)
    holds.extend(campaign, version)
    move(campaign, "submit", by=by)
    wake("campaigns.tasks.hold_submitted")
    return campaign


@transaction.atomic
def withdraw(campaign_id: int, *, by: User) -> Campaign:
    """Withdraw a campaign from review and release its inventory.

    Raises NotAllowed or WrongStatus, as the moves below do.
    """
    campaign = lock_for_move(campaign_id, "withdraw", by=by)
    move(campaign, "withdraw", by=by)
    release(campaign)
    return campaign


@transaction.atomic
def pause(campaign_id: int, *, by: User, comment: str = "") -> Campaign:
    """Stop appending the text; the inventory stays booked."""
    campaign = lock_for_move(campaign_id, "pause", by=by)
    return running.pause(campaign, "pause", by=by, comment=comment)


@transaction.atomic
def resume(campaign_id: int, *, by: User) -> Campaign:
    """Resume a campaign that the brand paused. Raises PausedByStaff for any other pause."""
    campaign = lock_for_move(campaign_id, "resume", by=by)
    return running.resume(campaign, "resume", by=by)


@transaction.atomic
def cancel(campaign_id: int, *, by: User, comment: str = "") -> Campaign:
    """End a campaign before its time and release what is not yet frozen at the gateway."""
    campaign = lock_for_move(campaign_id, "cancel", by=by)
    return running.cancel(campaign, "cancel", by=by, comment=comment)


@transaction.atomic
def delete(campaign_id: int, *, by: User) -> Campaign:
    """Delete a draft and release what it may still hold. It can be restored."""
    campaign = lock_for_move(campaign_id, "delete", by=by)
    move(campaign, "delete", by=by)
    release(campaign)
    return campaign


@transaction.atomic
def restore(campaign_id: int, *, by: User) -> Campaign:
    """Make a deleted campaign a draft again."""
    campaign = lock_for_move(campaign_id, "restore", by=by)
    move(campaign, "restore", by=by)
    return campaign


def _ensure_link(campaign: Campaign) -> None:
    """Create the short link of a campaign when it first has a valid destination; it keeps it."""
    if campaign.destination.strip() and not links.check_destination(campaign.destination):
        campaign.link = Link.objects.get_or_create_for(campaign)


def _changed(campaign: Campaign, terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of some terms whose value is another than the campaign's."""
    if unknown := terms.keys() - set(Campaign.TERMS):
        raise ValueError(f"Not terms of a campaign: {sorted(unknown)}")
    return {name: value for name, value in terms.items() if getattr(campaign, name) != value}


def _set(campaign: Campaign, terms: Mapping[str, Any]) -> None:
    for name, value in terms.items():
        setattr(campaign, name, value)
