"""listReports: the events of the streams, read back."""

import json
from itertools import pairwise
from typing import Any

from campaigns.gateway.conformance import hours
from campaigns.gateway.conformance.exchange import CheckSkipped, Exchange, require
from campaigns.gateway.conformance.gateway import CheckedGateway
from campaigns.gateway.conformance.received_event import event_errors
from campaigns.gateway.events import MAX_EVENT_BYTES, MAX_ROWS, Stream

MAX_READ = 400
"""Events that are read of one stream, the newest."""

PER_PAGE = 50
STATE_CHANGE_WITHIN = 10.0
"""Seconds until a change of state has its event."""


def _page(
    gateway: CheckedGateway, stream: str, *, after: int = 0, per_page: int = PER_PAGE
) -> Exchange:
    query = f"?stream={stream}&sequence.gt={after}&perPage={per_page}"
    return gateway.call("listReports", query=query).expect(200)


def newest(gateway: CheckedGateway, stream: str) -> list[dict[str, Any]]:
    """Return the newest events of a stream. Raise CheckSkipped if it has none."""
    if stream not in gateway.events:
        gateway.events[stream] = _read_newest(gateway, stream)
    if not gateway.events[stream]:
        raise CheckSkipped(f"the stream {stream} has no events")
    return gateway.events[stream]


def _read_newest(gateway: CheckedGateway, stream: str) -> list[dict[str, Any]]:
    last = _page(gateway, stream, per_page=1).data["lastSequence"]
    after = max(0, last - MAX_READ)
    events: list[dict[str, Any]] = []
    while after < last:
        items = _page(gateway, stream, after=after).data["items"]
        require(len(items) <= PER_PAGE, f"a page of {PER_PAGE} has {len(items)} events")
        require(items, f"no event of {stream} follows {after}, and lastSequence is {last}")
        events += items
        reached = items[-1].get("sequence")
        reached = reached if type(reached) is int else after + len(items)
        require(reached > after, f"sequence.gt={after} of {stream} ends at {reached}")
        after = reached
    return events


def _valid(gateway: CheckedGateway, stream: Stream) -> list[dict[str, Any]]:
    """Return the newest events that the checks of their content can read."""
    return [event for event in newest(gateway, stream) if not event_errors(event)]


def check_parameters(gateway: CheckedGateway) -> None:
    """Parameters of another shape are answered 400 INVALID_ARGUMENT or OUT_OF_RANGE."""
    stream = "stream=hourly-counts"
    for query in ("", "?stream=", "?stream=phone-numbers", f"?{stream}&sequence.gt=x"):
        gateway.call("listReports", query=query).expect(400, "INVALID_ARGUMENT")
    for query in ("perPage=0", "perPage=201", "sequence.gt=-1"):
        gateway.call("listReports", query=f"?{stream}&{query}").expect(400, "OUT_OF_RANGE")


def check_pages(gateway: CheckedGateway) -> None:
    """perPage and sequence.gt limit a page, and a page after the last event is empty."""
    for stream in Stream:
        first = _page(gateway, stream, per_page=1)
        last = first.data["lastSequence"]
        require(len(first.data["items"]) <= 1, "perPage=1 lists more than one event", first)
        require(bool(last) == bool(first.data["items"]), f"lastSequence is {last}", first)
        beyond = _page(gateway, stream, after=2**31 - 1)
        require(beyond.data["items"] == [], "a page after the last event is not empty", beyond)
        if last:
            page = _page(gateway, stream, after=last - 1)
            items = page.data["items"]
            require(items, f"lastSequence is {last}, and no event has it", page)
            sequence = items[0].get("sequence")
            require(sequence == last, f"sequence.gt={last - 1} begins at {sequence}", page)


def check_gapless(gateway: CheckedGateway) -> None:
    """The sequences of a stream ascend without a gap, over all pages."""
    for stream in Stream:
        if _page(gateway, stream, per_page=1).data["lastSequence"]:
            sequences = [int(event.get("sequence") or 0) for event in newest(gateway, stream)]
            for earlier, later in pairwise(sequences):
                require(later == earlier + 1, f"{stream}: sequence {later} follows {earlier}")


