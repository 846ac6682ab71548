"""The rules of the contract for ad orders: their content and how it may change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from campaigns.gateway.contract import (
    ALPHABET,
    DesiredState,
    OrderState,
    content_hash,
)
from campaigns.gateway.sandbox import errors
from campaigns.gateway.sandbox.clock import Clock, format_instant
from campaigns.gateway.sandbox.event_queue import EventQueue
from campaigns.gateway.sandbox.store import GatewayStore, StoredAdOrder

FIELDS_FIXED_WHILE_RUNNING = ("adText", "contentCategory", "target")
NOT_RUNNING = (OrderState.SCHEDULED, OrderState.PAUSED)
COUNTED_AS_ACTIVE = (OrderState.SCHEDULED, OrderState.ACTIVE, OrderState.PAUSED)


@dataclass(frozen=True, slots=True)
class GatewayCapabilities:
    """The capabilities of this gateway, and its limits."""

    ladas: frozenset[str]
    max_ad_septets: int
    base_text_septets: int
    max_active_orders: int
    features: frozenset[str]
    audience_restrictions: frozenset[str]
    blocked_categories: frozenset[str]
    test_handsets: tuple[str, ...]


def septets(text: str) -> int:
    """Return the length of a text in GSM 03.38 septets.

    Every character of the channel's alphabet is in the basic table, so each takes one. Raise
    TEXT_NOT_ENCODABLE for the first character outside the alphabet.
    """
    for position, character in enumerate(text, start=1):
        if character not in ALPHABET:
            raise errors.unprocessable(
                "TEXT_NOT_ENCODABLE", f"Character {position} of adText is not in the alphabet"
            )
    return len(text)


class AdOrders:
    """The ad orders of the gateway."""

    def __init__(
        self,
        store: GatewayStore,
        clock: Clock,
        capabilities: GatewayCapabilities,
        queue: EventQueue,
    ) -> None:
        self._queue = queue
        self._store = store
        self._clock = clock
        self._capabilities = capabilities

    def put(
        self, order_id: str, document: dict[str, Any], *, if_match: str | None
    ) -> tuple[StoredAdOrder, bool]:
        """Create or replace an order; return it, and whether it is new."""
        with self._store.transaction():
            stored = self._store.order(order_id, self._clock.today())
            if stored is not None and _is_repeat(stored, document):
                return stored, False
            _check_precondition(stored, if_match)
            if stored is not None:
                _check_newer(stored, document["generation"])
            self._check_content(document, stored.document if stored else {})
            self._check_change(stored, document)
            return self._write("putAdOrder", order_id, document, reason=""), stored is None

    def set_desired_state(
        self, order_id: str, change: Mapping[str, Any], *, if_match: str | None
    ) -> StoredAdOrder:
        """Replace the desired state of an order and keep the rest of its document."""
        with self._store.transaction():
            stored = self.get(order_id)
            changed = {name: change[name] for name in ("generation", "desiredState")}
            document = stored.document | changed
            if _is_repeat(stored, document):
                return stored
            _check_precondition(stored, if_match)
            _check_newer(stored, document["generation"])
            self._check_change(stored, document)
            return self._write("setDesiredState", order_id, document, reason=change["reason"])

    def get(self, order_id: str) -> StoredAdOrder:
        stored = self._store.order(order_id, self._clock.today())
        if stored is None:
            raise errors.ad_order_not_found()
        return stored

    def page(
        self, state: str | None, *, page: int, per_page: int
    ) -> tuple[list[StoredAdOrder], int]:
        return self._store.page(state, self._clock.today(), page=page, per_page=per_page)

    def check_text(self, text: str) -> int:
        """Return the septets of a text. Raise TEXT_TOO_LONG or TEXT_NOT_ENCODABLE."""
        count = septets(text)
        if count > self._capabilities.max_ad_septets:
            raise errors.text_too_long(count, self._capabilities.max_ad_septets)
        return count

    def _write(
        self, operation: str, order_id: str, document: dict[str, Any], *, reason: str
    ) -> StoredAdOrder:
        digest = content_hash(document)
        self._store.write_order(order_id, document, digest, reason)
        self._store.append(
            operation,
            f"order {order_id}",
            order_id=order_id,
            at=format_instant(self._clock.now()),
            generation=document["generation"],
            desired_state=document["desiredState"],
            content_hash=digest,
        )
        self._queue.report_states(self._clock.now())
        return self.get(order_id)

    def _check_content(self, document: dict[str, Any], previous: Mapping[str, Any]) -> None:
        """Check a document by itself.

        Text, target and category are checked against the capabilities only where they changed, so
        that an order that was accepted under others can still be paused.
        """
        _check_goal(document)
        _check_dayparts(document)
        text = document["adText"]
        count = septets(text)
        if count != document["adTextSeptets"]:
            raise errors.unprocessable(
                "SEPTETS_MISMATCH", f"adText takes {count} septets and not what is said"
            )
        if previous.get("adText") != text:
            self.check_text(text)
        unknown = sorted(_named_ladas(document) - self._capabilities.ladas)
        if unknown and previous.get("target") != document["target"]:
            raise errors.unprocessable("UNKNOWN_LADA", f"Unknown LADA: {', '.join(unknown[:20])}")
        category = document["contentCategory"]
        is_new = previous.get("contentCategory") != category
        if is_new and category in self._capabilities.blocked_categories:
            raise errors.unprocessable("CATEGORY_BLOCKED", f"Category {category} is blocked")
        self._check_restrictions(document)

    def _check_restrictions(self, document: dict[str, Any]) -> None:
        needed = []
        if document.get("dayparts"):
            needed.append("DAYPARTS")
        if "frequencyCap" in document:
            needed.append("FREQUENCY_CAP")
        if "pacing" in document:
            needed.append(f"PACING_{document['pacing']['mode']}")
        missing = [feature for feature in needed if feature not in self._capabilities.features]
        requested = set(document.get("audienceRestrictions", ()))
        missing += sorted(requested - self._capabilities.audience_restrictions)
        if missing:
            raise errors.unprocessable(
                "RESTRICTION_UNSUPPORTED", f"Unsupported restriction: {', '.join(missing)}"
            )

    def _check_change(self, stored: StoredAdOrder | None, document: dict[str, Any]) -> None:
        """Check a document against the stored order, if any, the day and the quota."""
        today = self._clock.today()
        previous = stored.document if stored else {}
        cancelled = document["desiredState"] == DesiredState.CANCELLED
        if (
            stored
            and stored.state is OrderState.CANCELLED
            and _content(previous) != _content(document)
        ):
            raise errors.incompatible_state("The order is CANCELLED, and that is final")
        if stored and stored.state not in NOT_RUNNING:
            for name in FIELDS_FIXED_WHILE_RUNNING:
                if previous[name] != document[name]:
                    raise errors.incompatible_state(
                        f"{name} changes only while SCHEDULED or PAUSED,"
                        f" and the order is {stored.state}"
                    )
        if cancelled:
            return
        period = document["deliveryPeriod"]
        if previous.get("deliveryPeriod") != period and period["endDate"] < today.isoformat():
            raise errors.unprocessable("PERIOD_IN_PAST", f"The period ended on {period['endDate']}")
        total = document["goal"]["total"]
        if stored and previous["goal"]["total"] != total and total < stored.inserted:
            raise errors.unprocessable(
                "GOAL_BELOW_DELIVERED", f"{stored.inserted} are inserted, and the goal is {total}"
            )
        was_active = stored is not None and stored.state in COUNTED_AS_ACTIVE
        maximum = self._capabilities.max_active_orders
        if not was_active and self._store.count_active(today) >= maximum:
            raise errors.quota_exceeded(maximum)


def etag(stored: StoredAdOrder) -> str:
    """Return the ETag of an order: its generation and part of its content hash."""
    return f'"{stored.generation}-{stored.content_hash[:32]}"'


def _content(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "generation"}


def _is_repeat(stored: StoredAdOrder, document: dict[str, Any]) -> bool:
    return stored.generation == document["generation"] and stored.content_hash == content_hash(
        document
    )


def _check_newer(stored: StoredAdOrder, generation: int) -> None:
    if generation < stored.generation:
        raise errors.stale_generation(generation, stored.generation)
    if generation == stored.generation:
        raise errors.generation_conflict(generation)


def _check_precondition(stored: StoredAdOrder | None, if_match: str | None) -> None:
    if if_match is None:
        return
    if stored is None:
        raise errors.failed_precondition("There is no such ad order yet")
    etags = {tag.strip() for tag in if_match.split(",")}
    if "*" not in etags and etag(stored) not in etags:
        raise errors.failed_precondition("The order has another ETag")


def _check_goal(document: dict[str, Any]) -> None:
    """Check dates and sums, which the schema cannot express."""
    target, period, goal = document["target"], document["deliveryPeriod"], document["goal"]
    if (target["scope"] == "LADAS") != ("ladas" in target):
        raise errors.invalid_argument("target: ladas go with the scope LADAS, and only with it")
    start, end = (date.fromisoformat(period[name]) for name in ("startDate", "endDate"))
    if end < start:
        raise errors.invalid_argument("deliveryPeriod: endDate is before startDate")
    days = [date.fromisoformat(day["date"]) for day in goal["daily"]]
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise errors.invalid_argument("goal.daily: days are not ascending")
    if days[0] < start or days[-1] > end:
        raise errors.out_of_range("goal.daily: a day lies outside deliveryPeriod")
    planned = sum(day["count"] for day in goal["daily"])
    if planned != goal["total"]:
        raise errors.invalid_argument(f"goal.daily adds up to {planned} and not to {goal['total']}")
    for day in goal["daily"]:
        _check_split(day, target)


def _check_split(day: dict[str, Any], target: Mapping[str, Any]) -> None:
    """Check the groups of a day, if it has any."""
    groups = day.get("split")
    if groups is None:
        return
    split = sum(group["count"] for group in groups)
    if split != day["count"]:
        raise errors.invalid_argument(
            f"goal.daily: the split of {day['date']} adds up to {split} and not to {day['count']}"
        )
    ladas = [lada for group in groups for lada in group["ladas"]]
    if len(set(ladas)) < len(ladas):
        raise errors.invalid_argument(f"goal.daily: a LADA is twice in the split of {day['date']}")
    outside = set(ladas) - set(target.get("ladas", ladas))
    if outside:
        raise errors.invalid_argument(
            f"goal.daily: the split of {day['date']} has {min(outside)}, which is not in the target"
        )


def _named_ladas(document: dict[str, Any]) -> set[str]:
    """Return the LADAs of the target and of the splits."""
    groups = [group for day in document["goal"]["daily"] for group in day.get("split", ())]
    return {
        *document["target"].get("ladas", ()),
        *(lada for group in groups for lada in group["ladas"]),
    }


def _check_dayparts(document: dict[str, Any]) -> None:
    for daypart in document.get("dayparts", ()):
        if daypart["to"] <= daypart["from"]:
            raise errors.invalid_argument("dayparts: `to` is not later than `from`")
