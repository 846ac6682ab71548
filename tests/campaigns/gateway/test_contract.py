"""The contract over HTTP: every operation, and every error that the contract documents."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from openapi_spec_validator import validate

from campaigns.gateway.conformance.contract_file import (
    CONTRACT,
    OPERATIONS,
    resolve,
    schema_errors,
)
from campaigns.gateway.contract import Scope, content_hash
from tests.campaigns.gateway.conformance import ConformanceClient, documented_errors
from tests.campaigns.gateway.documents import ad_order_json, today
from tests.processes import Sandbox

HANDSET = {"adText": "Hola", "testHandset": "equipo-1"}
KEY = {"idempotency-key": "key-1"}
VALID: dict[str, dict[str, Any]] = {
    "putAdOrder": {"order_id": "new", "json": ad_order_json()},
    "setDesiredState": {
        "order_id": "existing",
        "json": {"desiredState": "PAUSED", "generation": 2, "reason": "pausa"},
    },
    "getAdOrder": {"order_id": "existing"},
    "listAdOrders": {},
    "listReports": {"query": "?stream=hourly-counts"},
    "setChannelState": {"json": {"state": "OFF", "reason": "prueba"}},
    "getCapabilities": {},
    "createTestDelivery": {"json": HANDSET, "headers": KEY},
}
WITH_BODY = [name for name, valid in VALID.items() if "json" in valid]
DAY = timedelta(days=1)


@pytest.fixture
def api_with_order(api: ConformanceClient) -> ConformanceClient:
    """Return a client of a gateway with one ACTIVE order, `existing`, at generation 1."""
    assert api.call("putAdOrder", order_id="existing", json=ad_order_json()).status_code == 201
    return api


def put(api: ConformanceClient, order_id: str = "new", **changes: Any) -> httpx.Response:
    return api.call("putAdOrder", order_id=order_id, json=ad_order_json() | changes)


def replace_order(api: ConformanceClient, **changes: Any) -> httpx.Response:
    return put(api, "existing", generation=2, **changes)


def request_state(
    api: ConformanceClient, state: str, generation: int, **headers: str
) -> httpx.Response:
    change = {"desiredState": state, "generation": generation, "reason": "prueba"}
    return api.call("setDesiredState", order_id="existing", json=change, headers=headers)


def after_cancelling(api: ConformanceClient) -> httpx.Response:
    request_state(api, "CANCELLED", 2)
    return request_state(api, "ACTIVE", 3)


def past_period(api: ConformanceClient) -> httpx.Response:
    day = (today() - DAY).isoformat()
    daily = [{"date": day, "count": 10}]
    return put(
        api,
        deliveryPeriod={"startDate": day, "endDate": day},
        goal={"unit": "NOTIFICATIONS", "total": 10, "daily": daily},
    )


def below_delivered(api: ConformanceClient) -> httpx.Response:
    api.sandbox.set_counts("existing", inserted=20_000, delivered=12_000)
    return api.call(
        "putAdOrder", order_id="existing", json=ad_order_json(generation=2, total=19_999)
    )


FailingCall = Callable[[ConformanceClient], httpx.Response]
CASES: dict[tuple[str, int, str], FailingCall] = {
    ("getAdOrder", 400, "INVALID_ARGUMENT"): lambda api: api.call("getAdOrder", order_id="-bad"),
    ("getAdOrder", 404, "MISSED_CALL_ADS.AD_ORDER_NOT_FOUND"): lambda api: api.call(
        "getAdOrder", order_id="nowhere"
    ),
    ("listAdOrders", 400, "INVALID_ARGUMENT"): lambda api: api.call(
        "listAdOrders", query="?state=LOST"
    ),
    ("listAdOrders", 400, "OUT_OF_RANGE"): lambda api: api.call(
        "listAdOrders", query="?perPage=201"
    ),
    ("listReports", 400, "INVALID_ARGUMENT"): lambda api: api.call(
        "listReports", query="?stream=phone-numbers"
    ),
    ("listReports", 400, "OUT_OF_RANGE"): lambda api: api.call(
        "listReports", query="?stream=hourly-counts&perPage=201"
    ),
    ("setChannelState", 400, "OUT_OF_RANGE"): lambda api: api.call(
        "setChannelState", json={"state": "OFF", "reason": "x" * 201}
    ),
    ("createTestDelivery", 400, "OUT_OF_RANGE"): lambda api: api.call(
        "createTestDelivery", json=HANDSET | {"adText": ""}, headers=KEY
    ),
    ("createTestDelivery", 422, "MISSED_CALL_ADS.TEXT_NOT_ENCODABLE"): lambda api: api.call(
        "createTestDelivery", json=HANDSET | {"adText": "Café"}, headers=KEY
    ),
    ("createTestDelivery", 422, "MISSED_CALL_ADS.TEXT_TOO_LONG"): lambda api: api.call(
        "createTestDelivery", json=HANDSET | {"adText": "x" * 111}, headers=KEY
    ),
    ("setDesiredState", 400, "OUT_OF_RANGE"): lambda api: request_state(api, "PAUSED", 0),
    ("setDesiredState", 404, "MISSED_CALL_ADS.AD_ORDER_NOT_FOUND"): lambda api: api.call(
        "setDesiredState", **VALID["setDesiredState"] | {"order_id": "nowhere"}
    ),
    ("setDesiredState", 409, "MISSED_CALL_ADS.STALE_GENERATION"): lambda api: (
        replace_order(api) and request_state(api, "PAUSED", 1)
    ),
    ("setDesiredState", 409, "MISSED_CALL_ADS.GENERATION_CONFLICT"): lambda api: request_state(
        api, "PAUSED", 1
    ),
    ("setDesiredState", 409, "INCOMPATIBLE_STATE"): after_cancelling,
    ("setDesiredState", 412, "FAILED_PRECONDITION"): lambda api: request_state(
        api, "PAUSED", 2, **{"if-match": '"1-other"'}
    ),
    ("putAdOrder", 400, "OUT_OF_RANGE"): lambda api: put(api, priority=10),
    ("putAdOrder", 409, "MISSED_CALL_ADS.STALE_GENERATION"): lambda api: (
        replace_order(api) and put(api, "existing")
    ),
    ("putAdOrder", 409, "MISSED_CALL_ADS.GENERATION_CONFLICT"): lambda api: put(
        api, "existing", priority=4
    ),
    ("putAdOrder", 409, "INCOMPATIBLE_STATE"): lambda api: replace_order(
        api, adText="Otra cosa", adTextSeptets=9
    ),
    ("putAdOrder", 412, "FAILED_PRECONDITION"): lambda api: api.call(
        "putAdOrder", order_id="new", json=ad_order_json(), headers={"if-match": "*"}
    ),
    ("putAdOrder", 422, "MISSED_CALL_ADS.TEXT_NOT_ENCODABLE"): lambda api: put(
        api, adText="Hola: 2x1", adTextSeptets=9
    ),
    ("putAdOrder", 422, "MISSED_CALL_ADS.TEXT_TOO_LONG"): lambda api: put(
        api, adText="x" * 111, adTextSeptets=111
    ),
    ("putAdOrder", 422, "MISSED_CALL_ADS.SEPTETS_MISMATCH"): lambda api: put(api, adTextSeptets=45),
    ("putAdOrder", 422, "MISSED_CALL_ADS.UNKNOWN_LADA"): lambda api: put(
        api, target={"scope": "LADAS", "ladas": ["55", "111"]}
    ),
    ("putAdOrder", 422, "MISSED_CALL_ADS.PERIOD_IN_PAST"): past_period,
    ("putAdOrder", 422, "MISSED_CALL_ADS.GOAL_BELOW_DELIVERED"): below_delivered,
    ("putAdOrder", 422, "MISSED_CALL_ADS.RESTRICTION_UNSUPPORTED"): lambda api: put(
        api, audienceRestrictions=["ADULTS_ONLY", "LEFT_HANDED"]
    ),
    ("putAdOrder", 422, "MISSED_CALL_ADS.CATEGORY_BLOCKED"): lambda api: put(
        api, contentCategory="TOBACCO"
    ),
}
QUOTA = ("putAdOrder", 429, "QUOTA_EXCEEDED")


def by_fault(name: str, kind: str, **options: Any) -> FailingCall:
    def send(api: ConformanceClient) -> httpx.Response:
        api.sandbox.inject_fault(kind, times=1, operation=name, **options)
        return api.call(name, **VALID[name])

    return send


def with_token(name: str, token: Callable[[ConformanceClient], str]) -> FailingCall:
    return lambda api: api.call(name, token=token(api), **VALID[name])


def all_scopes_but(scope: str) -> Callable[[ConformanceClient], str]:
    return lambda api: api.token(*(set(Scope) - {scope}))


def with_content(name: str, content: bytes, **headers: str) -> FailingCall:
    def send(api: ConformanceClient) -> httpx.Response:
        valid = {key: value for key, value in VALID[name].items() if key != "json"}
        headers_sent = valid.get("headers", {}) | headers
        return api.call(name, **valid | {"content": content, "headers": headers_sent})

    return send


for _name, _operation in OPERATIONS.items():
    CASES[_name, 401, "UNAUTHENTICATED"] = with_token(_name, lambda api: "nothing")
    CASES[_name, 403, "PERMISSION_DENIED"] = with_token(_name, all_scopes_but(_operation.scope))
    CASES[_name, 429, "TOO_MANY_REQUESTS"] = by_fault(_name, "too_many_requests", retry_after=2)
    CASES[_name, 500, "INTERNAL"] = by_fault(_name, "status", status=500)
    CASES[_name, 503, "UNAVAILABLE"] = by_fault(_name, "status", status=503)
    CASES[_name, 504, "TIMEOUT"] = by_fault(_name, "status", status=504)
for _name in WITH_BODY:
    CASES[_name, 400, "INVALID_ARGUMENT"] = with_content(_name, b'{"generation": ')
    CASES[_name, 413, "PAYLOAD_TOO_LARGE"] = with_content(_name, b" " * (64 * 1024 + 1))
    CASES[_name, 415, "UNSUPPORTED_MEDIA_TYPE"] = with_content(
        _name, b"{}", **{"content-type": "text/plain"}
    )
for _name in ("putAdOrder", "setDesiredState"):
    CASES[_name, 409, "ABORTED"] = by_fault(_name, "status", status=409)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
def test_an_error_has_its_status_and_code_and_changes_nothing(
    api_with_order: ConformanceClient,
    case: tuple[str, int, str],
    monkeypatch: pytest.MonkeyPatch,
):
    _, status, code = case
    ledger_before: list[Any] = []
    original = api_with_order.call

    def call(called: str, **options: Any) -> httpx.Response:
        ledger_before[:] = api_with_order.sandbox.ledger()
        return original(called, **options)

    monkeypatch.setattr(api_with_order, "call", call)
    response = CASES[case](api_with_order)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["message"]
    assert ("retry-after" in response.headers) == (status == 429)
    assert api_with_order.sandbox.ledger() == ledger_before


def test_every_error_of_the_contract_is_tested():
    assert set(CASES) | {QUOTA} == documented_errors()


def test_the_contract_is_valid_openapi():
    validate(CONTRACT)


def examples() -> Iterator[Any]:
    for operation in OPERATIONS.values():
        description = operation.description
        media = [("request", description.get("requestBody"))]
        media += [
            (status, resolve(response)) for status, response in description["responses"].items()
        ]
        for where, content in media:
            if content is None:
                continue
            media_type = content["content"]["application/json"]
            for name, example in media_type["examples"].items():
                value = resolve(example)["value"]
                yield pytest.param(
                    media_type["schema"], value, id=f"{operation.name}-{where}-{name}"
                )


@pytest.mark.parametrize(("schema", "value"), list(examples()))
def test_every_example_validates_against_its_schema(schema: Any, value: Any):
    assert schema_errors(schema, value) == []


def test_the_hash_in_the_example_is_that_of_the_request_beside_it():
    operation = OPERATIONS["putAdOrder"].description
    request = operation["requestBody"]["content"]["application/json"]["examples"]["national"]
    response = CONTRACT["components"]["examples"]["AdOrderActive"]["value"]

    assert content_hash(request["value"]) == response["contentHash"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_scope_of_an_operation_is_enough_for_it(api_with_order: ConformanceClient, name: str):
    token = api_with_order.token(OPERATIONS[name].scope)

    assert api_with_order.call(name, token=token, **VALID[name]).status_code < 300


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_correlator_is_returned_with_errors_too(api_with_order: ConformanceClient, name: str):
    valid = VALID[name] | {"headers": VALID[name].get("headers", {}) | {"x-correlator": "abc-1"}}

    assert api_with_order.call(name, **valid).headers["x-correlator"] == "abc-1"
    assert api_with_order.call(name, token="nothing", **valid).headers["x-correlator"] == "abc-1"


def test_an_invalid_correlator_is_replaced(api: ConformanceClient):
    response = api.call("getCapabilities", headers={"x-correlator": "a b"})

    assert response.headers["x-correlator"] not in {"", "a b"}


def test_put_returns_201_once_and_then_200_with_one_effect(api: ConformanceClient):
    responses = [put(api) for _ in range(3)]

    assert [response.status_code for response in responses] == [201, 200, 200]
    assert responses[0].headers["location"].endswith("/ad-orders/new")
    assert responses[0].json() == responses[2].json()
    assert responses[0].json()["contentHash"] == content_hash(ad_order_json())
    [effect] = api.sandbox.ledger("new")
    assert (effect["generation"], effect["desired_state"], effect["first"]) == (1, "ACTIVE", True)


def test_members_in_another_order_are_the_same_content(api: ConformanceClient):
    put(api)
    turned = dict(reversed(list(ad_order_json().items())))

    assert api.call("putAdOrder", order_id="new", json=turned).status_code == 200


def test_a_higher_generation_replaces_the_document(api_with_order: ConformanceClient):
    response = replace_order(api_with_order, priority=2)

    assert response.status_code == 200
    received = api_with_order.call("getAdOrder", order_id="existing").json()
    assert (received["priority"], received["generation"], received["observedGeneration"]) == (
        2,
        2,
        2,
    )
    assert [effect["first"] for effect in api_with_order.sandbox.ledger("existing")] == [
        True,
        False,
    ]


def test_a_repeat_returns_200_even_if_the_rules_would_refuse_it_by_now(
    api_with_order: ConformanceClient,
):
    api_with_order.sandbox.set_clock(days=30)

    response = put(api_with_order, "existing")

    assert (response.status_code, response.json()["state"]) == (200, "EXPIRED")
    assert len(api_with_order.sandbox.ledger("existing")) == 1


def test_a_lower_generation_is_stale_before_its_content_is_validated(
    api_with_order: ConformanceClient,
):
    replace_order(api_with_order)

    response = put(api_with_order, "existing", contentCategory="TOBACCO")

    assert response.json()["code"] == "MISSED_CALL_ADS.STALE_GENERATION"


def test_if_match_accepts_the_current_etag(api_with_order: ConformanceClient):
    etag = api_with_order.call("getAdOrder", order_id="existing").headers["etag"]
    first = request_state(api_with_order, "PAUSED", 2, **{"if-match": f'"other", {etag}'})

    assert first.status_code == 200
    assert first.headers["etag"] != etag
    assert request_state(api_with_order, "ACTIVE", 3, **{"if-match": etag}).status_code == 412
    assert api_with_order.call("getAdOrder", order_id="existing").json()["state"] == "PAUSED"


def test_a_repeat_with_the_previous_etag_still_returns_200(
    api_with_order: ConformanceClient,
):
    etag = api_with_order.call("getAdOrder", order_id="existing").headers["etag"]
    request_state(api_with_order, "PAUSED", 2, **{"if-match": etag})

    assert request_state(api_with_order, "PAUSED", 2, **{"if-match": etag}).status_code == 200


def test_pause_and_resume_are_one_effect_each(api_with_order: ConformanceClient):
    for state, generation in (("PAUSED", 2), ("PAUSED", 2), ("ACTIVE", 3), ("ACTIVE", 3)):
        response = request_state(api_with_order, state, generation).json()
        assert (response["state"], response["observedGeneration"]) == (state, generation)

    changes = [
        (e["generation"], e["desired_state"]) for e in api_with_order.sandbox.ledger("existing")
    ]
    assert changes == [(1, "ACTIVE"), (2, "PAUSED"), (3, "ACTIVE")]


def test_a_change_of_state_and_the_whole_document_are_the_same_content(
    api_with_order: ConformanceClient,
):
    state = request_state(api_with_order, "PAUSED", 2).json()

    assert state["stateReason"] == "prueba"
    assert state["contentHash"] == content_hash(ad_order_json() | {"desiredState": "PAUSED"})
    assert replace_order(api_with_order, desiredState="PAUSED").status_code == 200
    assert len(api_with_order.sandbox.ledger("existing")) == 2


def test_cancelled_is_final_and_may_be_repeated(api_with_order: ConformanceClient):
    request_state(api_with_order, "CANCELLED", 2)

    assert request_state(api_with_order, "CANCELLED", 3).json()["state"] == "CANCELLED"
    assert request_state(api_with_order, "PAUSED", 4).json()["code"] == "INCOMPATIBLE_STATE"
    assert put(api_with_order, "existing", generation=4).json()["code"] == "INCOMPATIBLE_STATE"
    received = api_with_order.call("getAdOrder", order_id="existing").json()
    assert (received["generation"], received["state"]) == (3, "CANCELLED")


@pytest.mark.parametrize(
    "change",
    [
        {"adText": "Otra cosa", "adTextSeptets": 9},
        {"contentCategory": "TRAVEL"},
        {"target": {"scope": "LADAS", "ladas": ["55"]}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_text_category_and_target_change_only_while_scheduled_or_paused(
    api_with_order: ConformanceClient, change: dict[str, Any]
):
    assert replace_order(api_with_order, **change).json()["code"] == "INCOMPATIBLE_STATE"
    assert len(api_with_order.sandbox.ledger("existing")) == 1

    request_state(api_with_order, "PAUSED", 2)
    assert put(api_with_order, "existing", generation=3, **change).status_code == 200
    later = ad_order_json(starts_in=2)
    assert put_document(api_with_order, "later", later).json()["state"] == "SCHEDULED"
    assert (
        put_document(api_with_order, "later", later | {"generation": 2} | change).status_code == 200
    )


def put_document(api: ConformanceClient, order_id: str, document: dict[str, Any]) -> httpx.Response:
    return api.call("putAdOrder", order_id=order_id, json=document)


def test_states_follow_the_clock(api: ConformanceClient):
    put_document(api, "later", ad_order_json(starts_in=2, days=3))
    received = []
    for days in (0, 1, 2, 4, 5):
        api.sandbox.set_clock(days=days)
        received.append(api.call("getAdOrder", order_id="later").json()["state"])

    assert received == ["SCHEDULED", "SCHEDULED", "ACTIVE", "ACTIVE", "EXPIRED"]


def test_an_order_is_completed_when_its_goal_is_inserted(api_with_order: ConformanceClient):
    api_with_order.sandbox.set_counts(
        "existing", inserted=29_999, delivered=29_000, failed=1, no_receipt=100
    )
    before = api_with_order.call("getAdOrder", order_id="existing").json()
    api_with_order.sandbox.set_counts("existing", inserted=30_000)

    assert (before["state"], before["noReceipt"]) == ("ACTIVE", 100)
    assert api_with_order.call("getAdOrder", order_id="existing").json()["state"] == "COMPLETED"


def test_an_order_that_inserted_too_much_can_still_be_paused(api_with_order: ConformanceClient):
    api_with_order.sandbox.set_counts("existing", inserted=31_000)

    assert replace_order(api_with_order, desiredState="PAUSED").status_code == 200


def test_an_accepted_order_can_be_rejected_and_then_cancelled(api_with_order: ConformanceClient):
    api_with_order.sandbox.reject("existing", "Texto no permitido")
    received = api_with_order.call("getAdOrder", order_id="existing").json()

    assert (received["state"], received["stateReason"]) == ("REJECTED", "Texto no permitido")
    assert request_state(api_with_order, "CANCELLED", 2).json()["state"] == "CANCELLED"


def test_the_last_day_is_not_past_and_the_day_after_is(api: ConformanceClient):
    document = ad_order_json(days=1)

    api.sandbox.set_clock(days=1)
    assert put_document(api, "new", document).json()["code"] == "MISSED_CALL_ADS.PERIOD_IN_PAST"
    api.sandbox.set_clock()
    assert put_document(api, "new", document).status_code == 201


def test_days_are_days_of_mexico_city(api: ConformanceClient):
    day = today()
    evening = datetime.combine(day, time(23, 30), ZoneInfo("America/Mexico_City"))
    ahead = (evening - datetime.now(UTC)).total_seconds()
    api.sandbox.set_clock(seconds=ahead)
    put_document(api, "new", ad_order_json(days=1))

    assert evening.astimezone(UTC).date() == day + DAY
    assert api.call("getAdOrder", order_id="new").json()["state"] == "ACTIVE"
    api.sandbox.set_clock(seconds=ahead + 3_600)
    assert api.call("getAdOrder", order_id="new").json()["state"] == "EXPIRED"


def test_an_expired_order_can_be_paused_and_cancelled(api_with_order: ConformanceClient):
    api_with_order.sandbox.set_clock(days=10)

    assert replace_order(api_with_order, desiredState="PAUSED").json()["state"] == "EXPIRED"
    cancelled = put(api_with_order, "existing", generation=3, desiredState="CANCELLED")
    assert cancelled.json()["state"] == "CANCELLED"


def test_a_cancelled_order_that_was_lost_can_be_sent_again_after_its_period(api: ConformanceClient):
    cancelled = ad_order_json(days=1) | {"desiredState": "CANCELLED"}
    api.sandbox.set_clock(days=5)

    assert put_document(api, "lost", cancelled).json()["state"] == "CANCELLED"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"weather": "RAIN"}, "MISSED_CALL_ADS.RESTRICTION_UNSUPPORTED"),
        (
            {"target": {"scope": "NATIONAL", "municipalities": ["09015"]}},
            "MISSED_CALL_ADS.RESTRICTION_UNSUPPORTED",
        ),
        ({"weather": "RAIN", "priority": "high"}, "INVALID_ARGUMENT"),
        ({"generation": 1.0}, "INVALID_ARGUMENT"),
        ({"generation": True}, "INVALID_ARGUMENT"),
        ({"generation": 2**63}, "OUT_OF_RANGE"),
        ({"externalReference": "LP-1\n"}, "INVALID_ARGUMENT"),
        ({"desiredState": "COMPLETED"}, "INVALID_ARGUMENT"),
        ({"target": {"scope": "LADAS"}}, "INVALID_ARGUMENT"),
        ({"target": {"scope": "LADAS", "ladas": []}}, "OUT_OF_RANGE"),
        ({"target": {"scope": "LADAS", "ladas": ["55", "55"]}}, "INVALID_ARGUMENT"),
        ({"target": {"scope": "NATIONAL", "ladas": ["55"]}}, "INVALID_ARGUMENT"),
        (
            {"deliveryPeriod": {"startDate": "2099-02-30", "endDate": "2099-03-01"}},
            "INVALID_ARGUMENT",
        ),
        (
            {"deliveryPeriod": {"startDate": "20990101", "endDate": "2099-03-01"}},
            "INVALID_ARGUMENT",
        ),
        (
            {"deliveryPeriod": {"startDate": "2099-03-02", "endDate": "2099-03-01"}},
            "INVALID_ARGUMENT",
        ),
        ({"pacing": {"mode": "EVEN", "aheadPercent": 21}}, "OUT_OF_RANGE"),
        ({"dayparts": [{"days": ["MON"], "from": "18:00", "to": "18:00"}]}, "INVALID_ARGUMENT"),
        ({"dayparts": [{"days": ["MON"], "from": "18:00", "to": "24:30"}]}, "INVALID_ARGUMENT"),
        ({"dayparts": [{"days": [], "from": "1:00", "to": "02:00"}]}, "INVALID_ARGUMENT"),
        ({"frequencyCap": {"maxPerRecipient": 0, "periodHours": 24}}, "OUT_OF_RANGE"),
    ],
    ids=str,
)
def test_a_document_of_another_shape_is_refused(
    api: ConformanceClient, change: dict[str, Any], code: str
):
    assert put(api, **change).json()["code"] == code
    assert api.sandbox.ledger() == []


@pytest.mark.parametrize(
    ("days", "counts", "total", "code"),
    [
        ([0, 1, 2], [10, 10, 10], 31, "INVALID_ARGUMENT"),
        ([0, 1, 2], [10, 10, 10], 29, "INVALID_ARGUMENT"),
        ([0, 0], [10, 10], 20, "INVALID_ARGUMENT"),
        ([1, 0], [10, 10], 20, "INVALID_ARGUMENT"),
        ([0, 3], [10, 10], 20, "OUT_OF_RANGE"),
        ([-1, 0], [10, 10], 20, "OUT_OF_RANGE"),
        ([0], [0], 0, "OUT_OF_RANGE"),
        ([], [], 10, "OUT_OF_RANGE"),
    ],
    ids=str,
)
def test_an_inconsistent_goal_is_refused(
    api: ConformanceClient, days: list[int], counts: list[int], total: int, code: str
):
    daily = [
        {"date": (today() + day * DAY).isoformat(), "count": count}
        for day, count in zip(days, counts, strict=True)
    ]

    response = put(api, goal={"unit": "NOTIFICATIONS", "total": total, "daily": daily})

    assert response.json()["code"] == code
    assert api.sandbox.ledger() == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe{}",
        b'{"state": "OFF", "state": "ON", "reason": ""}',
        b'{"state": "OFF", "reason": NaN}',
        b'{"state": "OFF", "reason": "\\ud800"}',
        b"[" * 50_000,
        b'{"state": ' + b"9" * 5_000 + b"}",
    ],
    ids=lambda content: repr(content[:30]),
)
def test_a_body_that_is_not_strict_json_is_refused(api: ConformanceClient, content: bytes):
    response = api.call("setChannelState", content=content)

    assert (response.status_code, response.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert api.sandbox.ledger() == []


@pytest.mark.parametrize("text", ["x" * 110, "aZ09 $.,/@"])
def test_a_text_at_the_limit_of_the_channel_is_accepted(api: ConformanceClient, text: str):
    assert put(api, adText=text, adTextSeptets=len(text)).status_code == 201


@pytest.mark.parametrize("sign", ["á", "ñ", ":", "\\", '"', "€", "\n", "_", "²", "Ａ"])
def test_no_other_character_is_accepted(api: ConformanceClient, sign: str):
    response = put(api, adText="ab" + sign, adTextSeptets=3)

    assert response.json()["code"] == "MISSED_CALL_ADS.TEXT_NOT_ENCODABLE"
    assert "3" in response.json()["message"]


def test_a_document_with_every_restriction_is_kept_as_it_was_sent(api: ConformanceClient):
    examples = OPERATIONS["putAdOrder"].description["requestBody"]["content"]["application/json"]
    document = examples["examples"]["restricted"]["value"]
    document = document | {
        "deliveryPeriod": ad_order_json()["deliveryPeriod"],
        "goal": ad_order_json()["goal"],
    }

    response = put_document(api, "new", document).json()

    assert {name: response[name] for name in document} == document
    assert response["contentHash"] == content_hash(document)


def test_lists_are_paged_in_the_order_of_creation(api: ConformanceClient):
    for name in ("c", "a", "b", "e", "d"):
        put(api, name)
    put(api, "a", generation=2)
    pages = [api.call("listAdOrders", query=f"?page={n}&perPage=2").json() for n in (1, 2, 3, 4)]

    assert [[item["adOrderId"] for item in page["items"]] for page in pages] == [
        ["c", "a"],
        ["b", "e"],
        ["d"],
        [],
    ]
    assert {page["totalCount"] for page in pages} == {5}


def test_a_list_can_be_filtered_by_state(api_with_order: ConformanceClient):
    put(api_with_order, "paused", desiredState="PAUSED")
    page = api_with_order.call("listAdOrders", query="?state=PAUSED").json()

    assert [(item["adOrderId"], item["state"]) for item in page["items"]] == [("paused", "PAUSED")]
    assert page["totalCount"] == 1


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=1&page=2", "?state=", "?perPage="])
def test_invalid_list_parameters_are_refused(api: ConformanceClient, query: str):
    assert api.call("listAdOrders", query=query).status_code == 400


def test_the_channel_is_on_until_it_is_stopped_and_stopping_twice_is_one_effect(
    api_with_order: ConformanceClient,
):
    off = {"state": "OFF", "reason": "prueba"}
    assert api_with_order.call("getCapabilities").json()["channelState"] == "ON"
    first = api_with_order.call("setChannelState", json=off).json()
    again = api_with_order.call("setChannelState", json=off | {"reason": "otra vez"}).json()

    assert first == again
    assert api_with_order.call("getCapabilities").json()["channelState"] == "OFF"
    assert api_with_order.call("getAdOrder", order_id="existing").json()["state"] == "ACTIVE"
    assert [effect["desired_state"] for effect in api_with_order.sandbox.ledger()] == [
        "ACTIVE",
        "OFF",
    ]
    api_with_order.call("setChannelState", json={"state": "ON", "reason": ""})
    assert api_with_order.call("getCapabilities").json()["channelState"] == "ON"


def test_capabilities_list_the_whole_catalogue_and_the_contracts_limits(api: ConformanceClient):
    capabilities = api.call("getCapabilities").json()

    assert len(capabilities["ladas"]) == 413
    assert {"55", "33", "81", "220"} <= set(capabilities["ladas"])
    assert capabilities["maxAdSeptets"] == 110
    assert capabilities["baseTextSeptets"] + 1 + capabilities["maxAdSeptets"] == 160
    assert capabilities["limits"]["maxActiveOrders"] == 1_000
    assert capabilities["limits"]["maxBodyBytes"] == 65_536


def test_a_test_delivery_is_one_for_each_key(api: ConformanceClient):
    first = api.call("createTestDelivery", json=HANDSET, headers=KEY).json()
    again = api.call("createTestDelivery", json=HANDSET, headers=KEY).json()
    other = api.call(
        "createTestDelivery", json=HANDSET, headers={"idempotency-key": "key-2"}
    ).json()

    assert first == again
    assert other["testDeliveryId"] != first["testDeliveryId"]
    assert len(api.sandbox.ledger()) == 2


@pytest.mark.parametrize(
    ("change", "headers"),
    [
        ({}, {}),
        ({}, {"idempotency-key": "with space"}),
        ({"testHandset": "5512345678"}, KEY),
        ({"testHandset": "nobody"}, KEY),
    ],
)
def test_a_test_delivery_needs_a_key_and_a_known_handset(
    api: ConformanceClient, change: dict[str, str], headers: dict[str, str]
):
    response = api.call("createTestDelivery", json=HANDSET | change, headers=headers)

    assert (response.status_code, response.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert api.sandbox.ledger() == []


def test_a_key_is_refused_with_another_body(api: ConformanceClient):
    api.call("createTestDelivery", json=HANDSET, headers=KEY)

    response = api.call("createTestDelivery", json=HANDSET | {"adText": "Otra"}, headers=KEY)

    assert response.status_code == 400
    assert len(api.sandbox.ledger()) == 1


def test_a_gateway_with_fewer_capabilities_refuses_more(tmp_path_factory: pytest.TempPathFactory):
    options = [*Sandbox.NO_RATE_LIMIT, "--max-ad-septets", "90", "--max-active-orders", "2"]
    options += ["--without", "DAYPARTS", "--without", "FREQUENCY_CAP"]
    with Sandbox(tmp_path_factory.mktemp("lesser"), options=options) as sandbox:
        api = ConformanceClient(sandbox)
        daypart = {"days": ["MON"], "from": "08:00", "to": "10:00"}
        cap = {"maxPerRecipient": 1, "periodHours": 24}
        codes = [
            put(api, adText="x" * 91, adTextSeptets=91).json()["code"],
            put(api, dayparts=[daypart]).json()["code"],
            put(api, frequencyCap=cap).json()["code"],
        ]
        placed = [put(api, name).status_code for name in ("a", "b")]
        over = put(api, "c")
        changed = put(api, "a", generation=2, priority=1)
        put(api, "a", generation=3, priority=1, desiredState="CANCELLED")
        freed = put(api, "c")
        capabilities = api.call("getCapabilities").json()
        ledger = sandbox.ledger("c")
        api.http.close()

    refused = "MISSED_CALL_ADS.RESTRICTION_UNSUPPORTED"
    assert codes == ["MISSED_CALL_ADS.TEXT_TOO_LONG", refused, refused]
    assert placed == [201, 201]
    assert (over.status_code, over.json()["code"]) == QUOTA[1:]
    assert int(over.headers["retry-after"]) > 0
    assert changed.status_code == 200
    assert freed.status_code == 201
    assert len(ledger) == 1
    assert (capabilities["maxAdSeptets"], capabilities["limits"]["maxActiveOrders"]) == (90, 2)
    assert capabilities["features"] == ["PACING_ASAP", "PACING_EVEN"]


def test_an_unknown_path_or_method_is_refused_with_the_contracts_error_body(api: ConformanceClient):
    token = {"authorization": f"Bearer {api.token()}"}
    path = api.http.get(api.sandbox.url + "/nothing", headers=token)
    method = api.http.delete(api.sandbox.url + "/ad-orders/x", headers=token)
    unknown = api.http.request("BREW", api.sandbox.url + "/ad-orders", headers=token)

    assert (path.status_code, path.json()["code"]) == (404, "NOT_FOUND")
    assert (method.status_code, method.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert method.headers["allow"] == "PUT, GET"
    assert (unknown.status_code, unknown.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
