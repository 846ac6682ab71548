"""The pages of occupancy for staff: exact figures, their holders, and impossible queries."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from inventory import capacity, reservations
from inventory.models import Capacity, ClosedDay
from portal.accounts.models import User
from segments import gazetteer
from segments.models import Lada
from tests.inventory import holds

JALISCO = "14"
OCCUPANCY = "/admin/inventory/capacity/ocupacion/"
VIEWS = ("view_capacity", "view_reservation", "view_campaign")


def staff(email, *codes):
    person = User.objects.create_user(email, "una-clave-larga-de-prueba", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codes))
    browser = Client()
    browser.force_login(person)
    return browser


@pytest.fixture
def desk(db):
    """The browser of a user who may view the inventory."""
    return staff("inventario@telefonica.mx", *VIEWS)


@pytest.fixture
def thousand(on_sale):
    """A capacity of 1,250 in each cell, of which 1,000 are on sale."""
    Capacity.objects.update(gross=1_250, capacity=1_000)
    return on_sale


def hold(first, **changes):
    wanted = {
        "reference": "LP-TEST22",
        "quantity": 300,
        "ladas": ["33"],
        "starts_on": first,
        "ends_on": first,
        "expires_at": timezone.now() + timedelta(hours=1),
    }
    return holds.hold(**wanted | changes)


def book(first, **changes):
    return reservations.book(hold(first, **changes).pk)


def address(name, *args, **query):
    path = reverse(f"admin:inventory_{name}", args=args)
    return path + ("?" + "&".join(f"{key}={value}" for key, value in query.items()))


def text_of(response):
    return response.content.decode()


def table_of(desk, *args, **query):
    name = "occupancy_state" if args else "occupancy"
    return desk.get(address(name, *args, **query)).context["table"]


def row_of(table, name):
    [row] = [row for row in table.rows if name in (row.name, row.lada)]
    return row


def days_from_today(day):
    return (day - timezone.localdate()).days


# ── the heat map ─────────────────────────────────────────────────────────────


def test_each_state_shows_what_is_planned_of_what_is_on_sale(thousand, desk):
    own = Lada.objects.filter(state=JALISCO).count()
    ladas = list(Lada.objects.filter(state=JALISCO).values_list("code", flat=True))
    hold(thousand, ladas=ladas, quantity=own * 300)
    book(thousand, ladas=ladas, quantity=own * 550)

    table = table_of(desk)

    column = days_from_today(thousand)
    cell = row_of(table, "Jalisco").cells[column]
    assert (cell.text, cell.step) == ("85", "step-4")
    assert (
        f"{own * 1_000:,} a la venta, {own * 300:,} apartadas, {own * 550:,} comprometidas, "
        f"{own * 150:,} libres" in cell.title
    )
    assert cell.url == address("occupancy_state_day", JALISCO, thousand).rstrip("?")
    assert {row.cells[column].text for row in table.rows if row.name != "Jalisco"} == {"0"}
    assert [row.name for row in table.rows] == list(gazetteer.current().states.values())
    assert len(table.columns) == 10


def test_the_whole_nation_and_the_whole_period_are_added_up(thousand, desk):
    hold(thousand, ladas=["33"], quantity=1_000)

    table = table_of(desk)

    column = days_from_today(thousand)
    assert table.total.name == "Todo México"
    assert "413,000 a la venta, 1,000 apartadas" in table.total.cells[column].title
    assert "4,130,000 a la venta, 1,000 apartadas" in table.total.total.title
    own = Lada.objects.filter(state=JALISCO).count()
    assert f"{own * 10_000:,} a la venta, 1,000 apart" in row_of(table, "Jalisco").total.title
    assert table.total.cells[column].text == "1"


def test_a_lada_of_two_states_counts_in_that_of_its_city_alone(thousand, desk):
    two = next(
        lada
        for lada in Lada.objects.prefetch_related("zone__zone_states__state").order_by("code")
        if len(lada.zone.states_in_order) == 2
    )
    home, other = two.zone.states_in_order
    assert home == two.state
    hold(thousand, ladas=[two.code], quantity=1_000)

    table = table_of(desk)
    column = days_from_today(thousand)
    page = desk.get(address("occupancy_state", other.code))

    assert "1,000 apartadas" in row_of(table, home.common_name).cells[column].title
    assert " 0 apartadas" in row_of(table, other.common_name).cells[column].title
    assert two.code not in [row.lada for row in page.context["table"].rows]
    assert f"{two.code} {two.city}" in page.context["scope"].shared_ladas
    assert "cuenta solo en el de su ciudad principal" in text_of(page)


def test_a_state_shows_its_ladas_with_their_cities(thousand, desk):
    hold(thousand, ladas=["33"], quantity=1_000)

    table = table_of(desk, JALISCO)

    row = row_of(table, "33")
    cell = row.cells[days_from_today(thousand)]
    assert (row.name, cell.text, cell.step) == ("Guadalajara", "100", "step-5")
    assert cell.url == address("occupancy_cell", "33", thousand).rstrip("?")
    assert table.total.name == "Todo Jalisco"
    assert len(table.rows) == Lada.objects.filter(state=JALISCO).count()


def test_a_closed_day_has_its_reason_in_place_of_a_percentage(thousand, desk):
    ClosedDay.objects.create(day=thousand, reason="Mantenimiento")
    Capacity.objects.filter(day=thousand).update(capacity=0)

    page = desk.get(OCCUPANCY)

    table, column = page.context["table"], days_from_today(thousand)
    cell = row_of(table, "Jalisco").cells[column]
    assert (cell.text, cell.step) == ("–", "none")
    assert cell.title.endswith("nada a la venta")
    assert table.columns[column].closed == "Mantenimiento"
    assert "(Mantenimiento)" in text_of(page)


def test_the_summary_has_the_share_sold_and_the_fullest_day(thousand, desk):
    every = [lada.code for lada in Lada.objects.all()]
    hold(thousand, ladas=every, quantity=41_300)
    book(thousand, ladas=every, quantity=330_400)

    summary = desk.get(OCCUPANCY).context["summary"].replace("\N{NO-BREAK SPACE}", " ")

    assert summary.startswith(
        "Los próximos 10 días: 4,130,000 notificaciones a la venta, 8 % vendido y "
        "1 % apartado en revisión. El día más lleno es el "
    )
    assert summary.endswith("con 90 %.")


def test_an_empty_inventory_has_a_message(thousand, desk):
    assert desk.get(OCCUPANCY).context["summary"].endswith("todavía no se ha apartado ninguna.")


def test_a_page_of_nothing_on_sale_has_a_message(desk):
    for name in ("occupancy", "sell_through", "occupancy_csv"):
        assert "Todavía no hay días a la venta" in text_of(desk.get(address(name)))


def test_many_days_are_displayed_by_weeks_that_link_to_their_days(thousand, desk):
    capacity.open_days(60)
    today = timezone.localdate()
    hold(thousand, ladas=["33"], quantity=500)

    page = desk.get(address("occupancy", desde=today, hasta=today + timedelta(days=59)))

    columns = page.context["table"].columns
    assert columns[0].first == today
    assert columns[-1].last == today + timedelta(days=59)
    assert {column.first.weekday() for column in columns[1:]} == {0}
    assert sum((c.last - c.first).days + 1 for c in columns) == 60
    assert f"desde={columns[1].first}&hasta={columns[1].last}" in columns[1].url
    text = " ".join(cell.title for cell in row_of(page.context["table"], "Jalisco").cells)
    assert text.count("500 apartadas") == 1


def test_the_window_moves_and_stops_at_either_end(desk, db):
    capacity.open_days(100)
    today = timezone.localdate()

    def way(label, **window):
        links = dict(desk.get(address("occupancy", **window)).context["window"].links)
        return links[label]

    def days(first, last):
        return f"?desde={today + timedelta(first)}&hasta={today + timedelta(last)}"

    assert way("7 días después") == days(7, 36)
    assert way("7 días antes") == ""
    assert way("30 días después") == days(30, 59)
    at_end = {"desde": today + timedelta(60), "hasta": today + timedelta(89)}
    assert way("30 días después", **at_end) == days(70, 99)
    assert way("30 días antes", **at_end) == days(30, 59)
    assert way("Todo el horizonte") == days(0, 99)
    assert way("Próximos 30 días", **at_end) == "?"


# ── one day, one cell ────────────────────────────────────────────────────────


def test_a_day_shows_every_state_and_its_sum(thousand, desk):
    hold(thousand, ladas=["33"], quantity=250)
    book(thousand, ladas=["81"], quantity=1_000)

    page = desk.get(address("occupancy_day", thousand))

    lines = {line.name: line.figures for line in page.context["rows"]}
    assert (lines["Jalisco"].held, lines["Jalisco"].booked) == (250, 0)
    assert (lines["Nuevo León"].held, lines["Nuevo León"].booked) == (0, 1_000)
    assert page.context["total"] == (413 * 1_250, 413_000, 250, 1_000)
    assert "Todo México, " in text_of(page)


def test_a_day_of_a_state_shows_its_ladas_as_bars(thousand, desk):
    hold(thousand, ladas=["33"], quantity=250)
    book(thousand, ladas=["33"], quantity=500)

    page = desk.get(address("occupancy_state_day", JALISCO, thousand))

    [line] = [line for line in page.context["rows"] if line.lada == "33"]
    assert [(part.kind, part.x, part.width) for part in line.parts] == [
        ("booked", "0.00", "50.00"),
        ("held", "50.00", "25.00"),
        ("free", "75.00", "25.00"),
    ]
    assert line.url == address("occupancy_cell", "33", thousand).rstrip("?")


def test_a_cell_shows_its_figures_and_holders(thousand, desk):
    second = thousand + timedelta(days=1)
    large = book(
        thousand, reference="LP-GRANDE", ladas=["33", "81"], quantity=1_600, ends_on=second
    )
    small = hold(thousand, reference="LP-CHICA", ladas=["33"], quantity=25)

    page = desk.get(address("occupancy_cell", "33", thousand))

    assert page.context["figures"] == (1_250, 1_000, 25, 400)
    assert page.context["safety"] == 250
    assert [(h.reservation, h.here) for h in page.context["holders"]] == [(large, 400), (small, 25)]
    text = text_of(page)
    assert f'{reverse("admin:campaigns_campaign_changelist")}?q=LP-GRANDE"' in text
    assert reverse("admin:inventory_reservation_change", args=[small.pk]) in text
    assert "1,600" in text


def test_the_link_of_a_holder_finds_its_campaign(campaign_in_review, desk):
    cell = address("occupancy_cell", "33", campaign_in_review.starts_on)
    link = f"{reverse('admin:campaigns_campaign_changelist')}?q={campaign_in_review.folio}"

    assert link in text_of(desk.get(cell))
    assert campaign_in_review.name in text_of(desk.get(link))


def test_links_to_campaigns_need_the_permission_to_view_them(thousand):
    hold(thousand)

    text = text_of(
        staff("otra@telefonica.mx", "view_capacity").get(address("occupancy_cell", "33", thousand))
    )

    assert "LP-TEST22" in text
    assert "?q=LP-TEST22" not in text
    assert "/reservation/" not in text


def test_a_cell_without_holders_has_a_message(thousand, desk):
    assert "Ningún apartado tiene" in text_of(desk.get(address("occupancy_cell", "33", thousand)))


def test_only_the_largest_holders_are_displayed_and_the_rest_is_added_up(
    thousand, desk, monkeypatch
):
    monkeypatch.setattr("inventory.admin.occupancy.MAX_HOLDERS", 2)
    for quantity in (10, 40, 20, 30):
        hold(thousand, quantity=quantity)

    page = desk.get(address("occupancy_cell", "33", thousand))

    assert [holder.here for holder in page.context["holders"]] == [40, 30]
    assert page.context["others_here"] == 30
    assert "2 apartados más" in text_of(page)


# ── one reservation ──────────────────────────────────────────────────────────


def test_a_reservation_is_displayed_by_day_and_state(thousand, desk):
    second = thousand + timedelta(days=1)
    reservation = hold(thousand, ladas=["33", "81"], quantity=400, ends_on=second, daily_cap=250)
    reservations.book(reservation.pk)

    page = desk.get(reverse("admin:inventory_reservation_change", args=[reservation.pk]))

    assert [(d.day, d.planned, d.ceiling) for d in page.context["by_day"]] == [
        (thousand, 200, 250),
        (second, 200, 250),
    ]
    assert page.context["places"] == [
        ("Jalisco", ["33 Guadalajara"]),
        ("Nuevo León", ["81 Monterrey"]),
    ]
    assert [entry.action for entry in page.context["journal"]] == ["book", "hold"]
    assert "hasta 250 por día" in text_of(page)
    assert "[" not in text_of(page).partition("<main")[2]


def test_a_reservation_that_ended_has_a_page(thousand, desk):
    reservation = hold(thousand)
    reservations.release(reservation.pk)

    page = desk.get(reverse("admin:inventory_reservation_change", args=[reservation.pk]))

    assert "Ya no tiene notificaciones planeadas." in text_of(page)


def test_a_missing_reservation_redirects_to_the_list(desk):
    for key in ("999999", "abc"):
        response = desk.get(reverse("admin:inventory_reservation_change", args=[key]))
        assert response.status_code == 302


# ── files ────────────────────────────────────────────────────────────────────


def rows_of(response):
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(text_of(response))))


def test_the_file_has_each_day_of_each_state(thousand, desk):
    hold(thousand, ladas=["33"], quantity=250)
    book(thousand, ladas=["33"], quantity=500)

    rows = rows_of(desk.get(address("occupancy_csv", desde=thousand, hasta=thousand)))

    own = Lada.objects.filter(state=JALISCO).count()
    assert len(rows) == 32
    [row] = [row for row in rows if row["estado"] == "Jalisco"]
    assert row == {
        "dia": thousand.isoformat(),
        "estado": "Jalisco",
        "capacidad": str(own * 1_250),
        "a_la_venta": str(own * 1_000),
        "apartadas": "250",
        "comprometidas": "500",
        "libres": str(own * 1_000 - 750),
        "porcentaje": str(750 * 100 // (own * 1_000)),
    }


@pytest.mark.parametrize("chosen", [{"estado": JALISCO}, {"por": "lada"}])
def test_the_file_has_each_day_of_each_lada(thousand, desk, chosen):
    hold(thousand, ladas=["33"], quantity=250)
    last = thousand + timedelta(days=1)

    rows = rows_of(desk.get(address("occupancy_csv", desde=thousand, hasta=last, **chosen)))

    ladas = Lada.objects.filter(state=JALISCO) if "estado" in chosen else Lada.objects.all()
    assert len(rows) == 2 * ladas.count()
    [row] = [r for r in rows if r["lada"] == "33" and r["dia"] == thousand.isoformat()]
    assert (row["ciudad"], row["apartadas"], row["libres"]) == ("Guadalajara", "250", "750")


# ── permissions and impossible queries ───────────────────────────────────────


def every_page(day, reservation):
    yield address("occupancy")
    yield address("occupancy_state", JALISCO)
    yield address("occupancy_day", day)
    yield address("occupancy_state_day", JALISCO, day)
    yield address("occupancy_cell", "33", day)
    yield address("occupancy_csv")
    yield address("sell_through")
    yield address("sell_through_csv", "dias")
    yield reverse("admin:inventory_reservation_change", args=[reservation.pk])


def test_staff_without_the_permission_are_refused(thousand):
    reservation, other = hold(thousand), staff("otra@telefonica.mx", "view_campaign")

    for page in every_page(thousand, reservation):
        assert other.get(page).status_code == 403, page


def test_a_brand_cannot_see_the_pages(thousand, owner):
    reservation, browser = hold(thousand), Client()

    for person in (None, owner):
        if person:
            browser.force_login(person)
        for page in every_page(thousand, reservation):
            response = browser.get(page)
            assert response.status_code in (302, 403), page
            assert "LP-TEST22" not in text_of(response)


def test_nothing_is_written_by_these_pages(thousand, desk):
    reservation = hold(thousand)

    for page in every_page(thousand, reservation):
        assert desk.post(page).status_code in (403, 405), page


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("desde=basura", "«basura» no es una fecha"),
        ("hasta=2026-02-30", "«2026-02-30» no existe en el calendario"),
        ("desde=" + "9" * 500, "no es una fecha"),
        ("desde=%00&hasta=%F0%9F", "no es una fecha"),
        ("desde=1999-01-01", "ya pasaron"),
        ("desde=1999-01-01&hasta=1999-02-01", "ya pasaron"),
        ("hasta=0001-01-01", "ya pasaron"),
        ("desde=9999-12-31", "El último día a la venta es"),
        ("hasta=9999-12-31", "El último día a la venta es"),
        ("desde=2999-01-01&hasta=1999-01-01", "se intercambiaron"),
        ("desde=<script>", "«&lt;script&gt;» no es una fecha"),
    ],
)
def test_impossible_days_are_corrected_with_a_notice(thousand, desk, query, text):
    for page in (OCCUPANCY, address("occupancy_state", JALISCO).rstrip("?")):
        response = desk.get(f"{page}?{query}")

        assert response.status_code == 200
        assert text in text_of(response)
        window = response.context["window"]
        assert window.today <= window.first <= window.last <= window.end


def test_days_that_are_all_past_show_the_usual_window(thousand, desk):
    window = desk.get(f"{OCCUPANCY}?desde=basura&hasta=1999-01-01").context["window"]

    assert (window.first, window.last) == (window.today, window.end)


@pytest.mark.parametrize(
    ("name", "args", "text"),
    [
        ("occupancy_state", ["99"], "No hay un estado con la clave «99»"),
        ("occupancy_state", ["<b>"], "No hay un estado"),
        ("occupancy_day", ["basura"], "«basura» no es un día a la venta"),
        ("occupancy_day", ["1999-01-01"], "no es un día a la venta"),
        ("occupancy_day", ["9999-12-31"], "no es un día a la venta"),
        ("occupancy_state_day", ["99", "{day}"], "No hay un estado"),
        ("occupancy_cell", ["999999", "{day}"], "No hay una LADA «999999»"),
        ("occupancy_cell", ["ñ", "{day}"], "No hay una LADA «ñ»"),
        ("occupancy_cell", ["33", "2026-13-01"], "no es un día a la venta"),
    ],
)
def test_a_url_of_nothing_redirects_with_a_message(thousand, desk, name, args, text):
    args = [arg.format(day=thousand) for arg in args]

    page = desk.get(reverse(f"admin:inventory_{name}", args=args), follow=True)

    assert page.redirect_chain == [(OCCUPANCY, 302)]
    assert text in text_of(page)


def test_a_file_of_no_state_redirects(thousand, desk):
    assert desk.get(address("occupancy_csv", estado="99"))["Location"] == OCCUPANCY
    assert desk.get(address("sell_through_csv", "otra")).status_code == 404


def test_pages_make_as_many_queries_for_a_full_inventory_as_for_an_empty_one(
    thousand, desk, django_assert_max_num_queries
):
    for number in range(20):
        book(thousand, reference=f"LP-{number}", ladas=["33", "81"], quantity=20)
    [*_, last] = [hold(thousand) for _ in range(3)]

    desk.get(OCCUPANCY)  # the catalogue is read once
    for page in every_page(thousand, last):
        with django_assert_max_num_queries(12):
            assert desk.get(page).status_code == 200
