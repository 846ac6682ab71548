"""The committed catalogue has every text of the code, translated and compiled from its source."""

import re

import pytest
from django.utils import translation
from django.utils.translation import gettext, ngettext

from portal.local import catalogue

PLACEHOLDER = re.compile(r"\{[a-z_]*(?::[^{}%]*)?|%\([a-z_]+\)[sd]|%%|<[^>]+>|&[a-z]+;")


def forms(string):
    return [string] if isinstance(string, str) else list(string)


@pytest.fixture(scope="module")
def stored():
    return catalogue.stored()


def test_it_has_the_texts_of_the_code_and_no_others(stored):
    found = {(message.id, message.context) for message in catalogue.found() if message.id}
    kept = {(message.id, message.context) for message in stored if message.id}
    assert found - kept == set(), "run manage.py update_catalogue"
    assert kept - found == set(), "run manage.py update_catalogue"


def test_every_text_has_a_translation_that_nobody_has_to_look_at_again(stored):
    assert catalogue.untranslated(stored) == []
    assert [message.id for message in stored if message.fuzzy and message.id] == []


def test_translations_have_the_placeholders_of_their_text(stored):
    for message in stored:
        if not message.id:
            continue
        wanted = sorted(set(PLACEHOLDER.findall(forms(message.id)[-1])))
        for text in forms(message.string)[-1:]:
            assert sorted(set(PLACEHOLDER.findall(text))) == wanted, text


def test_it_is_compiled_from_its_source(stored):
    assert catalogue.path("po").read_bytes() == catalogue.po_bytes(stored)
    assert catalogue.path("mo").read_bytes() == catalogue.mo_bytes(stored)


def test_the_spanish_one_has_the_texts_as_they_are():
    assert catalogue.path("mo", catalogue.SPANISH).read_bytes() == catalogue.spanish_mo_bytes()
    with translation.override("es-mx"):
        assert gettext("Campañas") == "Campañas"
        assert ngettext("{n} mensaje sin leer", "{n} mensajes sin leer", 2).startswith(
            "{n} mensajes"
        )
        assert gettext("Delete") == "Eliminar"  # Django's own
