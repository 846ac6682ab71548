"""A file of campaigns over HTTP: uploaded, previewed, used by one click."""

import io
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import bulk, lifecycle
from campaigns.models import BulkFile, Campaign
from portal.pages.campaigns import campaign_list
from segments import areas
from segments.areas import Area

pytestmark = pytest.mark.django_db

HEADER = ",".join(bulk.SHAPE.columns) + "\n"
ROWS = HEADER + "Idea,,,¡Hola!,,,,,,\nMala,x,,,,,,,,\n"


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


def send(client, brand, text=ROWS, name="lista.csv"):
    file = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
    return client.post(reverse("portal:bulk_upload", args=[brand.slug]), {"archivo": file})


def text_of(response):
    return unescape(response.content.decode())


def test_a_file_is_previewed_before_drafts_are_created(client, brand):
    text = text_of(client.get(send(client, brand)["Location"]))

    assert "Se crearía 1 borrador" in text
    assert "«x» no es un uso" in text
    assert "Corregido quedaría: «Hola.»" in text
    assert not Campaign.objects.exists()


def test_one_click_creates_the_valid_rows_and_a_second_one_nothing(client, brand):
    page = send(client, brand)["Location"]

    for _click in range(2):
        assert client.post(page, {"corregir": "2"})["Location"] == page

    draft = Campaign.objects.get()
    assert (draft.name, draft.text) == ("Idea", "Hola.")
    text = text_of(client.get(page))
    assert "Se creó 1 borrador" in text
    assert draft.folio in text
    assert "Estas mismas filas ya se usaron" in text_of(client.get(send(client, brand)["Location"]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "vacío"),
        (b"a,b\n1,2\n", "debe nombrar las columnas"),
        (b"PK\x03\x04" + bytes(40), "libro de Excel"),
        (b'nombre\n"x\n', "Línea 2"),
    ],
)
def test_an_unreadable_file_is_refused_with_its_line_and_reason(client, brand, text, message):
    response = send(client, brand, text)

    assert response.status_code == 422
    assert message in text_of(response)
    assert not BulkFile.objects.exists()


def test_a_missing_file_is_an_error(client, brand):
    response = client.post(reverse("portal:bulk_upload", args=[brand.slug]))

    assert response.status_code == 422
    assert "Elige un archivo" in text_of(response)


def test_the_name_of_a_file_is_escaped(client, brand):
    page = client.get(send(client, brand, name="<b>x</b>\n" * 30 + ".csv")["Location"])

    assert "<b>x" not in page.content.decode()


def test_the_template_can_be_sent_as_it_is(client, brand, on_sale):
    template = client.get(reverse("portal:bulk_template", args=[brand.slug]))

    assert template.content.startswith(b"\xef\xbb\xbf")
    file = bulk.store(brand, io.BytesIO(template.content), "x", by=brand.members.get())
    assert [verdict.status for verdict in bulk.preview(file)] == ["ready", "ready"]


def test_nobody_uses_a_file_of_another_brand(client, brand, stranger):
    page = send(client, brand)["Location"]
    pk = BulkFile.objects.get().pk
    client.force_login(stranger)

    for address in (page, reverse("portal:bulk_file", args=[stranger.brands.get().slug, pk])):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    assert not Campaign.objects.exists()


def test_viewers_cannot_upload_a_file(client, brand, viewer):
    page = send(client, brand)["Location"]
    client.force_login(viewer)

    for address in (page, reverse("portal:bulk_upload", args=[brand.slug])):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404


AREAS = [
    {"nationwide": True},
    {"nationwide": True, "excluded_ladas": ["33"], "excluded_states": ["09"]},
    {"states": ["15"]},
    {"states": ["14", "21", "09", "15", "23", "30"], "excluded_ladas": ["33"]},
    {"ladas": ["55", "56", "33", "81", "664", "998", "999", "222"]},
    {"states": ["14"], "ladas": ["55"], "excluded_ladas": ["81"]},
    {},
]


def test_the_list_of_campaigns_can_be_sent_again(client, brand, editor, terms, on_sale):
    originals = [
        lifecycle.draft(
            brand.pk,
            terms
            | {"name": f"Zona {number}", "area": Area.from_json(area).to_json() if area else {}}
            | {"destination": "https://example.com/promo?a=1", "daily_cap": 30_000},
            by=editor,
        )
        for number, area in enumerate(AREAS)
    ]
    promotion = {"use": "promotion", "promotion_ends_on": on_sale, "text": "=2 por 1, hoy"}
    originals.append(lifecycle.draft(brand.pk, terms | promotion | {"name": "'-50%"}, by=editor))
    originals.append(lifecycle.draft(brand.pk, {"name": "Sin nada"}, by=editor))
    address = reverse("portal:export_campaigns", args=[brand.slug])
    exported = b"".join(client.get(address, {"orden": "nombre"}).streaming_content)

    client.post(send(client, brand, exported)["Location"])

    copies = Campaign.objects.exclude(pk__in=[campaign.pk for campaign in originals])
    assert copies.count() == len(originals)
    for original in originals:
        copy = copies.get(name=original.name)
        for term in set(Campaign.TERMS) - {"area"}:
            assert getattr(copy, term) == getattr(original, term), term
        assert bool(copy.area) == bool(original.area)
        if original.area:
            assert areas.resolve(copy.chosen_area) == areas.resolve(original.chosen_area)


def test_the_columns_of_the_list_are_those_that_a_file_may_have():
    assert set(campaign_list.COLUMNS) == {
        *bulk.SHAPE.known_columns,
        *bulk.SHAPE.ignored_columns,
    } - {"excepto"}


def test_each_text_that_would_be_fixed_is_shown_before_and_after_beside_its_own_box(client, brand):
    rows = "".join(f"Fila {number},,,¡Hola {number}!,,,,,,\n" for number in range(60))
    page = send(client, brand, HEADER + rows)["Location"]

    text = " ".join(text_of(client.get(page)).split())

    assert text.count('name="corregir"') == 60
    for number in range(60):
        assert f'«¡Hola {number}!» <span class="help">Corregido quedaría: «Hola {number}.»' in text


@pytest.mark.parametrize("ticked", [[], ["si"], ["-2"], ["2", "x"], ["9" * 30]])
def test_only_lines_that_are_ticked_are_fixed(client, brand, ticked):
    client.post(send(client, brand)["Location"], {"corregir": ticked})

    assert Campaign.objects.get().text == ("Hola." if "2" in ticked else "¡Hola!")
