"""A sandbox brand beside its real one, and a campaign of it."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns import lifecycle, readiness
from campaigns.models import Brand, Campaign
from campaigns.sandbox_brands import brand as sandbox_brands
from campaigns.sandbox_brands.decisions import Decision, decide
from portal.accounts.models import User
from tests.conftest import TEXT


def terms_of(brand: Brand) -> dict[str, Any]:
    """Three days in 55, 33 and 81 that can be sent by the brand's clock; 60,000."""
    first = readiness.first_possible_day(brand.now())
    return {
        "name": "Recarga de diciembre",
        "text": TEXT,
        "area": {"ladas": ["33", "55", "81"]},
        "starts_on": first,
        "ends_on": first + timedelta(days=2),
        "volume": 60_000,
    }


def approve(brand: Brand, by: User, **terms: Any) -> Campaign:
    """Return a new campaign of a sandbox brand, submitted and approved."""
    campaign = lifecycle.draft(brand.pk, terms_of(brand) | terms, by=by)
    lifecycle.submit(campaign.pk, by=by)
    return decide(campaign.pk, Decision.APPROVE, by=by)


@pytest.fixture
def tests_brand(brand: Brand, owner: User) -> Brand:
    """The sandbox of the brand."""
    return sandbox_brands.create(brand.pk, by=owner)


@pytest.fixture
def submitted(tests_brand: Brand, owner: User) -> Campaign:
    campaign = lifecycle.draft(tests_brand.pk, terms_of(tests_brand), by=owner)
    return lifecycle.submit(campaign.pk, by=owner)


@pytest.fixture
def sold(tests_brand: Brand, owner: User) -> Campaign:
    """A scheduled campaign of the sandbox."""
    return approve(tests_brand, owner)
