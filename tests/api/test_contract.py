"""Schemathesis tests every operation against the description, with valid and invalid data.

Half of the requests name existing rows: keys in paths, cursors and entity tags are replaced by
real ones, which the program finds as any client does.
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
# Valid requests may still get these errors of the domain, but never a 400.
DOMAIN_ERRORS = ["404", "409", "412", "422"]
ROOT = "/api/v1"

config = SchemathesisConfig.from_dict(
    {
        "checks": {
            # 207: in a bulk request each invalid campaign gets an error of its own.
            "negative_data_rejection": {"expected-statuses": ["207", "4xx"]},
            "positive_data_acceptance": {"expected-statuses": ["2xx", "304", *DOMAIN_ERRORS]},
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
    """A program whose brand has rows of every kind."""
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
    use_existing_rows(case, caller)

    with open_transaction():
        case.call_and_validate(
            headers={"Authorization": f"Bearer {caller.token}", "Accept-Encoding": "identity"}
        )


def use_existing_rows(case: schemathesis.Case, program: Program) -> None:
    """Make half of the cases refer to existing rows, unless they are meant to be invalid."""
    if case.path_parameters and not is_negative(case, ParameterLocation.PATH):
        keys = keys_in(program, case.path.removeprefix(ROOT).split("/{")[0])
        chance = zlib.crc32(repr((case.body, case.query, case.path_parameters)).encode())
        if keys and chance % 2:
            (first, *_others) = case.path_parameters
            case.path_parameters[first] = key = keys[chance // 2 % len(keys)]
            if "delivery" in case.path_parameters:
                deliveries = keys_in(program, f"/webhooks/{key}/deliveries")
                case.path_parameters["delivery"] = deliveries[0] if deliveries else 1
    if case.query and not is_negative(case, ParameterLocation.QUERY):
        put_real_cursor(case, program)
    if "If-Match" in (case.headers or {}) and not is_negative(case, ParameterLocation.HEADER):
        put_current_etag(case, program)


def keys_in(program: Program, path: str) -> list[Any]:
    """Return the keys of the rows of a list."""
    response = program.get(path)
    assert response.status_code == 200, path
    return [item.get("id", item.get("code")) for item in response.json()["items"]]


def put_real_cursor(case: schemathesis.Case, program: Program) -> None:
    """Replace a generated cursor by a real one of the same list, or remove it."""
    if case.query.pop("cursor", None):
        order = f"&order={case.query['order']}" if case.query.get("order") else ""
        page = program.get(case.formatted_path.removeprefix(ROOT) + f"?perPage=1{order}").json()
        if cursor := page.get("nextCursor"):
            case.query["cursor"] = cursor


def put_current_etag(case: schemathesis.Case, program: Program) -> None:
    parts = case.formatted_path.removeprefix(ROOT).split("/")
    if etag := program.get("/".join(parts[:3])).get("ETag"):
        case.headers["If-Match"] = etag


def is_negative(case: schemathesis.Case, where: ParameterLocation) -> bool:
    return bool(case.meta and case.meta.is_negative_at(where))


def test_every_collection_has_rows(caller):
    collections = {
        path.removeprefix(ROOT).split("/{")[0]
        for path in description.document()["paths"]
        if "{" in path
    }

    assert len(collections) > 5
    for path in collections:
        assert keys_in(caller, path), path
