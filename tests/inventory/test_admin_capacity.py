"""Changes of capacity over HTTP: permissions, the preview, and refusals."""

import csv
import io
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from inventory import audit, capacity_changes, reservations
from inventory.capacity_changes import Source
from inventory.capacity_csv import CellCapacity
from inventory.models import (
    Allocation,
    Capacity,
    CapacityChange,
    ClosedDay,
    Reservation,
    SafetyShare,
)
from inventory.terms import Terms
from portal.accounts.models import User

Status = CapacityChange.Status

HISTORY = "/admin/inventory/capacitychange/"
FILE, RANGE, DAYS, SHARE = (f"{HISTORY}nuevo/{n}/" for n in ("archivo", "rango", "dias", "reserva"))
AT_RISK = f"{HISTORY}en-riesgo/"
CSV = f"{HISTORY}csv/"


def staff(email, *permissions):
    user = User.objects.create_user(email, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def signed_in(user, **options):
    client = Client(**options)
    client.force_login(user)
    return client


@pytest.fixture
def planner(db):
    return staff("capacidad@telefonica.mx", "change_the_capacity")


@pytest.fixture
def desk(planner):
    return signed_in(planner)


@pytest.fixture
def first(on_sale):
    Capacity.objects.update(gross=100, capacity=100)
    return timezone.localdate() + timedelta(2)


@pytest.fixture
def proposed(first, planner):
    cells = [CellCapacity(first, "33", 70)]
    return capacity_changes.propose(Source.RANGE, by=planner, cells=cells, note="Falla")


@pytest.fixture
def breaking(first, proposed):
    """A reservation that the proposed change leaves 20 short."""
    return reservations.hold(
        Terms(
            ladas=["33"],
            starts_on=first,
            ends_on=first,
            quantity=90,
        ),
        reference="LP-7K3M2QX",
        expires_at=timezone.now() + timedelta(hours=1),
    )


def page_of(change):
    return reverse("admin:inventory_capacitychange_change", args=[change.pk])


def text_of(response):
    return " ".join(unescape(response.content.decode()).split())


def upload(client, text, name="capacidad.csv", **fields):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(FILE, {"file": SimpleUploadedFile(name, data), **fields})


def everything():
    models = (Capacity, Reservation, Allocation, ClosedDay, SafetyShare, CapacityChange)
    return [list(model.objects.order_by("pk").values()) for model in models]


def gross(day, lada):
    return Capacity.objects.get(day=day, lada=lada).gross


# ── permissions ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", [f"{HISTORY}nuevo/", FILE, RANGE, DAYS, SHARE])
def test_requesting_a_change_needs_its_permission(first, page):
    looker = signed_in(staff("mira@telefonica.mx", "view_capacity", "view_capacitychange"))
    before = everything()

    assert looker.get(page).status_code == 403
    assert looker.post(page, {"percent": "5", "nation": "on"}).status_code == 403
    assert everything() == before


def test_viewers_see_a_change_and_cannot_decide(proposed, breaking):
    looker = signed_in(staff("mira@telefonica.mx", "view_capacitychange"))
    before = everything()

    seen = looker.get(page_of(proposed))
    decided = [
        looker.post(page_of(proposed), {"decision": verb}) for verb in ("aplicar", "descartar")
    ]

    assert seen.status_code == 200
    assert "100 → <b>70</b>" in text_of(seen)
    assert 'name="decision"' not in text_of(seen)
    assert [response.status_code for response in decided] == [403, 403]
    assert looker.get(AT_RISK).status_code == 200
    assert looker.post(AT_RISK).status_code == 403
    assert everything() == before


@pytest.mark.parametrize("page", [HISTORY, CSV, AT_RISK, FILE])
def test_other_staff_and_brands_are_kept_out(first, editor, page):
    assert signed_in(staff("otra@telefonica.mx", "view_campaign")).get(page).status_code == 403
    assert signed_in(editor).get(page, follow=True).status_code == 403
    assert Client().get(page).status_code == 302


def test_a_form_from_elsewhere_is_refused(proposed, planner):
    outside = signed_in(planner, enforce_csrf_checks=True)
    before = everything()

    for page in (page_of(proposed), FILE, SHARE, AT_RISK):
        assert outside.post(page, {"decision": "aplicar"}).status_code == 403

    assert everything() == before


def test_changes_are_neither_added_edited_nor_deleted_by_hand(proposed):
    browser = signed_in(User.objects.create_superuser("jefa@telefonica.mx"))
    before = everything()

    assert browser.get(f"{HISTORY}add/").status_code == 403
    assert browser.post(page_of(proposed), {"note": "Otra"}).status_code == 200
    delete = reverse("admin:inventory_capacitychange_delete", args=[proposed.pk])
    assert browser.post(delete, {"post": "yes"}).status_code == 403
    assert everything() == before


# ── a file ───────────────────────────────────────────────────────────────────


def test_a_file_leads_to_a_preview_and_changes_nothing_until_applied(first, desk, planner):
    response = upload(desk, f"lada;dia;capacidad\n33;{first:%d/%m/%Y};1,200\n55;{first};100\n")

    change = CapacityChange.objects.get()
    assert (response.status_code, response.url) == (302, page_of(change))
    assert (change.note, change.source) == ("capacidad.csv", Source.CSV)
    assert gross(first, "33") == 100
    seen = text_of(desk.get(response.url))
    assert "100 → <b>1,200</b>" in seen
    assert "<b>33</b> Guadalajara" in seen
    assert "Todas las promesas siguen cabiendo." in seen
    assert 'name="accept"' not in seen

    done = desk.post(response.url, {"decision": "aplicar", "risk": "0"})

    assert (done.status_code, done.url) == (302, HISTORY)
    assert gross(first, "33") == 1_200
    change.refresh_from_db()
    assert (change.status, change.applied_by) == (Status.APPLIED, planner)
    listed = text_of(desk.get(HISTORY))
    assert "Aplicado: cambió 1 celda." in listed
    assert "100 → 1,200" in listed
    assert "Lo que cambió" in text_of(desk.get(page_of(change)))


def test_a_file_with_errors_shows_each_by_line_column_and_reason(first, desk):
    before = everything()

    response = upload(desk, f"dia,lada,capacidad\n{first},100,1\n{first},55,<b>\nx,55,1\n")

    seen = text_of(response)
    assert response.status_code == 400
    assert "Hay 3 errores: nada cambió" in seen
    assert "La LADA 100 no existe: corrígela." in seen
    assert "&lt;b&gt;" in response.content.decode()
    for line, column in ((2, "lada"), (3, "capacidad"), (4, "dia")):
        cells = f'data-label="Línea"> {line} </td> <td data-label="Columna">{column}</td>'
        assert cells in seen
    assert everything() == before


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "El archivo está vacío."),
        ("día,lada,capacidad".encode("latin-1"), "guárdalo como «CSV UTF-8»"),
        (b"dia,lada,capacidad\n" + b"2026-12-05,55,1\n" * 1_000_000, "más de 301,490 filas"),
        (b"dia,lada,capacidad\nx,y,z\n" + b"x,y,z\n" * 150, "y 202 más"),
    ],
    ids=["empty", "latin-1", "a million rows", "many errors"],
)
def test_an_unreadable_file_is_refused_with_the_reason(first, desk, data, message):
    response = upload(desk, data)

    assert response.status_code == 400
    assert message in text_of(response)
    assert not CapacityChange.objects.exists()


