"""The contract over HTTP: every operation, and every refusal that the contract names."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from campaigns.gateway.contract import Scope, content_hash
from tests.campaigns.gateway.documents import body, today
from tests.campaigns.gateway.wire import (
    CONTRACT,
    OPERATIONS,
    Wire,
    documented_refusals,
    problems,
    resolve,
)
from tests.processes import Sandbox

HANDSET = {"adText": "Hola", "testHandset": "equipo-1"}
KEY = {"idempotency-key": "key-1"}
VALID: dict[str, dict[str, Any]] = {
    "putAdOrder": {"order_id": "new", "json": body()},
    "setDesiredState": {
        "order_id": "held",
        "json": {"desiredState": "PAUSED", "generation": 2, "reason": "pausa"},
    },
    "getAdOrder": {"order_id": "held"},
    "listAdOrders": {},
    "setChannelState": {"json": {"state": "OFF", "reason": "prueba"}},
    "getCapabilities": {},
    "createTestDelivery": {"json": HANDSET, "headers": KEY},
}
WITH_BODY = [name for name, valid in VALID.items() if "json" in valid]
DAY = timedelta(days=1)


@pytest.fixture
def held(wire: Wire) -> Wire:
    """A gateway that holds one ACTIVE order, `held`, at generation 1."""
    assert wire.call("putAdOrder", order_id="held", json=body()).status_code == 201
    return wire


def put(wire: Wire, order_id: str = "new", **changes: Any) -> httpx.Response:
    return wire.call("putAdOrder", order_id=order_id, json=body() | changes)


def put_held(wire: Wire, **changes: Any) -> httpx.Response:
    return put(wire, "held", generation=2, **changes)


def wish(wire: Wire, state: str, generation: int, **headers: str) -> httpx.Response:
    change = {"desiredState": state, "generation": generation, "reason": "prueba"}
    return wire.call("setDesiredState", order_id="held", json=change, headers=headers)


def after_cancelling(wire: Wire) -> httpx.Response:
    wish(wire, "CANCELLED", 2)
    return wish(wire, "ACTIVE", 3)


def past_period(wire: Wire) -> httpx.Response:
    day = (today() - DAY).isoformat()
    daily = [{"date": day, "count": 10}]
    return put(
        wire,
        deliveryPeriod={"startDate": day, "endDate": day},
        goal={"unit": "NOTIFICATIONS", "total": 10, "daily": daily},
    )


def below_delivered(wire: Wire) -> httpx.Response:
    wire.sandbox.set_counts("held", inserted=20_000, delivered=12_000)
    return wire.call("putAdOrder", order_id="held", json=body(generation=2, total=11_999))


Refusing = Callable[[Wire], httpx.Response]
CASES: dict[tuple[str, int, str], Refusing] = {
    ("getAdOrder", 400, "INVALID_ARGUMENT"): lambda w: w.call("getAdOrder", order_id="-bad"),
    ("getAdOrder", 404, "MISSED_CALL_ADS.AD_ORDER_NOT_FOUND"): lambda w: w.call(
        "getAdOrder", order_id="nowhere"
    ),
    ("listAdOrders", 400, "INVALID_ARGUMENT"): lambda w: w.call(
        "listAdOrders", query="?state=LOST"
    ),
    ("listAdOrders", 400, "OUT_OF_RANGE"): lambda w: w.call("listAdOrders", query="?perPage=201"),
    ("setChannelState", 400, "OUT_OF_RANGE"): lambda w: w.call(
        "setChannelState", json={"state": "OFF", "reason": "x" * 201}
    ),
    ("createTestDelivery", 400, "OUT_OF_RANGE"): lambda w: w.call(
        "createTestDelivery", json=HANDSET | {"adText": ""}, headers=KEY
    ),
    ("createTestDelivery", 422, "MISSED_CALL_ADS.TEXT_NOT_ENCODABLE"): lambda w: w.call(
        "createTestDelivery", json=HANDSET | {"adText": "Café"}, headers=KEY
    ),
    ("createTestDelivery", 422, "MISSED_CALL_ADS.TEXT_TOO_LONG"): lambda w: w.call(
        "createTestDelivery", json=HANDSET | {"adText": "x" * 111}, headers=KEY
    ),
    ("setDesiredState", 400, "OUT_OF_RANGE"): lambda w: wish(w, "PAUSED", 0),
    ("setDesiredState", 404, "MISSED_CALL_ADS.AD_ORDER_NOT_FOUND"): lambda w: w.call(
        "setDesiredState", **VALID["setDesiredState"] | {"order_id": "nowhere"}
    ),
    ("setDesiredState", 409, "MISSED_CALL_ADS.STALE_GENERATION"): lambda w: (
        put_held(w) and wish(w, "PAUSED", 1)
    ),
    ("setDesiredState", 409, "MISSED_CALL_ADS.GENERATION_CONFLICT"): lambda w: wish(w, "PAUSED", 1),
    ("setDesiredState", 409, "INCOMPATIBLE_STATE"): after_cancelling,
    ("setDesiredState", 412, "FAILED_PRECONDITION"): lambda w: wish(
        w, "PAUSED", 2, **{"if-match": '"1-other"'}
    ),
    ("putAdOrder", 400, "OUT_OF_RANGE"): lambda w: put(w, priority=10),
    ("putAdOrder", 409, "MISSED_CALL_ADS.STALE_GENERATION"): lambda w: (
        put_held(w) and put(w, "held")
    ),
    ("putAdOrder", 409, "MISSED_CALL_ADS.GENERATION_CONFLICT"): lambda w: put(
        w, "held", priority=4
    ),
    ("putAdOrder", 409, "INCOMPATIBLE_STATE"): lambda w: put_held(
        w, adText="Otra cosa", adTextSeptets=9
    ),
    ("putAdOrder", 412, "FAILED_PRECONDITION"): lambda w: w.call(
        "putAdOrder", order_id="new", json=body(), headers={"if-match": "*"}
    ),
    ("putAdOrder", 422, "MISSED_CALL_ADS.TEXT_NOT_ENCODABLE"): lambda w: put(
        w, adText="Hola: 2x1", adTextSeptets=9
    ),
    ("putAdOrder", 422, "MISSED_CALL_ADS.TEXT_TOO_LONG"): lambda w: put(
        w, adText="x" * 111, adTextSeptets=111
    ),
    ("putAdOrder", 422, "MISSED_CALL_ADS.SEPTETS_MISMATCH"): lambda w: put(w, adTextSeptets=45),
    ("putAdOrder", 422, "MISSED_CALL_ADS.UNKNOWN_LADA"): lambda w: put(
        w, target={"scope": "LADAS", "ladas": ["55", "111"]}
    ),
    ("putAdOrder", 422, "MISSED_CALL_ADS.PERIOD_IN_PAST"): past_period,
    ("putAdOrder", 422, "MISSED_CALL_ADS.GOAL_BELOW_DELIVERED"): below_delivered,
    ("putAdOrder", 422, "MISSED_CALL_ADS.RESTRICTION_UNSUPPORTED"): lambda w: put(
        w, audienceRestrictions=["ADULTS_ONLY", "LEFT_HANDED"]
    ),
    ("putAdOrder", 422, "MISSED_CALL_ADS.CATEGORY_BLOCKED"): lambda w: put(
        w, contentCategory="TOBACCO"
    ),
}
QUOTA = ("putAdOrder", 429, "QUOTA_EXCEEDED")


def by_fault(name: str, kind: str, **options: Any) -> Refusing:
    def refused(wire: Wire) -> httpx.Response:
        wire.sandbox.inject_fault(kind, times=1, operation=name, **options)
        return wire.call(name, **VALID[name])

    return refused


def with_token(name: str, token: Callable[[Wire], str]) -> Refusing:
    return lambda wire: wire.call(name, token=token(wire), **VALID[name])


def all_scopes_but(scope: str) -> Callable[[Wire], str]:
    return lambda wire: wire.token(*(set(Scope) - {scope}))


def with_content(name: str, content: bytes, **headers: str) -> Refusing:
    def refused(wire: Wire) -> httpx.Response:
        valid = {key: value for key, value in VALID[name].items() if key != "json"}
        sent = valid.get("headers", {}) | headers
        return wire.call(name, **valid | {"content": content, "headers": sent})

    return refused


for _name, _operation in OPERATIONS.items():
    CASES[_name, 401, "UNAUTHENTICATED"] = with_token(_name, lambda wire: "nothing")
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
def test_a_refusal_has_its_status_and_code_and_changes_nothing(
    held: Wire, case: tuple[str, int, str]
):
    _, status, code = case
    effects: list[Any] = []
    original = held.call

    def call(called: str, **options: Any) -> httpx.Response:
        effects[:] = held.sandbox.ledger()
        return original(called, **options)

    held.call = call  # type: ignore[method-assign]
    try:
        response = CASES[case](held)
    finally:
        del held.call  # type: ignore[method-assign]

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["message"]
    assert ("retry-after" in response.headers) == (status == 429)
    assert held.sandbox.ledger() == effects


def test_every_refusal_of_the_contract_is_tried():
    assert set(CASES) | {QUOTA} == documented_refusals()


def examples() -> Iterator[Any]:
    for operation in OPERATIONS.values():
        described = operation.described
        media = [("request", described.get("requestBody"))]
        media += [(status, resolve(answer)) for status, answer in described["responses"].items()]
        for where, content in media:
            if content is None:
                continue
            kind = content["content"]["application/json"]
            for name, example in kind["examples"].items():
                value = resolve(example)["value"]
                yield pytest.param(kind["schema"], value, id=f"{operation.name}-{where}-{name}")


@pytest.mark.parametrize(("schema", "value"), list(examples()))
def test_every_example_keeps_its_own_schema(schema: Any, value: Any):
    assert problems(schema, value) == []


def test_the_hash_in_the_example_is_that_of_the_request_beside_it():
    operation = OPERATIONS["putAdOrder"].described
    request = operation["requestBody"]["content"]["application/json"]["examples"]["national"]
    answer = CONTRACT["components"]["examples"]["AdOrderActive"]["value"]

    assert content_hash(request["value"]) == answer["contentHash"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_scope_of_an_operation_is_enough_for_it(held: Wire, name: str):
    token = held.token(OPERATIONS[name].scope)

    assert held.call(name, token=token, **VALID[name]).status_code < 300


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_correlator_comes_back_also_with_a_refusal(held: Wire, name: str):
    valid = VALID[name] | {"headers": VALID[name].get("headers", {}) | {"x-correlator": "abc-1"}}

    assert held.call(name, **valid).headers["x-correlator"] == "abc-1"
    assert held.call(name, token="nothing", **valid).headers["x-correlator"] == "abc-1"


def test_a_correlator_that_cannot_be_one_is_replaced(wire: Wire):
    response = wire.call("getCapabilities", headers={"x-correlator": "a b"})

    assert response.headers["x-correlator"] not in {"", "a b"}


def test_put_answers_201_once_and_then_200_with_one_effect(wire: Wire):
    answers = [put(wire) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert answers[0].headers["location"].endswith("/ad-orders/new")
    assert answers[0].json() == answers[2].json()
    assert answers[0].json()["contentHash"] == content_hash(body())
    [effect] = wire.sandbox.ledger("new")
    assert (effect["generation"], effect["desired_state"], effect["first"]) == (1, "ACTIVE", True)


def test_members_in_another_order_are_the_same_content(wire: Wire):
    put(wire)
    turned = dict(reversed(list(body().items())))

    assert wire.call("putAdOrder", order_id="new", json=turned).status_code == 200


def test_a_higher_generation_replaces_the_document(held: Wire):
    response = put_held(held, priority=2)

    assert response.status_code == 200
    seen = held.call("getAdOrder", order_id="held").json()
    assert (seen["priority"], seen["generation"], seen["observedGeneration"]) == (2, 2, 2)
    assert [effect["first"] for effect in held.sandbox.ledger("held")] == [True, False]


def test_a_repeat_is_answered_200_even_when_the_rules_would_refuse_it_by_now(held: Wire):
    held.sandbox.set_clock(days=30)

    response = put(held, "held")

    assert (response.status_code, response.json()["state"]) == (200, "EXPIRED")
    assert len(held.sandbox.ledger("held")) == 1


def test_a_lower_generation_is_stale_before_its_content_is_looked_at(held: Wire):
    put_held(held)

    response = put(held, "held", contentCategory="TOBACCO")

    assert response.json()["code"] == "MISSED_CALL_ADS.STALE_GENERATION"


def test_if_match_lets_the_right_etag_through(held: Wire):
    etag = held.call("getAdOrder", order_id="held").headers["etag"]
    first = wish(held, "PAUSED", 2, **{"if-match": f'"other", {etag}'})

    assert first.status_code == 200
    assert first.headers["etag"] != etag
    assert wish(held, "ACTIVE", 3, **{"if-match": etag}).status_code == 412
    assert held.call("getAdOrder", order_id="held").json()["state"] == "PAUSED"


def test_a_repeat_under_the_etag_of_before_still_says_that_it_is_done(held: Wire):
    etag = held.call("getAdOrder", order_id="held").headers["etag"]
    wish(held, "PAUSED", 2, **{"if-match": etag})

    assert wish(held, "PAUSED", 2, **{"if-match": etag}).status_code == 200


def test_pause_and_resume_are_one_effect_each(held: Wire):
    for state, generation in (("PAUSED", 2), ("PAUSED", 2), ("ACTIVE", 3), ("ACTIVE", 3)):
        answer = wish(held, state, generation).json()
        assert (answer["state"], answer["observedGeneration"]) == (state, generation)

    wishes = [(e["generation"], e["desired_state"]) for e in held.sandbox.ledger("held")]
    assert wishes == [(1, "ACTIVE"), (2, "PAUSED"), (3, "ACTIVE")]


def test_a_wish_and_the_whole_document_are_the_same_content(held: Wire):
    said = wish(held, "PAUSED", 2).json()

    assert said["stateReason"] == "prueba"
    assert said["contentHash"] == content_hash(body() | {"desiredState": "PAUSED"})
    assert put_held(held, desiredState="PAUSED").status_code == 200
    assert len(held.sandbox.ledger("held")) == 2


def test_cancelled_is_final_and_may_be_said_again(held: Wire):
    wish(held, "CANCELLED", 2)

    assert wish(held, "CANCELLED", 3).json()["state"] == "CANCELLED"
    assert wish(held, "PAUSED", 4).json()["code"] == "INCOMPATIBLE_STATE"
    assert put(held, "held", generation=4).json()["code"] == "INCOMPATIBLE_STATE"
    seen = held.call("getAdOrder", order_id="held").json()
    assert (seen["generation"], seen["state"]) == (3, "CANCELLED")


@pytest.mark.parametrize(
    "change",
    [
        {"adText": "Otra cosa", "adTextSeptets": 9},
        {"contentCategory": "TRAVEL"},
        {"target": {"scope": "LADAS", "ladas": ["55"]}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_text_category_and_target_change_only_at_rest(held: Wire, change: dict[str, Any]):
    assert put_held(held, **change).json()["code"] == "INCOMPATIBLE_STATE"
    assert len(held.sandbox.ledger("held")) == 1

    wish(held, "PAUSED", 2)
    assert put(held, "held", generation=3, **change).status_code == 200
    later = body(starts_in=2)
    assert wire_put(held, "later", later).json()["state"] == "SCHEDULED"
    assert wire_put(held, "later", later | {"generation": 2} | change).status_code == 200


def wire_put(wire: Wire, order_id: str, document: dict[str, Any]) -> httpx.Response:
    return wire.call("putAdOrder", order_id=order_id, json=document)


def test_states_follow_the_clock(wire: Wire):
    wire_put(wire, "later", body(starts_in=2, days=3))
    seen = []
    for days in (0, 1, 2, 4, 5):
        wire.sandbox.set_clock(days=days)
        seen.append(wire.call("getAdOrder", order_id="later").json()["state"])

    assert seen == ["SCHEDULED", "SCHEDULED", "ACTIVE", "ACTIVE", "EXPIRED"]


def test_an_order_is_completed_when_its_goal_is_delivered(held: Wire):
    held.sandbox.set_counts("held", inserted=30_100, delivered=29_999, failed=1, no_receipt=100)
    before = held.call("getAdOrder", order_id="held").json()
    held.sandbox.set_counts("held", delivered=30_000)

    assert (before["state"], before["noReceipt"]) == ("ACTIVE", 100)
    assert held.call("getAdOrder", order_id="held").json()["state"] == "COMPLETED"


def test_an_order_that_delivered_too_much_can_still_be_paused(held: Wire):
    held.sandbox.set_counts("held", delivered=31_000)

    assert put_held(held, desiredState="PAUSED").status_code == 200


def test_an_order_can_be_rejected_afterwards_and_then_cancelled(held: Wire):
    held.sandbox.reject("held", "Texto no permitido")
    seen = held.call("getAdOrder", order_id="held").json()

    assert (seen["state"], seen["stateReason"]) == ("REJECTED", "Texto no permitido")
    assert wish(held, "CANCELLED", 2).json()["state"] == "CANCELLED"


def test_the_last_day_is_not_past_and_the_day_after_is(wire: Wire):
    document = body(days=1)

    wire.sandbox.set_clock(days=1)
    assert wire_put(wire, "new", document).json()["code"] == "MISSED_CALL_ADS.PERIOD_IN_PAST"
    wire.sandbox.set_clock()
    assert wire_put(wire, "new", document).status_code == 201


def test_days_are_days_of_mexico_city(wire: Wire):
    day = today()
    evening = datetime.combine(day, time(23, 30), ZoneInfo("America/Mexico_City"))
    ahead = (evening - datetime.now(UTC)).total_seconds()
    wire.sandbox.set_clock(seconds=ahead)
    wire_put(wire, "new", body(days=1))

    assert evening.astimezone(UTC).date() == day + DAY
    assert wire.call("getAdOrder", order_id="new").json()["state"] == "ACTIVE"
    wire.sandbox.set_clock(seconds=ahead + 3_600)
    assert wire.call("getAdOrder", order_id="new").json()["state"] == "EXPIRED"


def test_an_order_that_is_over_can_be_paused_and_cancelled_whole(held: Wire):
    held.sandbox.set_clock(days=10)

    assert put_held(held, desiredState="PAUSED").json()["state"] == "EXPIRED"
    cancelled = put(held, "held", generation=3, desiredState="CANCELLED")
    assert cancelled.json()["state"] == "CANCELLED"


def test_a_cancelled_order_that_was_lost_can_be_told_again_when_it_is_over(wire: Wire):
    cancelled = body(days=1) | {"desiredState": "CANCELLED"}
    wire.sandbox.set_clock(days=5)

    assert wire_put(wire, "lost", cancelled).json()["state"] == "CANCELLED"


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
def test_a_document_of_another_shape_is_refused(wire: Wire, change: dict[str, Any], code: str):
    assert put(wire, **change).json()["code"] == code
    assert wire.sandbox.ledger() == []


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
def test_a_plan_that_is_not_whole_is_refused(
    wire: Wire, days: list[int], counts: list[int], total: int, code: str
):
    daily = [
        {"date": (today() + day * DAY).isoformat(), "count": count}
        for day, count in zip(days, counts, strict=True)
    ]

    response = put(wire, goal={"unit": "NOTIFICATIONS", "total": total, "daily": daily})

    assert response.json()["code"] == code
    assert wire.sandbox.ledger() == []


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
def test_a_body_that_is_not_clean_json_is_refused(wire: Wire, content: bytes):
    response = wire.call("setChannelState", content=content)

    assert (response.status_code, response.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert wire.sandbox.ledger() == []


@pytest.mark.parametrize("text", ["x" * 110, "aZ09 $.,/@"])
def test_a_text_at_the_limit_of_the_channel_is_carried(wire: Wire, text: str):
    assert put(wire, adText=text, adTextSeptets=len(text)).status_code == 201


@pytest.mark.parametrize("sign", ["á", "ñ", ":", "\\", '"', "€", "\n", "_", "²", "Ａ"])
def test_no_other_character_is_carried(wire: Wire, sign: str):
    response = put(wire, adText="ab" + sign, adTextSeptets=3)

    assert response.json()["code"] == "MISSED_CALL_ADS.TEXT_NOT_ENCODABLE"
    assert "3" in response.json()["message"]


def test_a_document_with_every_restriction_is_kept_as_it_was_sent(wire: Wire):
    examples = OPERATIONS["putAdOrder"].described["requestBody"]["content"]["application/json"]
    document = examples["examples"]["restricted"]["value"]
    document = document | {"deliveryPeriod": body()["deliveryPeriod"], "goal": body()["goal"]}

    answer = wire_put(wire, "new", document).json()

    assert {name: answer[name] for name in document} == document
    assert answer["contentHash"] == content_hash(document)


def test_lists_are_paged_in_the_order_of_creation(wire: Wire):
    for name in ("c", "a", "b", "e", "d"):
        put(wire, name)
    put(wire, "a", generation=2)
    pages = [wire.call("listAdOrders", query=f"?page={n}&perPage=2").json() for n in (1, 2, 3, 4)]

    assert [[item["adOrderId"] for item in page["items"]] for page in pages] == [
        ["c", "a"],
        ["b", "e"],
        ["d"],
        [],
    ]
    assert {page["totalCount"] for page in pages} == {5}


def test_a_list_can_be_of_one_state(held: Wire):
    put(held, "paused", desiredState="PAUSED")
    page = held.call("listAdOrders", query="?state=PAUSED").json()

    assert [(item["adOrderId"], item["state"]) for item in page["items"]] == [("paused", "PAUSED")]
    assert page["totalCount"] == 1


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=1&page=2", "?state=", "?perPage="])
def test_a_list_is_not_asked_for_in_another_way(wire: Wire, query: str):
    assert wire.call("listAdOrders", query=query).status_code == 400


def test_the_channel_is_on_until_it_is_stopped_and_stopping_twice_is_one_effect(held: Wire):
    off = {"state": "OFF", "reason": "prueba"}
    assert held.call("getCapabilities").json()["channelState"] == "ON"
    first = held.call("setChannelState", json=off).json()
    again = held.call("setChannelState", json=off | {"reason": "otra vez"}).json()

    assert first == again
    assert held.call("getCapabilities").json()["channelState"] == "OFF"
    assert held.call("getAdOrder", order_id="held").json()["state"] == "ACTIVE"
    assert [effect["desired_state"] for effect in held.sandbox.ledger()] == ["ACTIVE", "OFF"]
    held.call("setChannelState", json={"state": "ON", "reason": ""})
    assert held.call("getCapabilities").json()["channelState"] == "ON"


def test_capabilities_name_the_whole_catalogue_and_the_contracts_limits(wire: Wire):
    offered = wire.call("getCapabilities").json()

    assert len(offered["ladas"]) == 413
    assert {"55", "33", "81", "220"} <= set(offered["ladas"])
    assert offered["maxAdSeptets"] == 110
    assert offered["baseTextSeptets"] + 1 + offered["maxAdSeptets"] == 160
    assert offered["limits"]["maxActiveOrders"] == 1_000
    assert offered["limits"]["maxBodyBytes"] == 65_536


def test_a_test_delivery_is_one_for_each_key(wire: Wire):
    first = wire.call("createTestDelivery", json=HANDSET, headers=KEY).json()
    again = wire.call("createTestDelivery", json=HANDSET, headers=KEY).json()
    other = wire.call(
        "createTestDelivery", json=HANDSET, headers={"idempotency-key": "key-2"}
    ).json()

    assert first == again
    assert other["testDeliveryId"] != first["testDeliveryId"]
    assert len(wire.sandbox.ledger()) == 2


@pytest.mark.parametrize(
    ("change", "headers"),
    [
        ({}, {}),
        ({}, {"idempotency-key": "with space"}),
        ({"testHandset": "5512345678"}, KEY),
        ({"testHandset": "nobody"}, KEY),
    ],
)
def test_a_test_delivery_needs_its_key_and_a_handset_of_the_list(
    wire: Wire, change: dict[str, str], headers: dict[str, str]
):
    response = wire.call("createTestDelivery", json=HANDSET | change, headers=headers)

    assert (response.status_code, response.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert wire.sandbox.ledger() == []


def test_a_key_is_not_taken_for_another_body(wire: Wire):
    wire.call("createTestDelivery", json=HANDSET, headers=KEY)

    response = wire.call("createTestDelivery", json=HANDSET | {"adText": "Otra"}, headers=KEY)

    assert response.status_code == 400
    assert len(wire.sandbox.ledger()) == 1


def test_a_gateway_that_offers_less_refuses_more(tmp_path_factory: pytest.TempPathFactory):
    options = [*Sandbox.NO_RATE_LIMIT, "--max-ad-septets", "90", "--max-active-orders", "2"]
    options += ["--without", "DAYPARTS", "--without", "FREQUENCY_CAP"]
    with Sandbox(tmp_path_factory.mktemp("lesser"), options=options) as sandbox:
        wire = Wire(sandbox)
        daypart = {"days": ["MON"], "from": "08:00", "to": "10:00"}
        cap = {"maxPerRecipient": 1, "periodHours": 24}
        codes = [
            put(wire, adText="x" * 91, adTextSeptets=91).json()["code"],
            put(wire, dayparts=[daypart]).json()["code"],
            put(wire, frequencyCap=cap).json()["code"],
        ]
        placed = [put(wire, name).status_code for name in ("a", "b")]
        over = put(wire, "c")
        changed = put(wire, "a", generation=2, priority=1)
        put(wire, "a", generation=3, priority=1, desiredState="CANCELLED")
        freed = put(wire, "c")
        offered = wire.call("getCapabilities").json()
        ledger = sandbox.ledger("c")
        wire.http.close()

    refused = "MISSED_CALL_ADS.RESTRICTION_UNSUPPORTED"
    assert codes == ["MISSED_CALL_ADS.TEXT_TOO_LONG", refused, refused]
    assert placed == [201, 201]
    assert (over.status_code, over.json()["code"]) == QUOTA[1:]
    assert int(over.headers["retry-after"]) > 0
    assert changed.status_code == 200
    assert freed.status_code == 201
    assert len(ledger) == 1
    assert (offered["maxAdSeptets"], offered["limits"]["maxActiveOrders"]) == (90, 2)
    assert offered["features"] == ["PACING_ASAP", "PACING_EVEN"]


def test_a_path_or_a_method_outside_the_contract_is_refused_in_its_words(wire: Wire):
    token = {"authorization": f"Bearer {wire.token()}"}
    path = wire.http.get(wire.sandbox.url + "/nothing", headers=token)
    method = wire.http.delete(wire.sandbox.url + "/ad-orders/x", headers=token)
    unknown = wire.http.request("BREW", wire.sandbox.url + "/ad-orders", headers=token)

    assert (path.status_code, path.json()["code"]) == (404, "NOT_FOUND")
    assert (method.status_code, method.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert method.headers["allow"] == "PUT, GET"
    assert (unknown.status_code, unknown.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
