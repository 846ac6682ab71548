"""How many rows a file has at most, and what is refused before it is written."""

from datetime import timedelta

import pytest
import time_machine
from django.test import override_settings
from django.utils import timezone

from campaigns.exports import selection
from campaigns.exports.errors import HoursNotKept, NothingToExport, TooManyRows
from campaigns.exports.selection import CampaignDay, Selection
from campaigns.results.blocks import Grain
from tests.campaigns.exports.reading import counts, instant
from tests.results import put_counts

pytestmark = pytest.mark.django_db


def test_rows_are_counted_from_what_was_counted(campaign):
    put_counts(
        campaign,
        {
            **{(instant(campaign, 0, hour), "55"): counts(50) for hour in range(3)},
            (instant(campaign, 0, 1), "33"): counts(50),
            (instant(campaign, 1, 23), "81"): counts(50),
        },
    )
    chosen = Selection(campaign.brand, None, campaign.starts_on, campaign.ends_on)

    days = chosen.days()

    first = campaign.starts_on
    assert days == [
        CampaignDay(campaign.pk, first, 2, 3),
        CampaignDay(campaign.pk, first + timedelta(1), 1, 1),
    ]
    assert [selection.count_rows(days, grain) for grain in Grain] == [2, 3, 3, 4, 7]
    assert chosen._replace(first=first + timedelta(1)).days() == days[1:]


def test_states_are_never_more_than_there_are():
    day = CampaignDay(1, timezone.localdate(), 413, 24)

    assert [day.rows(grain) for grain in Grain] == [1, 33, 413, 24, 9_912]


def test_nothing_is_refused(campaign):
    chosen = Selection(campaign.brand, campaign, campaign.starts_on, campaign.ends_on)

    with pytest.raises(NothingToExport, match="elige otros días"):
        selection.check(chosen.days(), Grain.DAY, "csv")


def test_hours_of_ladas_that_are_not_kept_are_refused_with_what_there_is():
    today = timezone.localdate()
    days = [CampaignDay(1, today - timedelta(ago), 1, 24) for ago in (90, 89)]

    with pytest.raises(HoursNotKept) as refusal:
        selection.check(days, Grain.HOUR_LADA, "csv")

    assert refusal.value.since == today - timedelta(89)
    assert "se guardan 90 días" in refusal.value.message
    assert selection.check(days, Grain.HOUR, "csv") == 48
    assert selection.check(days[1:], Grain.HOUR_LADA, "csv") == 24
    with override_settings(REPORT_HOURS_KEPT_DAYS=91):
        assert selection.check(days, Grain.HOUR_LADA, "csv") == 48


@time_machine.travel("2026-07-02T05:30:00Z", tick=False)  # still the first of July in Mexico
def test_the_first_kept_day_is_one_of_which_all_hours_are_kept():
    assert selection.kept_since().isoformat() == "2026-04-03"


def test_what_a_sheet_does_not_hold_is_refused_with_what_would_do():
    days = [CampaignDay(1, timezone.localdate(), 413, 24)] * 106

    with pytest.raises(TooManyRows, match=r"1,050,672 filas y en una hoja .* 1,048,574: elige CSV"):
        selection.check(days, Grain.HOUR_LADA, "xlsx")

    assert selection.check(days, Grain.HOUR_LADA, "csv") == 1_050_672
    with pytest.raises(TooManyRows, match=r"a lo más 2,000,000: elige una campaña, menos días"):
        selection.check(days * 2, Grain.HOUR_LADA, "csv")
