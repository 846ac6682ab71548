"""Rules of the contract, each broken in one way, for `BreakingProxy`."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

from tests.campaigns.gateway.breaking_proxy import Answer, Deviation, Request, Send

ORDER_MEMBERS = {
    *("generation", "externalReference", "adText", "adTextSeptets", "desiredState"),
    *("deliveryPeriod", "target", "goal", "pacing", "priority", "dayparts", "frequencyCap"),
    *("contentCategory", "audienceRestrictions"),
}
COUNTERS = {"inserted", "delivered", "failed", "noReceipt"}


def is_put(request: Request) -> bool:
    """Return whether a request is a putAdOrder whose body is an order."""
    if request.operation != ("PUT", "ad-orders") or request.path.endswith("/desired-state"):
        return False
    try:
        return isinstance(request.data, dict) and "goal" in request.data
    except ValueError:
        return False


def order_of(request: Request, send: Send) -> Answer:
    """Return the answer of getAdOrder for the order of a request."""
    path = request.path.removesuffix("/desired-state")
    return send(replace(request, method="GET", target=path, body=b""))


def changed_answer(change: Callable[[Request, Any], Any], *operations: str) -> Deviation:
    """Return a deviation that changes the JSON of the successes of some operations."""

    def answer(request: Request, send: Send) -> Answer:
        received = send(request)
        if request.operation[1] in operations and received.status < 300:
            return received.with_data(change(request, received.data))
        return received

    return answer


def changed_order(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Deviation:
    """Return a deviation that changes what the gateway reads of a putAdOrder."""

    def answer(request: Request, send: Send) -> Answer:
        return send(request.with_data(change(request.data)) if is_put(request) else request)

    return answer


def repeat_is_a_conflict() -> Deviation:
    seen: set[tuple[str, str]] = set()

    def answer(request: Request, send: Send) -> Answer:
        received = send(request)
        if not is_put(request) or received.status >= 300:
            return received
        key = request.path, json.dumps(request.data, sort_keys=True)
        if key not in seen:
            seen.add(key)
            return received
        code = "MISSED_CALL_ADS.GENERATION_CONFLICT"
        return received.with_data({"status": 409, "code": code, "message": "Seen"}, status=409)

    return answer


def accepts(code: str) -> Deviation:
    """Return a deviation that answers 200 instead of an error of putAdOrder."""

    def answer(request: Request, send: Send) -> Answer:
        received = send(request)
        if is_put(request) and received.code == code:
            return order_of(request, send)
        return received

    return answer


def other_correlator(request: Request, send: Send) -> Answer:
    return send(request).with_header("x-correlator", str(uuid4()))


def other_error_body(request: Request, send: Send) -> Answer:
    received = send(request)
    if received.status == 404 and request.operation[1] == "ad-orders":
        return received.with_data({"status": "404", "error": received.code})
    return received


def text_as_media_type(request: Request, send: Send) -> Answer:
    received = send(request)
    if request.operation[1] == "capabilities":
        return received.with_header("content-type", "text/plain")
    return received


def hash_with_generation(request: Request, data: Any) -> Any:
    if "contentHash" in data:
        data["contentHash"] = data["contentHash"][::-1]
    return data


def counters_as_strings(request: Request, data: Any) -> Any:
    return {name: str(value) if name in COUNTERS else value for name, value in data.items()}


def generation_as_float(request: Request, data: Any) -> Any:
    if isinstance(data.get("generation"), int):
        data["generation"] = int(float(data["generation"]))
    return data


def overlapping_pages(request: Request, send: Send) -> Answer:
    received = send(request)
    query = parse_qs(urlsplit(request.target).query)
    page = int(query.get("page", ["1"])[0]) if received.status == 200 else 1
    if request.method != "GET" or not request.path.endswith("/ad-orders") or page < 2:
        return received
    data = received.data
    before = request.path + "?" + urlencode({"page": page - 1, "perPage": data["perPage"]})
    items = send(replace(request, target=before)).data["items"][-1:] + data["items"]
    return received.with_data(data | {"items": items[: data["perPage"]] if data["items"] else []})


def created_is_200(request: Request, send: Send) -> Answer:
    received = send(request)
    return replace(received, status=200) if received.status == 201 else received


def one_429_without_retry_after() -> Deviation:
    is_due = [True]

    def answer(request: Request, send: Send) -> Answer:
        if not (is_put(request) and is_due):
            return send(request)
        is_due.clear()
        headers = {name: request.headers[name] for name in ("content-type", "x-correlator")}
        body = {"status": 429, "code": "TOO_MANY_REQUESTS", "message": "Too fast"}
        return Answer(429, headers, json.dumps(body).encode())

    return answer


def scopes_are_not_checked() -> Deviation:
    """Use one token, of all scopes, for every call that has any."""
    tokens: list[str] = []

    def answer(request: Request, send: Send) -> Answer:
        if request.operation[1].endswith("token") or "token" in request.path:
            received = send(request)
            if received.status == 200 and b"scope" not in request.body:
                tokens.append(received.data["access_token"])
            return received
        known = "unknown" not in request.headers.get("authorization", "unknown")
        return send(request.with_headers(authorization=f"Bearer {tokens[0]}") if known else request)

    return answer


def padding_is_not_counted(request: Request, send: Send) -> Answer:
    return send(replace(request, body=request.body.strip()))


def every_key_is_new(request: Request, send: Send) -> Answer:
    if request.operation[1] == "test-deliveries" and "idempotency-key" in request.headers:
        key = request.headers["idempotency-key"]
        if " " not in key:
            request = request.with_headers(idempotency_key=f"{key[:20]}{uuid4().hex}")
    return send(request)


def if_match_is_ignored(request: Request, send: Send) -> Answer:
    return send(request.with_headers(if_match=""))


def first_lada_only(document: dict[str, Any]) -> dict[str, Any]:
    document["target"]["ladas"] = document["target"]["ladas"][:1]
    return document


def known_members_only(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name in ORDER_MEMBERS}


def without_splits(document: dict[str, Any]) -> dict[str, Any]:
    for day in document["goal"]["daily"]:
        day.pop("split", None)
    return document


def splits_made_right(document: dict[str, Any]) -> dict[str, Any]:
    """Make one group of what is split wrongly, so that the order is accepted."""
    for day in document["goal"]["daily"]:
        split = day.get("split", ())
        ladas = [lada for group in split for lada in group["ladas"]]
        is_whole = sum(group["count"] for group in split) == day["count"]
        if split and not (is_whole and len(set(ladas)) == len(ladas)):
            day["split"] = [{"ladas": ladas[:1], "count": day["count"]}]
    return document


def own_septets(document: dict[str, Any]) -> dict[str, Any]:
    if isinstance(document.get("adText"), str) and document["adText"].isascii():
        document["adTextSeptets"] = len(document["adText"]) or 1
    return document


def without_sequence(request: Request, data: Any) -> Any:
    for item in data["items"]:
        item.pop("sequence")
    return data


def with_a_hole(request: Request, data: Any) -> Any:
    if len(data["items"]) > 2:
        del data["items"][1]
    return data


def sequence_gt_is_ignored(request: Request, send: Send) -> Answer:
    if request.operation == ("GET", "delivery-reports"):
        request = replace(request, target=request.target.replace("sequence.gt", "ignored"))
    return send(request)


def one_more_with_ad(request: Request, data: Any) -> Any:
    for item in data["items"]:
        for row in item["data"].get("rows", ()):
            if row.get("unsold", 0) > 0:
                row["withAd"], row["unsold"] = row["withAd"] + 1, row["unsold"] - 1
    return data


def more_receipts_than_insertions(request: Request, data: Any) -> Any:
    for item in data["items"]:
        if item["stream"] == "hourly-counts":
            for row in item["data"]["rows"]:
                row["failed"] += row["inserted"] + 1
    return data


def a_revision_is_left_out(request: Request, data: Any) -> Any:
    for item in data["items"]:
        if item["data"].get("revision", 1) > 1:
            item["data"]["revision"] += 1
    return data


def second_source(request: Request, data: Any) -> Any:
    for item in data["items"][:1]:
        item["source"] += "-other"
    return data


DEVIATIONS: dict[str, tuple[Callable[[], Deviation], set[str]]] = {
    "a repeat is answered 409": (repeat_is_a_conflict, {"generations.repeat"}),
    "a stale generation is accepted": (
        lambda: accepts("MISSED_CALL_ADS.STALE_GENERATION"),
        {"generations.stale", "generations.stale_first", "generations.large_generation"},
    ),
    "a conflict is accepted": (
        lambda: accepts("MISSED_CALL_ADS.GENERATION_CONFLICT"),
        {"generations.conflict"},
    ),
    "generations are floats": (
        lambda: changed_answer(generation_as_float, "ad-orders"),
        {"generations.large_generation"},
    ),
    "201 is 200": (lambda: created_is_200, {"generations.created"}),
    "If-Match is ignored": (
        lambda: if_match_is_ignored,
        {"generations.if_match", "generations.if_match_any"},
    ),
    "the correlator is another": (lambda: other_correlator, {"answers.correlator"}),
    "an error has another body": (
        lambda: other_error_body,
        {"answers.error_body", "generations.not_found"},
    ),
    "the media type is text": (lambda: text_as_media_type, {"answers.media_type"}),
    "counters are strings": (
        lambda: changed_answer(counters_as_strings, "ad-orders"),
        {"answers.body"},
    ),
    "a 429 has no Retry-After": (one_429_without_retry_after, {"answers.headers"}),
    "the hash is another": (
        lambda: changed_answer(hash_with_generation, "ad-orders"),
        {"content.hash", "content.hash_after_state"},
    ),
    "an unknown restriction is ignored": (
        lambda: changed_order(known_members_only),
        {"content.unknown_member"},
    ),
    "an unknown LADA is ignored": (
        lambda: changed_order(first_lada_only),
        {"content.unknown_lada"},
    ),
    "a split is ignored": (
        lambda: changed_order(without_splits),
        {"content.split"},
    ),
    "a wrong split is accepted": (
        lambda: changed_order(splits_made_right),
        {"content.split"},
    ),
    "septets are not compared": (lambda: changed_order(own_septets), {"content.septets"}),
    "pages overlap": (lambda: overlapping_pages, {"lists.pages"}),
    "scopes are not checked": (scopes_are_not_checked, {"access.missing_scope"}),
    "the size of a body is not limited": (
        lambda: padding_is_not_counted,
        {"http_rules.body_limit"},
    ),
    "Idempotency-Key is ignored": (lambda: every_key_is_new, {"channel.test_delivery"}),
}
REPORT_DEVIATIONS: dict[str, tuple[Callable[[], Deviation], set[str]]] = {
    "an envelope has no sequence": (
        lambda: changed_answer(without_sequence, "delivery-reports"),
        {"reports.envelopes", "reports.gapless", "reports.pages", "answers.body"},
    ),
    "a sequence has a hole": (
        lambda: changed_answer(with_a_hole, "delivery-reports"),
        {"reports.gapless"},
    ),
    "sequence.gt is ignored": (lambda: sequence_gt_is_ignored, {"reports.pages"}),
    "insertions are not withAd": (
        lambda: changed_answer(one_more_with_ad, "delivery-reports"),
        {"reports.sums"},
    ),
    "there are more receipts than insertions": (
        lambda: changed_answer(more_receipts_than_insertions, "delivery-reports"),
        {"reports.counts"},
    ),
    "a revision is left out": (
        lambda: changed_answer(a_revision_is_left_out, "delivery-reports"),
        {"reports.revisions"},
    ),
    "there are two sources": (
        lambda: changed_answer(second_source, "delivery-reports"),
        {"reports.envelopes"},
    ),
}
