"""The document of an ad order: everything that the portal requests of the gateway for one order."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, PlainSerializer, model_validator

from campaigns.gateway.contract import DesiredState, PacingMode, Weekday, content_hash
from campaigns.gateway.contract_model import CalendarDate, ContractModel, StringSet


def _is_empty(value: object) -> bool:
    return not value


class DeliveryPeriod(ContractModel):
    """First and last channel day."""

    start_date: CalendarDate
    end_date: CalendarDate


class GroupGoal(ContractModel):
    """Notifications in some LADAs of the target on one channel day."""

    ladas: StringSet
    count: int


def _by_ladas(groups: Iterable[GroupGoal]) -> tuple[GroupGoal, ...]:
    return tuple(sorted(groups, key=lambda group: sorted(group.ladas)))


class DailyGoal(ContractModel):
    """Notifications on one channel day; `split` says where, by groups without a common LADA."""

    date: CalendarDate
    count: int
    split: Annotated[tuple[GroupGoal, ...], AfterValidator(_by_ladas)] = Field(
        default=(), exclude_if=_is_empty
    )


def _by_date(goals: Iterable[DailyGoal]) -> tuple[DailyGoal, ...]:
    return tuple(sorted(goals, key=lambda goal: goal.date))


class Goal(ContractModel):
    """Notifications in all, and the portal's plan by channel day, ascending."""

    unit: Literal["NOTIFICATIONS"] = "NOTIFICATIONS"
    total: int
    daily: Annotated[tuple[DailyGoal, ...], AfterValidator(_by_date)]


class Target(ContractModel):
    """The LADAs of the notified numbers, or the whole country."""

    scope: Literal["NATIONAL", "LADAS"] = "NATIONAL"
    ladas: StringSet = Field(default=frozenset(), exclude_if=_is_empty)

    @model_validator(mode="after")
    def _check_scope(self) -> Self:
        if (self.scope == "LADAS") != bool(self.ladas):
            raise ValueError("ladas go with the scope LADAS, and only with it")
        return self


class Pacing(ContractModel):
    """The pace of the daily goal, and how far ahead of an even pace it may run, in percent."""

    mode: PacingMode = PacingMode.EVEN
    ahead_percent: int = 5


def _in_week_order(days: frozenset[Weekday]) -> list[str]:
    return [day.value for day in Weekday if day in days]


class Daypart(ContractModel):
    """Hours of some days of the week, as `HH:MM`; `to` is excluded and may be 24:00."""

    days: Annotated[frozenset[Weekday], PlainSerializer(_in_week_order, return_type=list[str])]
    from_: str
    to: str


class FrequencyCap(ContractModel):
    """The number of times that one recipient may see the ad. Only the gateway can apply it."""

    max_per_recipient: int
    period_hours: int


class AdOrderDocument(ContractModel):
    """The whole requested state of one ad order.

    Equal documents have equal JSON and equal `content_hash`, in whatever order their sets and
    days were given. Pacing and priority are always written, restrictions only if there are any.
    Where received JSON leaves a member out, it has the contract's default.
    """

    generation: int
    external_reference: str
    ad_text: str
    ad_text_septets: int
    desired_state: DesiredState
    delivery_period: DeliveryPeriod
    target: Target
    goal: Goal
    content_category: str
    pacing: Pacing = Pacing()
    priority: int = 5
    dayparts: tuple[Daypart, ...] = Field(default=(), exclude_if=_is_empty)
    frequency_cap: FrequencyCap | None = Field(default=None, exclude_if=_is_empty)
    audience_restrictions: StringSet = Field(default=frozenset(), exclude_if=_is_empty)

    @property
    def content_hash(self) -> str:
        return content_hash(self.to_json())
