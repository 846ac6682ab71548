"""A repeated POST has its effect once: in parallel, after a crash, for a day."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from django.db import connection, transaction
from django.utils import timezone

from campaigns.models import Campaign, Event
from core.api import idempotency
from core.models import IdempotentResponse
from core.tasks import delete_expired_responses
from tests import statuses
from tests.processes import Web, wait_until

THREADS = 32
BODY = {"name": "Recarga de diciembre"}


@pytest.fixture(scope="module")
def web(tmp_path_factory, django_db_setup):
    """One process for all tests. A test that kills it starts it again."""
    process = Web(tmp_path_factory.mktemp("web"), API_REQUESTS_A_MINUTE="100000")
    yield process
    process.stop()


def post(web, program, body=None, key="k", path="/campaigns"):
    """POST like a well-behaved program: retry after a 409 REQUEST_IN_PROGRESS."""
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": key}
    with httpx.Client(trust_env=False, timeout=60) as client:
        for _turn in range(60):
            response = client.post(f"{web.url}/api/v1{path}", json=body or BODY, headers=headers)
            if response.status_code != 409 or response.json()["code"] != "REQUEST_IN_PROGRESS":
                return response
            assert int(response.headers["Retry-After"]) >= 1
            threading.Event().wait(0.2)
    raise AssertionError("the first request was never done")


@pytest.mark.flow
@pytest.mark.django_db(transaction=True)
def test_parallel_requests_create_one_campaign_and_get_the_same_response(web, program):
    with ThreadPoolExecutor(THREADS) as pool:
        responses = list(pool.map(lambda _n: post(web, program), range(THREADS)))

    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    assert len({response.headers["Location"] for response in responses}) == 1
    assert len({response.headers["ETag"] for response in responses}) == 1
    fresh = [response for response in responses if "Idempotency-Replayed" not in response.headers]
    assert len(fresh) == 1
    assert Campaign.objects.get().folio == responses[0].json()["id"]


@pytest.mark.flow
@pytest.mark.django_db(transaction=True)
def test_without_a_key_each_request_creates_a_campaign(web, program):
    """The negative control for the test above."""
    headers = {"Authorization": f"Bearer {program.token}"}

    def post_without_key(_n):
        return httpx.post(
            f"{web.url}/api/v1/campaigns", json=BODY, headers=headers, trust_env=False, timeout=60
        )

    with ThreadPoolExecutor(THREADS) as pool:
        responses = list(pool.map(post_without_key, range(THREADS)))

    assert {response.status_code for response in responses} == {201}
    assert Campaign.objects.count() == THREADS


@pytest.mark.flow
@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_leaves_both_or_neither(web, program):
    """The process dies while it holds the key and has written the campaign."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            # Storing a response waits for this lock: the campaign is written, not committed.
            cursor.execute("LOCK TABLE core_idempotentresponse IN EXCLUSIVE MODE")
            lost = pool.submit(post, web, program)
            wait_until(lambda: is_blocked_by_lock(cursor), timeout=30)
            web.kill()
        with pytest.raises(httpx.TransportError):
            lost.result(timeout=30)
    wait_until(has_no_other_session, timeout=30)
    assert not Campaign.objects.exists()
    assert not IdempotentResponse.objects.exists()

    web.start()
    response, again = post(web, program), post(web, program)

    assert response.status_code == 201
    assert again.content == response.content
    assert Campaign.objects.get().folio == response.json()["id"]


@pytest.mark.flow
@pytest.mark.django_db(transaction=True)
def test_a_response_that_was_lost_is_replayed(web, program):
    """The process dies after the commit: the effect is there, and so is its response."""
    first = post(web, program)
    web.kill()
    web.start()

    again = post(web, program)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == first.content
    assert Campaign.objects.count() == 1


def is_blocked_by_lock(cursor):
    cursor.execute(
        "SELECT count(*) FROM pg_locks"
        " WHERE relation = 'core_idempotentresponse'::regclass AND NOT granted"
    )
    return cursor.fetchone()[0] > 0


