"""Applications of brands: they wait, and are activated once."""

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
def applied(stranger):
    return brands.apply("Pizzas La Nonna", "FOOD", by=stranger)


def test_a_brand_that_applies_waits_with_its_person_as_owner(applied, stranger):
    assert (applied.active, applied.is_waiting, applied.slug) == (False, True, "pizzas-la-nonna")
    assert applied.is_owned_by(stranger)
    assert applied not in Brand.objects.visible_to(stranger)
    assert list(Brand.objects.waiting()) == [applied]


def test_a_waiting_brand_neither_reveals_nor_blocks_a_name(brand, stranger, editor):
    first = brands.apply("Tienda", "RETAIL", by=stranger)
    second = brands.apply("TIENDA", "RETAIL", by=editor)

    assert len({brand.slug, first.slug, second.slug}) == 3
    for waiting in (first, second):
        with pytest.raises(NameTaken):
            brands.activate(waiting.pk)
    assert list(Brand.objects.filter(name__iexact="tienda", active=True)) == [brand]
    with pytest.raises(IntegrityError), transaction.atomic():
        Brand.objects.create(name="tienda", slug="tienda-2")


def test_the_database_requires_the_date_of_an_active_brand(applied):
    with pytest.raises(IntegrityError), transaction.atomic():
        Brand.objects.filter(pk=applied.pk).update(active=True)


def test_a_brand_is_activated_once_and_its_owner_notified(applied, stranger):
    assert brands.activate(applied.pk)
    assert not brands.activate(applied.pk)

    applied.refresh_from_db()
    assert applied.active and applied.activated_at is not None
    [notice] = Notice.objects.all()
    assert (notice.user, notice.kind, notice.read_at) == (stranger, "activated", None)


def test_a_suspended_brand_is_not_activated_again_by_the_action(brand):
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


def test_staff_find_waiting_brands_and_activate_them(applied, brand, reviewer, desk):
    reviewer.user_permissions.add(Permission.objects.get(codename="activate_brand"))

    listed = desk.get(reverse("admin:campaigns_brand_changelist") + "?estado=por-activar")
    assert "Pizzas La Nonna" in listed.text
    assert ">Tienda<" not in listed.text
    response = activate(desk, applied, brand)

    applied.refresh_from_db()
    assert applied.active
    assert "Activadas: Pizzas La Nonna." in response.text


def test_activation_needs_its_permission(applied, desk):
    activate(desk, applied)

    applied.refresh_from_db()
    assert applied.is_waiting


def test_an_unconfirmed_address_is_marked(applied, stranger, desk):
    address = reverse("admin:campaigns_brand_changelist")
    assert "sin confirmar" not in desk.get(address).text

    stranger.emailaddress_set.update(verified=False)

    assert f"{stranger.email} (sin confirmar)" in desk.get(address).text
