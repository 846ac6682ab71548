"""The rules of the contract: what an order may say and be, and what may become of it."""

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
from campaigns.gateway.sandbox import refusals
from campaigns.gateway.sandbox.clock import Clock, instant
from campaigns.gateway.sandbox.store import Held, Store

CHANGED_ONLY_AT_REST = ("adText", "contentCategory", "target")
AT_REST = (OrderState.SCHEDULED, OrderState.PAUSED)
COUNTED_AS_ACTIVE = (OrderState.SCHEDULED, OrderState.ACTIVE, OrderState.PAUSED)


@dataclass(frozen=True, slots=True)
class Offer:
    """What this gateway can carry, and where it stops."""

    ladas: frozenset[str]
    max_ad_septets: int
    base_text_septets: int
    max_active_orders: int
    features: frozenset[str]
    audience_restrictions: frozenset[str]
    blocked_categories: frozenset[str]
    test_handsets: tuple[str, ...]


def septets(text: str) -> int:
    """Count a text in GSM 03.38 septets, or refuse the first character outside the alphabet.

    Every character of the channel's alphabet is in the basic table, so each takes one.
    """
    for position, character in enumerate(text, start=1):
        if character not in ALPHABET:
            raise refusals.unprocessable(
                "TEXT_NOT_ENCODABLE", f"Character {position} of adText is not in the alphabet"
            )
    return len(text)


class Orders:
    """The orders that the gateway holds."""

    def __init__(self, store: Store, clock: Clock, offer: Offer) -> None:
        self._store = store
        self._clock = clock
        self._offer = offer

    def put(
        self, order_id: str, document: dict[str, Any], *, if_match: str | None
    ) -> tuple[Held, bool]:
        """Bring an order to a document. Say also whether it is new."""
        with self._store.transaction():
            held = self._store.order(order_id, self._clock.today())
            if held is not None and _is_held(held, document):
                return held, False
            _check_precondition(held, if_match)
            if held is not None:
                _check_newer(held, document["generation"])
            self._check_content(document)
            self._check_change(held, document)
            return self._write("putAdOrder", order_id, document, reason=""), held is None

    def set_desired_state(
        self, order_id: str, change: Mapping[str, Any], *, if_match: str | None
    ) -> Held:
        """Bring an order to the document that it has, with another wish."""
        with self._store.transaction():
            held = self.get(order_id)
            wanted = {name: change[name] for name in ("generation", "desiredState")}
            document = held.document | wanted
            if _is_held(held, document):
                return held
            _check_precondition(held, if_match)
            _check_newer(held, document["generation"])
            self._check_change(held, document)
            return self._write("setDesiredState", order_id, document, reason=change["reason"])

    def get(self, order_id: str) -> Held:
        held = self._store.order(order_id, self._clock.today())
        if held is None:
            raise refusals.ad_order_not_found()
        return held

    def page(self, state: str | None, *, page: int, per_page: int) -> tuple[list[Held], int]:
        return self._store.page(state, self._clock.today(), page=page, per_page=per_page)

    def check_text(self, text: str) -> int:
        """Give the septets of a text that this gateway can carry."""
        count = septets(text)
        if count > self._offer.max_ad_septets:
            raise refusals.text_too_long(count, self._offer.max_ad_septets)
        return count

    def _write(
        self, operation: str, order_id: str, document: dict[str, Any], *, reason: str
    ) -> Held:
        digest = content_hash(document)
        self._store.write_order(order_id, document, digest, reason)
        self._store.append(
            operation,
            f"order {order_id}",
            order_id=order_id,
            at=instant(self._clock.now()),
            generation=document["generation"],
            desired_state=document["desiredState"],
            content_hash=digest,
        )
        return self.get(order_id)

    def _check_content(self, document: dict[str, Any]) -> None:
        """Check what an order says, whatever is held."""
        _check_plan(document)
        _check_dayparts(document)
        text = document["adText"]
        count = septets(text)
        if count != document["adTextSeptets"]:
            raise refusals.unprocessable(
                "SEPTETS_MISMATCH", f"adText takes {count} septets and not what is said"
            )
        self.check_text(text)
        unknown = sorted(set(document["target"].get("ladas", ())) - self._offer.ladas)
        if unknown:
            raise refusals.unprocessable("UNKNOWN_LADA", f"Unknown LADA: {', '.join(unknown[:20])}")
        category = document["contentCategory"]
        if category in self._offer.blocked_categories:
            raise refusals.unprocessable("CATEGORY_BLOCKED", f"Category {category} is blocked")
        self._check_restrictions(document)

    def _check_restrictions(self, document: dict[str, Any]) -> None:
        needed = []
        if document.get("dayparts"):
            needed.append("DAYPARTS")
        if "frequencyCap" in document:
            needed.append("FREQUENCY_CAP")
        if "pacing" in document:
            needed.append(f"PACING_{document['pacing']['mode']}")
        missing = [feature for feature in needed if feature not in self._offer.features]
        asked = set(document.get("audienceRestrictions", ()))
        missing += sorted(asked - self._offer.audience_restrictions)
        if missing:
            raise refusals.unprocessable(
                "RESTRICTION_UNSUPPORTED", f"Unsupported restriction: {', '.join(missing)}"
            )

    def _check_change(self, held: Held | None, document: dict[str, Any]) -> None:
        """Check what becomes of the order held, if any, and of the gateway."""
        today = self._clock.today()
        before = held.document if held else {}
        cancelled = document["desiredState"] == DesiredState.CANCELLED
        if held and held.state is OrderState.CANCELLED and _content(before) != _content(document):
            raise refusals.incompatible_state("The order is CANCELLED, and that is final")
        if held and held.state not in AT_REST:
            for name in CHANGED_ONLY_AT_REST:
                if before[name] != document[name]:
                    raise refusals.incompatible_state(
                        f"{name} changes only while SCHEDULED or PAUSED,"
                        f" and the order is {held.state}"
                    )
        if cancelled:
            return
        period = document["deliveryPeriod"]
        if before.get("deliveryPeriod") != period and period["endDate"] < today.isoformat():
            raise refusals.unprocessable(
                "PERIOD_IN_PAST", f"The period ended on {period['endDate']}"
            )
        total = document["goal"]["total"]
        if held and before["goal"]["total"] != total and total < held.delivered:
            raise refusals.unprocessable(
                "GOAL_BELOW_DELIVERED", f"{held.delivered} are delivered, and the goal is {total}"
            )
        was_active = held is not None and held.state in COUNTED_AS_ACTIVE
        most = self._offer.max_active_orders
        if not was_active and self._store.count_active(today) >= most:
            raise refusals.quota_exceeded(most)


