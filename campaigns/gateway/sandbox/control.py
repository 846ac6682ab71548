"""The sandbox's control port: faults, the clock, the ledger and the loss of state. For tests only.

It is no part of the contract, asks for no token, and only ever listens on 127.0.0.1.
"""

from typing import Any
from urllib.parse import parse_qs

from campaigns.gateway.sandbox import refusals
from campaigns.gateway.sandbox.clock import MOST_OFFSET, Clock, instant
from campaigns.gateway.sandbox.faults import Faults, read_fault
from campaigns.gateway.sandbox.limits import TokenBucket
from campaigns.gateway.sandbox.schemas import read_json
from campaigns.gateway.sandbox.store import COUNTS, Store
from campaigns.gateway.sandbox.tokens import Tokens
from campaigns.gateway.sandbox.wire import Answer, Handler, Request

CONTROL_HOST = "127.0.0.1"


class Control:
    """What the control port can do to a running gateway."""

    def __init__(
        self, store: Store, clock: Clock, faults: Faults, tokens: Tokens, bucket: TokenBucket
    ) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self._tokens = tokens
        self._bucket = bucket

    def answer(self, request: Request) -> Answer:
        if request.method == "POST" and not request.header("content-type").startswith(
            "application/json"
        ):
            raise refusals.unsupported_media_type("application/json")
        match request.method, request.url.path:
            case "GET", "/faults":
                return Answer(200, self._faults.to_json())
            case "POST", "/faults":
                return self._add_faults(read_json(request.body))
            case "DELETE", "/faults":
                self._faults.clear()
                return Answer(200, [])
            case "GET", "/clock":
                return self._say_clock()
            case "POST", "/clock":
                return self._set_clock(read_json(request.body))
            case "GET", "/ledger":
                order_id = parse_qs(request.url.query).get("order_id", [None])[0]
                return Answer(200, self._store.ledger(order_id))
            case "POST", "/orders":
                return self._set_counts(read_json(request.body))
            case "POST", "/reset":
                return self._reset(read_json(request.body or b"{}"))
            case _:
                raise refusals.not_found()

    def _add_faults(self, data: Any) -> Answer:
        faults = [read_fault(entry) for entry in (data if isinstance(data, list) else [data])]
        for fault in faults:
            self._faults.add(fault)
        return Answer(200, self._faults.to_json())

    def _say_clock(self) -> Answer:
        clock = self._clock
        return Answer(
            200,
            {
                "offset_seconds": clock.offset_seconds,
                "now": instant(clock.now()),
                "today": clock.today().isoformat(),
            },
        )

    def _set_clock(self, data: Any) -> Answer:
        offset: Any = data.get("offset_seconds") if isinstance(data, dict) else None
        if type(offset) not in {int, float} or not abs(offset) <= MOST_OFFSET:
            raise refusals.invalid_argument("offset_seconds is a number of seconds")
        with self._store.transaction():
            self._store.write_setting("clock_offset", repr(float(offset)))
        self._clock.offset_seconds = float(offset)
        return self._say_clock()

    def _set_counts(self, data: Any) -> Answer:
        """Set the counts of an order, as deliveries would, or reject it afterwards."""
        if not isinstance(data, dict) or set(data) - {"order_id", "rejected", *COUNTS}:
            raise refusals.invalid_argument(f"Give order_id, rejected, {', '.join(COUNTS)}")
        counts = {name: data[name] for name in COUNTS if name in data}
        if any(type(count) is not int or count < 0 for count in counts.values()):
            raise refusals.invalid_argument("A count is a whole number")
        rejected = data.get("rejected")
        if rejected is not None and not isinstance(rejected, str):
            raise refusals.invalid_argument("rejected is the reason")
        with self._store.transaction():
            if not self._store.set_counts(str(data.get("order_id")), counts, rejected):
                raise refusals.ad_order_not_found()
        return Answer(200, {})

    def _reset(self, data: Any) -> Answer:
        """Lose the orders; with `everything`, be as new: ledger, faults, clock, tokens and pace."""
        everything = isinstance(data, dict) and data.get("everything") is True
        self._store.lose(ledger=everything, began_at=instant(self._clock.now()))
        if everything:
            self._clock.offset_seconds = 0.0
            self._faults.clear()
            self._tokens.expire_all()
            self._bucket.refill()
        return Answer(200, {})


def handler_for(control: Control) -> type[Handler]:
    """Bind the control port to a handler class, as http.server wants it."""

    class ControlHandler(Handler):
        def respond(self, request: Request) -> Answer:
            return control.answer(request)

    return ControlHandler