def has_no_other_session():
    """Return whether the session of the dead process, and its lock, are gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return cursor.fetchone()[0] == 0


@pytest.mark.flow
@pytest.mark.django_db(transaction=True)
def test_of_parallel_changes_one_succeeds_and_the_others_get_a_412(web, program):
    made = program.post("/campaigns", BODY)
    url, tag = f"{web.url}/api/v1/campaigns/{made.json()['id']}", made["ETag"]
    headers = {"Authorization": f"Bearer {program.token}", "If-Match": tag}
    together = threading.Barrier(8)

    def change(number):
        together.wait()
        body = {"volume": 1_000 + number}
        return httpx.patch(url, json=body, headers=headers, trust_env=False, timeout=60)

    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(change, range(8)))

    won = [response for response in responses if response.status_code == 200]
    lost = [response for response in responses if response.status_code == 412]
    assert (len(won), len(lost)) == (1, 7)
    assert {response.json()["code"] for response in lost} == {"FAILED_PRECONDITION"}
    assert Campaign.objects.get().volume == won[0].json()["volume"]
    assert (
        httpx.get(url, headers=headers, trust_env=False).headers["ETag"] == won[0].headers["ETag"]
    )


def test_a_key_of_another_request_is_refused(program, draft):
    first = program.post("/campaigns", BODY, idempotency_key="k")
    before = Campaign.objects.count()

    for path, body in (
        ("/campaigns", {"name": "Otra"}),
        ("/campaigns?", BODY | {"volume": 1}),
        (f"/campaigns/{draft.folio}/copy", None),
        ("/saved-zones", {"name": "Z", "area": {"ladas": ["55"]}}),
    ):
        response = program.post(path, body, idempotency_key="k")
        assert (response.status_code, response.json()["code"]) == (422, "KEY_REUSED")

    assert Campaign.objects.count() == before
    assert program.post("/campaigns", BODY, idempotency_key="k").content == first.content


def test_a_refused_campaign_is_sent_under_its_key_once_it_is_mended(program, draft, sent_terms):
    Campaign.objects.filter(pk=draft.pk).update(text="")
    path = f"/campaigns/{draft.folio}/submit"
    refused = program.post(path, idempotency_key="k")
    Campaign.objects.filter(pk=draft.pk).update(text=sent_terms["adText"])

    sent = program.post(path, idempotency_key="k")
    again = program.post(path, idempotency_key="k")

    assert (refused.status_code, refused.json()["code"]) == (422, "NOT_READY")
    assert sent.status_code == 200
    assert again.content == sent.content
    assert again["Idempotency-Replayed"] == "true"
    wrong = program.post(path, idempotency_key="k3")
    statuses.put(draft.pk, "draft")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "WRONG_STATUS")
    assert program.post(path, idempotency_key="k3").status_code == 200


def test_what_changed_nothing_is_not_stored(program, draft, sent_terms, settings):
    """Errors of the domain, trials, questions, and a bulk request that created nothing."""
    settings.OPEN_HOLDS_PER_BRAND = 0
    wish = {name: sent_terms[name] for name in ("area", "startsOn", "endsOn", "volume")}
    nobody = {"campaigns": [{"name": "x", "brand": "otra"}, None]}
    zone = {"name": "x", "area": {"ladas": ["000"]}}

    for path, body, status in (
        (f"/campaigns/{draft.folio}/submit", None, 409),  # TOO_MANY_HOLDS
        (f"/campaigns/{draft.folio}/pause", None, 409),
        (f"/campaigns/{draft.folio}/wait", None, 409),
        ("/campaigns", {"name": "x", "brand": "otra"}, 422),
        ("/campaigns", {"name": "x", "promotionEndsOn": "2026-12-31"}, 422),
        ("/campaigns/bulk", nobody, 207),
        ("/campaigns/bulk", nobody | {"allOrNothing": True}, 422),
        ("/saved-zones", zone, 422),
        ("/webhooks", {"url": "http://10.0.0.1/"}, 422),
        ("/availability", wish, 200),
        ("/ad-texts/check", {"adText": "Hola"}, 200),
        ("/ad-texts/check-many", {"adTexts": ["Hola"]}, 200),
    ):
        assert program.post(path, body, idempotency_key="k").status_code == status, path
    settings.OPEN_HOLDS_PER_BRAND = 1
    dry_run = program.post(f"/campaigns/{draft.folio}/submit?dryRun=true", idempotency_key="k")

    assert dry_run.status_code == 200
    assert not IdempotentResponse.objects.exists()
    sent = program.post(f"/campaigns/{draft.folio}/submit", idempotency_key="k")
    assert sent.json()["status"] == "reserving"


def test_a_bulk_request_that_created_some_is_stored(program):
    """The negative control for the test above."""
    body = {"campaigns": [{"name": "x"}, None]}

    first = program.post("/campaigns/bulk", body, idempotency_key="k")
    again = program.post("/campaigns/bulk", body, idempotency_key="k")

    assert first.json()["created"] == 1
    assert again.content == first.content
    assert Campaign.objects.count() == 1


def test_no_secret_is_stored(program):
    body = {"url": "https://agencia-eventos.com/recibe"}

    made = program.post("/webhooks", body, idempotency_key="k")
    path = f"/webhooks/{made.json()['id']}/rotate-secret"
    rotated = program.post(path, idempotency_key="k2")

    for first, again in (
        (made, program.post("/webhooks", body, idempotency_key="k")),
        (rotated, program.post(path, idempotency_key="k2")),
    ):
        assert first.json()["secret"].startswith("whsec_")
        assert again["Idempotency-Replayed"] == "true"
        assert again.json() == first.json() | {"secret": None}
    assert IdempotentResponse.objects.count() == 2
    for stored in IdempotentResponse.objects.all():
        assert "whsec_" not in f"{stored.body}{stored.headers}"


def test_an_invalid_request_may_be_corrected_under_its_key(program, brand, owner, program_of):
    for body in ({"name": 7}, {"name": "x", "tope": 1}):
        assert program.post("/campaigns", body, idempotency_key="k").status_code == 400
    assert not IdempotentResponse.objects.exists()

    assert program.post("/campaigns", BODY, idempotency_key="k").status_code == 201
    reader = program_of(brand, owner, "campaigns:read")
    assert reader.post("/campaigns", BODY, idempotency_key="k").status_code == 403
    assert IdempotentResponse.objects.count() == 1


def test_another_callers_same_key_is_another_key(program, brand, owner, program_of):
    other = program_of(brand, owner)

    first = program.post("/campaigns", BODY, idempotency_key="k")
    second = other.post("/campaigns", BODY, idempotency_key="k")

    assert first.json()["id"] != second.json()["id"]
    assert Campaign.objects.count() == 2


@pytest.mark.parametrize("deleted", [False, True])
def test_a_key_is_free_again_after_a_day(program, deleted):
    program.post("/campaigns", BODY, idempotency_key="k")
    day = timedelta(hours=24)
    IdempotentResponse.objects.update(at=timezone.now() - day + timedelta(minutes=1))
    delete_expired_responses()
    assert program.post("/campaigns", BODY, idempotency_key="k")["Idempotency-Replayed"] == "true"

    IdempotentResponse.objects.update(at=timezone.now() - day - timedelta(seconds=1))
    if deleted:
        delete_expired_responses()
        assert not IdempotentResponse.objects.exists()
    response = program.post("/campaigns", {"name": "Otra"}, idempotency_key="k")

    assert response.status_code == 201
    assert Campaign.objects.count() == 2


def test_there_is_no_effect_without_a_stored_response(program, monkeypatch):
    """If the response cannot be stored, the effect is rolled back."""

    def broken(*_args):
        raise RuntimeError

    program.client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_store", broken)
        assert program.post("/campaigns", BODY, idempotency_key="k").status_code == 500
    assert not Campaign.objects.exists()
    assert not Event.objects.exists()

    assert program.post("/campaigns", BODY, idempotency_key="k").status_code == 201
