"""Bench of the API: requests a second and their times, beside a bare view of DRF.

Both run on one server. Eight connections send at once, so a request's time includes its wait.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from itertools import chain, count, product
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import httpx
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns import readiness
from campaigns.models import Brand, Campaign, Event, Membership
from campaigns.models.campaign import FOLIO_ALPHABET
from core.models import IdempotentResponse
from portal.accounts import api_clients
from portal.accounts.models import User
from portal.api_settings import SCOPES
from tests.bench.ad_texts import ACCENTS_AND_SIGNS, CARRIED
from tests.bench.brands import PASSWORD, Team, drafts, in_review, teams, terms
from tests.bench.environment import BenchEnvironment
from tests.bench.links import KeepAliveConnection, WrongResponse
from tests.bench.rounds import percentile
from tests.bench.rows import Row
from tests.bench.web import BARE_API, web

MANY, FEW = 50_000, 50  # campaigns of the two brands
RESERVATIONS, OTHERS = 50, 5  # reservations, and their brands: the open holds of one are limited
PROGRAMS = 8  # connections kept alive; the process has 4 threads
TURN = 1.0  # seconds
ROUNDS = 5
UNLIMITED = "100000000"  # requests a minute: what is measured is not the limit
LADAS = ["33", "55", "81"]
DAYS = 7
FITS, TOO_MUCH = 10_000, 60_000_000  # notifications

_HOST = "127.0.0.1"
_CAMPAIGNS, _CHECK, _AVAILABILITY = (
    f"/api/v1/{name}" for name in ("campaigns", "ad-texts/check", "availability")
)


class WrongCount(Exception):
    """The number of rows in the database differs from that of the responses."""


class Work(NamedTuple):
    """A repeated request, and the status and a part of the body that its response must have."""

    name: str
    next: Callable[[], bytes]
    status: int
    proof: bytes


class TurnResult(NamedTuple):
    """The result of one turn: responses a second, and the milliseconds of each."""

    rate: float
    times: list[float]


class ApiConnection(KeepAliveConnection):
    """A kept-alive connection whose responses have a body."""

    def send(self, work: Work) -> None:
        """Send a request once and read its whole response. Raises WrongResponse."""
        self._socket.sendall(work.next())
        response = b""
        while (end := response.find(b"\r\n\r\n")) < 0:
            response += self._part()
        head = response[:end].lower()
        _before, _name, length = head.partition(b"\r\ncontent-length: ")
        whole = end + 4 + int(length.split(b"\r\n", 1)[0])
        while len(response) < whole:
            response += self._part()
        if not head.startswith(b"http/1.1 %d " % work.status) or work.proof not in response:
            raise WrongResponse(f"{work.name}: {response[:2_000].decode()}")

    def _part(self) -> bytes:
        part = self._socket.recv(65_536)
        if not part:
            raise WrongResponse("the server hung up")
        return part


def measure(environment: BenchEnvironment) -> Iterator[Row]:
    """Measure each kind of request in turns with the bare view, then count what was created."""
    environment.reset()
    few, many, *others = teams(2 + OTHERS)
    drafts(few, range(FEW))
    in_review(others, RESERVATIONS)
    _fill(many)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    clients = {team.brand.pk: _client(team) for team in (few, many)}
    with ExitStack() as stack:
        port = stack.enter_context(web("tests.bench.bare", API_REQUESTS_A_MINUTE=UNLIMITED))
        tokens = {brand: _token(port, credentials) for brand, credentials in clients.items()}
        small, large = tokens[few.brand.pk], tokens[many.brand.pk]
        programs = [ApiConnection(port) for _ in range(PROGRAMS)]
        for program in programs:
            stack.callback(program.close)
        yield from _queries(small, large)
        for work in _reads(small, large):
            yield from _rows(work, programs)[1]
        without, with_key = (_rows(work, programs) for work in _creates(small))
        _require_all_created(few.brand, without[0] + with_key[0], with_key[0])
        yield from [*without[1], *with_key[1]]


@transaction.atomic
def _fill(team: Team) -> None:
    """Insert drafts and cancelled campaigns of a brand in bulk, without the domain functions."""
    wanted = [terms(number) for number in range(1_000)]
    status = (Campaign.Status.DRAFT, Campaign.Status.CANCELLED)
    folios = product(FOLIO_ALPHABET, repeat=6)
    Campaign.objects.bulk_create(
        (
            Campaign(
                **{**wanted[number % len(wanted)], "name": f"Campaña {number + 1}"},
                brand=team.brand,
                created_by=team.editor,
                status=status[number % 2],
                folio=f"LP-{''.join(next(folios))}",
            )
            for number in range(MANY)
        ),
        batch_size=2_000,
    )
    cancelled = Campaign.objects.filter(brand=team.brand, status=Campaign.Status.CANCELLED)
    Event.objects.bulk_create(
        (
            Event(campaign_id=pk, move="cancel", to_status="cancelled", version_number=0)
            for pk in cancelled.values_list("pk", flat=True)
        ),
        batch_size=2_000,
    )


def _client(team: Team) -> api_clients.Credentials:
    owner = User.objects.create_user(f"titular@{team.brand.slug}.mx", PASSWORD)
    Membership.objects.create(brand=team.brand, user=owner, role=Membership.Role.OWNER)
    return api_clients.create(team.brand.pk, "Medición", list(SCOPES), by=owner)


def _token(port: int, credentials: api_clients.Credentials) -> str:
    response = httpx.post(
        f"http://{_HOST}:{port}/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(credentials.client.client_id, credentials.secret),
    )
    token: str = response.raise_for_status().json()["access_token"]
    return token


def _reads(small: str, large: str) -> Iterator[Work]:
    """Yield the requests that change nothing."""
    for token, rows in ((small, FEW), (large, MANY)):
        yield _get(f"list, 25 of {rows:,}", token, _CAMPAIGNS)
    for name, query in (
        ("by name", "order=name"),
        ("by change", "order=savedAt"),
        ("one found", f"q={MANY // 2}"),
    ):
        yield _get(f"list {name}, of {MANY:,}", large, f"{_CAMPAIGNS}?{query}")
    for name, text, valid in (
        ("fits", CARRIED[0], b"true"),
        ("mends", ACCENTS_AND_SIGNS[0], b"false"),
    ):
        body = {"adText": text}
        yield _post(f"check a text that {name}", small, _CHECK, body, 200, b'"valid":' + valid)
    first = readiness.first_possible_day() + timedelta(2)
    query_terms = {
        "area": {"ladas": LADAS},
        "startsOn": first.isoformat(),
        "endsOn": (first + timedelta(DAYS - 1)).isoformat(),
    }
    for name, volume, proof in (
        ("that fits", FITS, b'"short":0,'),
        ("that does not", TOO_MUCH, b'"alternatives":[{'),
    ):
        yield _post(
            f"availability {name}",
            small,
            _AVAILABILITY,
            {**query_terms, "volume": volume},
            200,
            proof,
        )


def _creates(token: str) -> Iterator[Work]:
    """Yield the requests that create a campaign: without a key, and with a new key each time."""
    wanted = terms(0)
    body = {
        "name": wanted["name"],
        "adText": wanted["text"],
        "area": wanted["area"],
        "startsOn": wanted["starts_on"].isoformat(),
        "endsOn": wanted["ends_on"].isoformat(),
        "volume": wanted["volume"],
    }
    proof = b'"status":"draft"'
    yield _post("create", token, _CAMPAIGNS, body, 201, proof)
    numbers = count(1)
    head, content = _request("POST", _CAMPAIGNS, token, body).split(b"\r\n\r\n", 1)
    yield Work(
        "create, with a key",
        lambda: b"%b\r\nIdempotency-Key: medida-%d\r\n\r\n%b" % (head, next(numbers), content),
        201,
        proof,
    )


def _get(name: str, token: str, path: str) -> Work:
    request = _request("GET", path, token)
    return Work(name, lambda: request, 200, b'"items":[{')


def _post(name: str, token: str, path: str, body: Any, status: int, proof: bytes) -> Work:
    request = _request("POST", path, token, body)
    return Work(name, lambda: request, status, proof)


def _request(method: str, path: str, token: str = "", body: Any = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: {_HOST}", "Accept: */*"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if content:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


def _rows(work: Work, programs: Sequence[ApiConnection]) -> tuple[int, list[Row]]:
    """Measure a request in turns with the bare view; return how often it was sent, and its rows."""
    request = _request("GET", BARE_API)
    bare = Work("bare view", lambda: request, 200, b'"libres":0')
    warm = _turn(programs, work), _turn(programs, bare)
    pairs = [(_turn(programs, work), _turn(programs, bare)) for _ in range(ROUNDS)]
    own, floor = zip(*pairs, strict=True)
    done = sum(len(turn.times) for turn in (warm[0], *own))
    rates = (median(turn.rate for turn in side) for side in (own, floor))
    slow = (
        percentile(list(chain.from_iterable(turn.times for turn in side)), 99)
        for side in (own, floor)
    )
    value, reference = rates
    rows = [Row(work.name, value, "/s", "bare view of DRF", reference, ROUNDS)]
    value, reference = slow
    rows.append(Row(f"{work.name}, p99", value, "ms", "bare view of DRF, p99", reference, ROUNDS))
    return done, rows


def _turn(programs: Sequence[ApiConnection], work: Work) -> TurnResult:
    """Send a request over all connections for one turn."""
    began = perf_counter()

    def repeat(program: ApiConnection) -> list[float]:
        taken = []
        last = perf_counter()
        while last - began < TURN:
            program.send(work)
            now = perf_counter()
            taken.append(1_000 * (now - last))
            last = now
        return taken

    with ThreadPoolExecutor(len(programs)) as pool:
        times = list(chain.from_iterable(pool.map(repeat, programs)))
    return TurnResult(len(times) / (perf_counter() - began), times)


def _queries(small: str, large: str) -> Iterator[Row]:
    """Yield the number of database queries of one page, counted in this process."""
    for name, query in (("", ""), (" by name", "order=name"), (" found", "q=Campaña")):
        path = f"{_CAMPAIGNS}?{query}"
        query_counts = [_query_count(token, path) for token in (large, small)]
        yield Row(
            f"queries, list{name}, of {MANY:,}",
            query_counts[0],
            "SQL",
            f"of {FEW}",
            query_counts[1],
            1,
        )


def _query_count(token: str, path: str) -> int:
    client = Client(headers={"host": _HOST, "authorization": f"Bearer {token}"})
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    if response.status_code != 200 or len(response.json()["items"]) != 25:
        raise WrongResponse(f"{path}: {response.status_code}")
    return len(queries)


def _require_all_created(brand: Brand, done: int, keyed: int) -> None:
    """Raise WrongCount unless each response has its campaign, and each key a stored response."""
    created = Campaign.objects.filter(brand=brand, status=Campaign.Status.DRAFT).count()
    kept = IdempotentResponse.objects.count()
    if (created - FEW, kept) != (done, keyed):
        raise WrongCount(
            f"{done} responses, {keyed} with a key: {created - FEW} created, {kept} kept"
        )
