"""Search that minds neither case nor accents, on the database."""

import unicodedata

import pytest
from django.contrib import admin
from django.urls import reverse

from campaigns.models import Brand
from core import search

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    rows = Brand.objects.filter(search.in_any(text, "name", "slug"))
    return list(rows.order_by("pk").values_list("name", flat=True))


@pytest.fixture(autouse=True)
def brands():
    names = ["Café Ñandú", "CAFE Central", "Tacos 50% y más_", "Pingüino\\Ópera"]
    Brand.objects.bulk_create(
        Brand(name=name, slug=f"m-{number}") for number, name in enumerate(names)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cafe", ["Café Ñandú", "CAFE Central"]),
        ("CAFÉ", ["Café Ñandú", "CAFE Central"]),
        ("nandu", ["Café Ñandú"]),
        ("ñandu", ["Café Ñandú"]),
        (unicodedata.normalize("NFD", "café ñandú"), ["Café Ñandú"]),
        ("pinguino", ["Pingüino\\Ópera"]),
        ("opera", ["Pingüino\\Ópera"]),
        ("%", ["Tacos 50% y más_"]),
        ("_", ["Tacos 50% y más_"]),
        ("\\", ["Pingüino\\Ópera"]),
        ("m-3", ["Pingüino\\Ópera"]),
        ("'); --", []),
    ],
)
def test_case_accents_and_signs_are_what_they_seem(text, expected):
    assert found(text) == expected


def test_every_admin_searches_so():
    stock = {
        f"{model._meta.label}.{field}"
        for model, page in admin.site._registry.items()
        for field in page.search_fields
        if not field.startswith("=") and not field.endswith("__contains_unaccented")
    }
    own = ("State", "Zone", "Lada", "Municipality")  # `get_search_results` searches places
    assert stock == {f"segments.{name}.code" for name in own}


def test_every_admin_answers_a_search(admin_client):
    for model, page in admin.site._registry.items():
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if page.search_fields:
            assert admin_client.get(path, {"q": "mañana"}).status_code == 200, path
