"""The gateway that is checked: what it says it can do, and the ad orders of this run."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from campaigns.gateway.conformance.event_sink import EventSink
from campaigns.gateway.conformance.exchange import CheckFailed, Exchange
from campaigns.gateway.conformance.session import Session
from campaigns.gateway.contract import TIME_ZONE, OrderState

PREFIX = "conformance-"
"""Of the id of every ad order of the suite."""

TEXT = "Prueba de conformidad"
FAR = 30
"""Days from today until an order of the suite begins, so that it is never on the air."""

RUNNING = {OrderState.SCHEDULED, OrderState.ACTIVE, OrderState.PAUSED}


class CheckedGateway:
    """A gateway, its capabilities, and the ad orders that this run has created there."""

    def __init__(
        self,
        session: Session,
        *,
        may_stop_channel: bool = False,
        sink: EventSink | None = None,
        event_secrets: Sequence[str] = (),
    ) -> None:
        self.session = session
        self.call = session.call
        self.may_stop_channel = may_stop_channel
        self.sink = sink
        self.event_secrets = event_secrets
        self._run = uuid4().hex[:8]
        self._numbers = 0
        self._generations: dict[str, int] = {}
        self._capabilities: dict[str, Any] | None = None
        self.events: dict[str, list[dict[str, Any]]] = {}  # read by `reports`, by stream

    @property
    def capabilities(self) -> dict[str, Any]:
        """Return what getCapabilities answers. Raise CheckFailed if that cannot be used."""
        if self._capabilities is None:
            data = self.call("getCapabilities").expect(200).data
            needed = ("ladas", "limits", "clock", "maxAdSeptets", "blockedCategories", "features")
            missing = [name for name in needed if not isinstance(data, dict) or name not in data]
            if missing:
                raise CheckFailed(f"getCapabilities has no {', '.join(missing)}")
            self._capabilities = data
        return self._capabilities

    @property
    def today(self) -> date:
        """Return the channel day by the gateway's own clock."""
        clock = datetime.fromisoformat(self.capabilities["clock"])
        return clock.astimezone(ZoneInfo(TIME_ZONE)).date()

    def day(self, days: int) -> str:
        """Return the day so many days from today."""
        return (self.today + timedelta(days=days)).isoformat()

    def new_id(self) -> str:
        """Return an id that no order has."""
        self._numbers += 1
        return f"{PREFIX}{self._run}-{self._numbers}"

    def document(self, *, starts_in: int = FAR, **changes: Any) -> dict[str, Any]:
        """Return an order for two days: nothing on the first, ten notifications on the second."""
        first, last = self.day(starts_in), self.day(starts_in + 1)
        document = {
            "generation": 1,
            "externalReference": "CONFORMANCE-1",
            "adText": TEXT,
            "adTextSeptets": len(TEXT),
            "desiredState": "ACTIVE",
            "deliveryPeriod": {"startDate": first, "endDate": last},
            "target": {"scope": "LADAS", "ladas": self.capabilities["ladas"][:1]},
            "goal": {
                "unit": "NOTIFICATIONS",
                "total": 10,
                "daily": [{"date": first, "count": 0}, {"date": last, "count": 10}],
            },
            "contentCategory": self.allowed_category(),
        }
        return document | changes

    def unknown_lada(self) -> str:
        """Return a LADA that the gateway does not have."""
        known = set(self.capabilities["ladas"])
        return next(lada for lada in map(str, range(999, 9, -1)) if lada not in known)

    def allowed_category(self, *, other_than: str = "") -> str:
        """Return a category that the gateway does not block."""
        blocked = {*self.capabilities["blockedCategories"], other_than}
        return next(name for name in ("FOOD", "TRAVEL", "RETAIL", "OTHER") if name not in blocked)

    def put(self, order_id: str, document: Any, **options: Any) -> Exchange:
        """Put an order, which is cancelled when its check ends."""
        exchange = self.call("putAdOrder", order_id=order_id, json_body=document, **options)
        self._note(order_id, exchange)
        return exchange

    def put_new(self, **changes: Any) -> tuple[str, dict[str, Any]]:
        """Put a new order that the gateway has to accept; return its id and document."""
        order_id, document = self.new_id(), self.document(**changes)
        exchange = self.put(order_id, document)
        if exchange.status not in {200, 201}:
            raise CheckFailed(f"a valid order was answered {exchange.status} {exchange.code}")
        return order_id, document

    def set_state(self, order_id: str, state: str, generation: int, **options: Any) -> Exchange:
        """Call setDesiredState."""
        change = {"desiredState": state, "generation": generation, "reason": "conformance"}
        exchange = self.call("setDesiredState", order_id=order_id, json_body=change, **options)
        self._note(order_id, exchange)
        return exchange

    def call_validly(self, name: str, **options: Any) -> Exchange:
        """Call an operation so that it would succeed with the right token, and change little."""
        match name:
            case "putAdOrder":
                return self.put(self.new_id(), self.document(), **options)
            case "setDesiredState":
                order_id, _ = self.put_new()
                return self.set_state(order_id, "PAUSED", 2, **options)
            case "getAdOrder":
                order_id, _ = self.put_new()
                return self.call(name, order_id=order_id, **options)
            case "listReports":
                return self.call(name, query="?stream=hourly-counts&perPage=1", **options)
            case "listAdOrders":
                return self.call(name, query="?perPage=1", **options)
            case "setChannelState":
                change = {"state": self.capabilities["channelState"], "reason": "conformance"}
                return self.call(name, json_body=change, **options)
            case "createTestDelivery":
                return self.test_delivery(uuid4().hex, **options)
            case _:
                return self.call(name, **options)

    def test_delivery(self, key: str, *, headers: Any = None, **options: Any) -> Exchange:
        """Call createTestDelivery for the first handset of the test list, or with `json_body`."""
        handsets = self.capabilities.get("testHandsets") or ["conformance"]
        body = options.pop("json_body", {"adText": TEXT, "testHandset": handsets[0]})
        headers = {"idempotency-key": key} | (headers or {})
        return self.call("createTestDelivery", json_body=body, headers=headers, **options)

    def held(self, order_id: str) -> dict[str, Any]:
        """Return an order as getAdOrder answers it."""
        data = self.call("getAdOrder", order_id=order_id).expect(200).data
        if not isinstance(data, dict):
            raise CheckFailed("getAdOrder answers no object")
        return data

    def cancel_own(self) -> list[str]:
        """Cancel the orders created since the last time; return those that could not be."""
        left = [
            order_id
            for order_id, generation in self._generations.items()
            if not self._cancel(order_id, generation)
        ]
        self._generations.clear()
        return left

    def _note(self, order_id: str, exchange: Exchange) -> None:
        if 200 <= exchange.status < 300:
            sent = json.loads(exchange.body)["generation"]
            self._generations[order_id] = max(sent, self._generations.get(order_id, 1))

    def _cancel(self, order_id: str, generation: int) -> bool:
        """Cancel one order; if another generation is held than is known, by the one held."""
        for _ in range(2):
            generation += 1
            change = {
                "desiredState": "CANCELLED",
                "generation": generation,
                "reason": "conformance",
            }
            exchange = self.call("setDesiredState", order_id=order_id, json_body=change)
            if exchange.status < 300:
                return exchange.get("state") not in RUNNING
            held = self.call("getAdOrder", order_id=order_id)
            if held.status == 404 or (held.status == 200 and held.get("state") not in RUNNING):
                return True
            generation = held.get("generation") or generation
        return False
