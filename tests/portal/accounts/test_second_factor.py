"""The second factor, recovery codes and sessions, through the pages."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from portal.accounts import sessions
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

ACTIVATE = reverse("mfa_activate_totp")
CODES = reverse("mfa_view_recovery_codes")


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def code_for(secret):
    _before, now, _after = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now))


def enter(client, person):
    return client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})


def secret_on(page):
    return re.search(r'class="secret">(\w+)<', page.text)[1]


@pytest.fixture
def protected(client, owner):
    """Activate the second factor through the pages; return its secret."""
    enter(client, owner)
    redirect = client.get(ACTIVATE)
    page = client.post(redirect.url, {"password": PASSWORD}, follow=True)
    secret = secret_on(page)
    done = client.post(ACTIVATE, {"code": code_for(secret)})
    assert done.url == CODES
    mail.outbox.clear()
    cache.clear()
    return secret


@pytest.mark.django_db(transaction=True)
def test_it_is_activated_with_a_code_of_the_displayed_secret(client, owner):
    enter(client, owner)
    redirect = client.get(ACTIVATE)
    assert redirect.url.startswith(reverse("account_reauthenticate"))
    page = client.post(redirect.url, {"password": PASSWORD}, follow=True)
    secret = secret_on(page)
    assert '<svg class="qr" viewBox=' in page.text
    assert "style=" not in page.text

    wrong = client.post(ACTIVATE, {"code": "000000"})
    assert "Ese código no es correcto" in wrong.text
    assert secret_on(wrong) == secret
    done = client.post(ACTIVATE, {"code": code_for(secret)}, follow=True)

    assert "Guarda tus códigos de recuperación" in done.text
    assert done.text.count("<li><code>") == 10
    assert {mailed.subject for mailed in mail.outbox} >= {"Activaste la verificación en dos pasos"}
    assert all(mailed.alternatives for mailed in mail.outbox)


def test_signing_in_takes_password_and_code(owner, protected, client):
    other = type(client)()

    assert enter(other, owner).url == reverse("mfa_authenticate")

    assert other.get("/perfil/").status_code == 302
    page = other.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "Ese código no es correcto" in page.text
    with time_machine.travel(timezone.now() + timedelta(seconds=60)):
        assert other.post(reverse("mfa_authenticate"), {"code": code_for(protected)}).url == "/"
        assert other.get("/perfil/").status_code == 200


def test_a_recovery_code_works_once(owner, protected, client):
    code = re.search(r"<li><code>(\d+)<", client.get(CODES).text)[1]
    outcomes = []

    for _attempt in range(2):
        other = type(client)()
        enter(other, owner)
        outcomes.append(other.post(reverse("mfa_authenticate"), {"code": code}).status_code)

    assert outcomes == [302, 200]
    assert client.get(CODES).text.count("<li><code>") == 9


NOON = datetime(2027, 1, 4, 12, tzinfo=UTC)  # where a period of 30 s begins


def sign_in_at(moment, client, person, code):
    """Sign in with password and code in another browser; return whether it succeeded."""
    other = type(client)()
    with time_machine.travel(moment, tick=False):
        enter(other, person)
        return other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302


def code_of_the_next_period(secret, moment):
    """Return the code of a phone whose clock is ahead: it is valid for 90 s from its start."""
    with time_machine.travel(moment, tick=False):
        _before, _now, after = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, after))


@pytest.mark.parametrize("later", [0, 1, 29, 31, 45, 59, 61, 75, 89])
def test_a_code_signs_in_once_for_as_long_as_it_is_valid(owner, protected, client, later):
    code = code_of_the_next_period(protected, NOON)
    assert sign_in_at(NOON, client, owner, code)

    assert not sign_in_at(NOON + timedelta(seconds=later), client, owner, code)


def test_a_code_that_is_forgotten_too_soon_signs_in_twice(owner, protected, client, settings):
    settings.MFA_FORMS = {}  # allauth's own form
    code = code_of_the_next_period(protected, NOON)
    assert sign_in_at(NOON, client, owner, code)

    assert sign_in_at(NOON + timedelta(seconds=31), client, owner, code)


@pytest.mark.django_db(transaction=True)
def test_codes_are_downloaded_and_made_anew(protected, client):
    first = re.findall(r"<li><code>(\d+)<", client.get(CODES).text)
    file = client.get(reverse("mfa_download_recovery_codes"))
    assert file["Content-Type"].startswith("text/plain")
    assert re.findall(r"^\d+$", file.text, re.M) == first

    client.post(reverse("mfa_generate_recovery_codes"))

    second = re.findall(r"<li><code>(\d+)<", client.get(CODES).text)
    assert len(second) == 10
    assert not set(first) & set(second)
    assert [mailed.subject for mailed in mail.outbox] == ["Tienes códigos de recuperación nuevos"]


def test_it_is_deactivated_and_the_password_is_enough_again(owner, protected, client):
    client.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.exists()
    assert enter(type(client)(), owner).url == "/"
    assert [mailed.subject for mailed in mail.outbox] == [
        "La verificación en dos pasos está desactivada"
    ]


def test_staff_give_their_code_as_well(reviewer, client):
    enter(client, reviewer)
    page = client.post(client.get(ACTIVATE).url, {"password": PASSWORD}, follow=True)
    client.post(ACTIVATE, {"code": code_for(secret_on(page))})
    other = type(client)()

    enter(other, reviewer)

    assert other.get("/admin/").status_code == 302


@pytest.mark.parametrize("page", ["mfa_index", "mfa_activate_totp", "usersessions_list"])
def test_no_page_of_it_is_in_english(page, owner, client):
    enter(client, owner)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    text = client.get(reverse(page)).text

    for word in ("Authenticator App", "Two-Factor", "Sign Out", "Activate ", "Recovery Codes"):
        assert word not in text


# ── sessions ─────────────────────────────────────────────────────────────────

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (CHROME, "Chrome en Windows"),
        (CHROME + " Edg/140.0.0.0", "Edge en Windows"),
        (IPHONE, "Safari en iPhone"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox en Linux",
        ),
        ("curl/8", "Navegador desconocido"),
    ],
)
def test_a_user_agent_is_displayed_as_browser_and_system(user_agent, label):
    assert sessions.device(user_agent) == label


def test_a_person_sees_where_they_are_in_and_ends_the_others(owner, editor, client):
    phone, colleague = type(client)(), type(client)()
    client.post(
        reverse("account_login"),
        {"login": owner.email, "password": PASSWORD},
        headers={"user-agent": CHROME},
    )
    phone.post(
        reverse("account_login"),
        {"login": owner.email, "password": PASSWORD},
        headers={"user-agent": IPHONE},
    )
    enter(colleague, editor)
    address = reverse("usersessions_list")

    page = client.get(address, headers={"user-agent": CHROME})
    assert "Chrome en Windows" in page.text
    assert "Safari en iPhone" in page.text
    assert page.text.count("Esta sesión") == 1
    client.post(address)

    assert phone.get("/perfil/").status_code == 302
    assert client.get("/perfil/").status_code == 200
    assert colleague.get("/perfil/").status_code == 200


def test_last_use_is_noted_at_most_once_in_five_minutes(owner, client):
    enter(client, owner)
    client.get("/perfil/")
    first = UserSession.objects.get().last_seen_at

    with time_machine.travel(timezone.now() + timedelta(minutes=4)):
        client.get("/perfil/")
    assert UserSession.objects.get().last_seen_at == first
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        client.get("/perfil/")

    assert UserSession.objects.get().last_seen_at > first + timedelta(minutes=5)
