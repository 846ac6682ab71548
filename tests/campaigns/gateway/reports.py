"""Reading the sandbox's reports in tests, by listReports, and putting them together."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from campaigns.gateway.contract import BASE_PATH
from campaigns.gateway.events import Envelope, HourlyCounts, LadaTraffic, Stream
from campaigns.gateway.sandbox.clock import ZONE
from tests.campaigns.gateway.conformance import ConformanceClient
from tests.campaigns.gateway.documents import today
from tests.processes import Sandbox

Key = tuple[str, str, str]
"""Hour, order and LADA."""


def set_to_midnight(sandbox: Sandbox, days: int = 1) -> datetime:
    """Set the clock to the beginning of a channel day, some days from now, and let it stand."""
    midnight = datetime.combine(today() + timedelta(days=days), time(), tzinfo=ZONE)
    sandbox.control_request("POST", "/clock", {"now": midnight.isoformat(), "speed": 0})
    return midnight


def list_page(api: ConformanceClient, query: str, *scopes: str) -> Any:
    """Return the response of listReports."""
    assert api.sandbox.url.endswith(BASE_PATH)
    return api.http.get(
        f"{api.sandbox.url}/delivery-reports?{query}",
        headers={"authorization": f"Bearer {api.token(*scopes)}"},
    )


def list_events(api: ConformanceClient, stream: Stream, *, per_page: int = 200) -> list[Any]:
    """Return all events of a stream, each checked as an envelope of it."""
    events: list[Any] = []
    while True:
        after = events[-1]["sequence"] if events else 0
        response = list_page(api, f"stream={stream}&sequence.gt={after}&perPage={per_page}")
        assert response.status_code == 200, response.text
        page = response.json()
        for event in page["items"]:
            Envelope.model_validate(event, strict=False, by_alias=True)
            assert (event["stream"], event["type"]) == (stream, stream.event_type)
            assert event["id"] == f"{stream}-{event['sequence']}"
        events += page["items"]
        if not page["items"]:
            return events


def apply_hours(events: Iterable[Any]) -> tuple[dict[Key, dict[str, int]], dict[str, list[Any]]]:
    """Return the newest counts by key, and by hour the data of its events in their order."""
    counts: dict[Key, dict[str, int]] = {}
    hours: dict[str, list[Any]] = defaultdict(list)
    for event in events:
        data = event["data"]
        HourlyCounts.model_validate(data, strict=False, by_alias=True)
        hours[data["hourStart"]].append(data)
        for row in data["rows"]:
            key = (data["hourStart"], row["adOrderId"], row["lada"])
            counts[key] = {
                "inserted": row["inserted"],
                "delivered": row["delivered"],
                "failed": row["failed"],
                "no_receipt": row["noReceipt"],
            }
    return counts, hours


def ledger_hours(sandbox: Sandbox) -> dict[Key, dict[str, int]]:
    """Return the ledger's counts by key."""
    return {
        (row["hour"], row["order_id"], row["lada"]): {
            name: row[name] for name in ("inserted", "delivered", "failed", "no_receipt")
        }
        for row in sandbox.hour_counts()
    }


def traffic_rows(events: Iterable[Any]) -> dict[tuple[str, str], dict[str, int]]:
    """Return the traffic by hour and LADA, from first revisions."""
    found = {}
    for event in events:
        LadaTraffic.model_validate(event["data"], strict=False, by_alias=True)
        for row in event["data"]["rows"]:
            found[event["data"]["hourStart"], row["lada"]] = row
    return found
