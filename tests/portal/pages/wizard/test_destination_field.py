"""The destination field as the server renders it, and its button without script."""

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse

from campaigns import lifecycle
from campaigns.errors import NotAllowed
from portal.pages.wizard import destination_field

pytestmark = pytest.mark.django_db

URL = "https://tienda.mx/promo"


def render(campaign, destination="", text=""):
    context = destination_field.field_context(campaign, destination=destination, text=text)
    return context["destination"], render_to_string("wizard/destination_field.html", context)


@pytest.fixture
def linked(draft, editor):
    return lifecycle.edit(draft.pk, {"destination": URL}, revision=draft.revision, by=editor)


@pytest.fixture
def request_of():
    """Return a function that makes a request of a user, with message storage."""

    def make(person):
        request = RequestFactory().post("/")
        request.user, request.session = person, {}
        request._messages = FallbackStorage(request)
        return request

    return make


def test_a_new_campaign_has_no_link_yet():
    field, page = render(None)

    assert (field.link, field.problems, field.in_text) == ("", [], False)
    assert "Crear enlace e insertarlo" in page
    assert 'data-link=""' in page


def test_an_invalid_destination_stays_in_the_field_with_its_error(linked):
    field, page = render(linked, destination='http://tienda.mx/"x"')

    assert "Usa https://" in field.problems[0]
    assert 'value="http://tienda.mx/&quot;x&quot;"' in page
    assert 'aria-invalid="true"' in page
    assert field.problems[0] in page


def test_the_link_is_offered_with_what_it_takes_of_the_text(linked):
    field, page = render(linked, destination=URL, text="Compra hoy")

    assert field.link == linked.short_link
    assert f"Ocupa {len(linked.short_link) + 1} caracteres" in page
    assert "Insertar en el texto" in page


def test_a_link_that_is_in_the_text_is_not_offered_again(linked):
    field, page = render(linked, destination=URL, text=f"Compra en {linked.short_link.upper()}")

    assert field.in_text
    assert 'data-part="insert" hidden' in " ".join(page.split())


def test_an_internationalised_host_is_displayed_as_it_reads(linked):
    _field, page = render(linked, destination="https://ñandú.mx/")

    assert "<b>xn--and-6ma2c.mx</b>, que se lee ñandú.mx" in page


def test_the_button_puts_the_link_at_the_end(linked, editor, request_of):
    request = request_of(editor)

    saved = destination_field.insert_link(request, linked)

    assert saved.text == f"{linked.text} {linked.short_link}"
    assert f"Agregamos {linked.short_link}" in str(next(iter(get_messages(request))))
    again = request_of(editor)
    assert destination_field.insert_link(again, saved).revision == saved.revision
    assert "ya está" in str(next(iter(get_messages(again))))


def test_the_button_needs_a_destination_first(draft, editor, request_of):
    request = request_of(editor)

    assert destination_field.insert_link(request, draft).text == draft.text
    assert "Escribe primero" in str(next(iter(get_messages(request))))


def test_the_button_is_refused_to_users_of_other_brands(linked, stranger, request_of):
    with pytest.raises(NotAllowed):
        destination_field.insert_link(request_of(stranger), linked)

    linked.refresh_from_db()
    assert linked.short_link not in linked.text


def test_the_short_link_takes_the_place_of_a_link_that_cannot_be_sent(draft, editor, client):
    text = "Ve a https://mi-tienda.mx/a?b=1 hoy"
    client.force_login(editor)
    address = reverse("portal:campaign_step", args=[draft.folio, "texto"])

    page = client.get(address, follow=True)
    assert page.status_code == 200
    client.post(
        address,
        {"text": text, "destination": "", "revision": draft.revision, "action": "link:5"},
    )

    draft.refresh_from_db()
    assert draft.destination == "https://mi-tienda.mx/a?b=1"
    assert draft.text == f"Ve a {draft.short_link} hoy"
    assert client.session["text_before_fix"] == text


@pytest.mark.parametrize("position", [0, 4, 99])
def test_no_link_at_a_position_changes_nothing(position):
    text = "Ve a mi-tienda.mx hoy"

    assert destination_field.own_link_at(position, text=text, destination="") == {}


def test_a_link_to_a_page_that_is_not_allowed_stays():
    text = "Ve a https://192.168.0.1/a-b hoy"

    assert destination_field.own_link_at(5, text=text, destination="") == {}
