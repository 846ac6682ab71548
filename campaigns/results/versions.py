"""The versions of a campaign that were on air, each with what it delivered."""

from bisect import bisect_right
from datetime import datetime
from typing import NamedTuple

from campaigns.models import Campaign, Event, Version
from campaigns.reports.delivery import midnight
from campaigns.results import blocks
from campaigns.results.blocks import Block, Grain
from campaigns.results.counts import Counts


class VersionResult(NamedTuple):
    """A version, since when it was approved, and what became of its notifications."""

    version: Version
    approved_at: datetime
    counts: Counts


def of_campaign(campaign: Campaign) -> list[VersionResult]:
    """Return the approved versions of a campaign that has several, in order; [] for one.

    Their counts add up to its total. The hour in which another version is approved counts for the
    one before, and hours that are merged for the one at the beginning of their day.
    """
    approved = Event.objects.filter(campaign=campaign, move="approve").order_by("id")
    approvals = list(approved.values_list("version_number", "at"))
    if len(approvals) < 2:
        return []
    versions = {version.number: version for version in campaign.versions.all()}
    instants = [at for _number, at in approvals]
    counts = [Counts()] * len(approvals)
    for block in _hours(campaign):
        place = max(bisect_right(instants, _begin(block)) - 1, 0)
        counts[place] = counts[place].plus(block.counts)
    return [
        VersionResult(versions[number], at, each)
        for (number, at), each in zip(approvals, counts, strict=True)
    ]


def _hours(campaign: Campaign) -> list[Block]:
    assert campaign.starts_on and campaign.ends_on  # it was approved
    return list(blocks.read([campaign], campaign.starts_on, campaign.ends_on, Grain.HOUR))


def _begin(block: Block) -> datetime:
    return block.hour or midnight(block.day)
