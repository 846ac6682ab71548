"""A POST that comes again does its thing once: in parallel, after a crash, for a day."""

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
from tests.processes import Web, wait_until

THREADS = 32
BODY = {"name": "Recarga de diciembre"}


@pytest.fixture(scope="module")
def web(tmp_path_factory, django_db_setup):
    """One process for all tests; who kills it starts it again."""
    process = Web(tmp_path_factory.mktemp("web"), API_REQUESTS_A_MINUTE="100000")
    yield process
    process.stop()


def post(web, program, body=None, key="k", path="/campaigns"):
    """Ask as a program that knows what to do: wait where it is told to, and ask again."""
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": key}
    with httpx.Client(trust_env=False, timeout=60) as client:
        for _turn in range(60):
            answer = client.post(f"{web.url}/api/v1{path}", json=body or BODY, headers=headers)
            if answer.status_code != 409 or answer.json()["code"] != "REQUEST_IN_PROGRESS":
                return answer
            assert int(answer.headers["Retry-After"]) >= 1
            threading.Event().wait(0.2)
    raise AssertionError("it was in progress for ever")


@pytest.mark.flow
@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_and_are_answered_alike(web, program):
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda _n: post(web, program), range(THREADS)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    fresh = [answer for answer in answers if "Idempotency-Replayed" not in answer.headers]
    assert len(fresh) == 1
    assert Campaign.objects.get().folio == answers[0].json()["id"]


@pytest.mark.flow
@pytest.mark.django_db(transaction=True)
def test_without_a_key_each_makes_one(web, program):
    """The negative control: what makes it one is the key."""
    headers = {"Authorization": f"Bearer {program.token}"}

    def ask(_n):
        return httpx.post(
            f"{web.url}/api/v1/campaigns", json=BODY, headers=headers, trust_env=False, timeout=60
        )

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(ask, range(THREADS)))

    assert {answer.status_code for answer in answers} == {201}
    assert Campaign.objects.count() == THREADS


@pytest.mark.flow
@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_leaves_both_or_neither(web, program):
    """The web dies while it holds the key and has written the campaign."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            # Whoever would keep an answer waits for us: the campaign is written, not committed.
            cursor.execute("LOCK TABLE core_idempotentresponse IN EXCLUSIVE MODE")
            lost = pool.submit(post, web, program)
            wait_until(lambda: waits_for_the_table(cursor), patience=30)
            web.kill()
        with pytest.raises(httpx.TransportError):
            lost.result(timeout=30)
    wait_until(nobody_else, patience=30)
    assert not Campaign.objects.exists()
    assert not IdempotentResponse.objects.exists()

    web.start()
    answer, again = post(web, program), post(web, program)

    assert answer.status_code == 201
    assert again.content == answer.content
    assert Campaign.objects.get().folio == answer.json()["id"]


@pytest.mark.flow
@pytest.mark.django_db(transaction=True)
def test_an_answer_that_got_lost_on_its_way_is_given_again(web, program):
    """The web dies after the commit: the effect is there, and so is its answer."""
    first = post(web, program)
    web.kill()
    web.start()

    again = post(web, program)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == first.content
    assert Campaign.objects.count() == 1


def waits_for_the_table(cursor):
    cursor.execute(
        "SELECT count(*) FROM pg_locks"
        " WHERE relation = 'core_idempotentresponse'::regclass AND NOT granted"
    )
    return cursor.fetchone()[0] > 0


def nobody_else():
    """Say whether the dead process's session is over, and its lock with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return cursor.fetchone()[0] == 0


@pytest.mark.flow
@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_the_second_is_told_that_it_is_late(web, program):
    made = program.post("/campaigns", BODY)
    url, tag = f"{web.url}/api/v1/campaigns/{made.json()['id']}", made["ETag"]
    headers = {"Authorization": f"Bearer {program.token}", "If-Match": tag}
    together = threading.Barrier(8)

    def change(number):
        together.wait()
        body = {"volume": 1_000 + number}
        return httpx.patch(url, json=body, headers=headers, trust_env=False, timeout=60)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(change, range(8)))

    won = [answer for answer in answers if answer.status_code == 200]
    lost = [answer for answer in answers if answer.status_code == 412]
    assert (len(won), len(lost)) == (1, 7)
    assert {answer.json()["code"] for answer in lost} == {"FAILED_PRECONDITION"}
    assert Campaign.objects.get().volume == won[0].json()["volume"]
    assert (
        httpx.get(url, headers=headers, trust_env=False).headers["ETag"] == won[0].headers["ETag"]
    )


def test_the_same_key_for_something_else_is_refused(program, draft):
    first = program.post("/campaigns", BODY, idempotency_key="k")
    before = Campaign.objects.count()

    for path, body in (
        ("/campaigns", {"name": "Otra"}),
        ("/campaigns?", BODY | {"volume": 1}),
        (f"/campaigns/{draft.folio}/copy", None),
        ("/saved-zones", {"name": "Z", "area": {"ladas": ["55"]}}),
    ):
        answer = program.post(path, body, idempotency_key="k")
        assert (answer.status_code, answer.json()["code"]) == (422, "KEY_REUSED")

    assert Campaign.objects.count() == before
    assert program.post("/campaigns", BODY, idempotency_key="k").content == first.content


def test_what_the_domain_refused_stays_refused_under_its_key(program, draft, sent_terms):
    """A 422 is kept: the same request would else do another thing the second time."""
    Campaign.objects.filter(pk=draft.pk).update(text="")
    path = f"/campaigns/{draft.folio}/submit"
    refused = program.post(path, idempotency_key="k")
    Campaign.objects.filter(pk=draft.pk).update(text=sent_terms["adText"])

    again = program.post(path, idempotency_key="k")
    fresh = program.post(path, idempotency_key="k2")

    assert (refused.status_code, refused.json()["code"]) == (422, "NOT_READY")
    assert again.content == refused.content
    assert again["Idempotency-Replayed"] == "true"
    assert fresh.status_code == 200
    wrong = program.post(path, idempotency_key="k3")
    Campaign.objects.filter(pk=draft.pk).update(status="draft")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "WRONG_STATUS")
    assert program.post(path, idempotency_key="k3").content == wrong.content


def test_what_was_not_understood_may_be_mended_under_its_key(program, brand, owner, program_of):
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


@pytest.mark.parametrize("swept", [False, True])
def test_a_key_is_free_again_after_a_day(program, swept):
    program.post("/campaigns", BODY, idempotency_key="k")
    day = timedelta(hours=24)
    IdempotentResponse.objects.update(at=timezone.now() - day + timedelta(minutes=1))
    delete_expired_responses()
    assert program.post("/campaigns", BODY, idempotency_key="k")["Idempotency-Replayed"] == "true"

    IdempotentResponse.objects.update(at=timezone.now() - day - timedelta(seconds=1))
    if swept:
        delete_expired_responses()
        assert not IdempotentResponse.objects.exists()
    answer = program.post("/campaigns", {"name": "Otra"}, idempotency_key="k")

    assert answer.status_code == 201
    assert Campaign.objects.count() == 2


def test_an_effect_without_its_answer_is_no_effect(program, monkeypatch):
    """Where the answer cannot be kept, nothing has happened."""

    def broken(*_args):
        raise RuntimeError

    program.client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_keep", broken)
        assert program.post("/campaigns", BODY, idempotency_key="k").status_code == 500
    assert not Campaign.objects.exists()
    assert not Event.objects.exists()

    assert program.post("/campaigns", BODY, idempotency_key="k").status_code == 201
