"""The web worker: strangers who send half a request keep nobody waiting."""

import json
import socket
import time
from contextlib import ExitStack

import httpx
import pytest

from portal import web_worker
from portal.web_worker import MAX_BODY, MAX_HEAD, PartialRequest, RequestError
from tests.processes import Web

STRANGERS = 200
HALVES = [
    b"",
    b"GET / HT",
    b"GET /entrar/ HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    b"POST /entrar/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nlogin=",
    b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
]


# ── a request as it arrives ──────────────────────────────────────────────────


@pytest.mark.parametrize("step", [1, 2, 7, 1_000])
@pytest.mark.parametrize(
    ("request_bytes", "body"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b""),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde", b"abcde"),
        (b"POST / HTTP/1.1\r\ncontent-length:5 \r\n\r\nabcde", b"abcde"),
        (b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)
def test_a_request_is_complete_with_its_last_byte(request_bytes, body, step):
    request, taken = PartialRequest(), 0
    while not request.is_complete:
        assert taken < len(request_bytes)
        data = request_bytes[taken : taken + min(step, request.wanted)]
        request.add(data)
        taken += len(data)

    assert taken == len(request_bytes)
    whole = request.head + (request.body.read() if request.body else b"")
    request.close()
    assert whole == request_bytes
    assert whole.endswith(body)


def test_no_more_is_received_than_the_body():
    request = PartialRequest(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")

    assert request.wanted == 7


def test_what_is_behind_a_request_stays_behind_it():
    request = PartialRequest(b"GET / HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n")

    assert request.is_complete
    assert request.head.endswith(b"GET /next HTTP/1.1\r\n")


def test_an_expected_100_is_sent_once_and_not_by_gunicorn():
    head = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"

    request = PartialRequest(head)

    assert request.wants_continue
    assert b"Expect" not in request.head
    assert not PartialRequest(head + b"abc").wants_continue


@pytest.mark.parametrize(
    ("start", "status"),
    [
        (b"x" * (MAX_HEAD + 1), 431),
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1), 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\ntransfer-encoding:chunked\r\nContent-Length: 3\r\n\r\n", 411),
    ],
)
def test_what_is_not_collected_is_refused_as_json(start, status):
    with pytest.raises(RequestError) as refused:
        PartialRequest(start)

    head, _, body = refused.value.response.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(body)["status"] == status


# ── the process ──────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def web(django_db_setup, tmp_path_factory):
    web = Web(tmp_path_factory.mktemp("web"))
    yield web
    web.stop()


def connect(web):
    host, port = web.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def strangers(web, stack, number, halves=HALVES):
    """Open connections and send half a request on each."""
    for turn in range(number):
        stranger = stack.enter_context(connect(web))
        stranger.sendall(halves[turn % len(halves)])


def get(web, path="/salud/", **options):
    return httpx.get(web.url + path, trust_env=False, **{"timeout": 30} | options)


def exchange(web, data):
    """Send bytes, and return all that comes until the connection ends."""
    with connect(web) as client:
        client.sendall(data)
        received = b""
        while more := client.recv(65_536):
            received += more
    return received


def test_pages_respond_beside_200_half_sent_requests(web):
    with ExitStack() as stack:
        strangers(web, stack, STRANGERS)

        assert get(web).status_code == 200
        assert get(web, "/entrar/").status_code == 200
        assert get(web, "/static/").status_code in (404, 200)
        posted = httpx.post(f"{web.url}/oauth2/token", data={"x": "y" * 9_000}, trust_env=False)
        assert posted.status_code == 400


def test_gunicorns_own_worker_keeps_people_waiting(django_db_setup, tmp_path):
    """The negative control."""
    web = Web(tmp_path, GUNICORN_CMD_ARGS="--worker-class gthread")
    try:
        with ExitStack() as stack:
            strangers(web, stack, 12, [HALVES[2]])
            with pytest.raises(httpx.TimeoutException):
                get(web, timeout=3)
    finally:
        web.stop()


def test_a_request_in_pieces_is_served(web):
    data = b"POST /oauth2/token HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    data += b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n\r\n"
    with connect(web) as client:
        for byte in data + b"grant_type=":
            client.sendall(bytes([byte]))
        received = b""
        while more := client.recv(65_536):
            received += more

    assert received.startswith(b"HTTP/1.1 400")
    assert b"invalid_request" in received or b"unsupported_grant_type" in received


def test_several_requests_on_one_connection_and_one_behind_the_other(web):
    one = b"GET /salud/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    last = one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

    assert exchange(web, one + one + last).count(b'"status": "ok"') == 3
    with httpx.Client(base_url=web.url, trust_env=False) as client:
        assert {client.get("/salud/").status_code for _turn in range(20)} == {200}


def test_a_client_that_waits_for_100_gets_it_and_its_response(web):
    head = b"POST /oauth2/token HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
    head += b"Connection: close\r\nContent-Length: 3\r\n\r\n"
    with connect(web) as client:
        client.sendall(head)
        assert client.recv(1_000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"a=b")
        assert client.recv(65_536).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("size", [300_000, 900_000, 3_000_000])
def test_a_long_body_arrives_whole_or_is_refused_whole(web, size):
    response = httpx.post(f"{web.url}/entrar/", content=b"x" * size, trust_env=False, timeout=60)

    assert response.status_code in (403, 413)


@pytest.mark.parametrize(("length", "status"), [("99999999999", b"413"), ("abc", b"400")])
def test_a_length_that_cannot_be_is_refused(web, length, status):
    head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"

    assert exchange(web, head.encode()).startswith(b"HTTP/1.1 " + status)


def test_a_body_in_chunks_is_refused(web):
    response = httpx.post(f"{web.url}/oauth2/token", content=iter([b"a=b"]), trust_env=False)

    assert response.status_code == 411


def test_hashed_files_are_served(web):
    page = get(web, "/entrar/").text
    address = page.split('href="/static/css/')[1].split('"')[0]

    response = get(web, f"/static/css/{address}")

    assert response.status_code == 200
    assert "immutable" in response.headers["Cache-Control"]


def test_sigterm_ends_it_beside_strangers_with_the_response_in_progress(django_db_setup, tmp_path):
    web = Web(tmp_path)
    with ExitStack() as stack:
        strangers(web, stack, 20)
        web.stop()

    assert web._process.returncode == 0


def test_connections_end_whose_request_does_not_arrive(monkeypatch):
    class Worker(web_worker.CollectingWorker):
        def __init__(self):
            self.dropped, self.pending_conns = [], []

        def _drop(self, conn):
            self.dropped.append(conn)

    class Connection:
        def __init__(self, timeout):
            self.timeout = timeout

    worker, now = Worker(), time.monotonic()
    late, early = Connection(now - 1), Connection(now + 60)
    worker.pending_conns += [late, early]

    worker.murder_pending()

    assert worker.dropped == [late]
