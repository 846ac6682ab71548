"""No operation of the API shows or changes another brand's rows: all are called without access.

The operations are those of the OpenAPI description, so a new one is covered at once.
"""

import json

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from campaigns import saved_zones
from campaigns.models import AdOrder, Campaign, Link, Notice
from campaigns.results.counts import Counts
from campaigns.webhooks import subscriptions
from portal.accounts.models import User
from portal.api_docs import description
from portal.api_settings import SCOPES
from segments.areas import Area
from tests.api.conftest import V1, Program, everything
from tests.counts import at
from tests.results import put_counts

# Operations on rows of no brand: a program of any brand may call them.
PUBLIC_SCOPES = {"catalogue:read"}
APPS = ("campaigns", "inventory")
METHODS = ("get", "post", "patch", "put", "delete")


def operations():
    """Yield every operation as (method, path below /api/v1, description)."""
    for path, methods in sorted(description.document()["paths"].items()):
        for method, operation in methods.items():
            assert method in METHODS
            yield method.upper(), path.removeprefix(V1), operation


def scope_of(operation):
    (scopes,) = [item["oauth2"] for item in operation["security"] if "oauth2" in item]
    (scope,) = scopes
    return scope


def body_of(operation):
    """Return the example of an operation's request body, or None if it has none."""
    if "requestBody" not in operation:
        return None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    name = schema["$ref"].split("/")[-1]
    return description.document()["components"]["schemas"][name]["example"]


ALL = list(operations())
PRIVATE = [entry for entry in ALL if scope_of(entry[2]) not in PUBLIC_SCOPES]
DETAILS = [entry for entry in PRIVATE if "{" in entry[1]]
LISTS = [entry for entry in PRIVATE if entry[0] == "GET" and "{" not in entry[1]]


@pytest.fixture
def theirs(program, brand, owner, campaign_in_review):
    """A brand with some of everything, and a program that sees it."""
    Link.objects.get_or_create_for(campaign_in_review)
    AdOrder.objects.create(campaign=campaign_in_review, generation=1, acknowledged_generation=1)
    hour = at(campaign_in_review.starts_on, 10)
    put_counts(campaign_in_review, {(hour, "55"): Counts(40, 30, 5, 1)})
    saved_zones.create(brand.pk, "Zona secreta", Area(ladas=frozenset({"55"})), by=owner)
    webhook = subscriptions.create(brand.pk, "https://agencia-eventos.com/recibe", [], by=owner)
    subscriptions.send_test(webhook.pk, by=owner)
    account = User.objects.get(email__endswith="@programas.invalid")
    event = campaign_in_review.events.latest("id")
    Notice.objects.get_or_create(user=account, brand=brand, event=event)
    return program


@pytest.fixture
def other(stranger, program_of):
    """A program of another brand, that may do all there."""
    return program_of(stranger.memberships.get().brand, stranger)


def resolve_path(program, path):
    """Replace the parameters of a path by the keys of rows that the program sees."""
    if "{" not in path:
        return path
    before, _, after = path.partition("/{")
    items = program.get(before).json()["items"]
    assert items, f"{before}: there is no row for a stranger to find"
    key = items[0].get("id", items[0].get("code"))
    return resolve_path(program, f"{before}/{key}{after.partition('}')[2]}")


def call(program, method, path, operation):
    headers = {"if_match": "*"} if method in ("POST", "PATCH", "DELETE") else {}
    return program(method, path, body_of(operation), **headers)


def test_rows_of_another_brand_are_not_found(theirs, other, trial):
    before = everything(*APPS)

    for method, path, operation in DETAILS:
        with trial(operation["operationId"]):
            where = resolve_path(theirs, path)

            response = call(other, method, where, operation)

            assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND"), where
            assert everything(*APPS) == before


def test_the_brands_own_program_gets_a_response_to_the_same_request(theirs, trial):
    for method, path, operation in DETAILS:
        with trial(operation["operationId"]):
            response = call(theirs, method, resolve_path(theirs, path), operation)

            assert response.status_code not in (400, 401, 403, 404, 405, 428), response.content


