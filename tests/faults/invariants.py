"""What must hold between portal and gateway once faults are over. Pure: data in, violations out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from campaigns.gateway.contract import TIME_ZONE, content_hash

ZONE = ZoneInfo(TIME_ZONE)
ROUNDING = timedelta(milliseconds=1)  # of the gateway's moments
FITTING = {  # the states of an order at the gateway, by the one that is requested
    "ACTIVE": {"SCHEDULED", "ACTIVE", "COMPLETED", "EXPIRED"},
    "PAUSED": {"PAUSED", "COMPLETED", "EXPIRED"},
    "CANCELLED": {"CANCELLED"},
}
REQUESTED = {  # by the status of the campaign
    "scheduled": {"ACTIVE"},
    "live": {"ACTIVE"},
    "paused": {"PAUSED"},
    "finished": {"ACTIVE", "PAUSED", "CANCELLED"},
    "cancelled": {"CANCELLED"},
    "expired": {"CANCELLED"},
}
ENDED = {"finished", "cancelled", "expired"}
Document = Mapping[str, Any]


class Counts(NamedTuple):
    """Of an order, in notifications."""

    inserted: int = 0
    delivered: int = 0
    failed: int = 0
    no_receipt: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class OurOrder(NamedTuple):
    """An order as the portal has it."""

    status: str  # of its campaign
    generation: int
    acknowledged: int
    content_hash: str  # as the gateway confirmed it
    gateway_state: str  # as the gateway reported it
    document: Document


class TheirOrder(NamedTuple):
    """An order as the gateway has it."""

    generation: int
    content_hash: str
    state: str


class Written(NamedTuple):
    """A change of an order that the gateway has committed, oldest first."""

    order: str
    generation: int
    desired_state: str
    content_hash: str
    at: datetime
    epoch: int  # grows when the gateway loses its orders


class Inserted(NamedTuple):
    """What the gateway has inserted of one generation of an order."""

    order: str
    generation: int
    content_hash: str
    last_at: datetime
    inserted: int


HourKey = tuple[str, datetime, str]  # order, hour, LADA
DayKey = tuple[str, date, str]


@dataclass
class Record:
    """All that both sides know after a round, by order."""

    ours: dict[str, OurOrder] = field(default_factory=dict)
    theirs: dict[str, TheirOrder] = field(default_factory=dict)
    requested: dict[tuple[str, int], list[Document]] = field(default_factory=dict)
    approved: dict[str, set[str]] = field(default_factory=dict)  # texts
    written: list[Written] = field(default_factory=list)
    insertions: list[Inserted] = field(default_factory=list)
    our_hours: dict[HourKey, Counts] = field(default_factory=dict)
    their_hours: dict[HourKey, Counts] = field(default_factory=dict)
    our_days: dict[DayKey, Counts] = field(default_factory=dict)
    our_totals: dict[str, Counts] = field(default_factory=dict)
    their_totals: dict[str, Counts] = field(default_factory=dict)
    lost_orders: bool = False  # by the gateway, which then needs only those that go on
    channel: tuple[str, str] = ("ON", "ON")  # requested, at the gateway
    left: Sequence[str] = ()  # work that is not done, in words
    breaches: Sequence[str] = ()  # of the inventory's rules, in words


def violations(record: Record) -> list[str]:
    """Return all violations in words."""
    return [f"{check.__name__}: {text}" for check in CHECKS for text in check(record)]


def same_orders(record: Record) -> Iterator[str]:
    """Check that the gateway has exactly the newest generation of every order."""
    for order in record.theirs.keys() - record.ours.keys():
        yield f"{order} is only at the gateway"
    for order, ours in record.ours.items():
        desired = ours.document["desiredState"]
        if desired not in REQUESTED.get(ours.status, set()):
            yield f"{order}: the campaign is {ours.status}, and {desired} is requested"
        if ours.acknowledged != ours.generation:
            yield f"{order}: {ours.acknowledged} is confirmed of {ours.generation}"
        theirs = record.theirs.get(order)
        if theirs is None:
            if ours.acknowledged and not (record.lost_orders and ours.status in ENDED):
                yield f"{order} is not at the gateway"
            continue
        if theirs.generation != ours.generation:
            yield f"{order}: generation {ours.generation} here, {theirs.generation} there"
        if not theirs.content_hash == ours.content_hash == content_hash(ours.document):
            yield f"{order}: other content there"
        if theirs.state not in FITTING[desired]:
            yield f"{order}: {desired} here, {theirs.state} there"
        if theirs.state != ours.gateway_state:
            yield f"{order}: it is {theirs.state}, and {ours.gateway_state} is shown"
    if record.channel[0] != record.channel[1]:
        yield f"the channel is {record.channel[0]} here, {record.channel[1]} there"


def one_effect(record: Record) -> Iterator[str]:
    """Check that each generation has one content and took effect once, in ascending order."""
    for (order, generation), documents in record.requested.items():
        if len(documents) != 1:
            yield f"{order}: generation {generation} was requested with {len(documents)} contents"
    last: dict[tuple[str, int], int] = {}
    for entry in record.written:
        key = entry.order, entry.epoch
        if entry.generation <= last.get(key, 0):
            yield f"{entry.order}: generation {entry.generation} was written after {last[key]}"
        last[key] = entry.generation
        if entry.content_hash not in _hashes(record, entry.order, entry.generation):
            yield f"{entry.order}: generation {entry.generation} is not what was requested"


def only_approved_texts(record: Record) -> Iterator[str]:
    """Check that nothing was inserted but documents that were requested, with an approved text."""
    for entry in record.insertions:
        if entry.content_hash not in _hashes(record, entry.order, entry.generation):
            yield f"{entry.order}: {entry.inserted} were inserted of a content nobody requested"
    for (order, generation), documents in record.requested.items():
        for document in documents:
            if document["adText"] not in record.approved.get(order, set()):
                yield f"{order}: generation {generation} has a text that was not approved"


def nothing_after_a_stop(record: Record) -> Iterator[str]:
    """Check that no pause or cancellation was inserted, and nothing after a cancellation."""
    ended: dict[str, Written] = {}
    stops: set[tuple[str, int]] = set()
    for entry in record.written:
        if entry.desired_state != "ACTIVE":
            stops.add((entry.order, entry.generation))
        if entry.desired_state == "CANCELLED":
            ended.setdefault(entry.order, entry)
    for inserted in record.insertions:
        where = f"{inserted.order}: {inserted.inserted} of generation {inserted.generation}"
        if (inserted.order, inserted.generation) in stops:
            yield f"{where} were inserted, which is a stop"
        end = ended.get(inserted.order)
        if end and (inserted.generation >= end.generation or inserted.last_at > end.at + ROUNDING):
            yield f"{where} were inserted until {inserted.last_at}, cancelled at {end.at}"


def no_order_above_its_goal(record: Record) -> Iterator[str]:
    """Check that with each generation no more was inserted, in all, than its goal."""
    total: Counter[str] = Counter()
    for entry in sorted(record.insertions, key=lambda entry: entry.generation):
        total[entry.order] += entry.inserted
        for document in record.requested.get((entry.order, entry.generation), []):
            goal = document["goal"]["total"]
            if total[entry.order] > goal:
                yield f"{entry.order}: {total[entry.order]} were inserted of {goal}"


def same_counts(record: Record) -> Iterator[str]:
    """Check hours, days and totals to the last notification."""
    yield from _differences("hour", record.our_hours, record.their_hours)
    days: dict[DayKey, Counts] = {}
    for (order, hour, lada), counts in record.their_hours.items():
        key = order, hour.astimezone(ZONE).date(), lada
        days[key] = days.get(key, Counts()).plus(counts)
    yield from _differences("day", record.our_days, days)
    yield from _differences("total", record.our_totals, record.their_totals)
    versions: Counter[str] = Counter()
    for entry in record.insertions:
        versions[entry.order] += entry.inserted
    for order, counts in record.their_totals.items():
        if counts.inserted != versions[order]:
            yield f"{order}: {versions[order]} by generation, {counts.inserted} in all"


def nothing_left(record: Record) -> Iterator[str]:
    """Check that no work is left, and that the inventory keeps its rules."""
    yield from record.left
    yield from record.breaches


CHECKS: Sequence[Callable[[Record], Iterator[str]]] = (
    same_orders,
    one_effect,
    only_approved_texts,
    nothing_after_a_stop,
    no_order_above_its_goal,
    same_counts,
    nothing_left,
)


def _hashes(record: Record, order: str, generation: int) -> set[str]:
    return {content_hash(document) for document in record.requested.get((order, generation), [])}


def _differences(
    what: str, ours: Mapping[Any, Counts], theirs: Mapping[Any, Counts]
) -> Iterator[str]:
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        if ours.get(key) != theirs.get(key):
            yield f"{what} {key}: {ours.get(key)} here, {theirs.get(key)} there"
