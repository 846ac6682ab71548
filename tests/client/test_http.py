"""The client's patience: what it asks again, under which key, and what it raises."""

import threading

import httpx
import pytest

import llamada_perdida as lp
from llamada_perdida import http
from tests.client.conftest import Scripted, ok, refused, token

LOST = httpx.ReadTimeout


@pytest.mark.parametrize(
    "trouble",
    [
        LOST,
        httpx.ConnectError,
        refused(500),
        refused(502),
        refused(503),
        refused(429, Retry_After="2"),
        refused(409, "REQUEST_IN_PROGRESS", Retry_After="1"),
    ],
)
def test_what_may_heal_is_asked_again_under_the_same_key(trouble):
    api = Scripted(trouble, trouble, ok({"id": "LP-1"}))

    assert api.client().create_campaign({"name": "Idea"})["id"] == "LP-1"

    assert len(api.asked) == 3
    assert len(set(api.keys)) == 1
    assert len(api.keys[0]) == 36
    assert len({request.content for request in api.asked}) == 1
    assert len(api.slept) == 2


def test_each_call_has_a_key_of_its_own_and_reading_has_none():
    api = Scripted(ok(), ok(), ok())
    client = api.client()

    client.create_campaign({"name": "a"})
    client.create_campaign({"name": "a"}, idempotency_key="mine")
    client.get_campaign("LP-1")

    assert api.keys[1:] == ["mine", None]
    assert api.keys[0] != "mine"


def test_the_wait_that_is_asked_for_is_kept_with_some_chance_on_top():
    api = Scripted(refused(429, Retry_After="7"), ok())

    api.client().get_campaign("LP-1")

    assert 7 <= api.slept[0] <= 8


def test_other_waits_grow_and_differ(monkeypatch):
    monkeypatch.setattr(http.random, "uniform", lambda _low, high: high)
    api = Scripted(*[refused(503)] * 5, ok())

    api.client().get_campaign("LP-1")

    assert api.slept == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_a_wait_that_is_too_long_is_raised_instead():
    api = Scripted(refused(429, Retry_After="61"))

    with pytest.raises(lp.TooManyRequests) as caught:
        api.client().get_campaign("LP-1")

    assert caught.value.retry_after == 61
    assert api.slept == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, lp.BadRequest),
        (403, lp.NotAllowed),
        (404, lp.NotFound),
        (409, lp.Conflict),
        (412, lp.Stale),
        (413, lp.BadRequest),
        (422, lp.Unprocessable),
        (428, lp.Stale),
    ],
)
def test_what_cannot_heal_is_raised_at_once_with_all_that_was_said(status, kind):
    api = Scripted(refused(status, "SOME_CODE"))

    with pytest.raises(kind) as caught:
        api.client().submit_campaign("LP-1")

    error = caught.value
    assert type(error) is kind
    assert (error.status, error.code, error.message) == (status, "SOME_CODE", "No.")
    assert error.details == [{"field": "a"}]
    assert error.correlator == "c-1"
    assert len(api.asked) == 1


def test_after_so_many_tries_the_last_trouble_is_raised():
    api = Scripted(*[refused(503)] * 3)
    with pytest.raises(lp.Unavailable):
        api.client(tries=3).get_campaign("LP-1")

    api = Scripted(*[LOST] * 3)
    with pytest.raises(lp.NoAnswer) as caught:
        api.client(tries=3).create_campaign({"name": "a"})

    assert caught.value.idempotency_key == api.keys[0]


def test_a_page_that_is_no_json_is_a_refusal_too():
    api = Scripted(httpx.Response(404, text="<h1>Not here</h1>"))

    with pytest.raises(lp.NotFound, match="Not Found"):
        api.client().get_campaign("LP-1")


# ── tokens ───────────────────────────────────────────────────────────────────


