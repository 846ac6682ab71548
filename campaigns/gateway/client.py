"""A client of the delivery gateway: one call returns one typed result or raises GatewayError.

The client repeats a call only once, with a fresh token after a 401; any other retry is the
outbox's decision. Threads may share a client; after a fork, create a new one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx

from campaigns.gateway.access_token import AccessToken
from campaigns.gateway.ad_order_document import AdOrderDocument
from campaigns.gateway.contract import (
    MAX_PER_PAGE,
    ORDER_ID,
    ChannelState,
    DesiredState,
    OrderState,
    Scope,
    canonical_json,
)
from campaigns.gateway.contract_model import ContractMismatch
from campaigns.gateway.errors import NoResponse, error_from_response
from campaigns.gateway.http_response import GatewayResponse
from campaigns.gateway.responses import (
    AcceptedAdOrder,
    AdOrderPage,
    AdOrderStatus,
    Capabilities,
    ChannelStatus,
    GatewayAdOrder,
    ReportPage,
    TestDeliveryReceipt,
)
from campaigns.gateway.transport import (
    DEFAULT_DEADLINE,
    DEFAULT_TIMEOUT,
    send_request,
)

T = TypeVar("T")


class GatewayClient:
    """A client of one gateway.

    `base_url` is the contract's base, `…/missed-call-ads/v0.1`. Proxies and credentials of the
    environment (`HTTPS_PROXY`, `.netrc`) are not used. Every method raises GatewayError and takes
    `correlator`, which identifies the call in the gateway's log.
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
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._deadline = deadline
        self._http = httpx.Client(
            timeout=timeout,
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
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def put_ad_order(
        self, order_id: str, document: Mapping[str, Any], *, correlator: str | None = None
    ) -> AcceptedAdOrder:
        """Send the whole requested state of an ad order, as `AdOrderDocument.to_json` returns it.

        Sending the same document again changes nothing.
        """
        return self._call(
            "PUT",
            _order_path(order_id),
            lambda response: _read_accepted(order_id, response),
            body=document,
            correlator=correlator,
        )

    def set_desired_state(
        self,
        order_id: str,
        desired_state: DesiredState,
        *,
        generation: int,
        reason: str,
        correlator: str | None = None,
    ) -> AcceptedAdOrder:
        """Pause, resume or cancel an ad order that the gateway holds."""
        return self._call(
            "PUT",
            f"{_order_path(order_id)}/desired-state",
            lambda response: _read_accepted(order_id, response),
            body={
                "desiredState": desired_state.value,
                "generation": generation,
                "reason": reason,
            },
            correlator=correlator,
        )

    def get_ad_order(self, order_id: str, *, correlator: str | None = None) -> GatewayAdOrder:
        """Return an ad order. Raise NotFound only if the gateway itself reports it missing."""
        return self._call(
            "GET",
            _order_path(order_id),
            lambda response: GatewayAdOrder(
                document=AdOrderDocument.from_json(response.body),
                status=_read_status(order_id, response),
            ),
            correlator=correlator,
        )

    def list_ad_orders(
        self,
        *,
        state: OrderState | None = None,
        per_page: int = MAX_PER_PAGE,
        correlator: str | None = None,
    ) -> Iterator[AdOrderStatus]:
        """Yield all ad orders in the order of their creation, one request a page.

        With `state`, an order that leaves that state meanwhile may hide another: for a full
        comparison list without it.
        """
        number = seen = 0
        while True:
            number += 1
            page = self.get_page(number, state=state, per_page=per_page, correlator=correlator)
            yield from page.items
            seen += len(page.items)
            if not page.items or seen >= page.total_count:
                return

    def list_reports(
        self,
        stream: str,
        *,
        after: int,
        per_page: int = MAX_PER_PAGE,
        correlator: str | None = None,
    ) -> ReportPage:
        """Return the first events of a stream after a sequence, as they were pushed."""
        return self._call(
            "GET",
            "/delivery-reports",
            lambda response: ReportPage.from_json(response.body),
            params={"stream": stream, "sequence.gt": after, "perPage": per_page},
            correlator=correlator,
        )

    def get_page(
        self,
        number: int,
        *,
        state: OrderState | None = None,
        per_page: int = MAX_PER_PAGE,
        correlator: str | None = None,
    ) -> AdOrderPage:
        """Return one page of the list of ad orders; the first is 1."""
        params: dict[str, str | int] = {"page": number, "perPage": per_page}
        return self._call(
            "GET",
            "/ad-orders",
            lambda response: AdOrderPage.from_json(response.body),
            params=params if state is None else params | {"state": state.value},
            correlator=correlator,
        )

    def set_channel_state(
        self, state: ChannelState, *, reason: str, correlator: str | None = None
    ) -> ChannelStatus:
        """Stop or start all ads of the channel."""
        return self._call(
            "PUT",
            "/channel-state",
            lambda response: ChannelStatus.from_json(response.body),
            body={"state": state.value, "reason": reason},
            correlator=correlator,
        )

    def get_capabilities(self, *, correlator: str | None = None) -> Capabilities:
        """Return what the gateway can carry now."""
        return self._call(
            "GET",
            "/capabilities",
            lambda response: Capabilities.from_json(response.body),
            correlator=correlator,
        )

    def create_test_delivery(
        self, ad_text: str, test_handset: str, *, key: str, correlator: str | None = None
    ) -> TestDeliveryReceipt:
        """Send one notification with a text to a test handset, named by its alias.

        The same key with the same text and handset is the same notification, sent once.
        """
        return self._call(
            "POST",
            "/test-deliveries",
            lambda response: TestDeliveryReceipt.from_json(response.body),
            body={"adText": ad_text, "testHandset": test_handset},
            headers={"idempotency-key": key},
            correlator=correlator,
        )

    def _call(
        self,
        method: str,
        path: str,
        read: Callable[[GatewayResponse], T],
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        correlator: str | None = None,
    ) -> T:
        correlator = correlator or str(uuid4())
        headers = {"x-correlator": correlator, **(headers or {})}
        content = None
        if body is not None:
            content = canonical_json(body)
            headers["content-type"] = "application/json"

        def send(token: str) -> GatewayResponse:
            request = self._http.build_request(
                method,
                self._base_url + path,
                content=content,
                params=params,
                headers=headers | {"authorization": f"Bearer {token}"},
            )
            return send_request(self._http, request, deadline=self._deadline, correlator=correlator)

        token = self._token.get(correlator=correlator)
        response = send(token)
        if response.status == 401:
            response = send(self._token.renew(instead_of=token, correlator=correlator))
        if not 200 <= response.status < 300:
            raise error_from_response(response, correlator=correlator)
        try:
            return read(response)
        except ContractMismatch as error:
            # The change was made, but its result is unknown: to repeat it is as safe as after
            # no response.
            raise NoResponse(
                f"The response cannot be read: {error}",
                status=response.status,
                correlator=correlator,
            ) from error


def _order_path(order_id: str) -> str:
    if not re.fullmatch(ORDER_ID, order_id):
        raise ValueError(f"Not an ad order id: {order_id!r}")
    return f"/ad-orders/{order_id}"


def _read_status(order_id: str, response: GatewayResponse) -> AdOrderStatus:
    status = AdOrderStatus.from_json(response.body)
    if status.ad_order_id != order_id:
        raise ContractMismatch("adOrderId: of another order")
    return status


def _read_accepted(order_id: str, response: GatewayResponse) -> AcceptedAdOrder:
    return AcceptedAdOrder(_read_status(order_id, response), created=response.status == 201)
