"""The portal's side of `missed-call-ads`: one call, one typed result or one GatewayError.

The client never sends again by itself, except once with a fresh token after a 401: when a call is
repeated is the outbox's business. It may be shared by threads; after a fork, make a new one.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx

from campaigns.gateway.access_token import AccessToken
from campaigns.gateway.answers import (
    Accepted,
    AdOrder,
    AdOrderPage,
    AdOrderStatus,
    Capabilities,
    Channel,
    TestDelivery,
)
from campaigns.gateway.contract import (
    MAX_PER_PAGE,
    ORDER_ID,
    AdOrderDocument,
    ChannelState,
    DesiredState,
    OrderState,
    Scope,
    canonical_json,
)
from campaigns.gateway.failures import NoAnswer, from_answer
from campaigns.gateway.shape import ContractMismatch
from campaigns.gateway.transport import DEFAULT_DEADLINE, DEFAULT_TIMEOUT, Answer, exchange

T = TypeVar("T")


class GatewayClient:
    """A gateway, as the portal may call it.

    `base_url` is the contract's base, `…/missed-call-ads/v0.1`. Proxies and credentials of the
    environment (`HTTPS_PROXY`, `.netrc`) are not used; where a proxy is needed, give a `transport`.
    Every method raises GatewayError, and takes `correlator` to be found again in the gateway's log.
    """

    def __init__(
        self,
        base_url: str,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        scopes: Iterable[Scope] = (),
        timeout: httpx.Timeout | float = DEFAULT_TIMEOUT,
        deadline: float = DEFAULT_DEADLINE,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._deadline = deadline
        self._http = httpx.Client(
            timeout=timeout,
            transport=transport,
            trust_env=False,
            headers={
                "accept": "application/json",
                "accept-encoding": "identity",
                "user-agent": "llamada-perdida",
            },
        )
        self._token = AccessToken(
            self._http,
            token_url,
            client_id=client_id,
            client_secret=client_secret,
            scopes=scopes,
            deadline=deadline,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def put_ad_order(
        self,
        order_id: str,
        document: AdOrderDocument,
        *,
        if_match: str | None = None,
        correlator: str | None = None,
    ) -> Accepted:
        """Say the whole wanted state of an order. The same document again does no harm."""
        return self._call(
            "PUT",
            _order_path(order_id),
            _accepted(order_id),
            body=document.to_json(),
            headers={} if if_match is None else {"if-match": if_match},
            correlator=correlator,
        )

    def set_desired_state(
        self,
        order_id: str,
        desired_state: DesiredState,
        *,
        generation: int,
        reason: str,
        if_match: str | None = None,
        correlator: str | None = None,
    ) -> Accepted:
        """Pause, resume or cancel an order that the gateway holds."""
        return self._call(
            "PUT",
            f"{_order_path(order_id)}/desired-state",
            _accepted(order_id),
            body={
                "desiredState": desired_state.value,
                "generation": generation,
                "reason": reason,
            },
            headers={} if if_match is None else {"if-match": if_match},
            correlator=correlator,
        )

    def get_ad_order(self, order_id: str, *, correlator: str | None = None) -> AdOrder:
        """Read an order. Raises NotFound only if the gateway itself says so."""

        def read(answer: Answer, data: Any) -> AdOrder:
            return AdOrder(
                document=AdOrderDocument.from_json(data),
                status=_status_of(order_id, data),
                etag=answer.headers.get("etag", ""),
            )

        return self._call("GET", _order_path(order_id), read, correlator=correlator)

    def list_ad_orders(
        self,
        *,
        state: OrderState | None = None,
        per_page: int = MAX_PER_PAGE,
        correlator: str | None = None,
    ) -> Iterator[AdOrderStatus]:
        """Go through all orders, a page at a time, in the order in which they were created.

        With `state`, an order that leaves that state meanwhile may hide another: for a full
        comparison list without it.
        """
        params: dict[str, str | int] = {"page": 1, "perPage": per_page}
        if state is not None:
            params["state"] = state.value
        seen = 0
        while True:
            page = self._call(
                "GET",
                "/ad-orders",
                _reader(AdOrderPage.from_json),
                params=params,
                correlator=correlator,
            )
            yield from page
            seen += len(page.items)
            if not page.items or seen >= page.total_count:
                return
            params = params | {"page": int(params["page"]) + 1}

    def set_channel_state(
        self, state: ChannelState, *, reason: str, correlator: str | None = None
    ) -> Channel:
        """Stop or start every ad of the channel."""
        return self._call(
            "PUT",
            "/channel-state",
            _reader(Channel.from_json),
            body={"state": state.value, "reason": reason},
            correlator=correlator,
        )

    def get_capabilities(self, *, correlator: str | None = None) -> Capabilities:
        """Read what the gateway can carry, its limits, its clock and the channel's state."""
        return self._call(
            "GET", "/capabilities", _reader(Capabilities.from_json), correlator=correlator
        )

    def create_test_delivery(
        self, *, ad_text: str, handset: str, idempotency_key: str, correlator: str | None = None
    ) -> TestDelivery:
        """Send one notification to a test handset, named by its alias; once for each key."""
        return self._call(
            "POST",
            "/test-deliveries",
            _reader(TestDelivery.from_json),
            body={"adText": ad_text, "testHandset": handset},
            headers={"idempotency-key": idempotency_key},
            correlator=correlator,
        )

    def _call(
        self,
        method: str,
        path: str,
        read: Callable[[Answer, Any], T],
        *,
        body: Any = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        correlator: str | None = None,
    ) -> T:
        correlator = correlator or str(uuid4())
        sent = {**(headers or {}), "x-correlator": correlator}
        content = None
        if body is not None:
            content = canonical_json(body)
            sent["content-type"] = "application/json"

        def send(token: str) -> Answer:
            request = self._http.build_request(
                method,
                self._base_url + path,
                content=content,
                params=params,
                headers=sent | {"authorization": f"Bearer {token}"},
            )
            return exchange(self._http, request, deadline=self._deadline, correlator=correlator)

        token = self._token.get(correlator=correlator)
        answer = send(token)
        if answer.status == 401:
            answer = send(self._token.renew(instead_of=token, correlator=correlator))
        if not 200 <= answer.status < 300:
            raise from_answer(answer.status, answer.headers, answer.body, correlator=correlator)
        try:
            return read(answer, json.loads(answer.body))
        except (ContractMismatch, ValueError, RecursionError) as error:
            # It says that it was done and not what: as good as no answer, and as safe to repeat.
            why = str(error) if isinstance(error, ContractMismatch) else "not JSON"
            raise NoAnswer(
                f"The answer cannot be read: {why}", status=answer.status, correlator=correlator
            ) from error


def _order_path(order_id: str) -> str:
    if not re.fullmatch(ORDER_ID, order_id):
        raise ValueError(f"Not an ad order id: {order_id!r}")
    return f"/ad-orders/{order_id}"


def _status_of(order_id: str, data: Any) -> AdOrderStatus:
    status = AdOrderStatus.from_json(data)
    if status.order_id != order_id:
        raise ContractMismatch("adOrderId: of another order")
    return status


def _accepted(order_id: str) -> Callable[[Answer, Any], Accepted]:
    def read(answer: Answer, data: Any) -> Accepted:
        status = _status_of(order_id, data)
        return Accepted(
            status=answer.status,
            created=answer.status == 201,
            observed_generation=status.observed_generation,
            content_hash=status.content_hash,
            state=status.state,
            etag=answer.headers.get("etag", ""),
        )

    return read


def _reader(from_json: Callable[[Any], T]) -> Callable[[Answer, Any], T]:
    def read(answer: Answer, data: Any) -> T:
        return from_json(data)

    return read