def test_a_missing_file_is_reported_at_the_field(first, desk):
    response = desk.post(FILE, {})

    assert response.status_code == 400
    assert "Elige un archivo." in text_of(response)


def test_a_downloaded_file_can_be_uploaded_and_changes_nothing(first, desk):
    file = b"".join(desk.get(CSV).streaming_content)

    rows = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
    response = upload(desk, file)

    assert len(rows) == 413 * 8
    assert rows[0]["dia"] == first.isoformat()
    assert response.status_code == 409
    assert "Eso es lo que ya hay: no cambia nada." in text_of(response)
    assert not CapacityChange.objects.exists()


def test_a_span_of_days_is_downloaded_under_its_name(first, desk):
    response = desk.get(CSV, {"desde": first.isoformat(), "hasta": first.isoformat()})

    lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(lines) == 1 + 413
    assert f"capacidad-{first}-{first}.csv" in response["Content-Disposition"]
    mexican = desk.get(CSV, {"desde": f"{first:%d/%m/%Y}", "hasta": f"{first:%d-%m-%y}"})
    assert mexican["Content-Disposition"] == response["Content-Disposition"]


def test_a_file_of_days_that_cannot_be_read_is_refused_at_the_field(first, desk):
    response = desk.get(CSV, {"desde": "2026-99-99", "hasta": "1999-01-01"})

    assert response.status_code == 400
    assert "«2026-99-99» no existe en el calendario" in text_of(response)
    assert 'value="2026-99-99"' in text_of(response)
    assert 'value="01/01/1999"' in text_of(response)


# ── by hand ──────────────────────────────────────────────────────────────────


def request_change(desk, page, **fields):
    response = desk.post(page, fields)
    assert response.status_code == 302, text_of(response)
    return CapacityChange.objects.latest("pk")


