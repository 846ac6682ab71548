"""The gateway's list: whole, or nothing is concluded from it."""

from uuid import uuid4

import pytest

from campaigns.gateway.contract import DesiredState
from campaigns.gateway.errors import NoResponse
from campaigns.models import Drift
from campaigns.reconciliation import listing
from tests.campaigns.gateway.documents import ad_order_json
from tests.campaigns.reconciliation.conftest import RUNNING, WHOLE

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(client, monkeypatch):
    """A function by which something happens after a page; pages have three orders."""
    read = client.get_page
    after = {}

    def get_page(number, **named):
        page = read(number, **named, per_page=3)
        if page.items and (action := after.pop(number, None)):
            action()
        return page

    monkeypatch.setattr(client, "get_page", get_page)
    return after


@pytest.fixture
def held(sandbox, client):
    ids = [str(uuid4()) for _ in range(8)]
    for order_id in ids:
        client.put_ad_order(order_id, ad_order_json())
    return ids


def test_all_pages_are_read(client, held, pages):
    assert list(listing.read_whole(client, held)) == held
    assert set(listing.read_running(client, held)) == set(held)


@pytest.mark.parametrize("fault", ["connection_reset", "truncated_body", "status"])
@pytest.mark.parametrize("read", [listing.read_whole, listing.read_running])
def test_a_gateway_that_goes_away_in_the_middle_gives_no_list(
    client, sandbox, held, pages, fault, read
):
    pages[2] = lambda: sandbox.inject_fault(fault, operation="listAdOrders")

    with pytest.raises(Exception, match=r"NoResponse|UNAVAILABLE"):
        read(client, held)


def test_a_list_that_loses_its_state_in_the_middle_is_not_whole(client, sandbox, held, pages):
    pages[1] = sandbox.lose_state

    with pytest.raises(NoResponse, match="shorter"):
        listing.read_whole(client, held)


def test_a_list_that_lacks_an_order_is_found_out(client, held, monkeypatch):
    read = client.get_page

    def get_page(number, **named):
        page = read(number, **named)
        return page.model_copy(update={"items": page.items[:-1], "total_count": 7})

    monkeypatch.setattr(client, "get_page", get_page)

    with pytest.raises(NoResponse, match="lacks"):
        listing.read_whole(client, held)
    assert set(listing.read_running(client, held)) == set(held)  # asked for by its id


def test_an_order_that_changes_its_state_between_pages_hides_no_other(client, held, pages):
    """Page 2 begins one order later than page 1 ended, where one of page 1 has left the list."""
    pages[1] = lambda: client.set_desired_state(
        held[0], DesiredState.PAUSED, generation=2, reason="x"
    )

    assert set(listing.read_running(client, held)) == set(held)


def test_without_the_look_by_id_it_would_hide_one(client, held, pages, monkeypatch):
    """The negative control of the look-up."""
    monkeypatch.setattr(listing, "_look_up", lambda client, order_ids: {})
    pages[1] = lambda: client.set_desired_state(
        held[0], DesiredState.PAUSED, generation=2, reason="x"
    )

    assert set(held) - set(listing.read_running(client, held)) == {held[3]}


def test_more_than_a_few_that_are_missing_are_read_in_one_list(client, held, monkeypatch):
    monkeypatch.setattr(listing, "LOOKED_UP", 2)
    for order_id in held:
        client.set_desired_state(order_id, DesiredState.CANCELLED, generation=2, reason="x")

    assert set(listing.read_running(client, held)) == set(held)


def test_too_many_requests_are_waited_for(client, sandbox, held):
    sandbox.inject_fault("too_many_requests", times=2, retry_after=0)

    assert set(listing.read_whole(client, held)) == set(held)


@pytest.mark.parametrize("kind", [RUNNING, WHOLE])
def test_nothing_is_concluded_from_half_a_list(order, gateway, sandbox, held, pages, kind):
    Drift.objects.create(kind="extra", order_id="otra")
    pages[2] = lambda: sandbox.inject_fault("connection_reset", operation="listAdOrders")
    generation = order.generation

    done = gateway.run(kind)

    order.refresh_from_db()
    assert done.error
    assert done.ended_at is not None
    assert (done.orders, done.differences, done.mail_due_at) == (0, 0, None)
    assert (order.generation, order.confirmed) == (generation, True)
    assert Drift.objects.open().count() == 1
    assert Drift.objects.count() == 1
