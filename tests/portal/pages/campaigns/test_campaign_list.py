"""The list of campaigns: filters in the URL, buttons that return to it, the CSV file."""

import csv
import io
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns import conversation, lifecycle
from campaigns.conversation import Side
from campaigns.models import AdOrder, Campaign
from campaigns.models.campaign import new_folio
from tests import statuses
from tests.counts import count

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def address(brand):
    return reverse("portal:campaigns", args=[brand.slug])


@pytest.fixture
def three(brand, editor, terms, on_sale):
    """Three campaigns: small and early; large and late; without days."""
    return [
        lifecycle.draft(brand.pk, terms | changes, by=editor)
        for changes in (
            {"name": "Chica", "volume": 10, "ends_on": on_sale},
            {"name": "Grande", "volume": 900, "starts_on": on_sale + timedelta(days=2)},
            {"name": "Sin fechas", "volume": None, "starts_on": None, "ends_on": None},
        )
    ]


def names(client, address, **query):
    page = client.get(address, query).context["page"]
    return [campaign.name for campaign in page]


def file(client, brand, **query):
    response = client.get(reverse("portal:export_campaigns", args=[brand.slug]), query)
    assert response.streaming
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_date_filter_keeps_campaigns_that_overlap_it(client, address, three, on_sale):
    day = on_sale.isoformat()
    later = (on_sale + timedelta(days=1)).isoformat()

    assert names(client, address, hasta=day) == ["Chica"]
    assert names(client, address, desde=later) == ["Grande"]
    assert names(client, address, desde=day) == ["Grande", "Chica"]
    assert names(client, address, desde=later, hasta=day) == ["Chica"]  # exchanged


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("", ["Sin fechas", "Grande", "Chica"]),
        ("inicio", ["Chica", "Grande", "Sin fechas"]),
        ("nombre", ["Chica", "Grande", "Sin fechas"]),
        ("volumen", ["Grande", "Chica", "Sin fechas"]),
        ("otro", ["Sin fechas", "Grande", "Chica"]),
    ],
)
def test_the_list_has_the_requested_order(client, address, three, order, found):
    assert names(client, address, orden=order) == found


def test_a_date_is_read_as_people_write_it_and_displayed_in_mexican_order(
    client, address, three, on_sale
):
    later = on_sale + timedelta(days=1)
    for written in (f"{later:%d/%m/%Y}", f"{later:%d-%m-%y}", f"{later:%d%m%Y}", str(later)):
        assert names(client, address, desde=written) == ["Grande"]
    text = client.get(address, {"desde": later.isoformat()}).content.decode()
    assert f'value="{later:%d/%m/%Y}"' in text


def test_a_date_that_cannot_be_read_is_left_out_with_an_error_at_its_field(client, address, three):
    response = client.get(address, {"desde": "mañana", "hasta": "2026-02-30"})

    text = unescape(response.content.decode())
    assert "«mañana» no es una fecha" in text
    assert "«2026-02-30» no existe en el calendario" in text
    assert 'value="mañana"' in text
    assert 'aria-describedby="desde_error"' in text
    assert len(response.context["page"]) == 3


def test_the_next_page_keeps_the_query(client, address, three, editor):
    for _number in range(26):
        lifecycle.copy(three[0].pk, by=editor)

    text = unescape(client.get(address, {"q": "Chica", "orden": "nombre"}).content.decode())

    after = " ".join(text.split()).split('rel="next" href="')[1].split('"')[0]
    assert parse_qs(after.lstrip("?")) == {"q": ["Chica"], "orden": ["nombre"], "page": ["2"]}
    assert names(client, address, q="Chica", orden="nombre", page="2") == ["Copia de Chica"] * 2


def test_a_button_of_a_row_returns_to_the_same_list(client, address, approved):
    lifecycle.schedule(approved.pk)
    text = client.get(address, {"q": "Recarga", "estado": "scheduled"}).content.decode()
    assert 'name="volver" value="q=Recarga&amp;estado=scheduled"' in text
    pause = reverse("portal:act_on_campaign", args=[approved.folio, "pausar"])

    response = client.post(pause, {"volver": "q=Recarga&estado=scheduled"})

    assert response["Location"] == f"{address}?q=Recarga&estado=scheduled"
    approved.refresh_from_db()
    assert approved.status == "paused"
    text = client.get(address).content.decode()
    assert f"{approved.name}: Pausada." in text
    assert "Reanudar" in text


@pytest.mark.parametrize(
    "back", ["https://malo.mx/", "//malo.mx", "x=1&q=a%0d%0aSet-Cookie:b", "q=" + "a" * 5_000, ""]
)
def test_a_button_returns_to_no_other_page(client, address, approved, back):
    lifecycle.schedule(approved.pk)
    pause = reverse("portal:act_on_campaign", args=[approved.folio, "pausar"])

    response = client.post(pause, {"volver": back})

    there = urlsplit(response["Location"])
    assert (there.netloc, there.path) == ("", address)
    assert set(parse_qs(there.query)) <= {"q"}
    assert "Set-Cookie" not in response


