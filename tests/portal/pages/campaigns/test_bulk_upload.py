"""A file of campaigns over HTTP: uploaded, previewed, used by one click."""

import io
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import bulk
from campaigns.models import BulkFile, Campaign

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
