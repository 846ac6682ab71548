"""Results by API: rows, pages, what changed between two readings, and who may read."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from campaigns import lifecycle, references
from campaigns.api import results
from campaigns.models import Campaign, WebhookDelivery
from campaigns.models.webhook import RESULTS_FINAL_TYPE
from campaigns.results import blocks, final_days
from campaigns.results.blocks import Grain
from campaigns.results.counts import Counts
from campaigns.webhooks import subscriptions
from tests.counts import at, make_final
from tests.results import put_counts

COUNTS = ("inserted", "delivered", "failed", "noReceipt")
LADAS = ("664", "686", "33", "55", "56", "81")


@pytest.fixture
def counted(approved):
    """A campaign with counts of 2 days, 3 hours and 6 LADAs, some of them small."""
    put_counts(approved, table(approved))
    return approved


def table(campaign, more=0):
    return {
        (at(campaign.starts_on + timedelta(day), hour), lada): Counts(
            n := 7 * (number + 1) * (day + 1) + hour + more, n - 5, 2, 1
        )
        for day in range(2)
        for hour in (9, 10, 23)
        for number, lada in enumerate(LADAS)
    }


def read(program, path="/results", **query):
    response = program.get(f"{path}?{urlencode(query, doseq=True)}")
    assert response.status_code == 200, response.content
    return response.json()


def walk(program, path="/results", **query):
    """Return the items of all pages, and the moment for the next reading."""
    items, cursor, moments = [], "", set()
    while cursor is not None:
        page = read(program, path, cursor=cursor, **query)
        items += page["items"]
        cursor = page["nextCursor"]
        moments.add(page["nextUpdatedSince"])
    [moment] = moments
    return items, moment


def sums(items):
    return tuple(sum(item[name] for item in items) for name in COUNTS)


def test_a_day_is_a_row_with_all_its_members(program, counted, editor):
    references.change(counted.pk, external_reference="OS-2231", by=editor)
    first = counted.starts_on
    expected = Counts()
    for (hour, _lada), counts in table(counted).items():
        if hour < at(first, 23) + timedelta(hours=1):
            expected = expected.plus(counts)

    page = read(program, fromDay=first, untilDay=first)

    as_of = page["items"][0]["asOf"]
    assert page["items"] == [
        {
            "campaign": counted.folio,
            "externalReference": "OS-2231",
            "day": first.isoformat(),
            "hour": None,
            "state": None,
            "lada": None,
            "merged": False,
            "inserted": expected.inserted,
            "delivered": expected.delivered,
            "failed": expected.failed,
            "noReceipt": expected.no_receipt,
            "pending": expected.pending,
            "isFinal": False,
            "finalizedAt": None,
            "asOf": as_of,
        }
    ]
    assert page["nextCursor"] is None
    assert page["nextUpdatedSince"] == as_of


@pytest.mark.parametrize("grain", Grain.values)
@pytest.mark.parametrize("size", [1, 4, 1_000])
def test_the_pages_of_each_grain_add_up_to_the_ledger(program, counted, grain, size):
    ledger = Counts()
    for counts in table(counted).values():
        ledger = ledger.plus(counts)

    items, _moment = walk(program, grain=grain, perPage=size)

    assert sums(items) == tuple(ledger)
    keys = [tuple(item[name] for name in ("day", "hour", "state", "lada")) for item in items]
    assert len(set(keys)) == len(keys)
    days = (counted.starts_on, counted.ends_on)
    assert len(items) == len(list(blocks.read([counted], *days, Grain(grain))))
    assert items == walk(program, f"/campaigns/{counted.folio}/results", grain=grain)[0]


def test_a_reader_that_follows_the_changes_has_what_a_new_reader_gets(program, counted):
    """Counts change before, between and after the pages of a reading."""
    kept, moment = {}, ""
    for turn in range(4):
        cursor, seen = "", {}
        while cursor is not None:
            page = read(program, grain="hour_lada", perPage=9, updatedSince=moment, cursor=cursor)
            for item in page["items"]:
                seen.setdefault((item["campaign"], item["day"]), []).append(item)
            cursor = page["nextCursor"]
            if cursor and turn < 2:
                changed = dict(list(table(counted, more=10 * turn + 5).items())[::4])
                put_counts(counted, changed, revision=turn * 100 + len(seen) + 2)
        kept |= seen
        moment = page["nextUpdatedSince"]

    fresh, _moment = walk(program, grain="hour_lada")
    assert [item for day in sorted(kept) for item in kept[day]] == fresh
    assert read(program, updatedSince=moment)["items"] == []


def test_a_moment_after_the_reading_would_miss_a_change(program, counted):
    """The negative control: the moment of the last page is later than that of the first."""
    first = read(program, grain="hour_lada", perPage=9)
    put_counts(counted, table(counted, more=20), revision=2)
    second = read(program, grain="hour_lada", perPage=9, cursor=first["nextCursor"])
    newest = read(program)["nextUpdatedSince"]

    assert second["nextUpdatedSince"] == first["nextUpdatedSince"] < newest
    assert read(program, updatedSince=newest)["items"] == []
    assert len(read(program, updatedSince=second["nextUpdatedSince"])["items"]) == 2


def test_a_window_that_a_webhook_named_reads_what_it_says(program, counted, brand, owner):
    subscriptions.create(brand.pk, "https://agencia-eventos.com/", [RESULTS_FINAL_TYPE], by=owner)
    make_final(counted.starts_on, counted.starts_on + timedelta(1))
    final_days.settle()
    event = json.loads(WebhookDelivery.objects.get().body)["data"]

    window = {name: event[name] for name in ("fromDay", "untilDay", "grain")}
    items = read(program, f"/campaigns/{event['id']}/results", **window)["items"]

    assert len(items) == 2
    assert all(item["isFinal"] and item["finalizedAt"] for item in items)
    for name in (*COUNTS, "pending"):
        assert sum(item[name] for item in items) == event[name]


def test_a_day_that_becomes_final_is_told_to_who_follows(program, counted):
    moment = read(program)["nextUpdatedSince"]
    make_final(counted.starts_on, counted.starts_on)
    final_days.settle()

    [item] = read(program, updatedSince=moment)["items"]
    assert (item["day"], item["isFinal"]) == (counted.starts_on.isoformat(), True)


def test_results_are_filtered_by_campaign_brand_and_reference(program, counted, editor, reviewer):
    copied = lifecycle.copy(counted.pk, by=editor)
    lifecycle.submit(copied.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.approve(copied.pk, version=1, by=reviewer)
    other = Campaign.objects.get(pk=copied.pk)
    put_counts(other, {(at(other.starts_on, 9), "55"): Counts(40, 30, 0, 0)})
    references.change(other.pk, external_reference="A 1", metadata={"cliente": "0419"}, by=editor)

    def folios(**query):
        return [item["campaign"] for item in read(program, **query)["items"]]

    both = [counted.folio] * 2 + [other.folio]
    assert folios() == folios(brand="tienda") == both
    assert folios(campaign=[counted.folio, other.folio]) == both
    assert folios(campaign=other.folio) == folios(externalReference="A 1") == [other.folio]
    assert folios(**{"metadata[cliente]": "0419"}) == [other.folio]
    assert folios(**{"metadata[cliente]": "0420"}) == folios(**{"metadata[]": "0419"}) == []
    assert folios(brand="otra") == folios(campaign="LP-222222") == []
    assert read(program, perPage=2)["items"][0]["campaign"] == counted.folio
    assert [item["campaign"] for item in walk(program, perPage=1)[0]] == both


def test_a_cursor_of_other_parameters_is_refused(program, counted):
    cursor = read(program, perPage=1, grain="hour")["nextCursor"]

    assert program.get(f"/results?perPage=7&grain=hour&cursor={cursor}").status_code == 200
    for query in ("grain=day", "grain=hour&brand=tienda", "grain=hour&fromDay=2020-01-01"):
        refused = program.get(f"/results?{query}&cursor={cursor}")
        assert (refused.status_code, refused.json()["code"]) == (400, "INVALID_ARGUMENT")
        assert [detail["field"] for detail in refused.json()["details"]] == ["cursor"]


@pytest.mark.parametrize(
    "content",
    [
        ["results"],
        ["results", "{digest}", None, 1, "2026-12-01", None],
        ["results", "{digest}", "ayer", 1, "2026-12-01", None, None],
        ["results", "{digest}", None, "x", "2026-12-01", None, None],
        ["results", "{digest}", None, 2**70, "2026-12-01", None, None],
        ["results", "{digest}", None, 1, "2026-13-01", None, None],
        ["results", "{digest}", None, 1, "2026-12-01", 7, None],
        ["results", "{digest}", None, 1, "2026-12-01", None, ["33"]],
        ["results", "{digest}", None, 1, "2026-12-01", None, {"a": 1}],
        ["newest", "{digest}", None, 1, "2026-12-01", None, None],
    ],
)
def test_a_cursor_that_was_made_up_is_refused(program, counted, content):
    digest = results._digest({"grain": "day"})
    text = results.write_cursor([digest if part == "{digest}" else part for part in content])

    refused = program.get(f"/results?cursor={text}")

    assert (refused.status_code, refused.json()["code"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("fromDay=2026-12-02&untilDay=2026-12-01", "untilDay"),
        ("grain=minute", "grain"),
        ("perPage=1001", "perPage"),
        ("updatedSince=2026-12-01", "updatedSince"),
        ("updatedSince=2026-12-01T10:00:00", "updatedSince"),
        ("fromDay=2026-12-01&fromDay=2026-12-02", "fromDay"),
        ("metadata=x", "metadata"),
        ("metadata=x&metadata[a]=b", "metadata"),
        ("metadata[a]=%00", "metadata.a"),
        ("nada[a]=b", "nada[a]"),
        ("&".join(["campaign=x"] * 101), "campaign"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(program, query, field):
    refused = program.get(f"/results?{query}")

    assert (refused.status_code, refused.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert [detail["field"] for detail in refused.json()["details"]] == [field]


def test_a_program_without_campaigns_on_air_gets_an_empty_page(program, draft):
    assert read(program) == {"items": [], "nextCursor": None, "nextUpdatedSince": None}
    assert read(program, f"/campaigns/{draft.folio}/results")["items"] == []


def test_another_brand_sees_nothing(counted, stranger, program_of):
    other = program_of(stranger.memberships.get().brand, stranger)

    assert read(other)["items"] == []
    assert other.get(f"/campaigns/{counted.folio}/results").status_code == 404
