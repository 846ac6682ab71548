"""The errors that each operation lists are those that it can return.

No operation may return another: `Program` in `conftest` fails every test in which one does.
"""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import Brand, Campaign, Membership, Webhook
from campaigns.sandbox_brands import brand as sandbox_brand
from campaigns.saved_zones import MAX_ZONES
from campaigns.webhooks.subscriptions import MAX_WEBHOOKS
from core import advisory_locks
from core.api.auto_schema import COMMON_CODES
from inventory.models import Reservation
from portal.accounts import api_clients
from portal.api_settings import SCOPES
from tests import statuses
from tests.api import test_strangers as strangers
from tests.api.conftest import V1, Program, refusals_of, require_described, token_of

theirs = strangers.theirs  # a program whose brand has a row of everything
MIB = b'{"name": "' + b"x" * 1_048_576 + b'"}'
OPERATIONS = {operation["operationId"]: operation for _m, _p, operation in strangers.ALL}
ADDRESS = "https://agencia-eventos.com/recibe"


def send(program, method, path, operation, body=b"", **headers):
    headers = {"authorization": f"Bearer {program.token}", "if-match": "*"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    if not body and "requestBody" in operation:
        body = json.dumps(strangers.body_of(operation)).encode()
    client = Client(raise_request_exception=False)
    content_type = headers.pop("content-type", "application/json")
    return client.generic(method, V1 + path, body, content_type=content_type, headers=headers)


def codes_by_form(program, method, path, operation, monkeypatch, settings):
    """Yield what an operation returns to requests that are wrong whatever its subject is."""
    yield send(program, method, f"{path}?nada=1", operation)
    yield send(program, method, path, operation, authorization="Bearer no")
    yield send(program, method, path, operation, accept="application/xml")
    yield send(program, method, path, operation, content_type="text/plain", body=b"x")
    if method == "POST":
        with monkeypatch.context() as patch:
            patch.setattr(advisory_locks, "try_acquire_named", lambda _name: False)
            yield send(program, method, path, operation, idempotency_key="k")
        program.post("/campaigns", {"name": "x"}, idempotency_key="used")
        yield send(program, method, path, operation, idempotency_key="used")
        yield send(program, method, path, operation, MIB, idempotency_key="big")
    elif method == "PATCH":
        yield send(program, method, path, operation, MIB)
    settings.API_REQUESTS_A_MINUTE = 0
    yield send(program, method, path, operation)
    settings.API_REQUESTS_A_MINUTE = 100_000


# Answered outside of the operations, with tests of their own; and the scope of a token.
ELSEWHERE = {"URI_TOO_LONG", "INTERNAL", "UNAVAILABLE", "PERMISSION_DENIED"}
BY_FORM = {
    *COMMON_CODES,
    *("NOT_FOUND", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"),
    *("REQUEST_IN_PROGRESS", "KEY_REUSED", "FAILED_PRECONDITION", "PRECONDITION_REQUIRED"),
}


def test_a_wrong_form_is_refused_with_what_the_operation_lists(
    theirs, trial, monkeypatch, settings
):
    settings.API_REQUESTS_A_MINUTE = 100_000
    for method, path, operation in strangers.ALL:
        with trial(operation["operationId"]):
            where = strangers.resolve_path(theirs, path)
            found = {
                response.json()["code"]
                for response in codes_by_form(
                    theirs, method, where, operation, monkeypatch, settings
                )
                if response.status_code >= 400
            }
            if "{" in path:
                nowhere = path.replace("{id}", "LP-222222").replace("{code}", "00")
                gone = send(theirs, method, nowhere.replace("{delivery}", "1"), operation)
                found.add(gone.json()["code"])
            if "FAILED_PRECONDITION" in refusals_of(operation):
                stale = send(theirs, method, where, operation, if_match='"0"')
                found.add(stale.json()["code"])
            if method == "PATCH" and "PRECONDITION_REQUIRED" in refusals_of(operation):
                found.add(theirs.patch(where, {}).json()["code"])

            assert found >= (refusals_of(operation) & BY_FORM) - ELSEWHERE
            assert found <= refusals_of(operation)


LIMITS = {"OPEN_HOLDS_PER_BRAND": 0, "HELD_PER_BRAND": 1, "SHARE_PER_BRAND": 0}


def own_refusals(program, brand, draft):
    """Yield (operation, response) for each error of the domain that an operation can return."""
    campaign, wish = f"/campaigns/{draft.folio}", {"area": {"ladas": ["55"]}}
    promotion = {"promotionEndsOn": "2026-12-31"}
    days = {"startsOn": "9999-12-31", "endsOn": "9999-12-31"}
    yield "createCampaign", program.post("/campaigns", {"name": "x", "brand": "otra"})
    yield "createCampaign", program.post("/campaigns", {"name": "x", **promotion})
    yield "updateCampaign", program.patch(campaign, promotion, if_match="*")
    wrong_key = {"metadata": {"": "x"}}
    yield "createCampaign", program.post("/campaigns", {"name": "x", **wrong_key})
    yield "updateCampaign", program.patch(campaign, wrong_key, if_match="*")
    many = {"campaigns": [None], "allOrNothing": True}
    yield "createCampaigns", program.post("/campaigns/bulk", many)
    many["campaigns"] = ["LP-222222"]
    yield "submitCampaigns", program.post("/campaigns/submit", many)
    yield "checkAvailability", program.post("/availability", wish | days)
    yield (
        "checkAvailability",
        program.post("/availability", wish | {"startsOn": "2020-01-01", "endsOn": "2020-01-01"}),
    )
    yield "checkAvailability", program.post("/availability", wish | days | {"endsOn": "9999-12-30"})
    yield "checkAvailability", program.post("/availability", days | {"area": {"ladas": ["000"]}})
    yield from refusals_of_moves(program, draft, campaign)
    yield from refusals_of_zones(program, brand)
    yield from refusals_of_webhooks(program, brand)
    yield from refusals_of_sandboxes(program, brand)


def refusals_of_moves(program, draft, campaign):
    rows = Campaign.objects.filter(pk=draft.pk)
    for verb in ("withdraw", "pause", "resume", "restore", "wait", "stop-waiting"):
        head, _, tail = verb.partition("-")
        yield f"{head}{tail.title()}Campaign", program.post(f"{campaign}/{verb}")
    yield "submitCampaign", program.post(f"{campaign}/submit?acceptedTotal=1.00")
    rows.update(text="")
    yield "submitCampaign", program.post(f"{campaign}/submit")
    statuses.put(draft.pk, "no_inventory", version_number=1, starts_on="2020-01-01")
    yield "waitCampaign", program.post(f"{campaign}/wait")
    statuses.put(draft.pk, "cancelled", starts_on=draft.starts_on, text=draft.text)
    yield "updateCampaign", program.patch(campaign, {"volume": 1}, if_match="*")
    for verb in ("submit", "cancel", "delete"):
        yield f"{verb}Campaign", program.post(f"{campaign}/{verb}")


def refusals_of_zones(program, brand):
    area = {"ladas": ["55"]}
    yield "createSavedZone", program.post("/saved-zones", {"name": "x", "area": {}})
    yield "createSavedZone", program.post("/saved-zones", {"name": "x", "area": area, "brand": "z"})
    made = program.post("/saved-zones", {"name": "x", "area": area}).json()
    yield "createSavedZone", program.post("/saved-zones", {"name": "X", "area": area})
    program.post("/saved-zones", {"name": "y", "area": area})
    yield "updateSavedZone", program.patch(f"/saved-zones/{made['id']}", {"name": "Y"})
    brand.saved_zones.bulk_create(
        type(brand.saved_zones.get(pk=made["id"]))(
            brand=brand, name=f"Zona {number}", area=area, created_by=brand.members.first()
        )
        for number in range(MAX_ZONES - brand.saved_zones.count())
    )
    yield "createSavedZone", program.post("/saved-zones", {"name": "z", "area": area})


def refusals_of_webhooks(program, brand):
    made = program.post("/webhooks", {"url": ADDRESS}).json()
    hook = f"/webhooks/{made['id']}"
    yield "createWebhook", program.post("/webhooks", {"url": ADDRESS, "brand": "otra"})
    yield "createWebhook", program.post("/webhooks", {"url": "http://127.0.0.1/"})
    yield "updateWebhook", program.patch(hook, {"url": "https://10.0.0.1/"})
    sent = program.post(f"{hook}/test").json()
    yield "testWebhook", program.post(f"{hook}/test")
    Webhook.objects.get(pk=made["id"]).deliveries.filter(pk=sent["id"]).update(type="otro")
    program.post(f"{hook}/pause")
    yield "redeliverWebhookDelivery", program.post(f"{hook}/deliveries/{sent['id']}/redeliver")
    for _number in range(MAX_WEBHOOKS - brand.webhooks.count()):
        program.post("/webhooks", {"url": ADDRESS})
    yield "createWebhook", program.post("/webhooks", {"url": ADDRESS})


def refusals_of_sandboxes(program, brand):
    owner = brand.members.get(email="titular@tienda.mx")
    sandbox = sandbox_brand.create(brand.pk, by=owner)
    tester = Program(token_of(api_clients.create(sandbox.pk, "Pruebas", list(SCOPES), by=owner)))
    move, day = "/sandbox/clock", sandbox.now() + timedelta(days=5)
    terms = {
        "name": "x",
        "adText": "Recarga",
        "area": {"ladas": ["55"]},
        "volume": 10_000,
        "startsOn": day.date().isoformat(),
        "endsOn": day.date().isoformat(),
    }
    campaign = tester.post("/campaigns", terms).json()["id"]
    approval = {"campaign": campaign, "decision": "approve"}
    for name, path, body in (
        ("moveSandboxClock", move, {"advanceHours": 1}),
        ("decideInSandbox", "/sandbox/decisions", approval),
        ("resetSandbox", "/sandbox/reset", {}),
    ):
        yield name, program.post(path, body)
        yield name, program.post(path, body | {"brand": "otra"})
    yield "moveSandboxClock", tester.post(move, {"now": "2020-01-01T00:00:00Z"})
    yield "decideInSandbox", tester.post("/sandbox/decisions", approval)
    yield "decideInSandbox", tester.post("/sandbox/decisions", approval | {"campaign": "LP-222222"})
    rejection = approval | {"decision": "reject"}
    yield "decideInSandbox", tester.post("/sandbox/decisions", rejection)
    tester.post(f"/campaigns/{campaign}/submit")
    tester.post(move, {"advanceHours": 1})
    Reservation.objects.filter(ledger=sandbox.pk).update(expires_at=timezone.now())
    yield "decideInSandbox", tester.post("/sandbox/decisions", approval)
    yield "decideInSandbox", tester.post("/sandbox/decisions", approval | {"campaign": "LP-222222"})
    rejection = approval | {"decision": "reject"}
    yield "decideInSandbox", tester.post("/sandbox/decisions", rejection)


def test_every_error_that_an_operation_lists_can_be_reached(
    program, brand, draft, on_sale, settings
):
    reached = {(name, r.json()["code"]) for name, r in own_refusals(program, brand, draft)}
    statuses.put(draft.pk, "draft")
    for name, limit in LIMITS.items():
        before = getattr(settings, name)
        setattr(settings, name, limit)
        full = program.post(f"/campaigns/{draft.folio}/submit")
        reached.add(("submitCampaign", full.json()["code"]))
        setattr(settings, name, before)

    listed = {
        (name, code)
        for name, operation in OPERATIONS.items()
        for code in refusals_of(operation) - BY_FORM - {"BRAND_SUSPENDED", "PAUSED_BY_STAFF"}
    }
    assert reached == listed


def test_whoever_writes_for_a_suspended_brand_is_told(theirs):
    Brand.objects.update(active=False, suspended_at=timezone.now(), suspension_reason="Prueba")

    refused = {
        operation["operationId"]
        for method, path, operation in strangers.ALL
        if method != "GET"
        and send(theirs, method, strangers.resolve_path(theirs, path), operation).json().get("code")
        == "BRAND_SUSPENDED"
    }

    assert "createCampaign" in refused
    assert refused == {
        name for name, each in OPERATIONS.items() if "BRAND_SUSPENDED" in refusals_of(each)
    }


def test_what_staff_paused_is_not_resumed(program, approved, reviewer):
    lifecycle.schedule(approved.pk)
    lifecycle.staff_pause(approved.pk, reason="Queja de un cliente", by=reviewer)

    response = program.post(f"/campaigns/{approved.folio}/resume")

    assert (response.status_code, response.json()["code"]) == (409, "PAUSED_BY_STAFF")


def test_a_code_that_is_not_listed_fails_the_test_that_gets_it():
    """The negative control of the guard in `Program`."""
    require_described("POST", "/campaigns", "BAD_BRAND")

    with pytest.raises(AssertionError, match="createCampaign: TOO_MANY_ZONES"):
        require_described("POST", "/campaigns", "TOO_MANY_ZONES")


def test_a_viewer_is_told_to_ask_the_owner(viewer, brand, stranger, on_sale):
    client = Client()
    client.force_login(viewer)
    zone = {"name": "x", "area": {"ladas": ["55"]}}

    for path, body in (
        ("/campaigns", {"name": "x"}),
        ("/campaigns", {"name": "x", "brand": brand.slug}),
        ("/saved-zones", zone),
        ("/saved-zones", zone | {"brand": brand.slug}),
        ("/webhooks", {"url": ADDRESS}),
        ("/webhooks", {"url": ADDRESS, "brand": brand.slug}),
    ):
        response = client.post(V1 + path, body, content_type="application/json")
        assert (response.status_code, response.json()["code"]) == (403, "PERMISSION_DENIED"), path
        assert "titular" in response.json()["message"]

    named = client.post(
        f"{V1}/campaigns", {"name": "x", "brand": "otra"}, content_type="application/json"
    )
    assert (named.status_code, named.json()["code"]) == (422, "BAD_BRAND")
    assert not Campaign.objects.exists()


def test_available_actions_are_those_of_the_scopes_and_the_role(
    program, brand, owner, viewer, program_of, draft
):
    path = f"/campaigns/{draft.folio}"
    reader = program_of(brand, owner, "campaigns:read")
    person = Client()

    assert "submit" in program.get(path).json()["availableActions"]
    assert reader.get(path).json()["availableActions"] == []
    for item in reader.get("/campaigns").json()["items"]:
        assert item["availableActions"] == []
    person.force_login(viewer)
    assert person.get(V1 + path).json()["availableActions"] == []
    Membership.objects.filter(user=viewer).update(role=Membership.Role.EDITOR)
    assert "submit" in person.get(V1 + path).json()["availableActions"]
    assert lifecycle.lock(draft.pk).status == "draft"
