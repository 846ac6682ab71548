"""The client's address behind proxies: one rule for limits, sessions and the scheme."""

import pytest
from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings as project
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from portal.client_address import ClientAddressMiddleware, TrustedProxies
from tests.conftest import PASSWORD

PROXY, OTHER_PROXY, STRANGER = "10.0.0.2", "192.0.2.7", "203.0.113.9"


@pytest.fixture
def behind(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/24", OTHER_PROXY, "2001:db8::/32"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def seen(peer, forwarded=None, proto=None):
    """Return the address and the security of a request as the portal sees them."""
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": proto}
    request = RequestFactory(
        headers={name: value for name, value in headers.items() if value is not None}
    ).get("/", REMOTE_ADDR=peer)
    ClientAddressMiddleware(lambda _request: HttpResponse())(request)
    return get_adapter().get_client_ip(request), request.is_secure()


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        (PROXY, STRANGER, STRANGER),
        (PROXY, f"1.1.1.1, {STRANGER}", STRANGER),  # what a stranger sent comes first
        (PROXY, f"1.1.1.1,2.2.2.2,{STRANGER}", STRANGER),
        (PROXY, f"{STRANGER}, {OTHER_PROXY}", STRANGER),  # two proxies
        (PROXY, f"1.1.1.1, {STRANGER}, {OTHER_PROXY}, 10.0.0.9", STRANGER),
        (PROXY, f"10.0.0.5, {STRANGER}", STRANGER),  # a stranger who names a proxy
        (PROXY, f"nonsense, {STRANGER}", STRANGER),
        (PROXY, f"{STRANGER}, nonsense", PROXY),
        (PROXY, f"{STRANGER}, ", PROXY),
        (PROXY, "", PROXY),
        (PROXY, None, PROXY),
        (PROXY, "2001:db9::1", "2001:db9::1"),
        (PROXY, "[2001:db9::1]", "2001:db9::1"),
        (f"::ffff:{PROXY}", STRANGER, STRANGER),
        ("2001:db8::5", STRANGER, STRANGER),
        (STRANGER, "1.1.1.1", STRANGER),  # straight to the portal
        (STRANGER, f"1.1.1.1, {PROXY}", STRANGER),
        ("10.0.1.2", "1.1.1.1", "10.0.1.2"),
        ("", "1.1.1.1", "127.0.0.1"),  # a local socket that is not trusted
    ],
)
def test_the_address_is_the_one_that_a_trusted_proxy_saw(behind, peer, forwarded, client):
    assert seen(peer, forwarded)[0] == client


def test_a_local_socket_may_be_trusted(settings):
    settings.TRUSTED_PROXIES = ["unix"]

    assert seen("", STRANGER)[0] == STRANGER
    assert seen(STRANGER, "1.1.1.1")[0] == STRANGER


@pytest.mark.parametrize("peer", ["127.0.0.1", PROXY, STRANGER])
def test_without_the_setting_forwarded_addresses_count_for_nothing(peer):
    assert project.TRUSTED_PROXIES == []
    assert seen(peer, "1.1.1.1") == (peer, False)


def test_the_scheme_is_believed_of_trusted_proxies_alone(behind):
    assert seen(PROXY, STRANGER, "https") == (STRANGER, True)
    assert seen(PROXY, STRANGER, "http") == (STRANGER, False)
    assert seen(STRANGER, "1.1.1.1", "https") == (STRANGER, False)


@pytest.mark.parametrize("names", [["proxy"], ["10.0.0.1/24"], ["10.0.0.256"], [""]])
def test_what_is_no_network_is_refused(names):
    with pytest.raises(ValueError, match=r"does not appear|has host bits"):
        TrustedProxies(names)


def test_a_proxy_that_is_not_in_the_settings_is_told_once(caplog):
    middleware = ClientAddressMiddleware(lambda _request: HttpResponse())
    for _turn in range(3):
        request = RequestFactory(headers={"X-Forwarded-For": STRANGER}).get("/")
        middleware(request)

    assert caplog.text.count("forwarded_headers_dropped") == 1
    assert STRANGER not in caplog.text


def test_it_comes_before_all_that_reads_an_address():
    assert project.MIDDLEWARE[0] == "portal.client_address.ClientAddressMiddleware"


# ── limits and sessions ──────────────────────────────────────────────────────


def fail(address, times, *, login="nadie@nada.mx", peer=PROXY):
    """Fail to sign in at an address behind a proxy, each time as another account."""
    client = Client(REMOTE_ADDR=peer, headers={"X-Forwarded-For": address})
    for number in range(times):
        client.post(
            reverse("account_login"), {"login": f"{number}{login}", "password": "no-es-esta"}
        )


def signs_in(person, address, peer=PROXY):
    client = Client(REMOTE_ADDR=peer, headers={"X-Forwarded-For": address})
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    return "_auth_user_id" in client.session


@pytest.mark.django_db
def test_limits_are_by_the_clients_address(behind, editor, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,3/m/ip"}
    cache.clear()

    fail(STRANGER, 3)

    assert not signs_in(editor, STRANGER)
    assert signs_in(editor, "198.51.100.4")


@pytest.mark.django_db
def test_a_stranger_gets_no_other_address_by_a_header(behind, editor, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,3/m/ip"}
    cache.clear()

    for number in range(3):
        fail(f"198.51.100.{number}, {STRANGER}", 1, login=f"{number}@nada.mx")

    assert not signs_in(editor, f"198.51.100.99, {STRANGER}")


@pytest.mark.django_db
def test_without_the_setting_everybody_has_the_address_of_the_proxy(editor, settings):
    """The negative control: why the deployment check wants the front named."""
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,3/m/ip"}
    cache.clear()

    fail(STRANGER, 3)

    assert not signs_in(editor, "198.51.100.4")


@pytest.mark.django_db
def test_a_session_has_the_clients_address(behind, editor):
    cache.clear()

    assert signs_in(editor, f"1.1.1.1, {STRANGER}")

    assert UserSession.objects.get(user=editor).ip == STRANGER
