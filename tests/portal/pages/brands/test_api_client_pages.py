"""The pages of API clients: owners create, renew and revoke them; a secret is displayed once."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken
from redis import Redis

from campaigns import lifecycle, readiness
from campaigns.models import Brand
from campaigns.sandbox_brands import brand as sandbox_brands
from campaigns.sandbox_brands import clock
from core.redis_connection import attempt
from portal.accounts import api_clients, tasks
from portal.accounts.api_clients import Credentials
from portal.accounts.models import ApiClient
from tests.api.conftest import token_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()
    attempt(Redis.flushdb)


@pytest.fixture
def address(brand):
    return reverse("portal:api_clients", args=[brand.slug])


@pytest.fixture
def made(brand, owner):
    return api_clients.create(brand.pk, "Agencia Norte", ["campaigns:read"], by=owner)


def form_data(**fields):
    start = {"name": "Agencia Norte", "scopes": ["campaigns:read"], "once": str(uuid.uuid4())}
    return start | fields


def secret_of(page):
    return re.search(r"client_secret</dt>.*?<code[^>]*>([^<]+)</code>", page.text, re.DOTALL)[1]


def test_an_owner_makes_a_program_and_sees_its_secret_once(
    client, owner, address, caplog, django_capture_on_commit_callbacks
):
    client.force_login(owner)
    assert "Ningún programa actúa por tu marca" in client.get(address).text
    form = form_data()

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(address, form)

    assert response.status_code == 201
    assert "no-store" in response["Cache-Control"]
    secret = secret_of(response)
    program = ApiClient.objects.get()
    assert (program.name, program.scopes) == ("Agencia Norte", ["campaigns:read"])
    assert secret not in program.client_secret
    assert token_of(Credentials(program, secret))
    listed = client.get(address)
    assert program.client_id in listed.text
    assert "Leer campañas, zonas guardadas" in listed.text
    assert secret not in listed.text
    assert secret not in caplog.text
    assert all(secret not in str(row.get_decoded()) for row in Session.objects.all())
    assert [mailed.subject for mailed in mail.outbox] == ["Nuevo programa en Tienda: Agencia Norte"]
    assert [mailed.to for mailed in mail.outbox] == [[owner.email]]
    assert all(secret not in str(mailed.message()) for mailed in mail.outbox)


def test_reloading_the_response_displays_no_secret_and_creates_none(client, owner, address):
    client.force_login(owner)
    form = form_data()
    secret = secret_of(client.post(address, form))

    again = client.post(address, form, follow=True)

    assert secret not in again.text
    assert "se mostró una sola vez" in again.text
    assert ApiClient.objects.count() == 1


def test_reloading_a_renewal_keeps_the_secret_that_was_displayed(client, brand, owner, made):
    client.force_login(owner)
    address = reverse("portal:api_client", args=[brand.slug, made.client.pk])
    form = {"action": "renew", "once": str(uuid.uuid4())}
    secret = secret_of(client.post(address, form))

    again = client.post(address, form, follow=True)

    assert secret not in again.text
    assert token_of(Credentials(made.client, secret))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "  "}, "Escribe un nombre"),
        ({"name": "x" * 61}, "60"),
        ({"scopes": []}, "Elige al menos una cosa"),
        ({"scopes": ["todo"]}, "todo"),
        ({"once": ""}, "Carga la página de nuevo"),
    ],
)
def test_errors_are_displayed_and_the_fields_keep_their_values(
    client, owner, address, fields, message
):
    client.force_login(owner)

    response = client.post(address, form_data(**fields))

    assert response.status_code == 422
    assert message in response.text
    assert not ApiClient.objects.exists()


def test_a_program_over_the_limit_is_refused_and_the_form_works_after_a_revocation(
    client, owner, address, made, monkeypatch
):
    monkeypatch.setattr(api_clients, "MAX_CLIENTS", 1)
    client.force_login(owner)
    form = form_data(name="Otra")

    refused = client.post(address, form)
    assert refused.status_code == 409
    assert "revoca alguno" in refused.text
    assert 'value="Otra"' in refused.text
    api_clients.revoke(made.client.pk, by=owner)

    assert client.post(address, form).status_code == 201


def test_a_revocation_is_reported_and_the_client_is_listed_as_revoked(
    client, brand, owner, address, made
):
    client.force_login(owner)

    program = reverse("portal:api_client", args=[brand.slug, made.client.pk])
    page = client.post(program, {"action": "revoke"}, follow=True)

    assert "Revocaste Agencia Norte" in page.text
    assert "1 programa revocado" in page.text
    assert made.client.client_id not in page.text
    renewed = client.post(program, {"action": "renew", "once": uuid.uuid4()}, follow=True)
    assert "ya se revocó" in renewed.text


@pytest.mark.parametrize("who", ["editor", "viewer"])
def test_others_of_the_team_read_and_change_nothing(client, brand, address, made, who, request):
    client.force_login(request.getfixturevalue(who))

    page = client.get(address)
    assert page.status_code == 200
    assert made.client.client_id in page.text
    assert "Solo los titulares" in page.text
    assert "Crear programa" not in page.text
    assert "Revocar" not in page.text
    assert client.post(address, form_data()).status_code == 404
    program = reverse("portal:api_client", args=[brand.slug, made.client.pk])
    for action in ("renew", "revoke"):
        assert client.post(program, {"action": action, "once": uuid.uuid4()}).status_code == 404

    kept = ApiClient.objects.get()
    assert (kept.client_secret, kept.revoked_at) == (made.client.client_secret, None)


def test_a_program_is_not_reached_through_another_brand(client, stranger, made):
    client.force_login(stranger)
    own = stranger.brands.get()

    response = client.post(
        reverse("portal:api_client", args=[own.slug, made.client.pk]), {"action": "revoke"}
    )

    assert response.status_code == 404
    assert ApiClient.objects.get().revoked_at is None


def test_the_page_takes_a_fixed_number_of_queries(
    client, brand, owner, address, django_assert_max_num_queries
):
    for n in range(8):
        api_clients.create(brand.pk, f"P{n}", ["campaigns:read"], by=owner)
    client.force_login(owner)
    client.get(address)

    with django_assert_max_num_queries(10):
        assert client.get(address).text.count("Sí, revocar") == 8


def test_staff_read_programs_and_find_no_token_in_the_admin(client, admin_user, made):
    token = token_of(made)
    client.force_login(admin_user)

    listed = client.get(reverse("admin:accounts_apiclient_changelist"))
    page = client.get(reverse("admin:accounts_apiclient_change", args=[made.client.pk]))

    assert "Agencia Norte" in listed.text
    assert "Agencia Norte" in page.text
    for text in (listed.text, page.text):
        assert made.client.client_secret not in text
        assert token not in text
    assert client.get("/admin/accounts/apiclient/add/").status_code == 403
    for model in ("accesstoken", "refreshtoken", "grant", "idtoken"):
        assert client.get(f"/admin/oauth2_provider/{model}/").status_code == 404


def test_expired_tokens_are_deleted_and_others_are_not(made):
    token_of(made)
    token_of(made)
    old, new = AccessToken.objects.order_by("pk")
    AccessToken.objects.filter(pk=old.pk).update(expires=timezone.now() - timedelta(seconds=1))

    tasks.delete_expired_tokens()

    assert list(AccessToken.objects.all()) == [new]


def test_an_owner_makes_the_sandbox_once_and_every_page_of_it_says_so(
    client, owner, brand, address
):
    client.force_login(owner)
    assert "Crear marca de pruebas" in client.get(address).text
    make = reverse("portal:create_sandbox", args=[brand.slug])

    first, second = client.post(make), client.post(make)

    sandbox = Brand.objects.get(sandbox_of=brand)
    own_address = reverse("portal:api_clients", args=[sandbox.slug])
    assert first["Location"] == second["Location"] == own_address
    assert sandbox.name == "Pruebas de Tienda"
    assert f'href="{own_address}"' in client.get(address).text
    for name in ("brand_home", "campaigns", "api_clients", "new_campaign"):
        page = client.get(reverse(f"portal:{name}", args=[sandbox.slug])).text
        assert "Marca de pruebas: nada de esto sale al aire." in page, name
        assert "Crear marca de pruebas" not in page
    assert "nada de esto sale al aire" not in client.get(address).text


def test_no_sandbox_is_made_by_an_editor_nor_of_a_sandbox(client, editor, owner, brand):
    client.force_login(editor)
    make = reverse("portal:create_sandbox", args=[brand.slug])
    assert client.post(make).status_code == 404
    assert not Brand.objects.filter(sandbox_of=brand).exists()

    client.force_login(owner)
    client.post(make)
    sandbox = Brand.objects.get(sandbox_of=brand)
    page = client.post(reverse("portal:create_sandbox", args=[sandbox.slug]), follow=True)

    assert "Esta ya es una marca de pruebas." in page.text
    assert Brand.objects.filter(sandbox_of__isnull=False).count() == 1


def test_the_wizard_counts_by_the_clock_and_the_inventory_of_the_sandbox(client, owner, brand):
    sandbox = sandbox_brands.create(brand.pk, by=owner)
    clock.move(sandbox.pk, timedelta(days=30), by=owner)
    sandbox.refresh_from_db()
    first = readiness.first_possible_day(sandbox.now())
    campaign = lifecycle.draft(
        sandbox.pk,
        {"name": "x", "area": {"ladas": ["55"]}, "starts_on": first, "ends_on": first},
        by=owner,
    )
    client.force_login(owner)

    page = client.get(reverse("portal:campaign_step", args=[campaign.folio, "fechas"]))

    assert page.context["first_day"] == first
    assert page.context["found"].days[0].free > 100_000
