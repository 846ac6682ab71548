"""The hours of the two hourly streams: their revisions and parts, and the counts in them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]
Event = dict[str, Any]


def row_key(row: Row) -> tuple[str, ...]:
    """Return what a row of a revision is of: order and LADA, or LADA."""
    return tuple(row[name] for name in ("adOrderId", "lada") if name in row)


def revision_errors(events: Iterable[Event]) -> Iterator[str]:
    """Yield what is wrong with the revisions and parts of one stream, in its order.

    The first revision of an hour that is read may be any, because older events may be deleted.
    The first and the last revision of all may lack parts.
    """
    events = list(events)
    newest: dict[str, int] = {}
    final: set[str] = set()
    parts: dict[tuple[str, int], dict[int, Event]] = defaultdict(dict)
    for event in events:
        data = event["data"]
        hour, revision = data["hourStart"], data["revision"]
        where = f"hour {hour}, revision {revision}"
        start = datetime.fromisoformat(hour)
        if start.utcoffset() or (start.minute, start.second, start.microsecond) != (0, 0, 0):
            yield f"{hour} is not the start of an hour in UTC"
        if datetime.fromisoformat(event["time"]) < start + timedelta(hours=1):
            yield f"{where} was sent before the hour ended"
        known = newest.get(hour, revision)
        if revision not in (known, known + 1):
            yield f"{where} follows revision {known}"
        elif revision > known and hour in final:
            yield f"{where} follows the final revision"
        newest[hour] = max(known, revision)
        others = parts[hour, revision]
        if data["part"] > data["parts"]:
            yield f"{where} has part {data['part']} of {data['parts']}"
        if data["part"] in others:
            yield f"{where} has part {data['part']} twice"
        for other in others.values():
            if (other["parts"], other["final"]) != (data["parts"], data["final"]):
                yield f"{where} has parts that differ in `parts` or `final`"
        if data["final"]:
            final.add(hour)
        others[data["part"]] = data
    yield from _repeated_rows(parts)
    ends = {(event["data"]["hourStart"], event["data"]["revision"]) for event in events[-1:]}
    if events and events[0]["sequence"] > 1:
        ends.add((events[0]["data"]["hourStart"], events[0]["data"]["revision"]))
    for (hour, revision), received in parts.items():
        needed = max(data["parts"] for data in received.values())
        if (hour, revision) not in ends and len(received) < needed:
            yield f"hour {hour}, revision {revision} has {len(received)} of {needed} parts"


def _repeated_rows(parts: dict[tuple[str, int], dict[int, Event]]) -> Iterator[str]:
    for (hour, revision), received in parts.items():
        keys = [row_key(row) for data in received.values() for row in data["rows"]]
        if len(set(keys)) != len(keys):
            yield f"hour {hour}, revision {revision} has two rows of one key"


def whole_hours(events: Iterable[Event]) -> dict[str, dict[tuple[str, ...], Row]]:
    """Return the rows of each hour of which every part of every revision is there."""
    by_hour: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_hour[event["data"]["hourStart"]].append(event["data"])
    whole = {}
    for hour, received in by_hour.items():
        needed = {
            (revision, part)
            for revision in range(1, max(data["revision"] for data in received) + 1)
            for part in _parts(received, revision)
        }
        if needed == {(data["revision"], data["part"]) for data in received}:
            received.sort(key=lambda data: data["revision"])
            whole[hour] = {row_key(row): row for data in received for row in data["rows"]}
    return whole


def _parts(received: list[Event], revision: int) -> range:
    parts = [data["parts"] for data in received if data["revision"] == revision]
    return range(1, (parts[0] if parts else 1) + 1)


def row_errors(event: Event) -> Iterator[str]:
    """Yield each row whose counts contradict each other."""
    for row in event["data"]["rows"]:
        key = "/".join(row_key(row))
        if "inserted" in row:
            if row["delivered"] + row["failed"] + row["noReceipt"] > row["inserted"]:
                yield f"{key}: more receipts than insertions"
            continue
        suppressed = row["suppressedConsent"] + row["suppressedLength"]
        if row["notifications"] != row["eligible"] + suppressed:
            yield f"{key}: notifications are not eligible + suppressed"
        if row["eligible"] != row["withAd"] + row["unsold"]:
            yield f"{key}: eligible are not withAd + unsold"


def sum_errors(counts: Iterable[Event], traffic: Iterable[Event]) -> tuple[int, list[str]]:
    """Return how many hours are whole in both streams, and where inserted and withAd differ."""
    inserted_rows, traffic_rows = whole_hours(counts), whole_hours(traffic)
    both = sorted(inserted_rows.keys() & traffic_rows.keys())
    errors = []
    for hour in both:
        inserted: dict[str, int] = defaultdict(int)
        for (_, lada), row in inserted_rows[hour].items():
            inserted[lada] += row["inserted"]
        with_ad = {lada: row["withAd"] for (lada,), row in traffic_rows[hour].items()}
        for lada in sorted(inserted.keys() | with_ad.keys()):
            if inserted.get(lada, 0) != with_ad.get(lada, 0):
                errors.append(
                    f"hour {hour}, LADA {lada}: {inserted.get(lada, 0)} inserted"
                    f" and withAd {with_ad.get(lada, 0)}"
                )
    return len(both), errors
