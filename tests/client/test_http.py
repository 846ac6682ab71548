"""Retries of the client: which requests, with which key, and the errors raised."""

import threading

import httpx
import pytest

import llamada_perdida as lp
from llamada_perdida import http
from tests.client.conftest import ScriptedApi, ok, refused, token

LOST = httpx.ReadTimeout


@pytest.mark.parametrize(
    "failure",
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
def test_a_temporary_failure_is_repeated_with_the_same_key(failure):
    api = ScriptedApi(failure, failure, ok({"id": "LP-1"}))

    assert api.client().create_campaign({"name": "Idea"})["id"] == "LP-1"

    assert len(api.requests) == 3
    assert len(set(api.keys)) == 1
    assert len(api.keys[0]) == 36
    assert len({request.content for request in api.requests}) == 1
    assert len(api.pauses) == 2


def test_each_post_has_a_key_of_its_own_and_a_get_has_none():
    api = ScriptedApi(ok(), ok(), ok())
    client = api.client()

    client.create_campaign({"name": "a"})
    client.create_campaign({"name": "a"}, idempotency_key="mine")
    client.get_campaign("LP-1")

    assert api.keys[1:] == ["mine", None]
    assert api.keys[0] != "mine"


def test_retry_after_is_respected_with_a_random_part_on_top():
    api = ScriptedApi(refused(429, Retry_After="7"), ok())

    api.client().get_campaign("LP-1")

    assert 7 <= api.pauses[0] <= 8


def test_other_pauses_grow_exponentially_with_jitter(monkeypatch):
    monkeypatch.setattr(http.random, "uniform", lambda _low, high: high)
    api = ScriptedApi(*[refused(503)] * 5, ok())

    api.client().get_campaign("LP-1")

    assert api.pauses == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_a_retry_after_that_is_too_long_is_raised_instead():
    api = ScriptedApi(refused(429, Retry_After="61"))

    with pytest.raises(lp.TooManyRequests) as caught:
        api.client().get_campaign("LP-1")

    assert caught.value.retry_after == 61
    assert api.pauses == []


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
def test_a_permanent_failure_is_raised_at_once_with_all_its_details(status, kind):
    api = ScriptedApi(refused(status, "SOME_CODE"))

    with pytest.raises(kind) as caught:
        api.client().submit_campaign("LP-1")

    error = caught.value
    assert type(error) is kind
    assert (error.status, error.code, error.message) == (status, "SOME_CODE", "No.")
    assert error.details == [{"field": "a"}]
    assert error.correlator == "c-1"
    assert len(api.requests) == 1


def test_after_the_last_try_its_failure_is_raised():
    api = ScriptedApi(*[refused(503)] * 3)
    with pytest.raises(lp.Unavailable):
        api.client(tries=3).get_campaign("LP-1")

    api = ScriptedApi(*[LOST] * 3)
    with pytest.raises(lp.NoAnswer) as caught:
        api.client(tries=3).create_campaign({"name": "a"})

    assert caught.value.idempotency_key == api.keys[0]


def test_a_response_that_is_not_json_is_a_refusal_too():
    api = ScriptedApi(httpx.Response(404, text="<h1>Not here</h1>"))

    with pytest.raises(lp.NotFound, match="Not Found"):
        api.client().get_campaign("LP-1")


# ── tokens ───────────────────────────────────────────────────────────────────


def test_a_token_is_requested_once_and_renewed_before_its_end(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(http.time, "monotonic", lambda: now[0])
    api = ScriptedApi(ok(), ok(), ok(), tokens=[token(value="a"), token(value="b")])
    client = api.client()

    client.get_campaign("LP-1")
    client.get_campaign("LP-1")
    now[0] = 3600 - http.RENEW_BEFORE + 1
    client.get_campaign("LP-1")

    authorizations = [request.headers["Authorization"] for request in api.requests]
    assert authorizations == ["Bearer a", "Bearer a", "Bearer b"]


def test_a_rejected_token_is_renewed_once():
    api = ScriptedApi(refused(401), ok(), tokens=[token(value="a"), token(value="b")])
    api.client().get_campaign("LP-1")
    assert [request.headers["Authorization"] for request in api.requests] == [
        "Bearer a",
        "Bearer b",
    ]

    api = ScriptedApi(refused(401), refused(401))
    with pytest.raises(lp.Unauthenticated):
        api.client().get_campaign("LP-1")


def test_a_wrong_secret_is_raised_and_not_retried():
    invalid = httpx.Response(
        401, json={"error": "invalid_client", "error_description": "No existe."}
    )
    api = ScriptedApi(tokens=[invalid])

    with pytest.raises(lp.SignInRefused) as caught:
        api.client().get_campaign("LP-1")

    assert (caught.value.code, caught.value.message) == ("invalid_client", "No existe.")
    assert api.token_requests == 1


def test_a_token_request_is_repeated_while_the_endpoint_is_busy_or_unreachable():
    busy = httpx.Response(429, json={"error": "x"}, headers={"Retry-After": "3"})
    api = ScriptedApi(ok(), tokens=[LOST, busy, token()])

    api.client().get_campaign("LP-1")

    assert api.token_requests == 3
    assert 3 <= api.pauses[1] <= 4


def test_threads_share_one_token():
    api = ScriptedApi(*[ok() for _n in range(8)])
    client = api.client()

    threads = [threading.Thread(target=client.get_campaign, args=("LP-1",)) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert api.token_requests == 1
    assert len(api.requests) == 8


# ── changes and deletions ────────────────────────────────────────────────────


def test_a_change_sends_the_etag_that_was_read_or_reads_it_first():
    api = ScriptedApi(ok({"id": "1"}, ETag='"a"'), ok(), ok({}, ETag='"b"'), ok())
    client = api.client()

    campaign = client.get_campaign("LP-1")
    client.update_campaign("LP-1", {"volume": 1}, if_match=lp.etag_of(campaign))
    client.update_campaign("LP-1", {"volume": 2})

    assert [(request.method, request.headers.get("If-Match")) for request in api.requests] == [
        ("GET", None),
        ("PATCH", '"a"'),
        ("GET", None),
        ("PATCH", '"b"'),
    ]


def test_a_change_whose_response_is_lost_is_not_repeated():
    """It may have been made: a second one would fail as stale."""
    api = ScriptedApi(LOST)
    with pytest.raises(lp.NoAnswer):
        api.client().update_campaign("LP-1", {"volume": 1}, if_match='"a"')
    assert len(api.requests) == 1

    api = ScriptedApi(httpx.ConnectError, ok())  # it was never sent
    api.client().update_campaign("LP-1", {"volume": 1}, if_match='"a"')
    assert len(api.requests) == 2


def test_a_404_after_a_lost_response_means_that_the_deletion_was_done():
    api = ScriptedApi(LOST, refused(404))
    assert api.client().delete_saved_zone(1) is None

    with pytest.raises(lp.NotFound):
        ScriptedApi(refused(404)).client().delete_saved_zone(1)


def test_all_pages_are_fetched_with_their_filters():
    api = ScriptedApi(
        ok({"items": [{"id": 1}, {"id": 2}], "nextCursor": "z"}),
        ok({"items": [{"id": 3}], "nextCursor": None}),
    )

    ids = [row["id"] for row in api.client().iter_campaigns(status="live", per_page=2)]

    assert ids == [1, 2, 3]
    assert [str(request.url.query, "ascii") for request in api.requests] == [
        "perPage=2&status=live",
        "perPage=2&status=live&cursor=z",
    ]


def test_values_in_a_path_or_query_are_quoted():
    api = ScriptedApi(ok(), ok({"items": [], "nextCursor": None}))
    client = api.client()

    client.get_campaign("../x?y")
    list(client.iter_notices(unread=True))

    assert api.requests[0].url.raw_path == b"/api/v1/campaigns/..%2Fx%3Fy"
    assert api.requests[1].url.params["unread"] == "true"
