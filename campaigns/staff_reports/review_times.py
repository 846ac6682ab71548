"""How long reviews take, from the submission of a version to the decision on it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from campaigns.models import Campaign, Event, Version
from campaigns.moves import MOVES, Status
from campaigns.moves.move import Actor
from campaigns.reports.delivery import DAY, midnight
from campaigns.staff_reports.times import Times

IN_TIME = timedelta(hours=48)  # the channel's promise to brands
STEPS = tuple(timedelta(hours=hours) for hours in (4, 12, 24, 48))  # of the distribution
DECISIONS = tuple(
    move.name for move in MOVES.values() if move.closes_version and Actor.REVIEWER in move.actors
)


class Decision(NamedTuple):
    """A decision on a version: which, on which day, whose, and how long after its submission."""

    move: str
    day: date
    reviewer: str
    brand: str
    seconds: float


class Reviews(NamedTuple):
    """Some decisions, summed up."""

    times: Times
    in_time: int
    moves: Counter[str]

    @property
    def share_in_time(self) -> float | None:
        """Return the decisions within IN_TIME, in percent."""
        return 100 * self.in_time / self.times.number if self.times.number else None


def decisions(first: date, last: date) -> list[Decision]:
    """Return the decisions of a span of channel days, in their order. One query."""
    version = Version.objects.filter(
        campaign=OuterRef("campaign"), number=OuterRef("version_number")
    )
    rows = Event.objects.filter(
        move__in=DECISIONS,
        campaign__sandbox=False,
        at__gte=midnight(first),
        at__lt=midnight(last + DAY),
    ).annotate(sent_at=Subquery(version.values("sent_at")))
    found = rows.order_by("id").values_list(
        "move", "at", "by__email", "campaign__brand__name", "sent_at"
    )
    return [
        Decision(
            move,
            timezone.localdate(at),
            reviewer,
            brand,
            (at - sent_at).total_seconds(),
        )
        for move, at, reviewer, brand, sent_at in found.iterator()
        if sent_at
    ]


def sum_up(found: Sequence[Decision]) -> Reviews:
    return Reviews(
        Times.of([decision.seconds for decision in found]),
        sum(decision.seconds <= IN_TIME.total_seconds() for decision in found),
        Counter(decision.move for decision in found),
    )


def sum_up_by(
    found: Iterable[Decision], key: Callable[[Decision], str]
) -> list[tuple[str, Reviews]]:
    """Return decisions summed up by a key, the one with most of them first."""
    groups: dict[str, list[Decision]] = defaultdict(list)
    for decision in found:
        groups[key(decision)].append(decision)
    rows = [(name, sum_up(own)) for name, own in groups.items()]
    return sorted(rows, key=lambda row: (-row[1].times.number, row[0]))


def distribution(found: Iterable[Decision]) -> list[int]:
    """Return how many decisions took up to each of STEPS, and how many longer."""
    counts = [0] * (len(STEPS) + 1)
    for decision in found:
        counts[sum(decision.seconds > step.total_seconds() for step in STEPS)] += 1
    return counts


def waiting() -> int:
    """Return how many campaigns wait for a decision now."""
    return Campaign.objects.of_channel().filter(status=Status.IN_REVIEW).count()
