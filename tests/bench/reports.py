"""Bench of the gateway's reports: a day of hourly counts through the sink and into the tables.

R1: the whole way, from the first signed request to the last day total. R2: applying alone, beside
a binary COPY of the same rows into a table with the same key.
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

import httpx
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from campaigns.gateway.events import EVENTS_PATH, MEDIA_TYPE, Stream
from campaigns.models import AdOrder, DayCount, HourCount, InboxEvent, MarkedDay
from campaigns.reports import apply, inbox, upserts
from campaigns.webhooks import signing
from portal.local.launcher import programs
from portal.local.launcher.data_folder import ThrowawayDataFolder
from segments.models import Lada
from tests.bench.brands import Team, drafts, teams
from tests.bench.environment import BenchEnvironment
from tests.bench.rows import Row
from tests.bench.web import web
from tests.processes import wait_until

ORDERS = 200
LADAS_OF_AN_ORDER = 70
HOURS = 24
ROWS_OF_AN_EVENT = 450  # some 58 KiB
SENDERS = 4
WHOLE_DAY = 60  # seconds, the bar of R1
PATIENCE = 200  # seconds

Rows = list[tuple[Any, ...]]


def measure(environment: BenchEnvironment) -> Iterator[Row]:
    environment.reset()
    hours = day(orders(*teams(1)))
    bodies = list(events(hours, revision=1))
    number = sum(map(len, hours.values()))
    seconds = _seconds_to_send_and_apply(bodies)
    assert HourCount.objects.count() == number
    plain = _seconds_to_copy(hours)
    name = f"{number:,} rows, signed to totals"
    yield Row(name, seconds, "s", "binary COPY of the rows", plain, 1, WHOLE_DAY)

    for what, revision in (("new", 1), ("revised", 2)):
        if revision == 1:
            environment.reset()
            hours = day(orders(*teams(1)))
        for body in events(hours, revision=revision):
            inbox.store(inbox.read(body), body)
        seconds = _seconds_to_apply()
        assert HourCount.objects.filter(revision=revision).count() == number
        plain = _seconds_to_copy(hours)
        name = f"applying {what} rows"
        yield Row(name, number / seconds, "rows/s", "binary COPY, by hour", number / plain, 1)


def orders(team: Team) -> list[UUID]:
    """Create orders that the gateway may report, of drafts: nothing reads their campaigns."""
    campaigns = drafts(team, range(ORDERS))
    AdOrder.objects.bulk_create(AdOrder(campaign=campaign) for campaign in campaigns)
    return list(
        AdOrder.objects.filter(campaign__in=campaigns).order_by("pk").values_list("pk", flat=True)
    )


def day(orders: list[UUID]) -> dict[datetime, Rows]:
    """Return the rows of each hour of a channel day, as the table has them, of revision 1."""
    ladas = list(Lada.objects.order_by("pk").values_list("pk", flat=True))
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    start = (midnight - timedelta(days=2)).astimezone(UTC)
    return {
        hour: [
            (order, hour, ladas[(7 * place + n) % len(ladas)], 1, 100 + n, 90, 2, 1)
            for place, order in enumerate(orders)
            for n in range(LADAS_OF_AN_ORDER)
        ]
        for hour in (start + timedelta(hours=n) for n in range(HOURS))
    }


def events(hours: dict[datetime, Rows], *, revision: int) -> Iterator[bytes]:
    sequence = 0
    for hour, rows in hours.items():
        parts = [rows[at : at + ROWS_OF_AN_EVENT] for at in range(0, len(rows), ROWS_OF_AN_EVENT)]
        for part, some in enumerate(parts, 1):
            sequence += 1
            number = (revision - 1) * len(hours) * len(parts) + sequence
            yield _event(hour, revision, part, len(parts), some, number)


def _event(hour: datetime, revision: int, part: int, parts: int, rows: Rows, number: int) -> bytes:
    names = ("inserted", "delivered", "failed", "noReceipt")
    data = {
        "hourStart": hour.isoformat(),
        "revision": revision,
        "final": False,
        "part": part,
        "parts": parts,
        "rows": [
            {"adOrderId": str(order), "lada": lada, **dict(zip(names, counts, strict=True))}
            for order, _hour, lada, _revision, *counts in rows
        ],
    }
    attributes = {
        "specversion": "1.0",
        "id": f"{Stream.HOURLY_COUNTS}-{number}",
        "source": "urn:missed-call-ads:gateway:bench",
        "type": Stream.HOURLY_COUNTS.event_type,
        "time": hour.isoformat(),
        "stream": Stream.HOURLY_COUNTS.value,
        "sequence": number,
        "data": data,
    }
    return json.dumps(attributes, separators=(",", ":")).encode()


def _seconds_to_send_and_apply(events: list[bytes]) -> float:
    """Post events to a real web process while a real worker applies; return how long it took."""
    data_folder = ThrowawayDataFolder()
    worker = programs.worker(data_folder, os.environ)
    try:
        with web() as port, httpx.Client(trust_env=False, timeout=30) as http:
            worker.start()
            worker.wait_until_ready()
            url = f"http://127.0.0.1:{port}{EVENTS_PATH}"
            began = perf_counter()
            with ThreadPoolExecutor(SENDERS) as pool:
                for response in pool.map(lambda body: _post(http, url, body), events):
                    assert response.status_code == 204, response.text
            wait_until(lambda: _is_applied(len(events)), timeout=PATIENCE, interval=0.1)
            return perf_counter() - began
    finally:
        worker.stop()
        data_folder.remove()


def _post(http: httpx.Client, url: str, body: bytes) -> httpx.Response:
    event_id = json.loads(body[: body.index(b',"source"')] + b"}")["id"]
    keys = settings.GATEWAY_EVENT_SECRETS[:1]
    headers = signing.headers(event_id, datetime.now(UTC), body.decode(), keys)
    return http.post(url, content=body, headers=headers | {"content-type": MEDIA_TYPE})


def _is_applied(events: int) -> bool:
    done = InboxEvent.objects.filter(applied_at__isnull=False).count()
    return done == events and not MarkedDay.objects.exists() and DayCount.objects.exists()


def _seconds_to_apply() -> float:
    began = perf_counter()
    while InboxEvent.objects.due().exists():
        apply.apply_due()
    return perf_counter() - began


def _seconds_to_copy(hours: dict[datetime, Rows]) -> float:
    """Copy the rows of each hour, in a transaction of its own, into an empty plain table."""
    columns = upserts.HOURS.columns
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS bench_hours;"
            "CREATE TABLE bench_hours (LIKE campaigns_hourcount,"
            " PRIMARY KEY (ad_order, hour, lada))"
        )
    began = perf_counter()
    for rows in hours.values():
        with transaction.atomic(), connection.cursor() as cursor:
            names = ", ".join(columns)
            with cursor.copy(f"COPY bench_hours ({names}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(list(columns.values()))
                for row in rows:
                    copy.write_row(row)
    return perf_counter() - began
