"""Areas that a brand saves under a name."""

import pytest
from django.db import IntegrityError, transaction

from campaigns import saved_zones
from campaigns.errors import BrandSuspended, NotAllowed
from campaigns.models import SavedZone
from campaigns.saved_zones import BadName, TooManyZones
from segments.areas import Area, EmptyArea, UnknownCode

pytestmark = pytest.mark.django_db
BAJIO = Area(states=frozenset({"11", "22"}), excluded_ladas=frozenset({"477"}))


@pytest.fixture
def bajio(brand, editor):
    return saved_zones.create(brand.pk, "  Bajío  norte ", BAJIO, by=editor)


def test_a_saved_zone_is_read_unchanged(bajio, brand):
    kept = SavedZone.objects.get()

    assert (kept.brand, kept.name, kept.chosen_area) == (brand, "Bajío norte", BAJIO)


@pytest.mark.parametrize(
    ("name", "message"),
    [("", "Ponle un nombre"), (" \0 ", "Ponle un nombre"), ("x" * 61, "60"), ("BAJÍO norte", "Ya")],
)
def test_a_bad_name_saves_nothing(bajio, brand, editor, name, message):
    with pytest.raises(BadName, match=message):
        saved_zones.create(brand.pk, name, BAJIO, by=editor)
    with pytest.raises(BadName, match=message):
        other = SavedZone.objects.exclude(pk=bajio.pk).first() or saved_zones.create(
            brand.pk, "Otra", BAJIO, by=editor
        )
        saved_zones.rename(other.pk, name, by=editor)

    assert sorted(SavedZone.objects.values_list("name", flat=True)) == ["Bajío norte", "Otra"]


def test_another_brand_may_use_the_same_name(bajio, stranger):
    other = stranger.brands.get()

    saved_zones.create(other.pk, "Bajío norte", BAJIO, by=stranger)

    assert SavedZone.objects.visible_to(stranger).get().brand == other
    assert SavedZone.objects.count() == 2


def test_the_database_keeps_names_unique(bajio, brand, editor):
    for name in ("BAJÍO NORTE", ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedZone.objects.create(brand=brand, name=name, area={}, created_by=editor)


@pytest.mark.parametrize(
    ("area", "error"),
    [
        (Area(), EmptyArea),
        (Area(ladas=frozenset({"999", "12"})), UnknownCode),
        (Area(ladas=frozenset({"55"}), excluded_ladas=frozenset({"55"})), EmptyArea),
    ],
)
def test_an_empty_area_is_not_saved(brand, editor, area, error):
    with pytest.raises(error):
        saved_zones.create(brand.pk, "Nada", area, by=editor)

    assert not SavedZone.objects.exists()


@pytest.mark.parametrize("who", ["viewer", "stranger", "reviewer"])
def test_users_who_may_not_edit_change_nothing(bajio, brand, who, request):
    person = request.getfixturevalue(who)
    for act in (
        lambda: saved_zones.create(brand.pk, "Mía", BAJIO, by=person),
        lambda: saved_zones.rename(bajio.pk, "Mía", by=person),
        lambda: saved_zones.delete(bajio.pk, by=person),
    ):
        with pytest.raises(NotAllowed):
            act()

    assert SavedZone.objects.get().name == "Bajío norte"


def test_a_suspended_brand_saves_nothing(brand, editor):
    brand.active = False
    brand.save()

    with pytest.raises(BrandSuspended):
        saved_zones.create(brand.pk, "Mía", BAJIO, by=editor)


def test_a_zone_may_change_its_case_and_be_deleted(bajio, editor):
    assert saved_zones.rename(bajio.pk, "bajío Norte", by=editor).name == "bajío Norte"

    saved_zones.delete(bajio.pk, by=editor)

    assert not SavedZone.objects.exists()


def test_the_number_of_zones_is_limited(bajio, brand, editor, monkeypatch):
    monkeypatch.setattr(saved_zones, "MAX_ZONES", 1)

    with pytest.raises(TooManyZones, match="1 zonas"):
        saved_zones.create(brand.pk, "Otra", BAJIO, by=editor)

    assert SavedZone.objects.count() == 1
