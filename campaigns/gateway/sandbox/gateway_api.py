"""The gateway's HTTP interface: routing, access tokens, scopes, rate limit and faults."""

import re
import time
from collections.abc import Callable
from dataclasses import replace

from campaigns.gateway.contract import BASE_PATH, TOKEN_PATH, Scope
from campaigns.gateway.sandbox import errors
from campaigns.gateway.sandbox.faults import (
    AFTER_COMMIT,
    BEFORE_COMMIT,
    TOKEN_OPERATION,
    Fault,
    FaultInjector,
    FaultKind,
)
from campaigns.gateway.sandbox.http_server import (
    JsonRequestHandler,
    Request,
    Response,
    error_response,
)
from campaigns.gateway.sandbox.operations import OperationCall, Operations
from campaigns.gateway.sandbox.rate_limit import TokenBucket
from campaigns.gateway.sandbox.tokens import TokenError, TokenIssuer

HEALTH_PATH = "/healthz"
Route = tuple[str, Scope, Callable[[OperationCall], Response]]
"""The contract's name of an operation, the scope that it needs, and its function."""
_CONNECTION_FAULTS = {
    FaultKind.DROP_BEFORE_COMMIT: "drop",
    FaultKind.CONNECTION_RESET: "reset",
    FaultKind.DROP_AFTER_COMMIT: "drop",
    FaultKind.TRUNCATED_BODY: "truncate",
}


class GatewayApi:
    """Check path, token, scope, faults and rate limit of a request, then call its operation."""

    def __init__(
        self,
        operations: Operations,
        tokens: TokenIssuer,
        faults: FaultInjector,
        bucket: TokenBucket,
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
            BASE_PATH + "/delivery-reports": {
                "GET": ("listReports", Scope.READ_REPORTS, operations.list_reports),
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

    def handle(self, request: Request) -> Response:
        """Return the response to any request, or raise ApiError."""
        path = request.url.path
        if path == HEALTH_PATH:
            _require_method(request, "GET")
            return self.operations.health()
        if path == TOKEN_PATH:
            _require_method(request, "POST")
            return self._with_faults(TOKEN_OPERATION, lambda: self._issue_token(request))
        methods, params = self._route(path)
        if request.method not in methods:
            allow = {"Allow": ", ".join(methods)}
            error = errors.method_not_allowed(request.method)
            return replace(error_response(error), headers=allow)
        name, scope, operation = methods[request.method]
        token = self.tokens.find(request.header("authorization"))
        if token is None:
            raise errors.unauthenticated()
        if scope not in token.scopes:
            raise errors.permission_denied(scope)

        def perform() -> Response:
            self.bucket.take(token.client)
            return operation(OperationCall(request, params))

        return self._with_faults(name, perform)

    def _route(self, path: str) -> tuple[dict[str, Route], dict[str, str]]:
        for pattern, methods in self._routes.items():
            match = re.fullmatch(pattern, path)
            if match:
                return methods, match.groupdict()
        raise errors.not_found()

    def _with_faults(self, operation: str, perform: Callable[[], Response]) -> Response:
        """Perform an operation, with the active faults before and after its commit."""
        latency = self.faults.take(operation, FaultKind.LATENCY)
        # Taken on arrival: a delayed call must not use up a fault that is set meanwhile.
        before = self.faults.take(operation, *BEFORE_COMMIT)
        if latency:
            time.sleep(latency.milliseconds / 1000)
        if before:
            return self._fail(before)
        response = perform()
        after = self.faults.take(operation, *AFTER_COMMIT)
        return replace(response, fault=_CONNECTION_FAULTS[after.kind]) if after else response

    def _fail(self, fault: Fault) -> Response:
        if fault.kind in _CONNECTION_FAULTS:
            return Response(503, fault=_CONNECTION_FAULTS[fault.kind])
        if fault.kind is FaultKind.EXPIRE_TOKENS:
            self.tokens.expire_all()
            raise errors.unauthenticated()
        raise fault.to_error()

    def _issue_token(self, request: Request) -> Response:
        try:
            body = self.tokens.issue(
                request.header("authorization"), request.header("content-type"), request.body
            )
        except TokenError as error:
            body = {"error": error.error, "error_description": error.description}
            headers = {"WWW-Authenticate": "Basic"} if error.status == 401 else {}
            return Response(error.status, body, headers)
        return Response(200, body)


def _require_method(request: Request, method: str) -> None:
    if request.method != method:
        raise errors.method_not_allowed(request.method)


def gateway_handler(gateway: GatewayApi, *, client_timeout: float) -> type[JsonRequestHandler]:
    """Return a handler class for http.server; the timeout for slow clients is in seconds."""

    class GatewayHandler(JsonRequestHandler):
        def respond(self, request: Request) -> Response:
            return gateway.handle(request)

    GatewayHandler.timeout = GatewayHandler.body_timeout = client_timeout
    return GatewayHandler
