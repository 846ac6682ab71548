"""The operator's texts: displayed to everybody as they are written, linked from every page."""

import pytest
from django.conf import settings as configured
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import reverse

from campaigns import mails
from portal import operator_texts
from portal.pages import error_pages
from tests.processes import ROOT

PAGES = {
    "contact": ("/contacto/", "Contacto", "ventas@portal.example"),
    "privacy": ("/privacidad/", "Aviso de privacidad", "para atender tu cuenta: nada más."),
    "terms": ("/terminos/", "Términos", "presta el servicio a las pruebas"),
}
ADDRESSES = [address for address, _title, _text in PAGES.values()]
LINKS = [f'href="{address}"' for address in ADDRESSES]


@pytest.fixture
def texts(settings, tmp_path):
    """A folder of the three texts, which the portal reads."""
    for text in operator_texts.TEXTS.values():
        original = ROOT / "tests/operator_texts" / text.file
        (tmp_path / text.file).write_bytes(original.read_bytes())
    settings.OPERATOR_TEXTS = str(tmp_path)
    return tmp_path


def main_of(response):
    return response.text.split("<main")[1].split("</main>")[0]


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_reads_each_text_under_its_title(texts, client, name):
    address, title, text = PAGES[name]

    response = client.get(reverse(f"portal:{name}"))

    assert (response.request["PATH_INFO"], response.status_code) == (address, 200)
    assert f"<title>{title} ·" in response.text
    assert f"<h1>{title}</h1>" in response.text
    assert text in response.text
    assert "muestra" not in response.text


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_without_a_text_the_page_says_that_it_is_a_placeholder(client, name):
    page = main_of(client.get(reverse(f"portal:{name}")))

    assert f"<h1>{PAGES[name][1]}</h1>" in page
    assert "Texto de muestra: el operador de este portal todavía no publica el suyo." in page
    assert "no informa ni obliga a nadie" in page


@pytest.mark.django_db
def test_the_pages_placeholder_copied_to_a_file_is_no_text(texts, client):
    placeholder = "Texto de muestra: el operador de este portal todavía no publica el suyo."
    (texts / "terminos.txt").write_text(placeholder + "\n")

    with pytest.raises(operator_texts.Unpublished, match="placeholder"):
        operator_texts.read("terms")
    assert "no informa ni obliga a nadie" in client.get("/terminos/").text


@pytest.mark.django_db
def test_a_changed_text_is_displayed_at_once(texts, client):
    client.get("/terminos/")

    (texts / "terminos.txt").write_text("Desde hoy rigen otros términos.", encoding="utf-8")

    response = client.get("/terminos/")
    assert "Desde hoy rigen otros términos." in response.text
    assert set(response["Cache-Control"].split(", ")) == {"private", "no-cache"}


@pytest.mark.django_db
def test_a_person_reads_it_with_their_menu_and_a_person_of_no_brand_too(
    texts, client, editor, django_user_model
):
    for person in (editor, django_user_model.objects.create_user("sola@nada.mx")):
        client.force_login(person)
        assert "nada más." in client.get("/privacidad/").text


@pytest.mark.django_db
def test_a_text_is_read_and_never_posted(texts, client):
    assert client.head("/terminos/").status_code == 200
    assert client.post("/terminos/").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        "# <script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "https://portal.example/<script>alert(1)</script>",
        'https://portal.example/"onmouseover="alert(1)',
        "<script>@portal.example",
        "javascript:alert(1)//www.portal.example",
        "[aquí](javascript:alert(1))",
        "{% load static %}{{ request }}",
    ],
)
def test_markup_in_a_text_is_displayed_and_not_run(texts, client, written):
    line = f"{written} y un párrafo que es bastante largo"
    text = f"Un párrafo que es bastante largo.\n\n{line}\n"
    (texts / "contacto.txt").write_text(text, encoding="utf-8")

    page = main_of(client.get("/contacto/"))

    assert "es bastante largo" in page
    for danger in ("<script", "<img", 'href="javascript', ' onmouseover="', "WSGIRequest"):
        assert danger not in page


def test_a_text_is_headings_and_paragraphs():
    text = "# Uno\nDos\nTres\n\n\n  \n## Cuatro\n# Cinco\n#6 no\nSiete # no\n\n#\n"

    found = [(block.text, block.is_heading) for block in operator_texts.blocks(text)]

    assert found == [
        ("Uno", True),
        ("Dos\nTres", False),
        ("Cuatro", True),
        ("Cinco", True),
        ("#6 no\nSiete # no", False),
        ("#", False),
    ]


@pytest.mark.django_db
def test_lines_stay_and_addresses_become_links(texts, client):
    text = "Escribe a ventas@portal.example,\r\no entra a https://portal.example/ayuda."
    (texts / "contacto.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())

    page = main_of(client.get("/contacto/"))

    assert "<p>Escribe a" in page  # without the mark that Windows puts before UTF-8
    assert 'href="mailto:ventas@portal.example"' in page
    assert 'href="https://portal.example/ayuda"' in page
    assert ",<br>o entra" in page


@pytest.mark.django_db
def test_the_pages_of_visitors_link_all_three(client):
    for address in ("/entrar/", "/registro/", "/contrasena/", "/ayuda/", "/api/", *ADDRESSES):
        response = client.get(address)
        assert response.status_code == 200, address
        assert [link for link in LINKS if link not in response.text] == [], address


@pytest.mark.django_db
def test_the_pages_of_people_and_of_staff_link_all_three(client, editor, reviewer, brand):
    for person, address in (
        (editor, reverse("portal:campaigns", args=[brand.slug])),
        (editor, reverse("portal:profile")),
        (reviewer, reverse("admin:index")),
        (reviewer, reverse("admin:campaigns_campaign_changelist")),
    ):
        client.force_login(person)
        response = client.get(address)
        assert response.status_code == 200, address
        assert [link for link in LINKS if link not in response.text] == [], address


@pytest.mark.django_db
def test_the_error_pages_link_all_three(client, editor):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)
    too_big = {"login": "x" * (configured.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    errors = {
        400: client.get("/entrar/", headers={"host": "mala.example"}),
        403: strict.post("/perfil/", {"first_name": "Ana"}),
        404: client.get("/no-existe/"),
        413: client.post("/entrar/", too_big),
        500: error_pages.server_error(RequestFactory().get("/")),
    }

    for status, response in errors.items():
        assert response.status_code == status
        assert [link for link in LINKS if link not in response.text] == [], status


@pytest.mark.django_db
def test_the_page_of_a_short_link_has_the_portals_addresses(client, settings):
    page = client.get("/l/zzzzz")

    assert page.status_code == 404
    for address in ADDRESSES:
        assert f'href="{settings.PORTAL_URL}{address}"' in page.text


@pytest.mark.django_db
def test_who_signs_up_is_sent_to_the_terms_and_the_notice(client):
    form = main_of(client.get("/registro/"))

    assert "Acepto los términos y leí el aviso de privacidad" in form
    assert 'href="/terminos/" target="_blank">Términos</a>' in form
    assert 'href="/privacidad/" target="_blank">Aviso de privacidad</a>' in form


@pytest.mark.django_db
def test_mails_name_the_privacy_notice(client, editor, settings):
    address = f"{settings.PORTAL_URL}/privacidad/"
    context = {"intro": "Hola", "client": {"name": "x"}, "url": "https://portal.example/"}
    composed = mails.compose("api_client", editor.email, "Asunto", context)
    assert address in composed.body
    assert f'href="{address}"' in composed.alternatives[0][0]

    client.post("/contrasena/", {"email": editor.email})

    assert address in mail.outbox[0].body
