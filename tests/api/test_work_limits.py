"""What a request may cost: lengths are checked before values, and costs are counted."""

import importlib
import json

import pytest
from django.core.exceptions import RequestDataTooBig
from django.test import Client, RequestFactory
from rest_framework import serializers

from campaigns.api import ad_texts, availability
from campaigns.models import Brand, Campaign
from core import body_limits
from core.api.errors import MAX_DETAILS
from core.api.fields import StrictListField, TextField
from core.api.serializers import StrictSerializer
from core.body_limits import KIB, BodyLimitMiddleware, max_body
from tests.api.conftest import V1

pytestmark = pytest.mark.django_db

DAYS = {"startsOn": "2030-01-01", "endsOn": "2030-01-07", "volume": 1000}


class CountingField(TextField):
    """A text that counts how many were validated."""

    validated = 0

    def run_validation(self, data=serializers.empty):
        CountingField.validated += 1
        return super().run_validation(data)


@pytest.fixture
def counted(monkeypatch):
    monkeypatch.setattr(CountingField, "validated", 0)
    return CountingField


# ── lengths before values ────────────────────────────────────────────────────


def test_values_of_a_list_that_is_too_long_are_not_read(counted):
    field = StrictListField(child=counted(), max_length=10)

    with pytest.raises(serializers.ValidationError):
        field.run_validation([7] * 50_000)

    assert counted.validated == 0
    assert field.run_validation(["a"] * 10) == ["a"] * 10


def test_drfs_own_list_reads_them_all(counted):
    """The negative control."""
    with pytest.raises(serializers.ValidationError):
        serializers.ListField(child=counted(), max_length=10).run_validation([7] * 500)

    assert counted.validated == 500


def strict_serializers(base=StrictSerializer):
    for subclass in base.__subclasses__():
        yield subclass
        yield from strict_serializers(subclass)


def unlimited(field, path=""):
    """Yield the paths of lists that are validated before their length is known."""
    if isinstance(field, serializers.ListSerializer):
        if field.max_length is None:
            yield path
    elif isinstance(field, serializers.ListField) and not isinstance(field, StrictListField):
        yield path
    child = getattr(field, "child", None)
    if child is not None:
        yield from unlimited(child, f"{path}[]")
    if isinstance(field, serializers.Serializer):
        for name, inner in field.fields.items():
            if not inner.read_only:
                yield from unlimited(inner, f"{path}.{name}")


REQUESTS = (
    *("AdText", "AdTexts", "AvailabilityQuery", "Bulk", "CampaignChanges", "NewCampaign"),
    *("SubmitBulk", "ResultsQuery"),
    *("NewSavedZone", "SavedZoneName", "NewWebhook", "WebhookChanges"),
)


def test_every_list_of_a_request_is_measured_first():
    importlib.import_module("portal.api_urls")  # all serializers are there, in any order of tests
    by_name = {each.__name__.removesuffix("Serializer"): each for each in strict_serializers()}
    requests = [by_name[name] for name in REQUESTS]

    assert [path for each in requests for path in unlimited(each(), each.__name__)] == []
    planted = type("Planted", (StrictSerializer,), {"a": serializers.ListField()})
    assert [*unlimited(planted())] == [".a"]


@pytest.mark.parametrize("members", ["states", "ladas", "excludedStates", "excludedLadas"])
def test_a_long_list_of_codes_gets_one_error(program, members):
    response = program.post("/availability", {"area": {members: [1] * 5_000}, **DAYS})

    assert response.status_code == 400
    assert [detail["code"] for detail in response.json()["details"]] == ["MAX_LENGTH"]


def test_long_lists_of_texts_events_and_campaigns_get_one_error(program):
    for path, body in {
        "/ad-texts/check-many": {"adTexts": [7] * 20_000},
        "/webhooks": {"url": "https://agencia.com/", "eventTypes": [7] * 9_000},
        "/campaigns/bulk": {"campaigns": [7] * 100_000},
        "/campaigns/submit": {"campaigns": [7] * 9_000},
        "/campaigns": {"name": "x", "area": {"ladas": [{}] * 9_000}},
        "/saved-zones": {"name": "x", "area": {"states": [[]] * 9_000}},
    }.items():
        response = program.post(path, body)
        assert response.status_code == 400, path
        assert [detail["code"] for detail in response.json()["details"]] == ["MAX_LENGTH"], path
        assert len(response.content) < 1_000, path