def etag(held: Held) -> str:
    """Name the generation and the content held."""
    return f'"{held.generation}-{held.content_hash[:32]}"'


def _content(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "generation"}


def _is_held(held: Held, document: dict[str, Any]) -> bool:
    return held.generation == document["generation"] and held.content_hash == content_hash(document)


def _check_newer(held: Held, generation: int) -> None:
    if generation < held.generation:
        raise refusals.stale_generation(generation, held.generation)
    if generation == held.generation:
        raise refusals.generation_conflict(generation)


def _check_precondition(held: Held | None, if_match: str | None) -> None:
    if if_match is None:
        return
    if held is None:
        raise refusals.failed_precondition("There is no such ad order yet")
    wanted = {tag.strip() for tag in if_match.split(",")}
    if "*" not in wanted and etag(held) not in wanted:
        raise refusals.failed_precondition("The order has another ETag")


def _check_plan(document: dict[str, Any]) -> None:
    """Refuse a plan that is not whole: dates and sums that the schema cannot see."""
    target, period, goal = document["target"], document["deliveryPeriod"], document["goal"]
    if (target["scope"] == "LADAS") != ("ladas" in target):
        raise refusals.invalid_argument("target: ladas go with the scope LADAS, and only with it")
    start, end = (date.fromisoformat(period[name]) for name in ("startDate", "endDate"))
    if end < start:
        raise refusals.invalid_argument("deliveryPeriod: endDate is before startDate")
    days = [date.fromisoformat(day["date"]) for day in goal["daily"]]
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise refusals.invalid_argument("goal.daily: days are not ascending")
    if days[0] < start or days[-1] > end:
        raise refusals.out_of_range("goal.daily: a day lies outside deliveryPeriod")
    planned = sum(day["count"] for day in goal["daily"])
    if planned != goal["total"]:
        raise refusals.invalid_argument(
            f"goal.daily adds up to {planned} and not to {goal['total']}"
        )


def _check_dayparts(document: dict[str, Any]) -> None:
    for daypart in document.get("dayparts", ()):
        if daypart["to"] <= daypart["from"]:
            raise refusals.invalid_argument("dayparts: `to` is not later than `from`")
