"""Many campaigns submitted in one request: a verdict each, as when they are sent one by one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import lifecycle
from campaigns.models import Campaign, Event
from core.models import IdempotentResponse


@pytest.fixture
def three(brand, editor, terms):
    """Two drafts that can be submitted, and between them one without a text."""
    texts = (terms["text"], "", terms["text"])
    return [
        lifecycle.draft(brand.pk, terms | {"text": text, "name": f"C{number}"}, by=editor)
        for number, text in enumerate(texts)
    ]


def folios(campaigns):
    return [campaign.folio for campaign in campaigns]


def statuses_of(campaigns):
    return [Campaign.objects.get(pk=campaign.pk).status for campaign in campaigns]


def test_each_is_submitted_or_said_why_not(program, three):
    response = program.post("/campaigns/submit", {"campaigns": [*folios(three), "LP-222222"]})

    body = response.json()
    assert (response.status_code, body["submitted"], body["dryRun"]) == (207, 2, False)
    assert [(item["index"], item["id"]) for item in body["results"]] == list(
        enumerate([*folios(three), "LP-222222"])
    )
    errors = [item["error"] and item["error"]["code"] for item in body["results"]]
    assert errors == [None, "NOT_READY", None, "NOT_FOUND"]
    assert statuses_of(three) == ["reserving", "draft", "reserving"]
    single = program.post(f"/campaigns/{three[1].folio}/submit").json()
    assert body["results"][1]["error"] == single


def test_all_are_submitted_with_200_and_a_key_repeats_the_answer(program, three):
    body = {"campaigns": folios([three[0], three[2]])}

    first = program.post("/campaigns/submit", body, idempotency_key="k-1")
    again = program.post("/campaigns/submit", body, idempotency_key="k-1")

    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Event.objects.filter(move="submit").count() == 2


def test_with_all_or_nothing_one_refusal_submits_none(program, three):
    body = {"campaigns": folios(three), "allOrNothing": True}

    refused = program.post("/campaigns/submit", body, idempotency_key="k-2")

    error = refused.json()
    assert (refused.status_code, error["code"]) == (422, "ITEMS_REFUSED")
    assert error["details"][0]["field"] == "campaigns[1].adText"
    assert error["message"] == "Una no se puede, así que no se hizo nada."
    assert statuses_of(three) == ["draft"] * 3
    assert not IdempotentResponse.objects.exists()


def test_a_dry_run_answers_the_same_and_changes_nothing(program, three):
    body = {"campaigns": folios(three)}
    events = Event.objects.count()

    dry = program.post("/campaigns/submit", body | {"dryRun": True}, idempotency_key="k-3")

    assert statuses_of(three) == ["draft"] * 3
    assert Event.objects.count() == events
    assert not IdempotentResponse.objects.exists()
    wet = program.post("/campaigns/submit", body, idempotency_key="k-3")
    assert wet.status_code == dry.status_code == 207
    assert wet.json() == dry.json() | {"dryRun": False}


def test_a_campaign_that_is_named_twice_is_submitted_once(program, three):
    response = program.post("/campaigns/submit", {"campaigns": [three[0].folio] * 2})

    first, second = response.json()["results"]
    assert (first["error"], second["error"]["code"]) == (None, "WRONG_STATUS")
    assert Event.objects.filter(move="submit").count() == 1


def test_the_quota_of_a_brand_holds_within_the_request(program, three, settings):
    settings.OPEN_HOLDS_PER_BRAND = 1

    response = program.post("/campaigns/submit", {"campaigns": folios([three[0], three[2]])})

    errors = [item["error"] and item["error"]["code"] for item in response.json()["results"]]
    assert errors == [None, "TOO_MANY_HOLDS"]


def test_none_submitted_is_not_stored_under_the_key(program, three):
    body = {"campaigns": [three[1].folio]}

    assert program.post("/campaigns/submit", body, idempotency_key="k-4").status_code == 207
    assert not IdempotentResponse.objects.exists()


@pytest.mark.parametrize("campaigns", [[], ["LP-222222"] * 101, [7], "LP-222222", [None], [""]])
def test_a_list_of_another_form_is_refused(program, campaigns):
    refused = program.post("/campaigns/submit", {"campaigns": campaigns})

    assert (refused.status_code, refused.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert refused.json()["details"][0]["field"].startswith("campaigns")


def test_each_counts_as_one_request(program, three, settings):
    settings.API_REQUESTS_A_MINUTE = 4

    assert program.post("/campaigns/submit", {"campaigns": folios(three)})["RateLimit-Cost"] == "4"
    refused = program.post("/campaigns/submit", {"campaigns": folios(three)})
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_REQUESTS")


def test_campaigns_of_another_brand_are_not_found_and_not_changed(three, stranger, program_of):
    other = program_of(stranger.memberships.get().brand, stranger)

    response = other.post("/campaigns/submit", {"campaigns": folios(three)})

    assert {item["error"]["code"] for item in response.json()["results"]} == {"NOT_FOUND"}
    assert statuses_of(three) == ["draft"] * 3


def test_rows_are_locked_in_one_order_whatever_that_of_the_request(program, three):
    def locked(campaigns):
        with CaptureQueriesContext(connection) as captured:
            program.post("/campaigns/submit", {"campaigns": folios(campaigns), "dryRun": True})
        locks = [query["sql"] for query in captured if "FOR NO KEY UPDATE" in query["sql"]]
        return [pk for sql in locks for pk in ids if f"= {pk} " in sql][: len(three)]

    ids = [campaign.pk for campaign in three]

    assert locked(three) == locked(three[::-1]) == sorted(ids)
