"""Bench of short links: redirects a second and their times, beside a bare response."""

import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle, islice
from statistics import median
from time import monotonic, perf_counter, sleep

from django.db.models import Sum

from campaigns import lifecycle
from campaigns.models import Campaign, Link, LinkHour
from tests.bench.brands import drafts, reviewer, teams
from tests.bench.environment import BenchEnvironment
from tests.bench.rounds import percentile
from tests.bench.rows import Row
from tests.bench.web import BARE, web

DOMAIN = "lp.mx"
LINKS = 100
BRANDS = 10
VISITORS = 8  # connections kept alive, as a proxy in front keeps them; the process has 4 threads
TURN = 1.0  # seconds
ROUNDS = 7
ONE_BY_ONE = 400  # redirects of one visitor
PAUSE = 0.015  # seconds: the click before has been counted by then, as with few visitors
PHONE = "Mozilla/5.0 (Linux; Android 14; SM-A155M) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"

_REFERENCE = "Django's bare response"


class WrongCount(Exception):
    """The number of clicks in the database differs from that of the redirects."""


class WrongResponse(Exception):
    """The response is not the expected one."""


class KeepAliveConnection:
    """One kept-alive connection that sends prepared requests, so that the client costs little."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self._socket.close()

    def run(self, request: bytes) -> None:
        """Send a request and read its response, which has no body. Raises WrongResponse."""
        self._socket.sendall(request)
        response = b""
        while not response.endswith(b"\r\n\r\n"):
            part = self._socket.recv(4096)
            if not part:
                raise WrongResponse("the server hung up")
            response += part
        if not response.startswith(b"HTTP/1.1 302 "):
            raise WrongResponse(response.split(b"\r\n", 1)[0].decode())


def measure(environment: BenchEnvironment) -> Iterator[Row]:
    """Follow one link, then many, in turns with the bare response; check that all are counted."""
    environment.reset()
    codes = _approved_links()
    bare = [_request(BARE)]
    with ExitStack() as stack:
        port = stack.enter_context(web("tests.bench.bare", SHORT_LINK_DOMAIN=DOMAIN))
        visitors = [KeepAliveConnection(port) for _ in range(VISITORS)]
        for visitor in visitors:
            stack.callback(visitor.close)
        followed = 0
        for name, chosen in (("one link", codes[:1]), (f"{LINKS} links", codes)):
            requests = [_request(f"/{code}") for code in chosen]
            _rate(visitors, bare)
            followed += _rate(visitors, requests)[0]
            turns = [(_rate(visitors, requests), _rate(visitors, bare)) for _ in range(ROUNDS)]
            followed += sum(own[0] for own, _bare in turns)
            own, floor = (median(turn[side][1] for turn in turns) for side in (0, 1))
            yield Row(f"redirects, {name}", own, "/s", _REFERENCE, floor, ROUNDS)
        pairs = _one_by_one(visitors, codes, bare[0])
        followed += ONE_BY_ONE
        _require_all_counted(followed)
    for percent in (50, 99):
        own, floor = (percentile([pair[side] for pair in pairs], percent) for side in (0, 1))
        yield Row(
            f"redirect, p{percent}", own, "ms", f"{_REFERENCE}, p{percent}", floor, ONE_BY_ONE
        )


def _approved_links() -> list[str]:
    """Create approved campaigns with destinations, as the product does; return their codes."""
    all_teams, reviewer_user = teams(BRANDS), reviewer()
    for number in range(LINKS):
        team = all_teams[number % BRANDS]
        [draft] = drafts(team, [number])
        wanted = {"text": "Compra hoy", "destination": f"https://tienda.mx/{number}"}
        saved = lifecycle.edit(draft.pk, wanted, revision=1, by=team.editor)
        lifecycle.insert_link(saved.pk, revision=2, by=team.editor)
        lifecycle.submit(saved.pk, by=team.editor)
    lifecycle.hold_submitted()
    for campaign in Campaign.objects.filter(status=Campaign.Status.IN_REVIEW):
        lifecycle.approve(campaign.pk, version=1, by=reviewer_user)
    codes = list(Link.objects.order_by("id").values_list("code", flat=True))
    assert len(codes) == LINKS
    return codes


def _request(path: str) -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: {DOMAIN}\r\nUser-Agent: {PHONE}\r\nAccept: */*\r\n\r\n"
    return head.encode()


def _rate(visitors: Sequence[KeepAliveConnection], requests: Sequence[bytes]) -> tuple[int, float]:
    """Send requests over all connections for one turn; return the responses, and those a second."""
    began = monotonic()

    def run(number: int) -> int:
        done = 0
        turns = cycle(requests)
        for request in islice(turns, number * 7 % len(requests), None):
            if monotonic() - began >= TURN:
                return done
            visitors[number].run(request)
            done += 1
        return done

    with ThreadPoolExecutor(len(visitors)) as pool:
        total = sum(pool.map(run, range(len(visitors))))
    return total, total / (monotonic() - began)


def _one_by_one(
    visitors: Sequence[KeepAliveConnection], codes: Sequence[str], bare: bytes
) -> list[tuple[float, float]]:
    """Return the milliseconds of redirects and of bare responses, in turns, without other load."""
    pairs = []
    for code in islice(cycle(codes), ONE_BY_ONE):
        followed = _milliseconds(visitors[0], _request(f"/{code}"))
        pairs.append((followed, _milliseconds(visitors[1], bare)))
    return pairs


def _milliseconds(visitor: KeepAliveConnection, request: bytes) -> float:
    sleep(PAUSE)
    began = perf_counter()
    visitor.run(request)
    return 1_000 * (perf_counter() - began)


def _require_all_counted(followed: int) -> None:
    """Raise WrongCount unless the clicks equal the redirects within 5 seconds."""
    until = monotonic() + 5
    while (counted := LinkHour.objects.aggregate(all=Sum("count"))["all"]) != followed:
        if monotonic() > until:
            raise WrongCount(f"{followed} redirects, {counted} counted")
        sleep(0.05)