def test_a_range_is_edited_by_state_lada_and_weekday(first, desk):
    days = [first + timedelta(n) for n in range(7)]

    change = request_change(
        desk,
        RANGE,
        states=["14"],
        ladas="55",
        first=days[0].isoformat(),
        last=days[-1].isoformat(),
        weekdays=["5", "6"],
        how="percent",
        amount="50 %",
    )

    assert {day.weekday() for day in change.days} == {5, 6}
    assert len(set(change.ladas)) == 47 + 1
    assert set(change.gross) == {50}
    assert "Jalisco (47 LADA), más 55 Ciudad de México" in change.note
    assert "dejar en 50 %" in change.note


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ladas": ""}, "Marca «Todo México», elige estados o escribe LADA."),
        ({"ladas": "55, 100"}, "1 reconocida, 1 no existe: 100"),
        ({"states": ["99"]}, "99"),
        ({"first": ""}, "Escribe un día."),
        ({"first": "mañana"}, "«mañana» no es una fecha: escríbela como 05/12/2026."),
        ({"first": 5, "last": 3}, "Es anterior al primer día: cambia uno de los dos."),
        ({"last": 900}, "El periodo tiene más de 730 días: acórtalo."),
        ({"first": 300, "last": 301}, "Ese día no está a la venta: el último abierto es el"),
        ({"last": 10}, "Ese día no está a la venta: el último abierto es el"),
        ({"last": 2, "weekdays": "never"}, "El periodo no tiene esos días de la semana."),
        ({"amount": ""}, "Escribe la cantidad."),
        ({"amount": "mucho"}, "Escribe un número entero, como 1,200."),
        ({"ladas": "todo Jalisco menos 33"}, "quita «menos»"),
        ({"amount": "500.000"}, "puede ser 500 o 500,000"),
        ({"amount": "1,5"}, "puede ser 1.5 o 15"),
        ({"amount": "-5"}, "Escribe 0 o más; solo al sumar puede ser menos."),
        ({"amount": "1" * 30}, "menor o igual"),
        ({"how": "x"}, "x"),
        ({"first": 1, "last": 1}, "en adelante: elige un día desde ese."),
        ({"first": -3, "last": 3}, "en adelante: elige un día desde ese."),
        ({"ladas": "", "nation": "on", "amount": "100000000"}, "un día lleva a lo más"),
        ({"amount": "100"}, "Eso es lo que ya hay: no cambia nada."),
    ],
    ids=str,
)
def test_an_impossible_range_is_refused_with_a_message(first, desk, wrong, message):
    today = timezone.localdate()
    if wrong.get("weekdays") == "never":
        wrong = wrong | {"weekdays": [str((first.weekday() + 3) % 7)]}
    fields = {"ladas": "55", "first": 2, "last": 3, "how": "set", "amount": "7"} | wrong
    for name in ("first", "last"):
        if isinstance(fields[name], int):
            fields[name] = (today + timedelta(fields[name])).isoformat()
    before = everything()

    response = desk.post(RANGE, fields)

    assert response.status_code in (400, 409)
    assert message in text_of(response)
    assert everything() == before


def test_days_are_closed_for_a_reason_and_reopened(first, desk):
    refused = desk.post(DAYS, {"first": first.isoformat(), "what": "close"})
    assert refused.status_code == 400
    assert "Escribe por qué se cierra" in text_of(refused)

    closing = request_change(
        desk, DAYS, first=first.isoformat(), what="close", note="Mantenimiento"
    )
    assert f"{first.day} " in text_of(desk.get(page_of(closing)))
    desk.post(page_of(closing), {"decision": "aplicar", "risk": "0"})
    assert ClosedDay.objects.get().day == first
    assert not Capacity.objects.filter(day=first, capacity__gt=0).exists()

    opening = request_change(desk, DAYS, first=first.isoformat(), what="open")
    desk.post(page_of(opening), {"decision": "aplicar", "risk": "0"})
    assert not ClosedDay.objects.exists()
    assert Capacity.objects.filter(day=first, capacity=100).count() == 413
    assert audit.find_breaches() == []


def test_a_safety_share_is_set_by_state_and_taken_back(first, desk):
    change = request_change(desk, SHARE, states=["14"], percent="10")
    assert "Reserva de 10 %" in text_of(desk.get(page_of(change)))
    desk.post(page_of(change), {"decision": "aplicar", "risk": "0"})
    assert SafetyShare.objects.filter(percent=10).count() == 47
    assert Capacity.objects.get(day=first, lada="33").capacity == 90

    usual = request_change(desk, SHARE, nation="on", percent="")
    assert "Reserva habitual" in text_of(desk.get(page_of(usual)))
    desk.post(page_of(usual), {"decision": "aplicar", "risk": "0"})
    assert not SafetyShare.objects.exists()
    assert Capacity.objects.get(day=first, lada="33").capacity == 100

    assert desk.post(SHARE, {"nation": "on", "percent": "91"}).status_code == 400


