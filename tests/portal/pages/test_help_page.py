"""The help page is rendered from the text law, which also checks its examples."""

from html import unescape

import pytest
from django.urls import reverse

from campaigns import ad_text
from portal.pages import help_page

pytestmark = pytest.mark.django_db


def text_of(client, editor):
    client.force_login(editor)
    return unescape(client.get(reverse("portal:help")).content.decode())


def test_the_numbers_are_those_in_force(client, editor, settings):
    settings.AD_TEXT_LIMIT = 57
    settings.LEAD_HOURS = 72
    settings.CHANGES_HOLD_HOURS = 36
    settings.OFFER_HOURS = 12
    settings.OPEN_HOLDS_PER_BRAND = 7

    text = text_of(client, editor)

    assert "Hasta 57 caracteres" in text
    assert "90" not in text.split("<main")[1].split("Glosario</h2>")[0].replace("Hasta 57", "")
    assert "pasan al menos 72 horas" in text
    assert "se guarda 36 horas más" in text
    assert "12 horas y te escribimos" in text
    assert "hasta 7 campañas" in text


def test_every_good_example_can_be_sent_and_no_bad_one_can():
    assert [ad_text.check(str(text)) for text in help_page.GOOD] == [[]] * len(help_page.GOOD)
    assert [ad_text.advice(str(text)) for text in help_page.GOOD] == [[]] * len(help_page.GOOD)
    assert all(ad_text.check(str(text)) for text in help_page.BAD)


def test_an_example_is_checked_when_the_page_is_rendered(client, editor, settings):
    assert text_of(client, editor).count("Se puede enviar:") == len(help_page.GOOD)

    settings.AD_TEXT_LIMIT = 30

    text = text_of(client, editor)
    assert "Se puede enviar:" not in text
    assert text.count("El canal ya no lo lleva") == len(help_page.GOOD)


def test_the_fix_of_an_example_is_that_of_the_law(client, editor):
    text = text_of(client, editor)

    for bad in help_page.BAD:
        fixed = ad_text.fix(str(bad))
        assert (f"{fixed.text}</p>" in text) == (bool(fixed.changes) and not fixed.undecided)
    assert "Aprovecha, llamanos al 5512345678" in text


def test_the_signs_and_their_replacements_come_from_the_law(client, editor):
    text = text_of(client, editor)

    for sign in "$.,/@":
        assert f"<kbd>{sign}</kbd>" in text
    remedies = {
        sign: replacement.remedy
        for replacement in help_page._replacements()
        for sign in replacement.signs
    }
    assert remedies[":"] == "Cambiar por coma"
    assert remedies["é"] == "Cambiar por a, e, i, o, u"
    assert "ñ" not in remedies


def test_a_person_of_no_brand_may_read_it(client, django_user_model):
    person = django_user_model.objects.create_user("sola@nada.mx")

    assert "Qué se puede decir" in text_of(client, person)


def test_a_visitor_reads_it_and_finds_it_from_the_sign_in_page(client):
    assert f'href="{reverse("portal:help")}"' in client.get(reverse("account_login")).text

    page = client.get(reverse("portal:help"))

    assert page.status_code == 200
    assert "Iniciar sesión" in page.text
