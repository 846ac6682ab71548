"""Nobody sees or changes another brand's rows: every operation, walked by who may not.

The operations are those of the description: a new one is walked as soon as it is there.
"""

import json

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, get_resolver

from campaigns import saved_zones
from campaigns.models import Campaign, Link, Notice
from campaigns.webhooks import subscriptions
from portal.accounts.models import User
from portal.api_docs import description
from portal.api_settings import SCOPES
from segments.areas import Area
from tests.api.conftest import V1, Program

# Operations on nobody's rows: a program of any brand may ask.
FOR_ALL = {"catalogue:read"}
METHODS = ("get", "post", "patch", "put", "delete")


def operations():
    """Give every operation as (method, path below /api/v1, its description)."""
    for path, methods in sorted(description.document()["paths"].items()):
        for method, told in methods.items():
            assert method in METHODS
            yield method.upper(), path.removeprefix(V1), told


def scope_of(told):
    (scopes,) = [each["oauth2"] for each in told["security"] if "oauth2" in each]
    (scope,) = scopes
    return scope


def body_of(told):
    """Give the example of the body that an operation takes, None where it takes none."""
    if "requestBody" not in told:
        return None
    shape = told["requestBody"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
    return description.document()["components"]["schemas"][shape]["example"]


EVERY = [pytest.param(*each, id=each[2]["operationId"]) for each in operations()]
NAMED = [one for one in EVERY if "{" in one.values[1] and scope_of(one.values[2]) not in FOR_ALL]
LISTS = [
    one
    for one in EVERY
    if one.values[0] == "GET"
    and "{" not in one.values[1]
    and scope_of(one.values[2]) not in FOR_ALL
]


@pytest.fixture
def theirs(program, brand, owner, campaign_in_review):
    """A brand with some of everything, and a program that sees it."""
    Link.objects.get_or_create_for(campaign_in_review)
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


def everything():
    """Give all rows but those that only say who came."""
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label in {"campaigns", "inventory"}
    }


def address(program, path):
    """Put the name of one of the program's own things into an address."""
    if "{" not in path:
        return path
    before, _, after = path.partition("/{")
    items = program.get(before).json()["items"]
    assert items, f"{before}: there is nothing to be found by a stranger"
    name = items[0].get("id", items[0].get("code"))
    return address(program, f"{before}/{name}{after.partition('}')[2]}")


def ask(program, method, path, told):
    headers = {"if_match": "*"} if method in ("POST", "PATCH", "DELETE") else {}
    return program(method, path, body_of(told), **headers)


@pytest.mark.parametrize(("method", "path", "told"), NAMED)
def test_what_is_another_brands_is_not_found(method, path, told, theirs, other):
    where = address(theirs, path)
    before = everything()

    answer = ask(other, method, where, told)

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND"), where
    assert everything() == before


@pytest.mark.parametrize(("method", "path", "told"), NAMED)
def test_its_own_program_is_answered_so_the_walk_asks_well(method, path, told, theirs):
    answer = ask(theirs, method, address(theirs, path), told)

    assert answer.status_code not in (400, 401, 403, 404, 405, 428), answer.content


def test_the_walk_sees_a_resource_that_shows_all(theirs, other, monkeypatch):
    """The negative control: rows that are not narrowed are found."""
    where = address(theirs, "/campaigns/{id}")
    monkeypatch.setattr(type(Campaign.objects.all()), "visible_to", lambda rows, _user: rows.all())

    assert other.get(where).status_code == 200


@pytest.mark.parametrize(("method", "path", "told"), LISTS)
def test_lists_show_nothing_of_another_brand(method, path, told, theirs, other, brand):
    mine, shown = theirs.get(path), other.get(path)

    assert mine.json()["items"]
    assert shown.status_code == 200
    kept = json.dumps(mine.json()["items"][0], sort_keys=True)
    assert kept not in [json.dumps(item, sort_keys=True) for item in shown.json()["items"]]
    assert f'"{brand.slug}"' not in shown.content.decode()


def test_nothing_is_begun_in_another_brand(theirs, other, brand):
    zone = {"name": "x", "area": {"ladas": ["55"]}, "brand": brand.slug}
    campaign = {"name": "x", "brand": brand.slug}
    before = everything()

    for path, body in (("/campaigns", campaign), ("/saved-zones", zone)):
        assert other.post(path, body).json()["code"] == "BAD_BRAND"
    many = other.post("/campaigns/bulk", {"campaigns": [campaign]})

    assert many.json()["created"] == 0
    assert many.json()["results"][0]["error"]["code"] == "BAD_BRAND"
    assert everything() == before


@pytest.mark.parametrize(("method", "path", "told"), EVERY)
def test_a_program_without_the_scope_may_not(method, path, told, theirs, brand, owner, program_of):
    where, needed = address(theirs, path), scope_of(told)
    lacking = program_of(brand, owner, *(scope for scope in SCOPES if scope != needed))
    before = everything()

    answer = ask(lacking, method, where, told)

    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    assert needed in answer.json()["message"]
    assert everything() == before


@pytest.mark.parametrize(("method", "path", "told"), EVERY)
def test_nobody_may_anything(method, path, told, theirs):
    where = address(theirs, path)
    before = everything()

    answer = ask(Program("nobody's"), method, where, told)

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert everything() == before


def test_a_viewer_reads_and_changes_nothing(theirs, viewer):
    client = Client()
    client.force_login(viewer)
    before = everything()

    for method, path, told in operations():
        where, needed = address(theirs, path), scope_of(told)
        body = json.dumps(body_of(told)).encode() if body_of(told) is not None else b""
        answer = client.generic(
            method, V1 + where, body, content_type="application/json", headers={"if-match": "*"}
        )
        if needed == "campaigns:write" or (needed == "webhooks:manage" and method != "GET"):
            assert answer.status_code in (403, 404, 422, 207), f"{method} {where}"
        elif needed == "webhooks:manage":  # their addresses may hold secrets: editors only
            assert answer.status_code == (404 if "{" in path else 200), f"{method} {where}"
        elif method == "GET" and "notices" not in path:
            assert answer.status_code == 200, f"{method} {where}"

    assert everything() == before


def test_the_walk_knows_every_route_of_the_api():
    """The description leaves nothing out that answers."""

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

    actions = [one for entry in views for one in entry.callback.actions if one != "head"]
    assert len(actions) == sum(len(methods) for methods in described.values())
    assert {entry.name for entry in ours if entry not in views} == {
        "entrance",
        "openapi",
        "openapi_yaml",
    }
