"""Webhooks by API: subscriptions, deliveries, tests and repetitions."""

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
    response = program.post("/webhooks", {"url": sink.url, "eventTypes": [STARTED]})
    assert response.status_code == 201, response.content
    return response


def test_a_program_subscribes_receives_an_event_and_verifies_it(program, made, sink, sent_terms):
    hook = made.json()
    assert made["Location"].endswith(f"/api/v1/webhooks/{hook['id']}")
    assert made["Cache-Control"] == "no-store"

    campaign = program.post("/campaigns", sent_terms).json()
    deliveries.deliver_due()

    [received] = sink.requests
    event = Verifier(hook["secret"]).verify(received.body, received.headers)
    assert (event["type"], event["subject"]) == (STARTED, campaign["id"])
    assert event["data"]["id"] == campaign["id"]
    [delivery] = program.get(f"/webhooks/{hook['id']}/deliveries").json()["items"]
    assert (delivery["state"], delivery["lastStatus"], delivery["attempts"]) == (
        "delivered",
        204,
        1,
    )
    one = program.get(f"/webhooks/{hook['id']}/deliveries/{delivery['id']}").json()
    assert one == {**delivery, "event": json.loads(received.body)}


def test_the_secret_is_shown_once(program, made):
    path = f"/webhooks/{made.json()['id']}"
    secret = made.json()["secret"]

    for response in (program.get(path), program.get("/webhooks"), program.patch(path, {})):
        assert response.status_code == 200
        assert secret not in response.content.decode()
        assert "whsec_" not in response.content.decode()
    rotated = program.post(f"{path}/rotate-secret").json()
    assert rotated["secret"] not in ("", secret)
    assert rotated["previousSecretUntil"] is not None


def test_a_webhook_is_changed_paused_resumed_and_deleted(program, made, sink):
    path = f"/webhooks/{made.json()['id']}"

    changed = program.patch(path, {"eventTypes": []})
    assert (changed.json()["eventTypes"], changed.json()["url"]) == ([], sink.url)
    paused = program.post(f"{path}/pause").json()
    assert (paused["status"], paused["pausedFor"]) == ("paused", "asked")
    assert program.post(f"{path}/resume").json()["status"] == "active"
    assert program("DELETE", path).status_code == 204
    assert program.get(path).status_code == 404
    assert not Webhook.objects.exists()


def test_a_test_event_and_a_repeated_delivery(program, made, sink):
    path = f"/webhooks/{made.json()['id']}"
    tried = program.post(f"{path}/test")
    assert tried.status_code == 202, tried.content
    again = program.post(f"{path}/test")
    assert (again.status_code, again.json()["code"]) == (409, "TEST_WAITING")
    deliveries.deliver_due()

    delivery_path = f"{path}/deliveries/{tried.json()['id']}"
    assert program.get(delivery_path).json()["state"] == "delivered"
    repeated = program.post(f"{delivery_path}/redeliver")
    assert (repeated.status_code, repeated.json()["state"]) == (202, "waiting")
    deliveries.deliver_due()
    assert len(sink.requests) == 2
    delivered = program.get(f"{path}/deliveries?state=delivered").json()["items"]
    assert [row["eventId"] for row in delivered] == [tried.json()["eventId"]]
    assert program.get(f"{path}/deliveries?state=given_up").json()["items"] == []


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
def test_invalid_webhooks_are_refused(program, settings, body, status, code):
    settings.WEBHOOK_PRIVATE_SINKS = False

    response = program.post("/webhooks", body)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not Webhook.objects.exists()


def paths(hook, delivery):
    path = f"/webhooks/{hook.pk}"
    return [
        ("GET", path),
        ("PATCH", path),
        ("POST", f"{path}/test"),
        ("POST", f"{path}/rotate-secret"),
        ("POST", f"{path}/pause"),
        ("POST", f"{path}/resume"),
        ("GET", f"{path}/deliveries"),
        ("GET", f"{path}/deliveries/{delivery.pk}"),
        ("POST", f"{path}/deliveries/{delivery.pk}/redeliver"),
        ("DELETE", path),
    ]


@pytest.fixture
def delivery(made):
    return WebhookDelivery.objects.create(
        webhook=Webhook.objects.get(), event_id="evt-1", type=STARTED, subject="x", body="{}"
    )


def test_another_brand_finds_no_webhooks(program_of, stranger, delivery):
    hook = delivery.webhook
    theirs = program_of(stranger.brands.get(), stranger)
    before = list(Webhook.objects.values()), list(WebhookDelivery.objects.values())

    for method, path in paths(hook, delivery):
        assert theirs(method, path, {}).status_code == 404, path

    assert theirs.get("/webhooks").json()["items"] == []
    assert before == (list(Webhook.objects.values()), list(WebhookDelivery.objects.values()))


def test_a_delivery_of_another_webhook_is_not_found_under_this_one(program, delivery, sink):
    other = program.post("/webhooks", {"url": sink.url}).json()["id"]

    assert program.get(f"/webhooks/{other}/deliveries/{delivery.pk}").status_code == 404


def test_a_viewer_finds_no_webhooks(client, brand, viewer, delivery):
    client.force_login(viewer)

    assert client.get(f"/api/v1/webhooks/{delivery.webhook_id}").status_code == 404
    assert client.get("/api/v1/webhooks").json()["items"] == []
    Membership.objects.filter(user=viewer).update(role=Membership.Role.EDITOR)
    assert client.get(f"/api/v1/webhooks/{delivery.webhook_id}").status_code == 200


def test_a_token_needs_the_scope(program_of, brand, owner, delivery):
    reader = program_of(brand, owner, "campaigns:read", "campaigns:write")

    for method, path in [*paths(delivery.webhook, delivery), ("POST", "/webhooks")]:
        assert reader(method, path, {}).status_code == 403, path