def test_the_walk_finds_a_viewset_that_shows_all_rows(theirs, other, monkeypatch):
    """The negative control: rows that are not filtered by brand are found."""
    where = resolve_path(theirs, "/campaigns/{id}")
    monkeypatch.setattr(type(Campaign.objects.all()), "visible_to", lambda rows, _user: rows.all())

    assert other.get(where).status_code == 200


def test_lists_show_nothing_of_another_brand(theirs, other, brand, trial):
    for _method, path, operation in LISTS:
        with trial(operation["operationId"]):
            own_list, other_list = theirs.get(path), other.get(path)

            assert own_list.json()["items"]
            assert other_list.status_code == 200
            item = json.dumps(own_list.json()["items"][0], sort_keys=True)
            others = [json.dumps(each, sort_keys=True) for each in other_list.json()["items"]]
            assert item not in others
            assert f'"{brand.slug}"' not in other_list.content.decode()


def test_nothing_is_created_in_another_brand(theirs, other, brand):
    zone = {"name": "x", "area": {"ladas": ["55"]}, "brand": brand.slug}
    campaign = {"name": "x", "brand": brand.slug}
    before = everything(*APPS)

    for path, body in (("/campaigns", campaign), ("/saved-zones", zone)):
        assert other.post(path, body).json()["code"] == "BAD_BRAND"
    many = other.post("/campaigns/bulk", {"campaigns": [campaign]})

    assert many.json()["created"] == 0
    assert many.json()["results"][0]["error"]["code"] == "BAD_BRAND"
    assert everything(*APPS) == before


def test_a_program_without_the_scope_is_refused(theirs, brand, owner, program_of, trial):
    programs = {
        scope: program_of(brand, owner, *(other for other in SCOPES if other != scope))
        for scope in SCOPES
    }
    before = everything(*APPS)

    for method, path, operation in ALL:
        with trial(operation["operationId"]):
            scope = scope_of(operation)

            response = call(programs[scope], method, resolve_path(theirs, path), operation)

            assert (response.status_code, response.json()["code"]) == (403, "PERMISSION_DENIED")
            assert scope in response.json()["message"]
            assert everything(*APPS) == before


def test_an_invalid_token_may_call_nothing(theirs, trial):
    before = everything(*APPS)

    for method, path, operation in ALL:
        with trial(operation["operationId"]):
            response = call(Program("nobody's"), method, resolve_path(theirs, path), operation)

            assert (response.status_code, response.json()["code"]) == (401, "UNAUTHENTICATED")
            assert everything(*APPS) == before


def test_a_viewer_reads_and_changes_nothing(theirs, viewer):
    client = Client()
    client.force_login(viewer)
    before = everything(*APPS)

    for method, path, operation in operations():
        where, scope = resolve_path(theirs, path), scope_of(operation)
        body = json.dumps(body_of(operation)).encode() if body_of(operation) is not None else b""
        response = client.generic(
            method, V1 + where, body, content_type="application/json", headers={"if-match": "*"}
        )
        if scope == "campaigns:write" or (scope == "webhooks:manage" and method != "GET"):
            assert response.status_code in (403, 404, 422, 207), f"{method} {where}"
        elif scope == "webhooks:manage":  # their addresses may hold secrets: editors only
            assert response.status_code == (404 if "{" in path else 200), f"{method} {where}"
        elif method == "GET" and "notices" not in path:
            assert response.status_code == 200, f"{method} {where}"

    assert everything(*APPS) == before


def test_every_route_of_the_api_is_described():
    """Every route of the API is in the description."""

    def routes(resolver, before=""):
        for entry in resolver.url_patterns:
            here = before + str(entry.pattern)
            if isinstance(entry, URLPattern):
                yield here, entry
            else:
                yield from routes(entry, here)

    described = description.document()["paths"]
    ours = [entry for here, entry in routes(get_resolver()) if here.startswith("api/v1/")]
    views = [entry for entry in ours if hasattr(entry.callback, "actions")]

    actions = [method for view in views for method in view.callback.actions if method != "head"]
    assert len(actions) == sum(len(methods) for methods in described.values())
    assert {entry.name for entry in ours if entry not in views} == {
        "root",
        "openapi",
        "openapi_yaml",
    }
