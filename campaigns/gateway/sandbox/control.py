"""The sandbox's control port, for tests: faults, clock, ledger, counts and loss of state.

It is not part of the contract, needs no token, and listens only on 127.0.0.1.
"""

from typing import Any
from urllib.parse import parse_qs

from campaigns.gateway.sandbox import errors
from campaigns.gateway.sandbox.clock import MAX_OFFSET, Clock, format_instant
from campaigns.gateway.sandbox.faults import FaultInjector, parse_fault
from campaigns.gateway.sandbox.http_server import JsonRequestHandler, Request, Response
from campaigns.gateway.sandbox.rate_limit import TokenBucket
from campaigns.gateway.sandbox.schemas import read_json
from campaigns.gateway.sandbox.store import COUNTS, GatewayStore
from campaigns.gateway.sandbox.tokens import TokenIssuer

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
    ) -> None:
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
                "now": format_instant(clock.now()),
                "today": clock.today().isoformat(),
            },
        )

    def _set_clock(self, data: Any) -> Response:
        offset: Any = data.get("offset_seconds") if isinstance(data, dict) else None
        if type(offset) not in {int, float} or not abs(offset) <= MAX_OFFSET:
            raise errors.invalid_argument("offset_seconds is a number of seconds")
        with self._store.transaction():
            self._store.write_setting("clock_offset", repr(float(offset)))
        self._clock.offset_seconds = float(offset)
        return self._get_clock()

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
        return Response(200, {})

    def _reset(self, data: Any) -> Response:
        """Delete the orders; with `everything` also all else."""
        everything = isinstance(data, dict) and data.get("everything") is True
        self._store.delete_state(ledger=everything, began_at=format_instant(self._clock.now()))
        if everything:
            self._clock.offset_seconds = 0.0
            self._faults.clear()
            self._tokens.expire_all()
            self._bucket.refill()
        return Response(200, {})


def control_handler(control: ControlApi) -> type[JsonRequestHandler]:
    """Return a handler class for http.server."""

    class ControlHandler(JsonRequestHandler):
        def respond(self, request: Request) -> Response:
            return control.handle(request)

    return ControlHandler
