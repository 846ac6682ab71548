"""The weight of reports: few queries, and few bytes, of a national campaign of ninety days."""

import gzip
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign
from inventory.models import Reservation
from tests import counts, statuses
from tests.results import fill

pytestmark = pytest.mark.django_db

DAYS = 90
MAX_BYTES = 60 * 1024
MAX_QUERIES = 40


@pytest.fixture
def national(approved):
    """A campaign that has been on air for ninety days, in all LADAs."""
    last = timezone.localdate()
    span = {"starts_on": last - timedelta(DAYS - 1), "ends_on": last}
    Reservation.objects.filter(pk=approved.reservation_id).update(
        starts_on=last - timedelta(2), ends_on=last
    )
    statuses.put(approved.pk, "live", **span)
    counts.beat()
    fill(approved, *span.values())
    return Campaign.objects.get(pk=approved.pk)


@pytest.mark.parametrize("name", ["campaign_report", "reports"])
def test_a_report_of_ninety_days_in_all_ladas_is_light(
    name, national, client, editor, django_assert_max_num_queries
):
    client.force_login(editor)
    argument = national.folio if name == "campaign_report" else national.brand.slug
    address = reverse(f"portal:{name}", args=[argument])
    query = {"desde": national.starts_on.isoformat(), "hasta": national.ends_on.isoformat()}

    with django_assert_max_num_queries(MAX_QUERIES):
        response = client.get(address, query)

    assert response.status_code == 200
    assert len(gzip.compress(response.content, 6)) <= MAX_BYTES
