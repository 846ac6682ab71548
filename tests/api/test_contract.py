"""All of the API as its description says it, tried by schemathesis with good and bad data.

What is asked for is there half of the time: names in addresses, cursors and entity tags are
replaced by real ones, which the program finds as any client does.
"""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from campaigns import lifecycle, saved_zones
from campaigns.models import Brand, Campaign, Link, Notice
from campaigns.webhooks import subscriptions
from portal.accounts.models import User
from portal.api_docs import description
from portal.wsgi import application
from segments.areas import Area
from tests.api.conftest import Program

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "30"))
# What is well said may still be refused for what there is: never as not understood.
DOMAIN = ["404", "409", "412", "422"]
ROOT = "/api/v1"

config = SchemathesisConfig.from_dict(
    {
        "checks": {
            # 207: of many campaigns, each that was badly said is told so by itself.
            "negative_data_rejection": {"expected-statuses": ["207", "4xx"]},
            "positive_data_acceptance": {"expected-statuses": ["2xx", "304", *DOMAIN]},
        },
        "generation": {"max-examples": EXAMPLES},
    }
)
schema = schemathesis.openapi.from_dict(deepcopy(description.document()), config=config)
schema.app = application


@pytest.fixture
def caller(
    program: Program, brand: Brand, owner: User, campaign_in_review: Campaign, settings: Any
) -> Program:
    """A program whose brand has some of everything."""
    settings.API_REQUESTS_A_MINUTE = 1_000_000
    terms = {"name": "Otra", "area": {"ladas": ["55"]}, "volume": 1_000}
    for number in range(3):
        campaign = lifecycle.draft(brand.pk, terms | {"name": f"Otra {number}"}, by=owner)
        Link.objects.get_or_create_for(campaign)
        saved_zones.create(brand.pk, f"Zona {number}", Area(ladas=frozenset({"55"})), by=owner)
        webhook = subscriptions.create(brand.pk, f"https://agencia-{number}.com/", [], by=owner)
        subscriptions.send_test(webhook.pk, by=owner)
    account = User.objects.get(email__endswith="@programas.invalid")
    for event in campaign_in_review.events.all():
        Notice.objects.get_or_create(user=account, brand=brand, event=event)
    return program


@contextmanager
def open_transaction() -> Iterator[None]:
    """Keep the test's transaction open over a request, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_its_description(case: schemathesis.Case, caller: Program) -> None:
    find_what_is_there(case, caller)

    with open_transaction():
        case.call_and_validate(
            headers={"Authorization": f"Bearer {caller.token}", "Accept-Encoding": "identity"}
        )


def find_what_is_there(case: schemathesis.Case, program: Program) -> None:
    """Let a case name what there is, half of the time, where it is not meant to be wrong."""
    if case.path_parameters and not wrong(case, ParameterLocation.PATH):
        names = names_in(program, case.path.removeprefix(ROOT).split("/{")[0])
        chance = zlib.crc32(repr((case.body, case.query, case.path_parameters)).encode())
        if names and chance % 2:
            (first, *_deeper) = case.path_parameters
            case.path_parameters[first] = name = names[chance // 2 % len(names)]
            if "delivery" in case.path_parameters:
                sent = names_in(program, f"/webhooks/{name}/deliveries")
                case.path_parameters["delivery"] = sent[0] if sent else 1
    if case.query and not wrong(case, ParameterLocation.QUERY):
        put_real_cursor(case, program)
    if "If-Match" in (case.headers or {}) and not wrong(case, ParameterLocation.HEADER):
        put_fresh_tag(case, program)


def names_in(program: Program, path: str) -> list[Any]:
    """Give what the program can name in a collection."""
    answer = program.get(path)
    assert answer.status_code == 200, path
    return [item.get("id", item.get("code")) for item in answer.json()["items"]]


def put_real_cursor(case: schemathesis.Case, program: Program) -> None:
    """A cursor's pattern cannot tell which are ours: take the list's own, or none."""
    if case.query.pop("cursor", None):
        order = f"&order={case.query['order']}" if case.query.get("order") else ""
        page = program.get(case.formatted_path.removeprefix(ROOT) + f"?perPage=1{order}").json()
        if cursor := page.get("nextCursor"):
            case.query["cursor"] = cursor


def put_fresh_tag(case: schemathesis.Case, program: Program) -> None:
    address = case.formatted_path.removeprefix(ROOT).split("/")
    if tag := program.get("/".join(address[:3])).get("ETag"):
        case.headers["If-Match"] = tag


def wrong(case: schemathesis.Case, where: ParameterLocation) -> bool:
    return bool(case.meta and case.meta.is_negative_at(where))


def test_there_is_something_to_be_found_in_every_collection(caller):
    collections = {
        path.removeprefix(ROOT).split("/{")[0]
        for path in description.document()["paths"]
        if "{" in path
    }

    assert len(collections) > 5
    for path in collections:
        assert names_in(caller, path), path
