"""How a brand comes in: it asks, waits, and is let in once."""

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from campaigns import brands
from campaigns.errors import NameTaken, NotAllowed
from campaigns.models import Brand, Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(stranger):
    return brands.apply("Pizzas La Nonna", "FOOD", by=stranger)


def test_a_brand_that_asks_waits_with_its_person_as_owner(asked, stranger):
    assert (asked.active, asked.is_waiting, asked.slug) == (False, True, "pizzas-la-nonna")
    assert asked.is_owned_by(stranger)
    assert asked not in Brand.objects.visible_to(stranger)
    assert list(Brand.objects.waiting()) == [asked]


def test_a_waiting_brand_neither_learns_of_nor_blocks_a_name(brand, stranger, editor):
    first = brands.apply("Tienda", "RETAIL", by=stranger)
    second = brands.apply("TIENDA", "RETAIL", by=editor)

    assert len({brand.slug, first.slug, second.slug}) == 3
    for waiting in (first, second):
        with pytest.raises(NameTaken):
            brands.activate(waiting.pk)
    assert list(Brand.objects.filter(name__iexact="tienda", active=True)) == [brand]
    with pytest.raises(IntegrityError), transaction.atomic():
        Brand.objects.create(name="tienda", slug="tienda-2")


def test_the_database_keeps_an_active_brand_from_lacking_its_date(asked):
    with pytest.raises(IntegrityError), transaction.atomic():
        Brand.objects.filter(pk=asked.pk).update(active=True)


def test_a_brand_is_let_in_once_and_its_owner_told(asked, stranger):
    assert brands.activate(asked.pk)
    assert not brands.activate(asked.pk)

    asked.refresh_from_db()
    assert asked.active and asked.activated_at is not None
    [notice] = Notice.objects.all()
    assert (notice.user, notice.kind, notice.read_at) == (stranger, "activated", None)


def test_a_suspended_brand_is_not_let_in_again_by_the_action(brand):
    brand.active = False
    brand.save()

    assert not brand.is_waiting
    assert not brands.activate(brand.pk)


def test_only_an_owner_renames_a_brand_and_not_to_a_taken_name(brand, owner, editor, stranger):
    with pytest.raises(NotAllowed):
        brands.update(brand.pk, name="Nueva", category="FOOD", by=editor)
    with pytest.raises(NameTaken):
        brands.update(brand.pk, name="OTRA", category="FOOD", by=owner)

    brands.update(brand.pk, name="Tienda nueva", category="FOOD", by=owner)

    brand.refresh_from_db()
    assert (brand.name, brand.category, brand.slug) == ("Tienda nueva", "FOOD", "tienda")


@pytest.fixture
def desk(reviewer):
    reviewer.user_permissions.add(Permission.objects.get(codename="view_brand"))
    desk = Client()
    desk.force_login(reviewer)
    return desk


def activate(client, *chosen):
    return client.post(
        reverse("admin:campaigns_brand_changelist"),
        {"action": "activate", "_selected_action": [brand.pk for brand in chosen]},
        follow=True,
    )


def test_staff_find_who_waits_and_let_them_in(asked, brand, reviewer, desk):
    reviewer.user_permissions.add(Permission.objects.get(codename="activate_brand"))

    listed = desk.get(reverse("admin:campaigns_brand_changelist") + "?estado=por-activar")
    assert "Pizzas La Nonna" in listed.text
    assert ">Tienda<" not in listed.text
    answer = activate(desk, asked, brand)

    asked.refresh_from_db()
    assert asked.active
    assert "Activadas: Pizzas La Nonna." in answer.text


def test_activation_needs_its_permission(asked, desk):
    activate(desk, asked)

    asked.refresh_from_db()
    assert asked.is_waiting


def test_who_is_not_confirmed_is_shown_as_such(asked, stranger, desk):
    address = reverse("admin:campaigns_brand_changelist")
    assert "sin confirmar" not in desk.get(address).text

    stranger.emailaddress_set.update(verified=False)

    assert f"{stranger.email} (sin confirmar)" in desk.get(address).text
