"""Conformance of every operation of the API to its description, with good and bad data.

Schemathesis makes the requests. In half of them the resource exists: ids in paths, cursors and
entity tags are replaced by real ones, which the program finds as any client does.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any
from urllib.parse import urlencode

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
from tests import sizes
from tests.api.conftest import Program

EXAMPLES = sizes.pick(4, 30)  # random ones of each operation
# About 56 deterministic cases of each operation, by the bounds and formats of its description.
WITH_COVERAGE = sizes.pick(False, True)
# Valid data may be refused for the state of a resource, but never with 400.
DOMAIN_REFUSALS = ["404", "409", "412", "422"]
ROOT = "/api/v1"

config = SchemathesisConfig.from_dict(
    {
        "checks": {
            # 207: the result of each of many campaigns, the invalid ones among them.
            "negative_data_rejection": {"expected-statuses": ["207", "4xx"]},
            "positive_data_acceptance": {"expected-statuses": ["2xx", "304", *DOMAIN_REFUSALS]},
        },
        "generation": {"max-examples": EXAMPLES},
        "phases": {"coverage": {"enabled": WITH_COVERAGE}},
    }
)
schema = schemathesis.openapi.from_dict(deepcopy(description.document()), config=config)
schema.app = application


@pytest.fixture
def caller(
    program: Program, brand: Brand, owner: User, campaign_in_review: Campaign, settings: Any
) -> Program:
    """A program whose brand has rows in every collection."""
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
    use_existing_resources(case, caller)

    with open_transaction():
        case.call_and_validate(
            headers={"Authorization": f"Bearer {caller.token}", "Accept-Encoding": "identity"}
        )


def use_existing_resources(case: schemathesis.Case, program: Program) -> None:
    """Put real ids, cursors and tags into half of the cases, where they are to be valid."""
    if case.path_parameters and not is_negative(case, ParameterLocation.PATH):
        ids = ids_in(program, case.path.removeprefix(ROOT).split("/{")[0])
        number = zlib.crc32(repr((case.body, case.query, case.path_parameters)).encode())
        if ids and number % 2:
            (first, *_deeper) = case.path_parameters
            case.path_parameters[first] = first_id = ids[number // 2 % len(ids)]
            if "delivery" in case.path_parameters:
                deliveries = ids_in(program, f"/webhooks/{first_id}/deliveries")
                case.path_parameters["delivery"] = deliveries[0] if deliveries else 1
    if case.query and not is_negative(case, ParameterLocation.QUERY):
        use_real_cursor(case, program)
    if "If-Match" in (case.headers or {}) and not is_negative(case, ParameterLocation.HEADER):
        use_current_tag(case, program)


def ids_in(program: Program, path: str) -> list[Any]:
    """Return the ids, or codes, in the first page of a collection."""
    response = program.get(path)
    assert response.status_code == 200, path
    return [item.get("id", item.get("code")) for item in response.json()["items"]]


def use_real_cursor(case: schemathesis.Case, program: Program) -> None:
    """Replace a cursor, which no pattern can describe, by the list's own or none."""
    if case.query.pop("cursor", None):
        # A search has an order of its own, the best first; results have a cursor of all parameters.
        decisive = {*case.query} - {"perPage", "metadata"}
        names = decisive if "results" in case.path else ("order", "q")
        same = {name: case.query[name] for name in names if case.query.get(name)}
        if "results" in case.path:
            case.query.pop("metadata", None)
        query = urlencode({"perPage": 1, **same}, doseq=True, errors="replace")
        page = program.get(f"{case.formatted_path.removeprefix(ROOT)}?{query}").json()
        if cursor := page.get("nextCursor"):
            case.query["cursor"] = cursor


def use_current_tag(case: schemathesis.Case, program: Program) -> None:
    segments = case.formatted_path.removeprefix(ROOT).split("/")
    if tag := program.get("/".join(segments[:3])).get("ETag"):
        case.headers["If-Match"] = tag


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
        assert ids_in(caller, path), path
