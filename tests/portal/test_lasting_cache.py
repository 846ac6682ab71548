"""Counters of attempts: nothing but time erases them."""

import uuid

import pytest
from django.core.cache import cache
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Brand
from portal.accounts import api_clients
from portal.accounts.api_clients import MAX_SECRETS_AN_HOUR, BadClient
from portal.accounts.models import ApiClient
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

LIMIT = 300  # what Django keeps by default


@pytest.fixture(autouse=True)
def _small(settings):
    """As in production, but with a smaller number above which expired entries are deleted."""
    mine = settings.CACHES["default"]
    settings.CACHES = {"default": mine | {"OPTIONS": {"MAX_ENTRIES": LIMIT}}}
    cache.clear()


def enter(client, person, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": person.email, "password": password})


def lock(client, person):
    for _attempt in range(5):
        enter(client, person, "no-es-esta-clave")


def fill(entries):
    for _entry in range(entries):
        cache.add(f"api-client-form:{uuid.uuid4()}", True, 86_400)


def is_signed_in(client):
    return "_auth_user_id" in client.session


def entries():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM portal_cache")
        return cursor.fetchone()[0]


def test_no_number_of_other_entries_erases_a_lock(client, editor):
    lock(client, editor)

    fill(LIMIT + 100)
    enter(client, editor)

    assert not is_signed_in(client)


def test_djangos_own_cache_erases_it(client, editor, settings):
    """The negative control."""
    backend = f"{DatabaseCache.__module__}.{DatabaseCache.__name__}"
    settings.CACHES = {"default": settings.CACHES["default"] | {"BACKEND": backend}}
    erased = 0
    for _round in range(4):  # which keys are erased is their order, so chance
        cache.clear()
        lock(client, editor)
        fill(2 * LIMIT)
        enter(client, editor)
        erased += is_signed_in(client)
        client.logout()

    assert erased


def test_expired_entries_are_deleted(editor):
    fill(LIMIT + 1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE portal_cache SET expires = now() - interval '1 minute'")

    cache.set("one", 1, 60)

    assert entries() == 1


def test_an_entry_lasts_until_it_expires_in_a_full_cache(time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    cache.set("short", 1, 60)
    fill(LIMIT + 1)

    time_machine.shift(59)
    cache.set("other", 1, 60)
    assert cache.get("short") == 1

    time_machine.shift(2)
    cache.set("other", 1, 60)
    assert cache.get("short") is None


# ── secrets of a brand's programs ────────────────────────────────────────────


def test_a_brand_gets_a_number_of_secrets_an_hour(brand, owner, time_machine):
    time_machine.move_to(timezone.now().replace(minute=5), tick=False)
    made = api_clients.create(brand.pk, "Agencia", ["campaigns:read"], by=owner)
    for _turn in range(MAX_SECRETS_AN_HOUR - 1):
        made = api_clients.renew(made.client.pk, by=owner)
    secret = ApiClient.objects.get().client_secret

    with pytest.raises(BadClient, match=f"{MAX_SECRETS_AN_HOUR} secretos"):
        api_clients.renew(made.client.pk, by=owner)
    with pytest.raises(BadClient, match=f"{MAX_SECRETS_AN_HOUR} secretos"):
        api_clients.create(brand.pk, "Otra", ["campaigns:read"], by=owner)

    assert ApiClient.objects.get().client_secret == secret
    time_machine.shift(3600)
    assert api_clients.renew(made.client.pk, by=owner)


def test_revoking_and_creating_again_counts_too(brand, owner, time_machine):
    time_machine.move_to(timezone.now().replace(minute=5), tick=False)
    for _turn in range(MAX_SECRETS_AN_HOUR):
        made = api_clients.create(brand.pk, "Agencia", ["campaigns:read"], by=owner)
        api_clients.revoke(made.client.pk, by=owner)

    with pytest.raises(BadClient, match="espera"):
        api_clients.create(brand.pk, "Agencia", ["campaigns:read"], by=owner)

    assert ApiClient.objects.count() == MAX_SECRETS_AN_HOUR


def test_a_renewal_by_the_page_says_how_long_to_wait(client, brand, owner, monkeypatch):
    made = api_clients.create(brand.pk, "Agencia", ["campaigns:read"], by=owner)
    monkeypatch.setattr(api_clients, "MAX_SECRETS_AN_HOUR", 1)
    client.force_login(owner)
    address = reverse("portal:api_client", args=[brand.slug, made.client.pk])

    page = client.post(address, {"action": "renew", "once": str(uuid.uuid4())}, follow=True)

    assert "espera a la siguiente" in page.text


def test_another_brand_is_counted_apart(brand, owner, stranger, monkeypatch):
    other_brand = Brand.objects.get(memberships__user=stranger)
    monkeypatch.setattr(api_clients, "MAX_SECRETS_AN_HOUR", 1)
    api_clients.create(brand.pk, "Agencia", ["campaigns:read"], by=owner)

    assert api_clients.create(other_brand.pk, "Otra", ["campaigns:read"], by=stranger)


# ── many people at one address ───────────────────────────────────────────────


def test_failures_of_one_person_lock_nobody_else_at_the_address(client, editor, owner):
    for _attempt in range(40):
        enter(client, editor, "no-es-esta-clave")

    enter(client, editor)
    assert not is_signed_in(client)
    enter(client, owner)
    assert is_signed_in(client)


def test_with_the_address_counted_first_one_person_locks_the_others(
    client, editor, owner, settings
):
    """The negative control: the limits before."""
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
    for _attempt in range(10):
        enter(client, editor, "no-es-esta-clave")

    enter(client, owner)

    assert not is_signed_in(client)


def test_an_address_that_guesses_at_many_accounts_is_stopped(client, editor):
    for number in range(60):
        client.post(
            reverse("account_login"),
            {"login": f"nadie-{number}@nada.mx", "password": "no-es-esta-clave"},
        )

    enter(client, editor)

    assert not is_signed_in(client)
