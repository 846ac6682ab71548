"""The call: bounded, never redirected, and to public addresses only."""

import socket
import time

import pytest

from campaigns.webhooks import address
from campaigns.webhooks import sink as calls
from tests.campaigns.webhooks.conftest import NAME
from tests.sinks import Sink

PUBLIC = "189.203.0.1"  # never called: where it is allowed, the connection is a stand-in
real_getaddrinfo = socket.getaddrinfo


def records(*addresses, port):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port)) for found in addresses]


@pytest.fixture
def dns(monkeypatch):
    """A resolver of NAME that returns one list of addresses after the other, then the last one."""
    queued: list[list[str]] = []

    class Dns:
        lookups = 0
        resolves_numbers = False

        def will_return(self, *lists):
            queued[:] = lists

    resolver = Dns()

    def getaddrinfo(host, port, *args, **kwargs):
        if host.endswith(".mx") or resolver.resolves_numbers:
            resolver.lookups += 1
            return records(*(queued.pop(0) if len(queued) > 1 else queued[0]), port=port)
        return real_getaddrinfo(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return resolver


@pytest.fixture
def connected(monkeypatch):
    """The addresses of all connections; those to public addresses are refused."""
    addresses = []
    real = socket.create_connection

    def create_connection(target, *args, **kwargs):
        addresses.append(target[0])
        if address.is_public(target[0]):
            raise ConnectionRefusedError
        return real(target, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", create_connection)
    return addresses


def at(sink):
    return f"https://{NAME}:{sink.port}/hook"


def test_a_body_is_delivered(sink):
    outcome = calls.post(sink.url, {"webhook-id": "evt-1"}, b'{"a":1}')

    assert (outcome.delivered, outcome.status, outcome.error) == (True, 204, "")
    [received] = sink.requests
    assert (received.path, received.body) == ("/hook", b'{"a":1}')
    assert received.headers["webhook-id"] == "evt-1"
    assert received.headers["host"] == f"127.0.0.1:{sink.port}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(sink, status):
    inside = Sink()
    sink.status, sink.headers = status, {"Location": inside.url}

    outcome = calls.post(sink.url, {}, b"{}")

    assert (outcome.delivered, outcome.status) == (False, status)
    assert "redirige" in outcome.error
    assert inside.requests == []
    assert calls.post(inside.url, {}, b"{}").delivered  # it would have answered
    inside.stop()


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_a_status_other_than_2xx_is_a_failure(sink, status):
    sink.status = status

    outcome = calls.post(sink.url, {}, b"{}")

    assert (outcome.delivered, outcome.status) == (False, status)
    assert str(status) in outcome.error


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [(429, "30", 30), (503, "7", 7), (500, "30", None), (503, "mañana", None), (503, "", None)],
)
def test_retry_after_is_read(sink, status, header, seconds):
    sink.status, sink.headers = status, {"Retry-After": header.encode().decode("latin-1")}

    assert calls.post(sink.url, {}, b"{}").retry_after == seconds


def test_retry_after_as_a_date_is_read_as_seconds(time_machine):
    time_machine.move_to("2026-11-23T04:00:00Z", tick=False)

    assert calls._retry_after(b"Mon, 23 Nov 2026 04:01:30 GMT") == 90
    assert calls._retry_after(b"Mon, 23 Nov 2026 03:00:00 GMT") == 0


@pytest.mark.parametrize("slow", ["delay", "header_byte_interval"])
def test_the_whole_call_ends_at_its_deadline(sink, slow, monkeypatch):
    monkeypatch.setattr(calls, "DEADLINE", 0.6)
    setattr(sink, slow, {"delay": 1.5, "header_byte_interval": 0.05}[slow])
    began = time.monotonic()

    outcome = calls.post(sink.url, {}, b"{}")

    assert (outcome.delivered, outcome.status) == (False, None)
    assert "No contestó" in outcome.error
    assert 0.5 < time.monotonic() - began < 1.2


def test_a_long_body_is_not_read_to_its_end(sink):
    sink.body = b"x" * 50_000_000
    began = time.monotonic()

    assert calls.post(sink.url, {}, b"{}").delivered
    assert time.monotonic() - began < 1


def test_a_sink_that_is_down_is_a_failure(sink):
    sink.stop()

    outcome = calls.post(sink.url, {}, b"{}")

    assert (outcome.status, outcome.error) == (None, "No se pudo conectar.")


def test_a_proxy_of_the_environment_is_not_used(sink, monkeypatch):
    proxy = Sink()
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

    assert calls.post(sink.url, {}, b"{}").delivered
    assert proxy.requests == []
    proxy.stop()


# ── the guard ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
        ["fe80::1%eth0"],
    ],
)
def test_a_name_with_a_private_address_is_not_called(tls_sink, dns, connected, found):
    dns.will_return(found)

    outcome = calls.post(at(tls_sink), {}, b"{}")

    assert "no es pública" in outcome.error
    assert connected == []
    assert tls_sink.requests == []


def test_without_the_check_the_same_name_is_called(tls_sink, dns, monkeypatch):
    """Negative control: the check is what makes the test above pass."""
    dns.will_return(["127.0.0.1"])
    monkeypatch.setattr(address, "is_public", lambda found: True)

    assert calls.post(at(tls_sink), {}, b"{}").delivered
    assert len(tls_sink.requests) == 1


def test_a_second_resolution_by_the_dns_changes_nothing(tls_sink, dns, connected):
    dns.will_return([PUBLIC], ["127.0.0.1"])

    outcome = calls.post(at(tls_sink), {}, b"{}")

    assert connected == [PUBLIC]
    assert dns.lookups == 1
    assert outcome.error == "No se pudo conectar."
    assert tls_sink.requests == []


def test_each_call_is_checked_again(tls_sink, dns, connected):
    dns.will_return([PUBLIC], ["127.0.0.1"])
    calls.post(at(tls_sink), {}, b"{}")

    assert "no es pública" in calls.post(at(tls_sink), {}, b"{}").error
    assert connected == [PUBLIC]


def test_nothing_is_sent_where_the_connection_goes_elsewhere(tls_sink, dns):
    """Nothing is sent even where IP addresses themselves resolve to others."""
    dns.resolves_numbers = True
    dns.will_return([PUBLIC], ["127.0.0.1"])

    outcome = calls.post(at(tls_sink), {}, b"{}")

    assert "cambió de dirección" in outcome.error
    assert tls_sink.requests == []


def test_a_name_that_does_not_resolve_is_a_failure(monkeypatch):
    def nobody(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody)

    assert "DNS" in calls.post(f"https://{NAME}/", {}, b"{}").error


def test_a_stored_address_is_checked_by_the_current_rules(sink, settings):
    assert calls.post(sink.url, {}, b"{}").delivered
    settings.WEBHOOK_PRIVATE_SINKS = False

    assert "https://" in calls.post(sink.url, {}, b"{}").error
    assert len(sink.requests) == 1


def test_the_certificate_is_checked_against_the_name(tls_sink, dns, settings):
    settings.WEBHOOK_PRIVATE_SINKS = True
    dns.will_return(["127.0.0.1"])
    other = f"https://otra.tumarca.mx:{tls_sink.port}/"

    assert calls.post(at(tls_sink), {}, b"{}").delivered
    assert tls_sink.requests[0].headers["host"] == f"{NAME}:{tls_sink.port}"
    assert "certificado" in calls.post(other, {}, b"{}").error
    assert "certificado" in calls.post(f"https://127.0.0.1:{tls_sink.port}/", {}, b"{}").error
    assert len(tls_sink.requests) == 1
