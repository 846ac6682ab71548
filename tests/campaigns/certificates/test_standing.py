"""When a certificate can be issued, and what is said before."""

import pytest

from campaigns import lifecycle
from campaigns.certificates import issue, standing
from campaigns.certificates.errors import CertificateNotReady
from campaigns.models import Certificate, ReportHour
from campaigns.results.counts import Counts
from tests.campaigns.certificates.conftest import DAY
from tests.counts import at, make_final
from tests.results import put_counts

pytestmark = pytest.mark.django_db


def test_it_waits_for_the_end_and_says_until_when(live, editor):
    found = standing.of_campaign(live)

    assert found.final_at is None
    assert found.expected_at == at(live.ends_on + 4 * DAY)
    assert "Si termina el día previsto, podrás pedirla desde el" in found.reason
    with pytest.raises(CertificateNotReady, match="cuando la campaña termina"):
        issue.issue(live.pk, by=editor)
    assert not Certificate.objects.exists()


def test_it_waits_until_every_hour_is_final(over, editor):
    make_final(over.starts_on, over.ends_on)
    ReportHour.objects.filter(hour=at(over.ends_on, 23)).update(final=False)

    found = standing.of_campaign(over)

    assert (found.first, found.last, found.final_at) == (over.starts_on, over.ends_on, None)
    assert found.expected_at == at(over.ends_on + 4 * DAY)
    with pytest.raises(CertificateNotReady, match="todavía pueden cambiar"):
        issue.issue(over.pk, by=editor)
    assert not Certificate.objects.exists()


def test_it_is_ready_since_its_last_hour_became_final(final):
    found = standing.of_campaign(final)

    newest = ReportHour.objects.latest("completed_at").completed_at
    assert (found.final_at, found.reason) == (newest, "")


def test_one_that_never_aired_has_none(approved, editor):
    lifecycle.cancel(approved.pk, by=editor)
    make_final(approved.starts_on, approved.ends_on)
    approved.refresh_from_db()

    assert "no salió al aire" in standing.of_campaign(approved).reason
    with pytest.raises(CertificateNotReady, match="no salió al aire"):
        issue.issue(approved.pk, by=editor)


def test_one_cancelled_on_air_has_one_of_its_days_until_then(live, editor, time_machine):
    lifecycle.cancel(live.pk, by=editor)
    make_final(live.starts_on, live.starts_on)
    live.refresh_from_db()

    found = standing.of_campaign(live)

    assert (found.first, found.last) == (live.starts_on, live.starts_on)
    assert found.final_at is not None


def test_what_was_inserted_after_a_cancellation_has_to_be_final_too(live, editor):
    lifecycle.cancel(live.pk, by=editor)
    put_counts(live, {(at(live.starts_on + DAY, 0), "55"): Counts(12, 11, 1, 0)})
    make_final(live.starts_on, live.starts_on)
    live.refresh_from_db()

    found = standing.of_campaign(live)

    assert (found.last, found.final_at) == (live.starts_on + DAY, None)
    make_final(live.starts_on + DAY, live.starts_on + DAY)
    assert standing.of_campaign(live).final_at is not None
