"""The words of contract `missed-call-ads` v0.1, as the portal speaks them.

`missed-call-ads.yaml` beside this file is the contract itself; these are its types. What is sent
is built from them, so it has the contract's shape. What is received is read strictly where a
member is known and leniently where one is not: a gateway may say more than this version knows.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self

from campaigns.gateway.shape import ContractMismatch, take, take_date, take_strings, take_word

BASE_PATH = "/missed-call-ads/v0.1"
TOKEN_PATH = "/oauth2/token"  # noqa: S105  a path, not a secret
TIME_ZONE = "America/Mexico_City"

ORDER_ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
"""An ad order's id, chosen by the portal. A pattern for the whole string."""

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 $.,/@"
NOTIFICATION_SEPTETS = 160
LEAST_MAX_AD_SEPTETS = 90
MOST_MAX_AD_SEPTETS = 110

MAX_BODY_BYTES = 64 * 1024
MAX_ACTIVE_ORDERS = 1_000
REQUESTS_PER_SECOND = 10
REQUEST_BURST = 20
MAX_PER_PAGE = 200


class Scope(StrEnum):
    """What a token may do."""

    WRITE_ORDERS = "missed-call-ads:ad-orders:write"
    READ_ORDERS = "missed-call-ads:ad-orders:read"
    UPDATE_CHANNEL = "missed-call-ads:channel:update"
    READ_REPORTS = "missed-call-ads:delivery-reports:read"
    CREATE_TEST_DELIVERIES = "missed-call-ads:test-deliveries:create"


class DesiredState(StrEnum):
    """What the portal wants of an order. CANCELLED is final."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    CANCELLED = "CANCELLED"


class OrderState(StrEnum):
    """What the gateway says of an order."""

    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"


class ChannelState(StrEnum):
    """Whether the channel carries any ad at all."""

    ON = "ON"
    OFF = "OFF"


class PacingMode(StrEnum):
    """How an order spends its daily goal."""

    EVEN = "EVEN"
    ASAP = "ASAP"


class Weekday(StrEnum):
    """A day of the week, in the order of the week."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"


