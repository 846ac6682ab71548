from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns import readiness
from campaigns.models import Campaign

MEXICO = ZoneInfo("America/Mexico_City")


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-11-22 00:00:00", "2026-11-24"),
        ("2026-11-22 00:00:01", "2026-11-25"),
        ("2026-11-22 10:42:00", "2026-11-25"),
        ("2026-11-22 23:59:59", "2026-11-25"),
        ("2026-12-31 12:00:00", "2027-01-03"),
    ],
)
def test_the_first_day_begins_48_hours_or_more_after_sending(now, first):
    moment = datetime.fromisoformat(now).replace(tzinfo=MEXICO)

    day = readiness.first_possible_day(moment)

    assert day.isoformat() == first
    begins = datetime.combine(day, datetime.min.time(), MEXICO)
    assert timedelta(hours=48) <= begins - moment < timedelta(hours=72)


def test_the_channel_day_is_mexicos_whatever_the_clock_of_the_server():
    late_in_mexico = datetime(2026, 11, 23, 5, 30, tzinfo=ZoneInfo("UTC"))

    assert readiness.first_possible_day(late_in_mexico).isoformat() == "2026-11-25"


@pytest.fixture
def campaign(terms):
    return Campaign(**terms)


def test_a_complete_campaign_can_be_sent(campaign):
    assert readiness.problems(campaign) == {}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "   ", "nombre"),
        ("text", "", "Escribe"),
        ("text", "Hola: hoy", "«:»"),
        ("area", {}, "Elige dónde"),
        ("area", {"ladas": ["12"]}, "12"),
        ("area", {"ladas": ["55"], "excluded_ladas": ["55"]}, ""),
        ("area", {"ladas": 5}, "lista"),
        ("starts_on", None, "primer día"),
        ("ends_on", None, "último día"),
        ("volume", None, "cuántas"),
        ("volume", 0, "entre 1 y"),
        ("volume", -7, "entre 1 y"),
        ("volume", 1_200_000_001, "entre 1 y"),
        ("daily_cap", 19_999, "59,997"),
    ],
)
def test_problems_are_reported_by_field(campaign, field, value, message):
    setattr(campaign, field, value)

    problems = readiness.problems(campaign)

    assert list(problems) == [field]
    assert message in problems[field][0]


def test_the_problem_of_a_day_too_soon_names_the_first_possible_one(campaign):
    campaign.starts_on -= timedelta(days=1)

    (message,) = readiness.problems(campaign)["starts_on"]

    assert "48 horas" in message
    assert str((campaign.starts_on + timedelta(days=1)).year) in message


def test_days_reversed_or_beyond_the_horizon_are_refused(campaign):
    campaign.ends_on = campaign.starts_on - timedelta(days=1)
    assert "anterior" in readiness.problems(campaign)["ends_on"][0]

    campaign.ends_on = readiness.last_open_day() + timedelta(days=1)
    assert "Se vende hasta" in readiness.problems(campaign)["ends_on"][0]


def test_a_promotion_states_a_validity_that_covers_the_campaign(campaign):
    campaign.use = Campaign.Use.PROMOTION
    assert "vigencia" in readiness.problems(campaign)["promotion_ends_on"][0]

    campaign.promotion_ends_on = campaign.ends_on - timedelta(days=1)
    assert "alarga" in readiness.problems(campaign)["promotion_ends_on"][0]

    campaign.promotion_ends_on = campaign.ends_on
    assert readiness.problems(campaign) == {}
