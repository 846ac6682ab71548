"""The differences between our orders and the gateway's: values in, values out.

Ours are read before theirs. So what differs, and did not change here since, did not change on its
way either (`heal` looks again, with the rows locked).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from campaigns.gateway.contract import DesiredState, OrderState
from campaigns.gateway.responses import AdOrderStatus
from campaigns.models import Drift

APPLIES_WITHIN = timedelta(minutes=5)  # the gateway, a generation that it has accepted
COUNTS_WITHIN = timedelta(minutes=10)  # progress is sent every five
Kind = Drift.Kind

# In these the gateway inserts an ad, now or later.
INSERTING = frozenset({OrderState.SCHEDULED, OrderState.ACTIVE})
OVER = frozenset({OrderState.COMPLETED, OrderState.EXPIRED})
AGREES = {
    DesiredState.ACTIVE: INSERTING | OVER,
    DesiredState.PAUSED: OVER | {OrderState.PAUSED},
    DesiredState.CANCELLED: OVER | {OrderState.CANCELLED, OrderState.REJECTED},
}


class Counts(NamedTuple):
    """Notifications of an order since its beginning."""

    inserted: int = 0
    delivered: int = 0
    failed: int = 0
    no_receipt: int = 0


NOTHING = Counts()


@dataclass(frozen=True, slots=True, kw_only=True)
class OurOrder:
    """An order that the gateway has confirmed, as the portal wants and counted it.

    `expected` is whether the gateway has to have it: its campaign goes on. `counted` is whether its
    counts are compared: long after its end they are not. `counted_at` is as of when `counts` are.
    `days` is the sum of its days, `whole` whether that has every hour until
    then, and `final` whether no receipt of those hours is awaited.
    """

    order_id: str
    campaign_id: int
    generation: int
    acknowledged_at: datetime
    content_hash: str
    desired_state: DesiredState
    goal: int
    expected: bool
    counted: bool = True
    counts: Counts = NOTHING
    counted_at: datetime | None = None
    days: Counts = NOTHING
    whole: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of one order. `ours` is None for EXTRA, `theirs` for MISSING."""

    kind: Kind
    order_id: str
    ours: OurOrder | None
    theirs: AdOrderStatus | None

    @property
    def key(self) -> tuple[str, str]:
        return self.kind.value, self.order_id


def compare(
    ours: Mapping[str, OurOrder],
    theirs: Mapping[str, AdOrderStatus],
    *,
    known: Iterable[str],
    now: datetime,
) -> list[Difference]:
    """Return the differences, in the order of our orders and then of theirs.

    `ours` are confirmed, with nothing on its way; `known` are the ids of all of our orders among
    theirs. An order differs in one of MISSING, STALE, CONTENT and STATE, and may also differ in
    its counts.
    """
    found = [
        Difference(kind, order_id, our, theirs.get(order_id))
        for order_id, our in ours.items()
        for kind in _differences(our, theirs.get(order_id), now)
    ]
    known = set(known) | ours.keys()
    found += [
        Difference(Kind.EXTRA, order_id, None, their)
        for order_id, their in theirs.items()
        if order_id not in known and is_extra(their)
    ]
    return found


def is_extra(their: AdOrderStatus) -> bool:
    """Return whether an order that is not ours matters: one that has ended inserts nothing."""
    return their.state in INSERTING or their.state is OrderState.PAUSED


def _differences(our: OurOrder, their: AdOrderStatus | None, now: datetime) -> Iterator[Kind]:
    if their is None:
        if our.expected and our.desired_state is not DesiredState.CANCELLED:
            yield Kind.MISSING
        return
    if their.generation < our.generation:
        yield Kind.STALE
    elif their.generation > our.generation or their.content_hash != our.content_hash:
        yield Kind.CONTENT
    elif _state_differs(our, their, now):
        yield Kind.STATE
    if their.inserted > our.goal:
        yield Kind.OVERRUN
    if our.counted and _counts_differ(our, their, now):
        yield Kind.COUNT


def _state_differs(our: OurOrder, their: AdOrderStatus, now: datetime) -> bool:
    """Return whether the gateway does something else than its own document says.

    One that has not applied the generation yet has APPLIES_WITHIN to do it.
    """
    if their.observed_generation < their.generation:
        return our.acknowledged_at <= now - APPLIES_WITHIN
    return their.state not in AGREES[our.desired_state]


def _counts_differ(our: OurOrder, their: AdOrderStatus, now: datetime) -> bool:
    """Return whether counts differ by more than what may still be on its way.

    Insertions and deliveries only grow, so none of ours may be above theirs, which are newer.
    """
    if is_behind(our, their):
        return our.counted_at is None or our.counted_at <= now - COUNTS_WITHIN
    theirs = counts_of(their)
    if our.counts != theirs or _is_above(our.days, theirs):
        return True
    if our.final:
        return our.days != our.counts
    return our.whole and our.days.inserted != our.counts.inserted


def is_behind(our: OurOrder, their: AdOrderStatus) -> bool:
    """Return whether our counts differ only in that they may still have to reach theirs."""
    theirs = counts_of(their)
    above = _is_above(our.counts, theirs) or _is_above(our.days, theirs)
    return our.counts != theirs and not above


def caught_up(our: OurOrder, *, since: Counts, seen: Counts) -> bool:
    """Return whether our counts have moved, and reached what the gateway's were when last seen."""
    return our.counts != since and not _is_above(seen, our.counts)


def counts_of(their: AdOrderStatus) -> Counts:
    return Counts(their.inserted, their.delivered, their.failed, their.no_receipt)


def _is_above(ours: Counts, theirs: Counts) -> bool:
    return ours.inserted > theirs.inserted or ours.delivered > theirs.delivered
