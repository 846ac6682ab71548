"""The API clients of a brand, their tokens, and the token endpoint."""

import base64
import threading
import uuid

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from oauth2_provider.models import AccessToken
from oauthlib.common import Request
from redis import Redis

from campaigns.errors import NotAllowed
from campaigns.models import Membership
from core.api import throttles
from core.redis_connection import attempt
from portal.accounts import api_clients
from portal.accounts.api_clients import BadClient, Credentials
from portal.accounts.models import ApiClient, User
from tests.api.conftest import Program, token_of

pytestmark = pytest.mark.django_db

READ = ["campaigns:read"]
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture(autouse=True)
def _fresh_limits():
    attempt(Redis.flushdb)


@pytest.fixture
def made(brand, owner):
    return api_clients.create(brand.pk, "Agencia", READ, by=owner)


def request_token(client_id, secret, **fields):
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return Client().post(
        "/oauth2/token", GRANT | fields, headers={"authorization": f"Basic {pair}"}
    )


def status(token):
    return Program(token).get("/campaigns").status_code


def test_a_secret_is_stored_as_a_hash_and_works(made):
    kept = ApiClient.objects.get()

    assert made.secret not in kept.client_secret
    assert kept.client_secret.startswith("random$")
    assert kept.last_token_at is None
    assert status(token_of(made)) == 200
    kept.refresh_from_db()
    assert kept.last_token_at is not None


def test_a_token_may_do_what_was_chosen_and_no_more(made):
    program = Program(token_of(made))

    refused = program.post("/campaigns", {"name": "Idea"})

    assert (refused.status_code, refused.json()["code"]) == (403, "PERMISSION_DENIED")
    assert (
        request_token(made.client.client_id, made.secret, scope="campaigns:write").status_code
        == 400
    )


def test_a_new_secret_ends_the_old_one_and_its_tokens(made, owner):
    token = token_of(made)
    assert status(token) == 200

    again = api_clients.renew(made.client.pk, by=owner)

    assert status(token) == 401
    assert request_token(made.client.client_id, made.secret).json()["error"] == "invalid_client"
    assert status(token_of(again)) == 200


def test_a_revoked_program_is_refused(made, owner, brand):
    token = token_of(made)

    api_clients.revoke(made.client.pk, by=owner)
    api_clients.revoke(made.client.pk, by=owner)

    assert status(token) == 401
    assert request_token(made.client.client_id, made.secret).status_code == 401
    assert not brand.memberships.filter(role=Membership.Role.PROGRAM).exists()
    assert not User.objects.get(pk=made.client.user_id).is_active
    with pytest.raises(BadClient):
        api_clients.renew(made.client.pk, by=owner)


def test_the_programs_of_a_suspended_brand_still_read(made, brand):
    token = token_of(made)
    brand.active = False
    brand.save()

    assert status(token) == 200
    assert request_token(made.client.client_id, made.secret).status_code == 200


def test_a_brand_that_was_never_activated_has_no_program_that_works(made, brand):
    token = token_of(made)
    brand.active, brand.activated_at = False, None
    brand.save()

    assert status(token) == 401
    assert request_token(made.client.client_id, made.secret).status_code == 401


@pytest.mark.parametrize("who", ["editor", "viewer", "stranger", "reviewer"])
def test_only_an_owner_makes_renews_and_revokes(who, brand, made, request):
    person = request.getfixturevalue(who)
    token = token_of(made)
    mail.outbox.clear()

    for act in (
        lambda: api_clients.create(brand.pk, "Mía", READ, by=person),
        lambda: api_clients.renew(made.client.pk, by=person),
        lambda: api_clients.revoke(made.client.pk, by=person),
    ):
        with pytest.raises(NotAllowed):
            act()

    assert ApiClient.objects.count() == 1
    assert status(token) == 200


def test_nobody_signs_in_as_a_program(made, client):
    person = made.client.user

    assert not person.has_usable_password()
    assert not client.login(email=person.email, password="")


def test_a_brand_has_twenty_programs_at_most_and_a_revoked_one_is_not_counted(brand, owner):
    made = [
        api_clients.create(brand.pk, f"P{n}", READ, by=owner)
        for n in range(api_clients.MAX_CLIENTS)
    ]
    with pytest.raises(BadClient, match="20 programas"):
        api_clients.create(brand.pk, "Otra", READ, by=owner)

    api_clients.revoke(made[0].client.pk, by=owner)

    assert api_clients.create(brand.pk, "Otra", READ, by=owner)


@pytest.mark.parametrize(
    ("name", "scopes"),
    [("", READ), ("\0 ", READ), ("x" * 61, READ), ("A", []), ("A", ["todo"])],
)
def test_an_invalid_program_is_not_created(brand, owner, name, scopes):
    people = User.objects.count()

    with pytest.raises(BadClient):
        api_clients.create(brand.pk, name, scopes, by=owner)

    assert not ApiClient.objects.exists()
    assert User.objects.count() == people