def canonical_json(value: Any) -> bytes:
    """Write JSON in the one form that both sides hash (RFC 8785, for integers and strings).

    Members are sorted by name at every level, there is no white space, the encoding is UTF-8.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def content_hash(document: Mapping[str, Any]) -> str:
    """Name the content of an ad order: the SHA-256 of its document *without* `generation`.

    The generation says which wish is newer and the hash says whether two wishes are the same, so
    the same content sent again under the same generation is nothing new. Every other member enters
    as it is sent: defaults are not filled in, an absent member stays absent, arrays keep their
    order. `reason` of a change of state is no part of the document.
    """
    content = {name: value for name, value in document.items() if name != "generation"}
    return hashlib.sha256(canonical_json(content)).hexdigest()


@dataclass(frozen=True, slots=True)
class DailyGoal:
    """Notifications wanted on one channel day."""

    on: date
    count: int


@dataclass(frozen=True, slots=True)
class Goal:
    """Notifications wanted in all, and the portal's plan by channel day."""

    total: int
    daily: tuple[DailyGoal, ...]

    def to_json(self) -> dict[str, Any]:
        days = sorted(self.daily, key=lambda day: day.on)
        return {
            "unit": "NOTIFICATIONS",
            "total": self.total,
            "daily": [{"date": day.on.isoformat(), "count": day.count} for day in days],
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        daily = (
            DailyGoal(on=take_date(entry, "date"), count=take(entry, "count", int))
            for entry in take(data, "daily", list)
        )
        return cls(total=take(data, "total", int), daily=tuple(daily))


@dataclass(frozen=True, slots=True)
class Target:
    """The LADAs of the notified numbers; none named is the whole country."""

    ladas: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        if not self.ladas:
            return {"scope": "NATIONAL"}
        return {"scope": "LADAS", "ladas": sorted(self.ladas)}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        if take(data, "scope", str) == "NATIONAL":
            return cls()
        ladas = frozenset(take_strings(data, "ladas"))
        if not ladas:
            raise ContractMismatch("ladas: empty")
        return cls(ladas=ladas)


@dataclass(frozen=True, slots=True)
class Pacing:
    """How the daily goal is spent, and how far ahead of an even pace it may run, in percent."""

    mode: PacingMode = PacingMode.EVEN
    ahead_percent: int = 5

    def to_json(self) -> dict[str, Any]:
        return {"mode": self.mode.value, "aheadPercent": self.ahead_percent}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        ahead = take(data, "aheadPercent", int) if "aheadPercent" in data else 5
        return cls(mode=take_word(data, "mode", PacingMode), ahead_percent=ahead)


@dataclass(frozen=True, slots=True)
class Daypart:
    """Hours of some days of the week, as `HH:MM`; `until` is excluded and may be 24:00."""

    days: frozenset[Weekday]
    since: str
    until: str

    def to_json(self) -> dict[str, Any]:
        days = [day.value for day in Weekday if day in self.days]
        return {"days": days, "from": self.since, "to": self.until}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        try:
            days = frozenset(Weekday(day) for day in take_strings(data, "days"))
        except ValueError as error:
            raise ContractMismatch(f"days: {error}") from error
        return cls(days=days, since=take(data, "from", str), until=take(data, "to", str))


@dataclass(frozen=True, slots=True)
class FrequencyCap:
    """How often one recipient may see the order. Only the gateway can apply it."""

    max_per_recipient: int
    period_hours: int

    def to_json(self) -> dict[str, Any]:
        return {"maxPerRecipient": self.max_per_recipient, "periodHours": self.period_hours}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        return cls(take(data, "maxPerRecipient", int), take(data, "periodHours", int))


@dataclass(frozen=True, slots=True)
class AdOrderDocument:
    """The whole wanted state of one order at the gateway.

    `to_json` is the same for equal documents whatever order their parts were given in, and so is
    `content_hash`. Pacing and priority are always written; restrictions only where there are some.
    """

    generation: int
    external_reference: str
    ad_text: str
    ad_text_septets: int
    desired_state: DesiredState
    starts_on: date
    ends_on: date
    target: Target
    goal: Goal
    content_category: str
    pacing: Pacing = Pacing()
    priority: int = 5
    dayparts: tuple[Daypart, ...] = ()
    frequency_cap: FrequencyCap | None = None
    audience_restrictions: frozenset[str] = frozenset()

    @property
    def content_hash(self) -> str:
        return content_hash(self.to_json())

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "generation": self.generation,
            "externalReference": self.external_reference,
            "adText": self.ad_text,
            "adTextSeptets": self.ad_text_septets,
            "desiredState": self.desired_state.value,
            "deliveryPeriod": {
                "startDate": self.starts_on.isoformat(),
                "endDate": self.ends_on.isoformat(),
            },
            "target": self.target.to_json(),
            "goal": self.goal.to_json(),
            "pacing": self.pacing.to_json(),
            "priority": self.priority,
            "contentCategory": self.content_category,
        }
        if self.dayparts:
            document["dayparts"] = [daypart.to_json() for daypart in self.dayparts]
        if self.frequency_cap:
            document["frequencyCap"] = self.frequency_cap.to_json()
        if self.audience_restrictions:
            document["audienceRestrictions"] = sorted(self.audience_restrictions)
        return document

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a document, with the contract's defaults where it leaves something out.

        Raises ContractMismatch.
        """
        period = take(data, "deliveryPeriod", dict)
        cap = data.get("frequencyCap")
        return cls(
            generation=take(data, "generation", int),
            external_reference=take(data, "externalReference", str),
            ad_text=take(data, "adText", str),
            ad_text_septets=take(data, "adTextSeptets", int),
            desired_state=take_word(data, "desiredState", DesiredState),
            starts_on=take_date(period, "startDate"),
            ends_on=take_date(period, "endDate"),
            target=Target.from_json(take(data, "target", dict)),
            goal=Goal.from_json(take(data, "goal", dict)),
            content_category=take(data, "contentCategory", str),
            pacing=Pacing.from_json(take(data, "pacing", dict)) if "pacing" in data else Pacing(),
            priority=take(data, "priority", int) if "priority" in data else 5,
            dayparts=tuple(
                Daypart.from_json(entry)
                for entry in (take(data, "dayparts", list) if "dayparts" in data else ())
            ),
            frequency_cap=None if cap is None else FrequencyCap.from_json(cap),
            audience_restrictions=frozenset(
                take_strings(data, "audienceRestrictions") if "audienceRestrictions" in data else ()
            ),
        )
