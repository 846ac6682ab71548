"""What gunicorn says, and logs, by itself: before a request reaches the portal."""

import socket

import pytest

from tests.processes import Web

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]

SECRET = "secreto-en-la-peticion"


@pytest.fixture(scope="module")
def web(tmp_path_factory, django_db_setup):
    process = Web(tmp_path_factory.mktemp("web"))
    yield process
    process.stop()


def send(web, request):
    """Send bytes and return the status, and the rest, of the response."""
    host, port = web.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(request)
        received = b""
        while part := connection.recv(65_536):
            received += part
    head, _, body = received.decode().partition("\r\n\r\n")
    return int(head.split()[1]), head, body


def test_an_address_that_is_too_long_is_refused_as_json(web):
    long = f"GET /api/v1/campaigns?q={SECRET}{'x' * 9_000} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    status, head, body = send(web, long.encode())

    assert status == 414
    assert "Content-Type: application/json" in head
    assert '"code": "URI_TOO_LONG"' in body
    assert "demasiado larga" in body
    assert SECRET not in web.output


def test_headers_that_are_too_long_are_refused_as_json(web):
    many = f"GET /api/v1/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: {SECRET}{'x' * 99_000}\r\n\r\n"

    status, _head, body = send(web, many.encode())

    assert status == 431
    assert '"status": 431' in body
    assert SECRET not in web.output


def test_what_is_no_request_is_refused_and_not_logged(web):
    for line in (f"GET /{SECRET} HTTP/9.9", f"{SECRET}", f"G=T /{SECRET} HTTP/1.1"):
        status, _head, _body = send(web, f"{line}\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert 400 <= status < 600, line

    assert "Invalid request: " in web.output
    assert SECRET not in web.output