# ── details ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/campaigns", {f"nada{n}": 1 for n in range(4_000)}),
        ("/campaigns", {"name": "x", "area": {"ladas": ["x"] * 500}}),
        ("/availability", {"area": {"ladas": ["x"] * 500}} | {f"n{n}": 1 for n in range(3_000)}),
        ("/ad-texts/check-many", {"adTexts": [7] * 500}),
        ("/campaigns/bulk", {"campaigns": [{}] * 500, "allOrNothing": True}),
        ("/webhooks", {f"n{n}": 1 for n in range(4_000)}),
    ],
)
def test_an_error_has_twenty_details_and_says_how_many_more(program, path, body):
    response = program.post(path, body)

    error = response.json()
    assert response.status_code in (400, 422)
    assert len(error["details"]) == MAX_DETAILS
    assert error["message"].endswith(" más.")
    assert len(response.content) < 20_000


def test_the_number_of_details_that_are_left_out_is_exact(program):
    error = program.post("/ad-texts/check-many", {"adTexts": [7] * 500}).json()

    assert error["message"].endswith("Se señalan 20, y 480 más.")


def test_twenty_details_are_all_listed(program):
    error = program.post("/ad-texts/check-many", {"adTexts": [7] * MAX_DETAILS}).json()

    assert len(error["details"]) == MAX_DETAILS
    assert "más" not in error["message"]


def test_a_refused_campaign_among_many_has_few_details(program):
    wrong = {f"nada{n}": 1 for n in range(100)}

    results = program.post("/campaigns/bulk", {"campaigns": [wrong, wrong]}).json()["results"]

    assert [len(result["error"]["details"]) for result in results] == [5, 5]
    assert results[0]["error"]["message"].endswith(" más.")
    assert not Campaign.objects.exists()


def test_reading_of_a_campaign_among_many_stops_after_some_wrong_values(program, counted):
    field = StrictListField(child=counted(), max_length=500)
    serializer = type("Codes", (StrictSerializer,), {"codes": field})

    first = serializer(data={"codes": [7] * 400}, context={"most_errors": 5})
    assert not first.is_valid()
    assert counted.validated == 5

    alone = serializer(data={"codes": [7] * 400})
    assert not alone.is_valid()
    assert len(alone.errors["codes"]) == 400


# ── bodies ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/campaigns", 64),
        ("/availability", 64),
        ("/ad-texts/check", 64),
        ("/ad-texts/check-many", 512),
        ("/campaigns/bulk", 1024),
        ("/webhooks", 64),
        ("/saved-zones", 64),
    ],
)
def test_a_body_has_the_length_that_its_operation_admits(program, path, limit):
    fits = program("POST", path, "x" * (limit * KIB - 2))
    too_long = program("POST", path, "x" * (limit * KIB - 1))

    assert fits.status_code == 400
    assert too_long.status_code == 413
    error = too_long.json()
    assert error["code"] == "PAYLOAD_TOO_LARGE"
    if limit < 1024:
        assert f"{limit} KiB" in error["message"]


class Unread:
    """A body that may not be read."""

    def read(self, *_size):
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize("length", ["300000", "1" * 5_000, "-1", "1e9", "٣"])
def test_a_body_that_is_announced_too_long_is_not_read(length):
    request = RequestFactory().generic("POST", "/")
    request.META |= {"CONTENT_LENGTH": length, "wsgi.input": Unread()}

    with pytest.raises(RequestDataTooBig):
        BodyLimitMiddleware(lambda _request: None).process_view(request, lambda _r: None, (), {})


@pytest.mark.parametrize("length", ["", "0", "262144"])
def test_other_bodies_pass(length):
    request = RequestFactory().generic("POST", "/")
    request.META["CONTENT_LENGTH"] = length

    assert not body_limits.exceeds(request, body_limits.FORM)


def test_a_view_may_admit_more():
    request = RequestFactory().generic("POST", "/")
    request.META["CONTENT_LENGTH"] = "300000"

    view = max_body(300_000)(lambda _request: None)

    BodyLimitMiddleware(lambda _request: None).process_view(request, view, (), {})


