"""Ad orders for tests, as models and as JSON."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.gateway.ad_order_document import (
    AdOrderDocument,
    DailyGoal,
    DeliveryPeriod,
    Goal,
    Target,
)
from campaigns.gateway.contract import DesiredState

TEXT = "Cafe La Parroquia, 2x1 hoy. Pide en 5512345678"


def today() -> date:
    """Return the channel day, computed apart from the sandbox."""
    return datetime.now(UTC).astimezone(ZoneInfo("America/Mexico_City")).date()


def ad_order_document(
    *,
    generation: int = 1,
    starts_in: int = 0,
    days: int = 3,
    total: int = 30_000,
    text: str = TEXT,
    **changes: Any,
) -> AdOrderDocument:
    """Return a national order whose first day is `starts_in` days from today."""
    start = today() + timedelta(days=starts_in)
    each, rest = divmod(total, days)
    daily = tuple(
        DailyGoal(date=start + timedelta(days=day), count=each + (rest if day == 0 else 0))
        for day in range(days)
    )
    document = AdOrderDocument(
        generation=generation,
        external_reference="LP-2026-000123",
        ad_text=text,
        ad_text_septets=len(text),
        desired_state=DesiredState.ACTIVE,
        delivery_period=DeliveryPeriod(start_date=start, end_date=start + timedelta(days=days - 1)),
        target=Target(),
        goal=Goal(total=total, daily=daily),
        content_category="FOOD",
    )
    return document.model_copy(update=changes)


def ad_order_json(**changes: Any) -> dict[str, Any]:
    """Return the JSON of such an order."""
    return ad_order_document(**changes).to_json()
