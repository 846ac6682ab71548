"""The sandbox's control port, for tests: faults, clock, traffic, ledger, counts, loss of state.

It is not part of the contract, needs no token, and listens only on 127.0.0.1.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from campaigns.gateway.events import MAX_COUNT
from campaigns.gateway.sandbox import errors
from campaigns.gateway.sandbox.clock import MAX_OFFSET, MAX_SPEED, Clock, format_instant
from campaigns.gateway.sandbox.engine import Engine
from campaigns.gateway.sandbox.event_push import EventPusher
from campaigns.gateway.sandbox.event_queue import EventQueue
from campaigns.gateway.sandbox.faults import FaultInjector, parse_fault
from campaigns.gateway.sandbox.http_server import JsonRequestHandler, Request, Response
from campaigns.gateway.sandbox.insertions import InsertionLedger
from campaigns.gateway.sandbox.rate_limit import TokenBucket
from campaigns.gateway.sandbox.schemas import read_json
from campaigns.gateway.sandbox.store import COUNTS, GatewayStore
from campaigns.gateway.sandbox.tokens import TokenIssuer
from campaigns.gateway.sandbox.traffic import TrafficSettings

CONTROL_HOST = "127.0.0.1"


class ControlApi:
    """The operations of the control port."""

    def __init__(
        self,
        store: GatewayStore,
        clock: Clock,
        faults: FaultInjector,
        tokens: TokenIssuer,
        bucket: TokenBucket,
        engine: Engine,
        queue: EventQueue,
        ledger: InsertionLedger,
        pusher: EventPusher | None,
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._ledger = ledger
        self._pusher = pusher
        self._store = store
        self._clock = clock
        self._faults = faults
        self._tokens = tokens
        self._bucket = bucket

    def handle(self, request: Request) -> Response:
        """Return the response to a request, or raise ApiError."""
        if request.method == "POST" and not request.header("content-type").startswith(
            "application/json"
        ):
            raise errors.unsupported_media_type("application/json")
        match request.method, request.url.path:
            case "GET", "/faults":
                return Response(200, self._faults.to_json())
            case "POST", "/faults":
                return self._add_faults(read_json(request.body))
            case "DELETE", "/faults":
                self._faults.clear()
                return Response(200, [])
            case "GET", "/clock":
                return self._get_clock()
            case "POST", "/clock":
                return self._set_clock(read_json(request.body))
            case "GET", "/ledger":
                order_id = parse_qs(request.url.query).get("order_id", [None])[0]
                return Response(200, self._store.ledger(order_id))
            case "GET", "/advance":
                return Response(200, self._engine.advance_status())
            case "POST", "/advance":
                return self._advance(read_json(request.body))
            case "POST", "/traffic":
                return self._set_traffic(read_json(request.body))
            case "GET", "/events":
                pending = self._pusher.pending() if self._pusher else 0
                return Response(200, {"pending": pending, "streams": self._queue.heads()})
            case "POST", "/heartbeat":
                return self._heartbeat()
            case "GET", "/counts":
                return self._counts(parse_qs(request.url.query))
            case "GET", "/insertions":
                rows = self._store.fetch_all("SELECT * FROM inserted_version", {})
                return Response(200, [dict(row) for row in rows])
            case "POST", "/orders":
                return self._set_counts(read_json(request.body))
            case "POST", "/reset":
                return self._reset(read_json(request.body or b"{}"))
            case _:
                raise errors.not_found()

    def _add_faults(self, data: Any) -> Response:
        faults = [parse_fault(entry) for entry in (data if isinstance(data, list) else [data])]
        for fault in faults:
            self._faults.add(fault)
        return Response(200, self._faults.to_json())

    def _get_clock(self) -> Response:
        clock = self._clock
        return Response(
            200,
            {
                "offset_seconds": clock.offset_seconds,
                "speed": clock.speed,
                "now": format_instant(clock.now()),
                "today": clock.today().isoformat(),
            },
        )

    def _set_clock(self, data: Any) -> Response:
        if not isinstance(data, dict) or not data or set(data) - {"offset_seconds", "now", "speed"}:
            raise errors.invalid_argument("Give speed, and offset_seconds or now")
        clock = self._clock
        offset = _real(data, "offset_seconds", clock.offset_seconds, -MAX_OFFSET, MAX_OFFSET)
        speed = _real(data, "speed", clock.speed, 0.0, MAX_SPEED)
        self._engine.set_clock(offset, speed, _moment(data, "now") if "now" in data else None)
        return self._get_clock()

    def _advance(self, data: Any) -> Response:
        """Begin an advance to an instant, by RFC 3339."""
        if not isinstance(data, dict):
            raise errors.invalid_argument("Give to")
        self._engine.advance(_moment(data, "to"))
        return Response(202, self._engine.advance_status())

    def _set_traffic(self, data: Any) -> Response:
        """Change some of the traffic's settings."""
        names = {"per_day", "seed", "on"}
        if not isinstance(data, dict) or set(data) - names:
            raise errors.invalid_argument("Give per_day, seed, on")
        traffic = asdict(self._engine.traffic) | data
        per_day, seed = traffic["per_day"], traffic["seed"]
        if any(
            type(number) is not int or not 0 <= number <= MAX_COUNT for number in (per_day, seed)
        ):
            raise errors.invalid_argument("per_day and seed are whole numbers")
        if type(traffic["on"]) is not bool:
            raise errors.invalid_argument("on is true or false")
        self._engine.set_traffic(TrafficSettings(**traffic))
        return Response(200, traffic)

    def _heartbeat(self) -> Response:
        if self._pusher is None:
            raise errors.invalid_argument("Events are not pushed: there is no --events-url")
        self._pusher.heartbeat()
        return Response(200, {})

    def _counts(self, query: dict[str, list[str]]) -> Response:
        """Return the ledger's counts by order, or with `grain=hour` by order, hour and LADA."""
        order_id = query.get("order_id", [None])[0]
        values = {"id": order_id}
        where = "WHERE :id IS NULL OR order_id = :id"
        if query.get("grain") == ["hour"]:
            rows = self._store.fetch_all(
                f"SELECT DISTINCT hour FROM insertion_hour {where} ORDER BY hour",  # noqa: S608
                values,
            )
            return Response(
                200, [row for hour in rows for row in self._hour(hour["hour"], order_id)]
            )
        names = ", ".join(COUNTS)
        rows = self._store.fetch_all(
            f"SELECT order_id, {names} FROM order_count {where} ORDER BY order_id",  # noqa: S608
            values,
        )
        return Response(200, [dict(row) for row in rows])

    def _hour(self, hour: int, order_id: str | None) -> Iterator[dict[str, Any]]:
        start = f"{datetime.fromtimestamp(hour, UTC):%Y-%m-%dT%H:00:00Z}"
        for identity, cells in self._ledger.hour(hour, order_id):
            for place, *counts in cells.tolist():
                lada = self._ledger.ladas[place]
                yield {"order_id": identity, "hour": start, "lada": lada} | dict(
                    zip(COUNTS, counts, strict=True)
                )

    def _set_counts(self, data: Any) -> Response:
        """Set the counts of an order, as deliveries would, or reject it."""
        if not isinstance(data, dict) or set(data) - {"order_id", "rejected", *COUNTS}:
            raise errors.invalid_argument(f"Give order_id, rejected, {', '.join(COUNTS)}")
        counts = {name: data[name] for name in COUNTS if name in data}
        if any(type(count) is not int or count < 0 for count in counts.values()):
            raise errors.invalid_argument("A count is a whole number")
        rejected = data.get("rejected")
        if rejected is not None and not isinstance(rejected, str):
            raise errors.invalid_argument("rejected is the reason")
        with self._store.transaction():
            if not self._store.set_counts(str(data.get("order_id")), counts, rejected):
                raise errors.ad_order_not_found()
            self._queue.report_states(self._clock.now())
        return Response(200, {})

    def _reset(self, data: Any) -> Response:
        """Delete the orders; with `everything` also all else."""
        everything = isinstance(data, dict) and data.get("everything") is True
        self._engine.delete_state(everything=everything)
        if everything:
            if self._pusher:
                self._pusher.forget()
            self._faults.clear()
            self._tokens.expire_all()
            self._bucket.refill()
        return Response(200, {})


def _moment(data: dict[str, Any], name: str) -> datetime:
    moment: datetime | None
    try:
        moment = datetime.fromisoformat(data.get(name, ""))
    except (TypeError, ValueError):
        moment = None
    if (
        moment is None
        or moment.tzinfo is None
        or abs(moment.timestamp() - time.time()) > MAX_OFFSET
    ):
        raise errors.invalid_argument(f"{name} is a moment with its zone, as in RFC 3339")
    return moment


def _real(data: dict[str, Any], name: str, default: float, least: float, most: float) -> float:
    value = data.get(name, default)
    if type(value) not in {int, float} or not least <= value <= most:
        raise errors.invalid_argument(f"{name} is a number from {least} to {most}")
    return float(value)


def control_handler(control: ControlApi) -> type[JsonRequestHandler]:
    """Return a handler class for http.server."""

    class ControlHandler(JsonRequestHandler):
        def respond(self, request: Request) -> Response:
            return control.handle(request)

    return ControlHandler
