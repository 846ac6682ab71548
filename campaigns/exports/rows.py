"""The rows of a file of results, read part by part."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from heapq import merge
from itertools import groupby
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.exports.columns import ResultRow
from campaigns.exports.selection import CampaignDay, Selection
from campaigns.models import Campaign
from campaigns.results import blocks, finality, link_clicks
from campaigns.results.blocks import Block, Grain
from campaigns.results.counts import Counts, Place
from segments import gazetteer

PART = 2_000  # LADAs × days that are read at a time
CACHED = 5_000  # hours, moments and places whose words are kept


class Part(NamedTuple):
    """Campaigns and a span of days that are read together, with the sum of their LADAs."""

    campaigns: list[int]
    first: date
    last: date
    ladas: int


class Rows:
    """The rows of a file, sorted by campaign, day, hour and place; to be iterated once.

    Meanwhile `share` is how much has been read, from 0 to 1. Then `number` is how many rows there
    were, and `total` and `clicks` are their sums.
    """

    def __init__(self, selection: Selection, grain: Grain) -> None:
        self.grain = grain
        self.campaigns = {campaign.pk: campaign for campaign in selection.campaigns()}
        self.days = selection.days()
        self.first = min((day.day for day in self.days), default=selection.first)
        self.last = max((day.day for day in self.days), default=selection.last)
        self.finality = finality.read(self.first, self.last, selection.brand)
        self.share, self.number = 0.0, 0
        self.total, self.clicks = Counts(), 0
        self._clicks: dict[int, dict[date, int]] = {}
        if grain == Grain.DAY:
            chosen = list(self.campaigns.values())
            self._clicks = link_clicks.by_day(chosen, selection.first, selection.last)
        self._places = gazetteer.current()
        # Of many rows the same words are needed, and a translation takes longer than its row.
        self._times = lru_cache(CACHED)(_times)
        self._final = lru_cache(CACHED)(_final)
        self._place = lru_cache(CACHED)(self._words_of_place)

    def __iter__(self) -> Iterator[ResultRow]:
        sums = [0] * len(Counts._fields)
        final: datetime | None = None
        day_before: date | None = None
        found = self._blocks()
        if alone := self._days_of_clicks_alone():
            found = merge(found, alone, key=lambda block: block[:2])
        for block in found:
            if block.day != day_before:
                final, day_before = self.finality.of_day(block.day), block.day
            since = self.finality.of_hour(block.hour) if block.hour else final
            clicks = self._clicks.get(block.campaign, {}).get(block.day, 0)
            yield self._row(block, since, clicks)
            self.number += 1
            self.clicks += clicks
            for index, number in enumerate(block.counts):
                sums[index] += number
        self.share, self.total = 1.0, Counts(*sums)

    def _row(self, block: Block, since: datetime | None, clicks: int) -> ResultRow:
        campaign: Campaign = self.campaigns[block.campaign]
        return ResultRow(
            block.day,
            *self._times(block.hour),
            campaign.folio,
            campaign.name,
            *self._place(block.place),
            *block.counts,
            block.counts.pending,
            clicks,
            *self._final(since),
        )

    def _words_of_place(self, place: Place | None) -> tuple[str, str, str]:
        """Return the words for a place: state, LADA and city."""
        if place is None:
            return "", "", ""
        if place.lada:
            return self._places.states[place.state], place.lada, self._places.cities[place.lada]
        if place.state:
            others = "" if self.grain == Grain.DAY_STATE else _("otras")
            return self._places.states[place.state], others, ""
        return _("Otros estados"), _("otras"), ""

    def _blocks(self) -> Iterator[Block]:
        ladas = sum(day.ladas for day in self.days)
        done = 0
        for part in parts(self.days):
            chosen = [self.campaigns[campaign] for campaign in part.campaigns]
            found = blocks.read(chosen, part.first, part.last, self.grain)
            for (campaign, day, hour, place), same in groupby(found, key=lambda block: block[:4]):
                first, *others = same  # LADAs may stand together for two reasons
                counts = first.counts
                for block in others:
                    counts = counts.plus(block.counts)
                yield Block(campaign, day, hour, place, counts)
            done += part.ladas
            self.share = done / ladas

    def _days_of_clicks_alone(self) -> list[Block]:
        """Return the days on which links were opened and no notification was counted."""
        counted = {(day.campaign, day.day) for day in self.days}
        return [
            Block(campaign, day, None, None, Counts())
            for campaign, days in sorted(self._clicks.items())
            for day in sorted(days)
            if (campaign, day) not in counted
        ]


def parts(days: list[CampaignDay]) -> Iterator[Part]:
    """Yield sorted campaign days in parts: several whole campaigns, or some days of one."""
    together: list[CampaignDay] = []
    size = 0
    for _campaign, group in groupby(days, key=lambda day: day.campaign):
        own = list(group)
        own_size = sum(day.ladas for day in own)
        if together and size + own_size > PART:
            yield _part(together)
            together, size = [], 0
        if own_size > PART:
            yield from _parts_of_one(own)
        else:
            together, size = together + own, size + own_size
    if together:
        yield _part(together)


def _parts_of_one(days: list[CampaignDay]) -> Iterator[Part]:
    begin = size = 0
    for number, day in enumerate(days, 1):
        size += day.ladas
        if size >= PART or number == len(days):
            yield _part(days[begin:number])
            begin, size = number, 0


def _part(days: list[CampaignDay]) -> Part:
    numbers = [day.day for day in days]
    campaigns = sorted({day.campaign for day in days})
    return Part(campaigns, min(numbers), max(numbers), sum(day.ladas for day in days))


def _times(hour: datetime | None) -> tuple[str, str]:
    """Return an hour as words, of the channel with its offset and UTC."""
    if hour is None:
        return _("varias"), ""
    local = timezone.localtime(hour)
    offset = local.strftime("%z")
    return f"{local:%H:%M}{offset[:3]}:{offset[3:]}", f"{hour:%Y-%m-%dT%H:%MZ}"


def _final(since: datetime | None) -> tuple[str, datetime | None]:
    """Return whether counts are final, and since when by the channel's clock."""
    if since is None:
        return _("no"), None
    return _("sí"), timezone.make_naive(since).replace(microsecond=0)
