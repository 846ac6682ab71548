"""Staff read Spanish: no page of the admin has words that Django or a library left in English."""

import gettext
import re
from html import unescape
from importlib.resources import files

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from campaigns import lifecycle
from portal.accounts.models import User

pytestmark = pytest.mark.django_db

CATALOGUES = [
    "django.conf",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "allauth",
]
AWKWARD = {"Todos/as", "Agregar otro/a"}
TEXT = re.compile(r">([^<>]+)<")
HIDDEN = re.compile(r"<(script|style)\b.*?</\1>|lang=\"en\">[^<]*<", re.DOTALL)


def english() -> set[str]:
    """Return the words that the catalogues translate into others, in lower case."""
    found = set()
    for package in CATALOGUES:
        path = files(package) / "locale" / "es" / "LC_MESSAGES" / "django.mo"
        with path.open("rb") as file:
            messages = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        found |= {
            source.lower()
            for source, translated in messages.items()
            if isinstance(source, str)
            and source
            and translated
            and source.lower() != translated.lower()
        }
    return found


ENGLISH = english()


def words_left(page: str) -> set[str]:
    """Return the texts of a page that are English, or that agree with nothing."""
    texts = {" ".join(unescape(text).split()) for text in TEXT.findall(HIDDEN.sub("", page))}
    left = {text for text in texts if text.lower().rstrip(":") in ENGLISH}
    return left | {text for text in texts if any(awkward in text for awkward in AWKWARD)}


@pytest.fixture
def administrator():
    browser = Client()
    browser.force_login(User.objects.create_superuser("jefa@telefonica.mx", "x"))
    return browser


def test_the_index_names_everything_in_spanish(administrator):
    assert words_left(administrator.get(reverse("admin:index")).content.decode()) == set()


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_the_pages_of_a_model_are_in_spanish(administrator, model, draft, editor):
    lifecycle.submit(draft.pk, by=editor)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    has_rows = model._meta.managed  # the reports of staff have pages only
    newest = model.objects.order_by("pk").last() if has_rows else None
    paths = [reverse(f"{name}_changelist")]
    for page in ("change", "history", "delete"):
        if newest is not None:
            paths.append(reverse(f"{name}_{page}", args=[newest.pk]))
    if has_rows:
        paths.append(reverse(f"{name}_add"))

    pages = {path: administrator.get(path, follow=True) for path in paths}

    left = {path: words_left(page.content.decode()) for path, page in pages.items()}
    assert {path: words for path, words in left.items() if words} == {}
    assert pages[paths[0]].status_code == 200


@pytest.mark.parametrize("text", ["Save and add another", "Todos/as", "History"])
def test_a_word_that_is_left_is_found(text):
    assert words_left(f"<p><a>{text}</a></p>") == {text}
