"""Every response of the run, compared with the contract. These checks come last."""

from collections import defaultdict

from campaigns.gateway.conformance.contract_file import OPERATIONS, resolve
from campaigns.gateway.conformance.exchange import CheckFailed, CheckSkipped
from campaigns.gateway.conformance.gateway import CheckedGateway


def _require_none(gateway: CheckedGateway, part: str) -> None:
    found = [deviation for deviation in gateway.session.deviations if deviation.part == part]
    if found:
        messages = list(dict.fromkeys(deviation.message for deviation in found))[:3]
        summary = f"{len(found)} responses: {'; '.join(messages)}"
        raise CheckFailed(summary, found[0].exchange)


def check_correlator(gateway: CheckedGateway) -> None:
    """x-correlator of a request comes back with every response, errors too."""
    _require_none(gateway, "correlator")


def check_media_type(gateway: CheckedGateway) -> None:
    """Every response is application/json."""
    _require_none(gateway, "media type")


def check_status(gateway: CheckedGateway) -> None:
    """Every response has a status that the contract has for its operation."""
    _require_none(gateway, "status")


def check_headers(gateway: CheckedGateway) -> None:
    """Every response has its headers: x-correlator, ETag, Location, Retry-After."""
    _require_none(gateway, "headers")


def check_body(gateway: CheckedGateway) -> None:
    """The body of every success matches its schema."""
    _require_none(gateway, "body")


def check_error_body(gateway: CheckedGateway) -> None:
    """The body of every error is `{status, code, message}` with a code of its operation."""
    _require_none(gateway, "error body")


def check_every_code(gateway: CheckedGateway) -> None:
    """Every error of the contract was seen."""
    missing: dict[str, list[str]] = defaultdict(list)
    for name, status, code in sorted(_documented() - gateway.session.seen):
        missing[f"{status} {code}"].append(name)
    if missing:
        rest = "; ".join(f"{error} of {_in_words(missing[error])}" for error in sorted(missing))
        raise CheckSkipped(f"not seen in this run: {rest}")


def _in_words(names: list[str]) -> str:
    return "every operation" if len(names) == len(OPERATIONS) else ", ".join(names)


def _documented() -> set[tuple[str, int, str]]:
    """Return each (operation, status, code) of an error in the contract."""
    return {
        (operation.name, int(status), resolve(example)["value"]["code"])
        for operation in OPERATIONS.values()
        for status, response in operation.description["responses"].items()
        if int(status) >= 400
        for example in resolve(response)["content"]["application/json"]["examples"].values()
    }