def check_envelopes(gateway: CheckedGateway) -> None:
    """Every event is a CloudEvent as the contract describes it, of one source, with its own id."""
    seen: dict[str, Stream] = {}
    sources = set()
    for stream in Stream:
        if not _page(gateway, stream, per_page=1).data["lastSequence"]:
            continue
        for event in newest(gateway, stream):
            where = f"{stream} {event.get('sequence')}"
            errors = event_errors(event)
            require(not errors, f"{where}: {'; '.join(errors)}")
            require(event["stream"] == stream, f"{where}: it is of the stream {event['stream']}")
            require(event["id"] not in seen, f"{where}: its id {event['id']} is not unique")
            seen[event["id"]] = stream
            sources.add(event["source"])
            size = len(json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode())
            require(size <= MAX_EVENT_BYTES, f"{where}: it has {size} bytes")
            rows = len(event["data"].get("rows", ()))
            require(rows <= MAX_ROWS, f"{where}: it has {rows} rows")
    if not seen:
        raise CheckSkipped("no stream has events")
    require(len(sources) == 1, f"there are {len(sources)} sources")


def check_revisions(gateway: CheckedGateway) -> None:
    """The revisions of an hour count from 1, come in parts, and end with the final one."""
    for stream in (Stream.HOURLY_COUNTS, Stream.LADA_TRAFFIC):
        errors = list(hours.revision_errors(_valid(gateway, stream)))
        require(not errors, f"{stream}: {'; '.join(errors[:5])}")


def check_counts(gateway: CheckedGateway) -> None:
    """Receipts are at most insertions; notifications are eligible and suppressed ones."""
    for stream in (Stream.HOURLY_COUNTS, Stream.LADA_TRAFFIC):
        for event in _valid(gateway, stream):
            errors = list(hours.row_errors(event))
            require(not errors, f"{stream} {event['sequence']}: {'; '.join(errors[:5])}")


def check_sums(gateway: CheckedGateway) -> None:
    """The insertions of all orders in a LADA and hour are its withAd."""
    number, errors = hours.sum_errors(
        _valid(gateway, Stream.HOURLY_COUNTS), _valid(gateway, Stream.LADA_TRAFFIC)
    )
    if not number:
        raise CheckSkipped("no hour is whole in both streams")
    require(not errors, "; ".join(errors[:5]))


def check_progress(gateway: CheckedGateway) -> None:
    """The insertions of an order never become fewer, and receipts are at most insertions."""
    inserted: dict[str, int] = {}
    for event in _valid(gateway, Stream.ORDER_PROGRESS):
        where = f"order-progress {event['sequence']}"
        errors = list(hours.row_errors(event))
        require(not errors, f"{where}: {'; '.join(errors[:5])}")
        for row in event["data"]["rows"]:
            before = inserted.get(row["adOrderId"], 0)
            message = f"{where}: {row['adOrderId']} had {before} and has {row['inserted']}"
            require(row["inserted"] >= before, message)
            inserted[row["adOrderId"]] = row["inserted"]


def check_state_change(gateway: CheckedGateway) -> None:
    """A change of an order's state has its event at once."""
    after = _page(gateway, Stream.STATE_CHANGES, per_page=1).data["lastSequence"]
    order_id, _ = gateway.put_new()
    gateway.set_state(order_id, "CANCELLED", 2).expect(200)

    waited = 0.0
    while waited <= STATE_CHANGE_WITHIN:
        page = _page(gateway, Stream.STATE_CHANGES, after=after)
        changes = [item["data"] for item in page.data["items"]]
        if any((c["adOrderId"], c["state"]) == (order_id, "CANCELLED") for c in changes):
            return
        after += len(changes)
        gateway.session.wait(0.25)
        waited += 0.25
    require(False, f"no event of {order_id} within {STATE_CHANGE_WITHIN:.0f} s")
