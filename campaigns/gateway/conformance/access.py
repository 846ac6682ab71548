"""Tokens and scopes."""

from campaigns.gateway.conformance.contract_file import OPERATIONS
from campaigns.gateway.conformance.exchange import require
from campaigns.gateway.conformance.gateway import CheckedGateway
from campaigns.gateway.contract import Scope

GRANT = {"grant_type": "client_credentials"}


def check_token(gateway: CheckedGateway) -> None:
    """The token endpoint issues bearer tokens and says for how long."""
    answer = gateway.session.request_token(GRANT).expect(200)

    require(str(answer.get("token_type")).lower() == "bearer", "token_type is not Bearer")
    lifetime = answer.get("expires_in")
    require(type(lifetime) is int and lifetime > 0, "expires_in is not a number of seconds")


def check_wrong_secret(gateway: CheckedGateway) -> None:
    """A wrong secret is answered 401 `invalid_client`."""
    answer = gateway.session.request_token(GRANT, secret="of another").expect(401)  # noqa: S106

    require(answer.get("error") == "invalid_client", f"error is {answer.get('error')}")


def check_grant_type(gateway: CheckedGateway) -> None:
    """A grant type other than client_credentials is answered 400 `unsupported_grant_type`."""
    answer = gateway.session.request_token({"grant_type": "password"}).expect(400)

    require(answer.get("error") == "unsupported_grant_type", f"error is {answer.get('error')}")


def check_unknown_scope(gateway: CheckedGateway) -> None:
    """An unknown scope is answered 400 `invalid_scope`."""
    scope = "missed-call-ads:conformance:unknown"
    answer = gateway.session.request_token(GRANT | {"scope": scope}).expect(400)

    require(answer.get("error") == "invalid_scope", f"error is {answer.get('error')}")


def check_no_token(gateway: CheckedGateway) -> None:
    """A call without a token, or with an unknown one, is answered 401 UNAUTHENTICATED."""
    for name in OPERATIONS:
        gateway.call_validly(name, token="").expect(401, "UNAUTHENTICATED")
    gateway.call_validly("getCapabilities", token="unknown").expect(401, "UNAUTHENTICATED")  # noqa: S106


def check_missing_scope(gateway: CheckedGateway) -> None:
    """A token without the scope of an operation is answered 403 PERMISSION_DENIED."""
    for name, operation in OPERATIONS.items():
        others = sorted(set(Scope) - {operation.scope})
        token = gateway.session.token(*others)
        gateway.call_validly(name, token=token).expect(403, "PERMISSION_DENIED")


def check_own_scope(gateway: CheckedGateway) -> None:
    """The scope of an operation is enough for it."""
    for name, operation in OPERATIONS.items():
        if name != "createTestDelivery":  # it would send one notification more
            answer = gateway.call_validly(name, token=gateway.session.token(operation.scope))
            require(answer.status < 300, f"{name} was answered {answer.status} {answer.code}")
