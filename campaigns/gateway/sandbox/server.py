"""The gateway's own edge: who calls, what for, and whether now; then the operation."""

import re
import time
from collections.abc import Callable
from dataclasses import replace

from campaigns.gateway.contract import BASE_PATH, TOKEN_PATH, Scope
from campaigns.gateway.sandbox import refusals
from campaigns.gateway.sandbox.faults import (
    AFTER_WORK,
    BEFORE_WORK,
    TOKEN_OPERATION,
    Fault,
    FaultKind,
    Faults,
)
from campaigns.gateway.sandbox.limits import TokenBucket
from campaigns.gateway.sandbox.operations import Call, Operations
from campaigns.gateway.sandbox.tokens import TokenError, Tokens
from campaigns.gateway.sandbox.wire import Answer, Handler, Request, refused

HEALTH_PATH = "/healthz"
Route = tuple[str, Scope, Callable[[Call], Answer]]
"""The contract's name of an operation, the scope that it needs, and what it does."""
_CUTS = {
    FaultKind.DROP_BEFORE_COMMIT: "drop",
    FaultKind.CONNECTION_RESET: "reset",
    FaultKind.DROP_AFTER_COMMIT: "drop",
    FaultKind.TRUNCATED_BODY: "truncate",
}


class Gateway:
    """Takes a request through every check: path, token, scope, faults, pace, then body."""

    def __init__(
        self, operations: Operations, tokens: Tokens, faults: Faults, bucket: TokenBucket
    ) -> None:
        self.operations = operations
        self.tokens = tokens
        self.faults = faults
        self.bucket = bucket
        order = BASE_PATH + "/ad-orders/(?P<order_id>[^/]*)"
        self._routes: dict[str, dict[str, Route]] = {
            order: {
                "PUT": ("putAdOrder", Scope.WRITE_ORDERS, operations.put_ad_order),
                "GET": ("getAdOrder", Scope.READ_ORDERS, operations.get_ad_order),
            },
            order + "/desired-state": {
                "PUT": ("setDesiredState", Scope.WRITE_ORDERS, operations.set_desired_state),
            },
            BASE_PATH + "/ad-orders": {
                "GET": ("listAdOrders", Scope.READ_ORDERS, operations.list_ad_orders),
            },
            BASE_PATH + "/channel-state": {
                "PUT": ("setChannelState", Scope.UPDATE_CHANNEL, operations.set_channel_state),
            },
            BASE_PATH + "/capabilities": {
                "GET": ("getCapabilities", Scope.READ_ORDERS, operations.get_capabilities),
            },
            BASE_PATH + "/test-deliveries": {
                "POST": (
                    "createTestDelivery",
                    Scope.CREATE_TEST_DELIVERIES,
                    operations.create_test_delivery,
                ),
            },
        }

    def answer(self, request: Request) -> Answer:
        """Answer anything, or raise the Refusal."""
        path = request.url.path
        if path == HEALTH_PATH:
            _only(request, "GET")
            return self.operations.health()
        if path == TOKEN_PATH:
            _only(request, "POST")
            return self._with_faults(TOKEN_OPERATION, lambda: self._grant(request))
        methods, params = self._route(path)
        if request.method not in methods:
            allow = {"Allow": ", ".join(methods)}
            return replace(refused(refusals.method_not_allowed(request.method)), headers=allow)
        name, scope, operation = methods[request.method]
        grant = self.tokens.find(request.header("authorization"))
        if grant is None:
            raise refusals.unauthenticated()
        if scope not in grant.scopes:
            raise refusals.permission_denied(scope)

        def work() -> Answer:
            self.bucket.take(grant.client)
            return operation(Call(request, params))

        return self._with_faults(name, work)

    def _route(self, path: str) -> tuple[dict[str, Route], dict[str, str]]:
        for pattern, methods in self._routes.items():
            match = re.fullmatch(pattern, path)
            if match:
                return methods, match.groupdict()
        raise refusals.not_found()

    def _with_faults(self, operation: str, work: Callable[[], Answer]) -> Answer:
        """Do the work, unless a fault that is on comes before, or hides that it was done."""
        latency = self.faults.claim(operation, FaultKind.LATENCY)
        # Claimed on arrival: a call that is held back must not use up what is set meanwhile.
        before = self.faults.claim(operation, *BEFORE_WORK)
        if latency:
            time.sleep(latency.milliseconds / 1000)
        if before:
            return self._go_wrong(before)
        answer = work()
        after = self.faults.claim(operation, *AFTER_WORK)
        return replace(answer, cut=_CUTS[after.kind]) if after else answer

    def _go_wrong(self, fault: Fault) -> Answer:
        if fault.kind in _CUTS:
            return Answer(503, cut=_CUTS[fault.kind])
        if fault.kind is FaultKind.EXPIRE_TOKENS:
            self.tokens.expire_all()
            raise refusals.unauthenticated()
        raise fault.refusal()

    def _grant(self, request: Request) -> Answer:
        try:
            granted = self.tokens.grant(
                request.header("authorization"), request.header("content-type"), request.body
            )
        except TokenError as error:
            body = {"error": error.error, "error_description": error.description}
            headers = {"WWW-Authenticate": "Basic"} if error.status == 401 else {}
            return Answer(error.status, body, headers)
        return Answer(200, granted)


def _only(request: Request, method: str) -> None:
    if request.method != method:
        raise refusals.method_not_allowed(request.method)


def handler_for(gateway: Gateway, *, patience: float) -> type[Handler]:
    """Bind the gateway to a handler class, as http.server wants it."""

    class GatewayHandler(Handler):
        def respond(self, request: Request) -> Answer:
            return gateway.answer(request)

    GatewayHandler.timeout = GatewayHandler.patience = patience
    return GatewayHandler
