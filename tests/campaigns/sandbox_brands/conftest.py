"""A sandbox brand beside its real one, and a campaign of it."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns import lifecycle, readiness
from campaigns.models import Brand, Campaign
from campaigns.sandbox_brands import brand as sandbox_brand
from portal.accounts.models import User
from tests.conftest import TEXT


@pytest.fixture
def sandbox(brand: Brand, owner: User) -> Brand:
    return sandbox_brand.create(brand.pk, by=owner)


@pytest.fixture
def sandbox_terms(sandbox: Brand) -> dict[str, Any]:
    """Three days in 55, 33 and 81 that can be sent by the sandbox's clock; 60,000."""
    first = readiness.first_possible_day(sandbox.now())
    return {
        "name": "Recarga de diciembre",
        "text": TEXT,
        "area": {"ladas": ["33", "55", "81"]},
        "starts_on": first,
        "ends_on": first + timedelta(days=2),
        "volume": 60_000,
    }


@pytest.fixture
def submitted(sandbox: Brand, sandbox_terms: dict[str, Any], owner: User) -> Campaign:
    campaign = lifecycle.draft(sandbox.pk, sandbox_terms, by=owner)
    return lifecycle.submit(campaign.pk, by=owner)