def test_viewers_have_the_file_and_no_other_button(client, address, approved, viewer, brand):
    lifecycle.schedule(approved.pk)
    client.force_login(viewer)

    text = client.get(address).content.decode()

    assert "Pausar" not in text
    assert "Copiar" not in text
    assert "Desde un archivo" not in text
    assert [row["folio"] for row in file(client, brand)] == [approved.folio]


def test_the_file_has_what_the_list_has(client, brand, three, on_sale):
    [row] = file(client, brand, q="Grande")

    assert row | {"folio": "", "creada": ""} == {
        "folio": "",
        "nombre": "Grande",
        "estado": "Borrador",
        "uso": "Difusión",
        "vigencia": "",
        "texto": three[1].text,
        "zona": "33 Guadalajara, 55 Ciudad de México y 81 Monterrey",
        "lada": "3",
        "primer_dia": (on_sale + timedelta(days=2)).isoformat(),
        "ultimo_dia": three[1].ends_on.isoformat(),
        "notificaciones": "900",
        "tope_diario": "",
        "destino": "",
        "creada": "",
        "enviada_version": "0",
        "con_anuncio": "",
        "entregadas": "",
        "hasta": "",
    }
    assert [row["nombre"] for row in file(client, brand, orden="volumen")] == [
        "Grande",
        "Chica",
        "Sin fechas",
    ]


def test_the_file_has_what_was_delivered_and_until_when(client, brand, live, editor):
    lifecycle.copy(live.pk, by=editor)
    [draft, before] = file(client, brand)
    delivered = ("con_anuncio", "entregadas", "hasta")
    assert [before[name] for name in delivered] == ["0", "0", ""]

    count(live, 24_300, 21_480)
    [draft, after] = file(client, brand)

    until = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    assert [after[name] for name in delivered] == ["24300", "21480", until]
    assert [draft[name] for name in delivered] == ["", "", ""]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_no_name_or_text_is_a_formula_in_the_file(client, brand, three, sign):
    Campaign.objects.filter(pk=three[0].pk).update(name=f"{sign}HYPERLINK(1)", text=f"{sign}2+2")

    row = next(row for row in file(client, brand) if row["folio"] == three[0].folio)

    assert row["nombre"] == f"'{sign}HYPERLINK(1)"
    assert row["texto"] == f"'{sign}2+2"


def test_the_file_has_campaigns_whose_zone_cannot_be_read(client, brand, three):
    Campaign.objects.filter(pk=three[0].pk).update(area={"odd": 1})
    Campaign.objects.filter(pk=three[1].pk).update(area={"ladas": ["999"]})

    assert len(file(client, brand)) == 3


def test_a_draft_without_volume_has_a_note(client, address, three):
    text = client.get(address).content.decode()

    assert "Sin volumen" in text
    assert "None" not in text


def test_new_messages_of_campaigns_leave_the_count_of_notices_alone(
    client, address, campaign_in_review, reviewer
):
    conversation.write(campaign_in_review.pk, "¿De qué?", side=Side.STAFF, by=reviewer)
    ficha = reverse("portal:campaign", args=[campaign_in_review.folio])
    pages = (reverse("portal:help"), address, ficha)

    counts = [
        client.get(page).content.decode().split('class="unread-count">')[1].split("<")[0]
        for page in pages
    ]

    assert counts == ["2", "2", "1"]  # the last page displays the message, which reads its notice


# ── what was delivered ───────────────────────────────────────────────────────


def test_what_has_begun_shows_what_was_delivered_of_it(client, address, live, three):
    count(live, 9_000, 6_000)

    page = unescape(client.get(address).content.decode())

    assert "6,000 de 60,000 entregadas" in page
    assert page.count("entregadas</span>") == 1
    assert '<progress class="bar" max="60000"' in page


@pytest.mark.parametrize("status", ["live", "finished"])
def test_more_rows_with_counts_need_no_more_queries(client, address, live, status):
    def add():
        row = Campaign.objects.get(pk=live.pk)
        row.pk, row.folio = None, new_folio()
        row.save()
        statuses.put(row.pk, status)
        AdOrder.objects.create(campaign=row, acknowledged_generation=1, generation=1)
        count(row, 90, 60)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert "60 de 60,000" in client.get(address).content.decode()
        return len(captured)

    client.get(address)  # the session remembers the brand from now on
    add()
    few = queries()
    for _number in range(20):
        add()

    assert queries() == few <= 18