@pytest.mark.parametrize(
    "path", ["/entrar/", "/registro/", "/contrasena/", "/disponibilidad/", "/oauth2/token"]
)
def test_a_form_that_is_too_long_is_refused_before_it_is_read(path):
    response = Client().post(path, {"login": "x" * 300_000})

    assert response.status_code == 413


# ── costs ────────────────────────────────────────────────────────────────────


def remaining(response):
    return int(response["RateLimit"].split("r=")[1].split(";")[0])


def cost_of(program, method, path, body=None):
    before = remaining(program.get("/brands"))
    response = program(method, path, body)
    after = remaining(response)
    assert int(response["RateLimit-Cost"]) == before - after
    return before - after


def test_each_operation_costs_what_it_takes(program):
    area = {"area": {"ladas": ["55"]}, **DAYS}

    assert cost_of(program, "GET", "/campaigns") == 1
    assert cost_of(program, "POST", "/availability", area) == availability.COST
    assert cost_of(program, "POST", "/ad-texts/check", {"adText": "hola"}) == 1
    assert cost_of(program, "POST", "/ad-texts/check", {"adText": "x" * 2_000}) == 7
    texts = {"adTexts": ["x" * 90] * 500}
    assert cost_of(program, "POST", "/ad-texts/check-many", texts) == 151
    bulk = {"campaigns": [{"name": "x"}] * 30}
    assert cost_of(program, "POST", "/campaigns/bulk", bulk) == 31


def test_what_exceeds_the_limit_does_nothing_and_uses_nothing(program, settings):
    settings.API_REQUESTS_A_MINUTE = 20
    bulk = {"campaigns": [{"name": "x"}] * 40}

    refused = program.post("/campaigns/bulk", bulk)

    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert not Campaign.objects.exists()
    assert program.get("/campaigns").status_code == 200
    assert program.post("/campaigns/bulk", {"campaigns": [{"name": "x"}] * 5}).status_code == 201


def test_availability_is_stopped_after_a_tenth_of_the_requests(program, settings):
    settings.API_REQUESTS_A_MINUTE = 60
    area = {"area": {"ladas": ["55"]}, **DAYS}

    statuses = [program.post("/availability", area).status_code for _turn in range(8)]

    assert statuses[6:] == [429, 429]
    assert 429 not in statuses[:6]


def test_texts_together_have_a_limit(program):
    response = program.post("/ad-texts/check-many", {"adTexts": ["x" * 2_000] * 31})

    assert response.status_code == 400
    assert "60000" in response.json()["message"] + str(response.json()["details"])


def test_a_text_that_is_wrong_throughout_gets_some_problems(program):
    result = program.post("/ad-texts/check", {"adText": "á;" * 900}).json()

    assert len(result["problems"]) == ad_texts.MAX_PROBLEMS
    assert not result["valid"]


# ── accounts without a brand ─────────────────────────────────────────────────

COSTLY = {
    "/availability": {"area": {"ladas": ["55"]}, **DAYS},
    "/ad-texts/check": {"adText": "hola"},
    "/ad-texts/check-many": {"adTexts": ["hola"]},
    "/campaigns/bulk": {"campaigns": [{"name": "x"}]},
    "/campaigns": {"name": "x"},
}


def post_as(person, path, body):
    client = Client()
    client.force_login(person)
    return client.post(V1 + path, json.dumps(body), content_type="application/json")


@pytest.mark.parametrize("path", COSTLY)
def test_an_account_without_an_active_brand_gets_nothing_costly(editor, path, settings):
    assert post_as(editor, path, COSTLY[path]).status_code != 403
    Brand.objects.update(active=False, activated_at=None)

    refused = post_as(editor, path, COSTLY[path])

    assert refused.status_code == 403
    assert "marca activa" in refused.json()["message"]


def test_staff_need_no_brand(reviewer):
    assert post_as(reviewer, "/ad-texts/check", {"adText": "hola"}).status_code == 200


@pytest.mark.parametrize("path", ["/disponibilidad/", "/lugares/pegados/"])
def test_costly_pages_need_a_brand_and_have_a_limit(editor, path, monkeypatch, client):
    client.force_login(editor)
    assert client.post(path, {}).status_code == 200
    monkeypatch.setattr("portal.accounts.access.PAGE_COST_A_MINUTE", 3)

    refused = client.post(path, {})

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) <= 60
    Brand.objects.update(active=False, activated_at=None)
    assert client.post(path, {}).status_code == 404
