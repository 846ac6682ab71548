"""Webhooks by program: from the secret to the repeat."""

import json

import pytest
from standardwebhooks import Webhook as Verifier

from campaigns.models import Membership, Webhook, WebhookDelivery
from campaigns.moves import MOVES
from campaigns.webhooks import deliveries
from tests.sinks import Sink

STARTED = MOVES["draft"].event_type


@pytest.fixture
def sink(settings):
    settings.WEBHOOK_PRIVATE_SINKS = True
    sink = Sink()
    yield sink
    sink.stop()


@pytest.fixture
def made(program, sink):
    answer = program.post("/webhooks", {"url": sink.url, "eventTypes": [STARTED]})
    assert answer.status_code == 201, answer.content
    return answer


def test_a_program_subscribes_is_told_and_verifies(program, made, sink, sent_terms):
    hook = made.json()
    assert made["Location"].endswith(f"/api/v1/webhooks/{hook['id']}")
    assert made["Cache-Control"] == "no-store"

    campaign = program.post("/campaigns", sent_terms).json()
    deliveries.deliver_due()

    [heard] = sink.heard
    event = Verifier(hook["secret"]).verify(heard.body, heard.headers)
    assert (event["type"], event["subject"]) == (STARTED, campaign["id"])
    assert event["data"]["id"] == campaign["id"]
    [log] = program.get(f"/webhooks/{hook['id']}/deliveries").json()["items"]
    assert (log["state"], log["lastStatus"], log["attempts"]) == ("delivered", 204, 1)
    one = program.get(f"/webhooks/{hook['id']}/deliveries/{log['id']}").json()
    assert one == {**log, "event": json.loads(heard.body)}


def test_the_secret_is_shown_once(program, made):
    at = f"/webhooks/{made.json()['id']}"
    secret = made.json()["secret"]

    for answer in (program.get(at), program.get("/webhooks"), program.patch(at, {})):
        assert answer.status_code == 200
        assert secret not in answer.content.decode()
        assert "whsec_" not in answer.content.decode()
    rotated = program.post(f"{at}/rotate-secret").json()
    assert rotated["secret"] not in ("", secret)
    assert rotated["previousSecretUntil"] is not None


def test_a_webhook_is_changed_paused_resumed_and_deleted(program, made, sink):
    at = f"/webhooks/{made.json()['id']}"

    changed = program.patch(at, {"eventTypes": []})
    assert (changed.json()["eventTypes"], changed.json()["url"]) == ([], sink.url)
    paused = program.post(f"{at}/pause").json()
    assert (paused["status"], paused["pausedFor"]) == ("paused", "asked")
    assert program.post(f"{at}/resume").json()["status"] == "active"
    assert program("DELETE", at).status_code == 204
    assert program.get(at).status_code == 404
    assert not Webhook.objects.exists()


def test_a_test_and_a_repeat(program, made, sink):
    at = f"/webhooks/{made.json()['id']}"
    tried = program.post(f"{at}/test")
    assert tried.status_code == 202, tried.content
    again = program.post(f"{at}/test")
    assert (again.status_code, again.json()["code"]) == (409, "TEST_WAITING")
    deliveries.deliver_due()

    past = f"{at}/deliveries/{tried.json()['id']}"
    assert program.get(past).json()["state"] == "delivered"
    repeated = program.post(f"{past}/redeliver")
    assert (repeated.status_code, repeated.json()["state"]) == (202, "waiting")
    deliveries.deliver_due()
    assert len(sink.heard) == 2
    delivered = program.get(f"{at}/deliveries?state=delivered").json()["items"]
    assert [row["eventId"] for row in delivered] == [tried.json()["eventId"]]
    assert program.get(f"{at}/deliveries?state=given_up").json()["items"] == []


def test_the_log_comes_in_pages(program, made):
    hook = Webhook.objects.get()
    for number in range(5):
        WebhookDelivery.objects.create(
            webhook=hook, event_id=f"evt-{number}", type=STARTED, subject="x", body="{}"
        )
    seen, cursor = [], ""
    for _ in range(3):
        page = program.get(f"/webhooks/{hook.pk}/deliveries?perPage=2&cursor={cursor}").json()
        seen += [row["eventId"] for row in page["items"]]
        cursor = page["nextCursor"]

    assert seen == [f"evt-{n}" for n in (4, 3, 2, 1, 0)]
    assert cursor is None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "INVALID_ARGUMENT"),
        ({"url": 5}, 400, "INVALID_ARGUMENT"),
        ({"url": "https://tumarca.mx", "eventTypes": ["x"]}, 400, "INVALID_ARGUMENT"),
        ({"url": "https://tumarca.mx", "secret": "whsec_x"}, 400, "INVALID_ARGUMENT"),
        ({"url": "http://tumarca.mx"}, 422, "BAD_URL"),
        ({"url": "https://127.0.0.1/"}, 422, "BAD_URL"),
        ({"url": "https://metadata.google.internal/"}, 422, "BAD_URL"),
        ({"url": "https://x\u0000.mx/"}, 400, "INVALID_ARGUMENT"),
    ],
)
def test_what_cannot_be_is_refused(program, settings, body, status, code):
    settings.WEBHOOK_PRIVATE_SINKS = False

    answer = program.post("/webhooks", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Webhook.objects.exists()


def addresses(hook, past):
    at = f"/webhooks/{hook.pk}"
    return [
        ("GET", at),
        ("PATCH", at),
        ("POST", f"{at}/test"),
        ("POST", f"{at}/rotate-secret"),
        ("POST", f"{at}/pause"),
        ("POST", f"{at}/resume"),
        ("GET", f"{at}/deliveries"),
        ("GET", f"{at}/deliveries/{past.pk}"),
        ("POST", f"{at}/deliveries/{past.pk}/redeliver"),
        ("DELETE", at),
    ]


@pytest.fixture
def past(made):
    return WebhookDelivery.objects.create(
        webhook=Webhook.objects.get(), event_id="evt-1", type=STARTED, subject="x", body="{}"
    )


def test_another_brand_finds_nothing(program_of, stranger, past):
    hook = past.webhook
    theirs = program_of(stranger.brands.get(), stranger)
    before = list(Webhook.objects.values()), list(WebhookDelivery.objects.values())

    for method, address in addresses(hook, past):
        assert theirs(method, address, {}).status_code == 404, address

    assert theirs.get("/webhooks").json()["items"] == []
    assert before == (list(Webhook.objects.values()), list(WebhookDelivery.objects.values()))


def test_a_delivery_of_another_webhook_is_not_found_under_this_one(program, past, sink):
    other = program.post("/webhooks", {"url": sink.url}).json()["id"]

    assert program.get(f"/webhooks/{other}/deliveries/{past.pk}").status_code == 404


def test_who_only_reads_for_the_brand_finds_nothing(client, brand, viewer, past):
    client.force_login(viewer)

    assert client.get(f"/api/v1/webhooks/{past.webhook_id}").status_code == 404
    assert client.get("/api/v1/webhooks").json()["items"] == []
    Membership.objects.filter(user=viewer).update(role=Membership.Role.EDITOR)
    assert client.get(f"/api/v1/webhooks/{past.webhook_id}").status_code == 200


def test_a_token_needs_the_scope(program_of, brand, owner, past):
    reader = program_of(brand, owner, "campaigns:read", "campaigns:write")

    for method, address in [*addresses(past.webhook, past), ("POST", "/webhooks")]:
        assert reader(method, address, {}).status_code == 403, address