def test_another_kind_of_change_is_not_found(first, desk):
    assert desk.get(f"{HISTORY}nuevo/otra/").status_code == 404
    assert desk.get(f"{HISTORY}nuevo/").url == FILE


# ── deciding ─────────────────────────────────────────────────────────────────


def test_a_risk_is_displayed_and_refused_until_its_box_is_ticked(proposed, breaking, desk, first):
    seen = text_of(desk.get(page_of(proposed)))
    assert "LP-7K3M2QX" in seen
    assert 'name="risk" value="20"' in seen
    assert "Aplicar y aceptar el riesgo" in seen
    before = everything()

    refused = desk.post(page_of(proposed), {"decision": "aplicar", "risk": "20"})
    assert refused.status_code == 409
    assert "deja sin lugar 20 notificaciones de 1 apartado" in text_of(refused)
    assert everything() == before

    desk.post(page_of(proposed), {"decision": "aplicar", "risk": "20", "accept": "yes"})
    assert gross(first, "33") == 70
    assert Allocation.objects.get().at_risk == 20
    assert audit.find_breaches() == []


@pytest.mark.parametrize("seen", ["19", "", "x", "9" * 30])
def test_a_risk_that_grew_is_displayed_again(proposed, breaking, desk, seen):
    before = everything()

    response = desk.post(page_of(proposed), {"decision": "aplicar", "risk": seen, "accept": "yes"})

    assert response.status_code == 409
    assert "El inventario se movió mientras mirabas" in text_of(response)
    assert everything() == before


def test_a_discarded_change_changes_nothing_and_stays_in_the_history(proposed, desk, first):
    desk.post(page_of(proposed), {"decision": "descartar"})

    proposed.refresh_from_db()
    assert proposed.status == Status.DISCARDED
    assert gross(first, "33") == 100
    assert "Descartado" in text_of(desk.get(HISTORY))
    again = desk.post(page_of(proposed), {"decision": "aplicar", "risk": "0"})
    assert again.status_code == 409
    assert "ya está «Descartado»" in text_of(again)


def test_a_change_whose_day_went_to_the_gateway_can_only_be_discarded(proposed, desk, time_machine):
    time_machine.move_to(timezone.now() + timedelta(days=1))

    seen = text_of(desk.get(page_of(proposed)))

    assert "ya está en la plataforma de entrega" in seen
    assert 'value="aplicar"' not in seen
    assert 'value="descartar"' in seen


def test_a_missing_change_redirects(desk, db):
    assert desk.get(f"{HISTORY}987654/change/").status_code == 302


# ── at risk ──────────────────────────────────────────────────────────────────


def test_reservations_at_risk_are_listed_until_they_are_placed(proposed, breaking, desk, planner):
    assert "Ninguna promesa está en riesgo" in text_of(desk.get(AT_RISK))
    capacity_changes.apply(proposed.pk, by=planner, accept_risk=True)

    seen = text_of(desk.get(AT_RISK))
    assert "Hay 1 promesa con 20 notificaciones sin lugar." in seen
    assert "LP-7K3M2QX" in seen
    assert "?q=LP-7K3M2QX" not in seen
    assert "Todavía no hay lugar para ellas." in text_of(desk.post(AT_RISK, follow=True))

    Capacity.objects.filter(lada="33").update(gross=100, capacity=100)
    assert "20 notificaciones encontraron lugar." in text_of(desk.post(AT_RISK, follow=True))
    assert "Ninguna promesa está en riesgo" in text_of(desk.get(AT_RISK))
    assert audit.find_breaches() == []


def test_a_folio_links_to_its_campaign_for_users_who_may_view_it(proposed, breaking, planner):
    planner.user_permissions.add(Permission.objects.get(codename="view_campaign"))

    seen = text_of(signed_in(planner).get(page_of(proposed)))

    assert 'href="/admin/campaigns/campaign/?q=LP-7K3M2QX"' in seen


def test_the_tables_link_to_these_pages(first, planner):
    planner.user_permissions.add(Permission.objects.get(codename="view_capacity"))
    desk = signed_in(planner)

    for page in ("/admin/inventory/capacity/", HISTORY):
        seen = text_of(desk.get(page))
        assert f'href="{HISTORY}nuevo/"' in seen
        assert f'href="{AT_RISK}"' in seen
    assert "La capacidad no ha cambiado" in text_of(desk.get(HISTORY))
    assert "Nada coincide" in text_of(desk.get(HISTORY, {"q": "nada"}))
