"""Files of results: what their cells say, and that their sums are those of the ledger."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.exports import files, rows
from campaigns.exports.errors import TooManyRows
from campaigns.exports.selection import CampaignDay, Selection, count_rows
from campaigns.models import AdOrder, Campaign, DayCount, HourCount, HourTotal, Link, LinkHour
from campaigns.results import summary
from campaigns.results.blocks import Grain
from campaigns.results.counts import Counts
from tests.campaigns.exports.reading import (
    SUMS,
    as_day,
    counts,
    instant,
    read,
    read_xlsx,
    sums,
    write,
)
from tests.counts import make_final
from tests.results import COUNTS, put_counts

pytestmark = pytest.mark.django_db(transaction=True)

# Two of one state; Guadalajara; Mexico City and its overlay; one that spans two states; unknown.
LADAS = ("664", "686", "33", "55", "56", "871", "200")
COUNT = st.one_of(st.integers(0, 12), st.integers(0, 500))
TABLES = st.dictionaries(
    st.tuples(st.integers(0, 2), st.integers(0, 23), st.sampled_from(LADAS)), COUNT, min_size=1
)


def selection(campaign, first=0, last=2, *, one=True) -> Selection:
    begin = campaign.starts_on
    days = begin + timedelta(first), begin + timedelta(last)
    return Selection(campaign.brand, campaign if one else None, *days)


def put(campaign, table) -> None:
    put_counts(
        campaign,
        {(instant(campaign, d, h), lada): counts(n) for (d, h, lada), n in table.items()},
    )


def ledger(chosen: Selection) -> list[int]:
    """Return the sums of the day totals, by a query of their own."""
    orders = AdOrder.objects.filter(campaign__brand=chosen.brand)
    if chosen.campaign:
        orders = orders.filter(campaign=chosen.campaign)
    found = DayCount.objects.filter(
        ad_order__in=list(orders.values_list("pk", flat=True)),
        day__range=(chosen.first, chosen.last),
    ).aggregate(*map(Sum, COUNTS))
    total = Counts(*(value or 0 for value in found.values()))
    return [*total, total.pending]


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(TABLES, TABLES, st.tuples(st.integers(0, 2), st.integers(0, 2)), st.booleans())
def test_every_file_adds_up_to_the_ledger_and_the_page(campaign, other, own, others, span, one):
    for model in (HourCount, HourTotal, DayCount):
        model.objects.all().delete()
    put(campaign, own)
    put(other, others)
    chosen = selection(campaign, *sorted(span), one=one)
    expected = ledger(chosen)
    page = summary.of(chosen.campaigns(), chosen.first, chosen.last).total
    assert expected == [*page, page.pending]

    for grain in Grain:
        for file_format in ("csv", "xlsx"):
            data = write(chosen, grain, file_format)
            found = read(data, file_format)
            assert sums(found) == expected, (grain, file_format)
            assert len(found) <= count_rows(chosen.days(), grain)
            keys = [tuple(v for k, v in row.items() if k not in SUMS) for row in found]
            assert len(keys) == len(set(keys)), (grain, file_format)
            if file_format == "xlsx":
                head, *_rows, total = read_xlsx(data)["Resultados"]
                assert [total[head.index(name)] for name in SUMS] == expected


def test_a_file_without_one_part_would_not_add_up(campaign, monkeypatch):
    """The negative control of the test above."""
    put(campaign, {(day, 10, "55"): 100 for day in range(3)})
    monkeypatch.setattr(rows, "PART", 1)
    chosen = selection(campaign)
    assert sums(read(write(chosen, Grain.DAY_LADA, "csv"), "csv")) == ledger(chosen)
    real = rows.parts
    monkeypatch.setattr(rows, "parts", lambda days: list(real(days))[:-1])

    assert sums(read(write(chosen, Grain.DAY_LADA, "csv"), "csv")) != ledger(chosen)


def test_the_cells_of_a_day(campaign):
    put(campaign, {(0, 10, "55"): 40, (0, 11, "33"): 20})
    day = campaign.starts_on
    make_final(day, day)

    [row] = read(write(selection(campaign), Grain.DAY, "csv"), "csv")

    assert row.pop("final desde").count(":") == 2
    assert row == {
        "fecha": day.isoformat(),
        "folio": campaign.folio,
        "campaña": "Recarga de diciembre",
        "con anuncio": "60",
        "entregadas": "45",
        "fallidas": "7",
        "sin acuse": "3",
        "pendientes": "5",
        "clics": "0",
        "final": "sí",
    }


def test_the_cells_of_an_hour_and_a_lada(campaign):
    put(campaign, {(1, 14, "55"): 40, (1, 14, "33"): 20})
    day = campaign.starts_on + timedelta(1)

    found = read(write(selection(campaign), Grain.HOUR_LADA, "csv"), "csv")

    when = [day.isoformat(), "14:00-06:00", f"{day}T20:00Z", campaign.folio, campaign.name]
    assert [list(row.values())[:9] for row in found] == [
        [*when, "Ciudad de México", "55", "Ciudad de México", "40"],
        [*when, "Jalisco", "33", "Guadalajara", "20"],
    ]
    assert {(row["final"], row["final desde"]) for row in found} == {("no", "")}


def test_what_is_merged_says_so(campaign):
    put(campaign, {(0, 10, "664"): 40, (0, 10, "686"): 4, (0, 12, "55"): 100, (0, 10, "33"): 3})
    put(campaign, {(1, 9, "55"): 30, (1, 10, "55"): 4})

    by_lada = read(write(selection(campaign, 0, 0), Grain.DAY_LADA, "csv"), "csv")
    by_hour = read(write(selection(campaign, 0, 1), Grain.HOUR, "csv"), "csv")

    assert [(row["estado"], row["LADA"], row["con anuncio"]) for row in by_lada] == [
        ("Ciudad de México", "55", "100"),
        ("Otros estados", "otras", "47"),
    ]
    assert [row["hora"] for row in by_hour] == ["10:00-06:00", "12:00-06:00", "varias"]
    assert by_hour[2]["hora UTC"] == ""
    assert by_hour[2]["con anuncio"] == "34"


def test_a_sheet_has_days_and_counts_as_such_and_says_what_it_is(campaign):
    put(campaign, {(0, 10, "55"): 40_000})

    book = read_xlsx(write(selection(campaign), Grain.DAY, "xlsx"))

    [head, row, total] = book["Resultados"]
    assert as_day(row[0]) == campaign.starts_on
    assert total[0] == "Total"
    assert (row[head.index("con anuncio")], total[head.index("con anuncio")]) == (40_000, 40_000)
    about = dict(book["Acerca"])
    assert about["Marca"] == "Tienda"
    assert about["Campañas"] == f"{campaign.folio} {campaign.name}"
    assert about["Detalle"] == "Día"
    assert about["Cuentas"].startswith("Provisionales")
    assert "Menos de 10 notificaciones" in about["Otras y otros"]
    make_final(campaign.starts_on, campaign.starts_on)
    about = dict(read_xlsx(write(selection(campaign), Grain.DAY, "xlsx"))["Acerca"])
    assert about["Cuentas"].startswith("Finales desde el")


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        'coma, y "comillas"',
        "dos\nlíneas",
        "https://tienda.mx",
        "007",
        "'=1",
    ],
)
def test_a_name_stays_text(campaign, name):
    Campaign.objects.filter(pk=campaign.pk).update(name=name)
    put(campaign, {(0, 10, "55"): 40})
    chosen = selection(Campaign.objects.get(pk=campaign.pk))

    [of_csv] = read(write(chosen, Grain.DAY, "csv"), "csv")
    [of_sheet] = read(write(chosen, Grain.DAY, "xlsx"), "xlsx")

    assert of_csv["campaña"].lstrip("'") == name.lstrip("'")
    assert of_csv["campaña"][0] not in "=+-@\t"
    assert of_sheet["campaña"] == name


def test_a_name_that_is_not_escaped_would_be_a_formula(campaign, monkeypatch):
    """The negative control of the test above."""
    Campaign.objects.filter(pk=campaign.pk).update(name="=1+1")
    put(campaign, {(0, 10, "55"): 40})
    chosen = selection(Campaign.objects.get(pk=campaign.pk))
    monkeypatch.setattr("core.sheets.escape_formula", lambda value: value)
    monkeypatch.setattr(files, "_cell_writer", _guessing_writer)

    [row] = read(write(chosen, Grain.DAY, "csv"), "csv")
    assert row["campaña"].startswith("=")

    monkeypatch.setattr(files, "_OPTIONS", {"constant_memory": True})
    with pytest.raises(AssertionError, match="a formula"):
        read(write(chosen, Grain.DAY, "xlsx"), "xlsx")


def _guessing_writer(_workbook, sheet, index, _kind):
    return lambda row, cell: sheet.write(row, index, str(cell))


def test_clicks_are_those_of_the_page_also_on_days_without_notifications(campaign):
    put(campaign, {(0, 10, "55"): 40})
    link = Link.objects.create(campaign=campaign)
    for day, number in ((0, 7), (2, 5)):
        LinkHour.objects.create(
            link=link, hour=instant(campaign, day, 12), kind=LinkHour.Kind.PEOPLE, count=number
        )

    found = read(write(selection(campaign), Grain.DAY, "csv"), "csv")

    assert [(row["con anuncio"], row["clics"]) for row in found] == [("40", "7"), ("0", "5")]
    head, *_rows, total = read_xlsx(write(selection(campaign), Grain.DAY, "xlsx"))["Resultados"]
    assert total[head.index("clics")] == 12


def write_while_counts_change(chosen: Selection, monkeypatch) -> list[int]:
    """Write a file part by part, add a notification to each day at each, and return its sums."""
    monkeypatch.setattr(rows, "PART", 1)
    monkeypatch.setattr(files, "STEP", 1)
    file = io.BytesIO()
    with another_session() as cursor:
        add = "UPDATE campaigns_daycount SET inserted = inserted + 1"
        files.write(file, chosen, Grain.DAY_LADA, "csv", lambda _share: cursor.execute(add))
    return sums(list(csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig")))))


@contextmanager
def another_session() -> Iterator:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()


def test_a_file_is_of_one_moment(campaign, monkeypatch):
    put(campaign, {(day, 10, "55"): 100 for day in range(3)})
    before = ledger(selection(campaign))

    assert write_while_counts_change(selection(campaign), monkeypatch) == before
    assert ledger(selection(campaign))[0] > before[0]


def test_a_file_of_several_moments_would_be_noticed(campaign, monkeypatch):
    """The negative control of the test above."""
    put(campaign, {(day, 10, "55"): 100 for day in range(3)})
    before = ledger(selection(campaign))
    monkeypatch.setattr(files, "one_snapshot", contextmanager(lambda: (yield)))

    assert write_while_counts_change(selection(campaign), monkeypatch) != before


def test_a_sheet_with_more_rows_than_a_sheet_holds_is_refused(campaign, monkeypatch):
    put(campaign, {(day, 10, "55"): 100 for day in range(3)})
    monkeypatch.setattr(files, "EXCEL_ROWS", 2)

    with pytest.raises(TooManyRows, match=r"en una hoja de Excel caben 2: elige CSV"):
        write(selection(campaign), Grain.DAY, "xlsx")


def test_parts_have_all_days_once_and_no_part_reads_a_day_of_another():
    def day(campaign, number, ladas):
        return CampaignDay(campaign, timezone.localdate() + timedelta(number), ladas, 24)

    days = [
        *(day(1, number, 3) for number in range(3)),
        *(day(2, number, 900) for number in range(7)),
        *(day(3, number, 900) for number in (0, 5)),
        *(day(4, number, 1) for number in (2, 4)),
    ]

    found = list(rows.parts(days))

    read_days = [
        each
        for part in found
        for each in days
        if each.campaign in part.campaigns and part.first <= each.day <= part.last
    ]
    assert read_days == days
    assert sum(part.ladas for part in found) == sum(each.ladas for each in days)
    assert max(part.ladas for part in found) < rows.PART + 900
    assert [part.campaigns for part in found] == [[1], [2], [2], [2], [3, 4]]
