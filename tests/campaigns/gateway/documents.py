"""Ad orders to send in tests, as types and as the JSON that they are."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.gateway.contract import (
    AdOrderDocument,
    DailyGoal,
    DesiredState,
    Goal,
    Target,
)

TEXT = "Cafe La Parroquia, 2x1 hoy. Pide en 5512345678"


def today() -> date:
    """The channel day, reckoned apart from the sandbox."""
    return datetime.now(UTC).astimezone(ZoneInfo("America/Mexico_City")).date()


def document(
    *,
    generation: int = 1,
    starts_in: int = 0,
    days: int = 3,
    total: int = 30_000,
    text: str = TEXT,
    **changes: Any,
) -> AdOrderDocument:
    """A national order that starts so many days from today."""
    start = today() + timedelta(days=starts_in)
    each, rest = divmod(total, days)
    daily = tuple(
        DailyGoal(start + timedelta(days=day), each + (rest if day == 0 else 0))
        for day in range(days)
    )
    wanted = AdOrderDocument(
        generation=generation,
        external_reference="LP-2026-000123",
        ad_text=text,
        ad_text_septets=len(text),
        desired_state=DesiredState.ACTIVE,
        starts_on=start,
        ends_on=start + timedelta(days=days - 1),
        target=Target(),
        goal=Goal(total=total, daily=daily),
        content_category="FOOD",
    )
    return replace(wanted, **changes)


def body(**changes: Any) -> dict[str, Any]:
    """The JSON of such an order."""
    return document(**changes).to_json()
