"""Missing events, with the sandbox as the gateway: what it pushed and what arrived differ."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import outbox
from campaigns.gateway.errors import GatewayError
from campaigns.gateway.events import Stream
from campaigns.models import AdOrder, DayCount, GatewaySource, HourCount, InboxEvent, StreamPosition
from campaigns.reports import apply, gaps, positions
from tests.campaigns.reports.events import SOURCE, heartbeat, hourly, receive, row

pytestmark = pytest.mark.django_db
HOURLY = Stream.HOURLY_COUNTS.value
PER_DAY = 200_000


@pytest.fixture(autouse=True)
def _ahead(settings):
    """Let the sandbox's clock be days ahead: campaigns begin then."""
    settings.GATEWAY_CLOCK_AHEAD = 30 * 86_400


@pytest.fixture
def sold(approved, client, sandbox):
    """Deliver an order for six hours; return the events of its hours, oldest first."""
    outbox.send(outbox.claim(), client)
    start = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)
    start += timedelta(days=(approved.starts_on - start.date()).days)
    sandbox.set_clock(seconds=(start - timezone.now()).total_seconds())
    sandbox.set_traffic(PER_DAY)
    sandbox.advance(start + timedelta(hours=6))
    return [json.dumps(item).encode() for item in client.list_reports(HOURLY, after=0).items]


def inserted():
    return {
        (str(order), f"{hour:%Y-%m-%dT%H}", lada): count
        for order, hour, lada, count in HourCount.objects.values_list(
            "ad_order", "hour", "lada", "inserted"
        )
    }


def ledger(sandbox):
    """Return what the sandbox inserted in hours that have ended."""
    found = {
        (entry["order_id"], entry["hour"][:13], entry["lada"]): entry["inserted"]
        for entry in sandbox.hour_counts()
    }
    assert sum(found.values()) > 1_000
    last = f"{sandbox.now():%Y-%m-%dT%H}"
    return {key: count for key, count in found.items() if key[1] < last}


def position():
    return StreamPosition.objects.get(stream=HOURLY)


def test_missing_events_are_pulled_and_the_counts_are_those_of_the_gateway(sold, client, sandbox):
    receive(sold[0], sold[-1])
    apply.apply_due()
    assert position().gap_since is not None
    assert inserted() != ledger(sandbox)

    gaps.pull(client)
    apply.apply_due()

    assert inserted() == ledger(sandbox)
    assert sum(DayCount.objects.values_list("inserted", flat=True)) == sum(inserted().values())
    found = position()
    assert (found.sequence, found.last_sequence, found.lost) == (len(sold), len(sold), 0)
    assert found.gap_since is None


def test_a_heartbeat_shows_that_the_newest_events_are_missing(sold, client, sandbox):
    receive(sold[0])
    apply.apply_due()
    assert position().gap_since is None
    source = GatewaySource.objects.get().source

    receive(heartbeat({Stream.HOURLY_COUNTS: len(sold)}, source=source))
    apply.apply_due()
    assert position().gap_since is not None

    gaps.pull(client)
    apply.apply_due()
    assert inserted() == ledger(sandbox)


def test_numbers_that_the_gateway_skipped_are_lost_and_reading_goes_on(sold, client, sandbox):
    sandbox.inject_fault("hole", operation="events", times=100)
    sandbox.advance(sandbox.now() + timedelta(hours=3))
    sent = client.list_reports(HOURLY, after=0)
    skipped = sent.last_sequence - len(sent.items)
    assert skipped > 1
    receive(*(json.dumps(item).encode() for item in sent.items))
    apply.apply_due()
    assert position().gap_since is not None

    gaps.pull(client)

    found = position()
    assert (found.sequence, found.last_sequence) == (sent.last_sequence, sent.last_sequence)
    assert (found.lost, found.gap_since) == (skipped, None)
    gaps.pull(client)
    assert position().lost == skipped


def test_a_large_number_that_no_event_has_does_not_stay_a_gap(sold, client, sandbox):
    receive(*sold)
    source = json.loads(sold[0])["source"]
    receive(hourly([row(AdOrder.objects.get().pk)], 2**31 - 1, source=source))
    apply.apply_due()
    assert position().last_sequence == 2**31 - 1

    gaps.pull(client)

    found = position()
    assert (found.sequence, found.last_sequence) == (len(sold), len(sold))
    assert (found.lost, found.gap_since) == (0, None)


def test_what_an_earlier_state_of_the_gateway_did_not_deliver_is_lost(order, client, sandbox):
    receive(hourly([row(order)], 5))
    apply.apply_due()
    receive(heartbeat({}, source="urn:nueva"))
    receive(hourly([row(order)], 1, source="urn:nueva"))
    apply.apply_due()

    gaps.pull(client)

    found = StreamPosition.objects.get(source=SOURCE, stream=HOURLY)
    assert (found.sequence, found.lost, found.gap_since) == (5, 4, None)


def test_while_the_gateway_does_not_answer_the_gap_stays(order, client, sandbox):
    receive(hourly([row(order)], 3))
    apply.apply_due()
    sandbox.inject_fault("status", status=503, times=5, operation="listReports")

    gaps.pull(client)

    found = position()
    assert (found.sequence, found.last_sequence, found.lost) == (0, 3, 0)
    assert found.gap_since is not None


def test_pulling_twice_stores_nothing_twice(sold, client, sandbox):
    receive(sold[-1])
    apply.apply_due()

    gaps.pull(client)
    stored = InboxEvent.objects.count()
    StreamPosition.objects.update(sequence=0, gap_since=timezone.now())
    gaps.pull(client)

    assert InboxEvent.objects.count() == stored


def test_without_the_detection_of_gaps_the_counts_would_stay_wrong(
    sold, client, sandbox, monkeypatch
):
    monkeypatch.setattr(positions, "advance", lambda *_: None)
    receive(sold[0], sold[-1])
    apply.apply_due()

    gaps.pull(client)
    apply.apply_due()

    assert inserted() != ledger(sandbox)


def test_a_client_raises_for_a_stream_that_does_not_exist(client):
    with pytest.raises(GatewayError):
        client.list_reports("no-such-stream", after=0)
