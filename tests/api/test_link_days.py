"""Clicks of a short link by channel day, and the link of a campaign."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Link, LinkHour
from tests.counts import at


@pytest.fixture
def link(draft):
    link = Link.objects.get_or_create_for(draft)
    today = timezone.localdate()
    Link.objects.update(created_at=at(today - timedelta(9), 12))
    for back, hour, kind, count in (
        (9, 23, "people", 3),  # its day in UTC is the next one
        (8, 0, "people", 4),
        (8, 13, "people", 5),
        (8, 13, "bots", 50),
        (7, 13, "bots", 60),
        (0, 0, "people", 6),
    ):
        LinkHour.objects.create(
            link=link, hour=at(today - timedelta(back), hour), kind=kind, count=count
        )
    return link


def test_the_days_with_clicks_of_people_are_listed_in_pages(program, link):
    today = timezone.localdate()
    expected = [
        {"day": (today - timedelta(back)).isoformat(), "people": people}
        for back, people in ((9, 3), (8, 9), (0, 6))
    ]
    path = f"/short-links/{link.code}/days"

    first = program.get(f"{path}?perPage=2").json()
    second = program.get(f"{path}?perPage=2&cursor={first['nextCursor']}").json()

    assert program.get(path).json() == {"items": expected, "nextCursor": None}
    assert [*first["items"], *second["items"]] == expected
    assert second["nextCursor"] is None


@pytest.mark.parametrize("cursor", ["WyJuZXdlc3QiLCIxIiwxXQ", "WyJkYXlzIl0", "WyJkYXlzIiwgIngiXQ"])
def test_a_cursor_of_another_list_is_refused(program, link, cursor):
    refused = program.get(f"/short-links/{link.code}/days?cursor={cursor}")

    assert (refused.status_code, refused.json()["code"]) == (400, "INVALID_ARGUMENT")


def test_the_link_of_a_campaign_is_found_by_its_folio(program, link, draft):
    [found] = program.get(f"/short-links?campaign={draft.folio}").json()["items"]

    assert found["code"] == link.code
    assert program.get("/short-links?campaign=LP-222222").json()["items"] == []
