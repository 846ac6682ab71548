"""All of the API as its description says it, tried by schemathesis with good and bad data."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from portal.api import description
from portal.wsgi import application
from tests.api.conftest import Program

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "30"))

config = SchemathesisConfig.from_dict(
    {
        "checks": {
            # The domain may refuse what the description allows: a status, a name that is taken.
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "304", "401", "403", "404", "409", "412", "422", "429"]
            },
        },
        "generation": {"max-examples": EXAMPLES},
    }
)
schema = schemathesis.openapi.from_dict(description.document(), config=config)
schema.app = application


@pytest.fixture
def caller(program: Program) -> Iterator[Program]:
    """Keep the test's transaction open between requests, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield program
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_its_description(
    case: schemathesis.Case, caller: Program, sent_terms: dict[str, Any]
) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {caller.token}"})