def test_owners_are_mailed_what_changed(brand, owner, editor, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        made = api_clients.create(brand.pk, "Agencia", READ, by=owner)
        api_clients.renew(made.client.pk, by=owner)
        api_clients.revoke(made.client.pk, by=owner)

    assert [mailed.subject for mailed in mail.outbox] == [
        "Nuevo programa en Tienda: Agencia",
        "Nuevo secreto para Agencia, de Tienda",
        "Se revocó Agencia, de Tienda",
    ]
    assert {tuple(mailed.to) for mailed in mail.outbox} == {(owner.email,)}
    assert f"/marcas/{brand.slug}/api/" in mail.outbox[0].body
    assert "Leer campañas" in mail.outbox[0].body


# ── the token endpoint ───────────────────────────────────────────────────────


@pytest.fixture(autouse=True)
def _counted_apart(monkeypatch):
    """Count this test's requests apart: all tests use one address."""
    count, apart = throttles.count_request, uuid.uuid4().hex
    monkeypatch.setattr(
        throttles, "count_request", lambda who, *more: count(f"{apart}-{who}", *more)
    )


def test_a_client_over_the_limit_gets_retry_after(made, settings):
    settings.API_TOKENS_A_MINUTE = 2

    responses = [request_token(made.client.client_id, made.secret) for _turn in range(3)]

    assert [response.status_code for response in responses] == [200, 200, 429]
    assert responses[0]["RateLimit"].startswith('"client";r=1;')
    assert responses[2].json()["error"] == "temporarily_unavailable"
    assert responses[2]["Content-Type"] == "application/json"
    assert 1 <= int(responses[2]["Retry-After"]) <= 60
    assert AccessToken.objects.count() == 2


def test_another_program_and_another_address_are_counted_apart(made, brand, owner, settings):
    settings.API_TOKENS_A_MINUTE = 1
    other = api_clients.create(brand.pk, "Otra", READ, by=owner)
    pair = base64.b64encode(f"{made.client.client_id}:{made.secret}".encode()).decode()
    for _turn in range(2):
        guess = request_token(made.client.client_id, "no es este")

    assert guess.status_code == 429
    assert request_token(other.client.client_id, other.secret).status_code == 200
    elsewhere = Client(REMOTE_ADDR="203.0.113.9").post(
        "/oauth2/token", GRANT, headers={"authorization": f"Basic {pair}"}
    )
    assert elsewhere.status_code == 200


def test_an_address_that_tries_many_programs_is_stopped(settings):
    settings.API_TOKENS_A_MINUTE = 1

    responses = [request_token(f"programa-{n}", "x").status_code for n in range(11)]

    assert responses == [401] * 10 + [429]


@pytest.mark.parametrize(
    ("data", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, 400, ""),
        (GRANT, 401, "invalid_client"),
        (GRANT | {"client_id": "a\0b", "client_secret": "x"}, 401, "invalid_client"),
    ],
)
def test_what_is_no_request_for_a_token_is_refused_in_json(data, status, error):
    response = Client().post("/oauth2/token", data)

    assert response.status_code == status
    assert error in response.json()["error"]
    assert response.json().keys() <= {"error", "error_description"}


# ── at once ──────────────────────────────────────────────────────────────────


def at_once(*acts):
    """Run functions in threads that start together; return what each returned or raised."""
    gate, done = threading.Barrier(len(acts)), {}

    def run(n, act):
        gate.wait()
        try:
            done[n] = act()
        except Exception as error:
            done[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [done[n] for n in range(len(acts))]


@pytest.mark.django_db(transaction=True)
def test_two_owners_at_once_do_not_pass_the_most(brand, owner, monkeypatch):
    monkeypatch.setattr(api_clients, "MAX_CLIENTS", 3)

    results = at_once(
        *[lambda n=n: api_clients.create(brand.pk, f"P{n}", READ, by=owner) for n in range(6)]
    )

    assert (
        sorted(type(each).__name__ for each in results) == ["BadClient"] * 3 + ["Credentials"] * 3
    )
    assert ApiClient.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_no_token_outlives_the_secret_that_was_renewed_meanwhile(brand, owner, made):
    """The secret is valid when it is checked, and renewed before the token is stored."""
    token = {"access_token": "x" * 30, "scope": "campaigns:read", "token_type": "Bearer"}
    request = Request("/oauth2/token", "POST", GRANT)
    request.client = ApiClient.objects.get(pk=made.client.pk)
    held, renewed = threading.Event(), threading.Event()

    def keep():
        held.wait(5)
        try:
            return api_clients.TokenValidator().save_bearer_token(token, request)
        finally:
            renewed.set()

    def renew():
        with transaction.atomic():
            again = api_clients.renew(made.client.pk, by=owner)
            held.set()
            assert not renewed.wait(0.5), "the token did not wait for the renewal"
        return again

    refused, again = at_once(keep, renew)

    assert type(refused).__name__ == "InvalidClientError"
    assert isinstance(again, Credentials)
    assert not AccessToken.objects.exists()
