"""Mails of the accounts: text and HTML, in Spanish, in the operator's colours."""

import re
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.template.loader import get_template
from django.urls import reverse

from campaigns import mails
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

OURS = Path(settings.BASE_DIR) / "templates"
FOLDERS = ("account/email", "mfa/email")
UNUSED = ("code", "webauthn")  # ways in that the portal does not offer


def names():
    """Return the name of each mail of allauth that the portal can send."""
    for folder in FOLDERS:
        for path in (Path(allauth.__file__).parent / "templates" / folder).glob("*_subject.txt"):
            name = path.name.removesuffix("_subject.txt")
            if not any(part in name for part in UNUSED) or "recovery_codes" in name:
                yield f"{folder}/{name}"


@pytest.mark.parametrize("name", sorted(names()))
def test_each_mail_has_its_three_parts_of_our_own(name):
    for part in ("subject.txt", "message.txt", "message.html"):
        origin = get_template(f"{name}_{part}").origin.name
        assert Path(origin).is_relative_to(OURS), part


def test_a_password_is_reset_by_mail_from_end_to_end(client, owner):
    cache.clear()
    client.post(reverse("account_reset_password"), {"email": owner.email})
    [mailed] = mail.outbox
    [(html, _kind)] = mailed.alternatives
    link = re.search(r"http://testserver(/contrasena/\S+/)", mailed.body)[1]
    assert link in html
    new = "otra-clave-larga-de-prueba"

    form = client.get(link)
    client.post(form.url, {"password1": new, "password2": new})

    owner.refresh_from_db()
    assert owner.check_password(new)
    assert mail.outbox[-1].subject == "Tu contraseña cambió"
    assert mail.outbox[-1].alternatives
    assert "ya no sirve" in type(client)().get(link, follow=True).text
    assert not owner.check_password(PASSWORD)


def test_an_unknown_address_gets_the_same_page_and_a_mail(client):
    cache.clear()
    response = client.post(reverse("account_reset_password"), {"email": "nadie@nada.mx"})

    assert response.url == reverse("account_reset_password_done")
    [mailed] = mail.outbox
    assert mailed.subject == "No hay una cuenta con este correo"
    assert "/registro/" in mailed.body


def test_mails_have_the_colours_of_the_operators_skin(settings):
    day, night = mails.base_context()["colour"], mails.base_context()["night"]
    css = (Path(settings.BASE_DIR) / "static" / settings.SKIN).read_text()

    assert day["buttonPrimaryBackground"] == "#0066ff"
    assert night["backgroundContainer"] != day["backgroundContainer"]
    assert all(colour in css for colour in {*day.values(), *night.values()})


def test_no_template_of_a_mail_names_a_colour():
    for path in (*OURS.glob("mail/*"), *OURS.glob("*/email/*")):
        assert not re.search(r"#[0-9a-fA-F]{3,6}\b|rgb\(", path.read_text()), path