def test_a_token_is_asked_for_once_and_again_before_its_end(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(http.time, "monotonic", lambda: now[0])
    api = Scripted(ok(), ok(), ok(), tokens=[token(value="a"), token(value="b")])
    client = api.client()

    client.get_campaign("LP-1")
    client.get_campaign("LP-1")
    now[0] = 3600 - http.EARLY + 1
    client.get_campaign("LP-1")

    sent = [request.headers["Authorization"] for request in api.asked]
    assert sent == ["Bearer a", "Bearer a", "Bearer b"]


def test_a_token_that_is_not_taken_is_renewed_once():
    api = Scripted(refused(401), ok(), tokens=[token(value="a"), token(value="b")])
    api.client().get_campaign("LP-1")
    assert [request.headers["Authorization"] for request in api.asked] == ["Bearer a", "Bearer b"]

    api = Scripted(refused(401), refused(401))
    with pytest.raises(lp.Unauthenticated):
        api.client().get_campaign("LP-1")


def test_a_wrong_secret_is_said_and_not_tried_again():
    no = httpx.Response(401, json={"error": "invalid_client", "error_description": "No existe."})
    api = Scripted(tokens=[no])

    with pytest.raises(lp.SignInRefused) as caught:
        api.client().get_campaign("LP-1")

    assert (caught.value.code, caught.value.message) == ("invalid_client", "No existe.")
    assert api.tokens_asked == 1


def test_a_token_endpoint_that_is_busy_or_away_is_asked_again():
    busy = httpx.Response(429, json={"error": "x"}, headers={"Retry-After": "3"})
    api = Scripted(ok(), tokens=[LOST, busy, token()])

    api.client().get_campaign("LP-1")

    assert api.tokens_asked == 3
    assert 3 <= api.slept[1] <= 4


def test_threads_share_one_token():
    api = Scripted(*[ok() for _n in range(8)])
    client = api.client()

    threads = [threading.Thread(target=client.get_campaign, args=("LP-1",)) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert api.tokens_asked == 1
    assert len(api.asked) == 8


# ── changes and deletions ────────────────────────────────────────────────────


def test_a_change_names_the_tag_that_was_read_or_reads_it_first():
    api = Scripted(ok({"id": "1"}, ETag='"a"'), ok(), ok({}, ETag='"b"'), ok())
    client = api.client()

    campaign = client.get_campaign("LP-1")
    client.update_campaign("LP-1", {"volume": 1}, if_match=lp.etag_of(campaign))
    client.update_campaign("LP-1", {"volume": 2})

    assert [(each.method, each.headers.get("If-Match")) for each in api.asked] == [
        ("GET", None),
        ("PATCH", '"a"'),
        ("GET", None),
        ("PATCH", '"b"'),
    ]


def test_a_change_whose_answer_is_lost_is_not_repeated():
    """It may have been made: the second would be told that somebody changed it."""
    api = Scripted(LOST)
    with pytest.raises(lp.NoAnswer):
        api.client().update_campaign("LP-1", {"volume": 1}, if_match='"a"')
    assert len(api.asked) == 1

    api = Scripted(httpx.ConnectError, ok())  # it was never sent
    api.client().update_campaign("LP-1", {"volume": 1}, if_match='"a"')
    assert len(api.asked) == 2


def test_a_deletion_whose_answer_was_lost_is_done_when_there_is_none():
    api = Scripted(LOST, refused(404))
    assert api.client().delete_saved_zone(1) is None

    with pytest.raises(lp.NotFound):
        Scripted(refused(404)).client().delete_saved_zone(1)


def test_pages_are_followed_to_the_end_with_their_filters():
    api = Scripted(
        ok({"items": [{"id": 1}, {"id": 2}], "nextCursor": "z"}),
        ok({"items": [{"id": 3}], "nextCursor": None}),
    )

    found = [row["id"] for row in api.client().iter_campaigns(status="live", per_page=2)]

    assert found == [1, 2, 3]
    assert [str(each.url.query, "ascii") for each in api.asked] == [
        "perPage=2&status=live",
        "perPage=2&status=live&cursor=z",
    ]


def test_what_stands_in_an_address_or_query_is_written_safely():
    api = Scripted(ok(), ok({"items": [], "nextCursor": None}))
    client = api.client()

    client.get_campaign("../x?y")
    list(client.iter_notices(unread=True))

    assert api.asked[0].url.raw_path == b"/api/v1/campaigns/..%2Fx%3Fy"
    assert api.asked[1].url.params["unread"] == "true"
