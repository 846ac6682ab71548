"""Webhooks in the admin: states and errors, no secret, read-only."""

import pytest
from django.urls import reverse

from campaigns.models import Webhook, WebhookDelivery
from campaigns.moves import MOVES
from campaigns.webhooks import subscriptions


@pytest.fixture
def past(brand, editor):
    hook = subscriptions.create(brand.pk, "https://tumarca.mx/webhook?clave=abc", by=editor)
    return WebhookDelivery.objects.create(
        webhook=hook,
        event_id="evt-1",
        type=MOVES["start"].event_type,
        subject="LP-ABC234",
        body='{"a":1}',
    )


def test_staff_can_view_and_change_nothing(admin_client, past):
    pages = [
        reverse("admin:campaigns_webhook_changelist"),
        reverse("admin:campaigns_webhook_change", args=[past.webhook_id]),
        reverse("admin:campaigns_webhookdelivery_changelist"),
        reverse("admin:campaigns_webhookdelivery_change", args=[past.pk]),
    ]
    for page in pages:
        response = admin_client.get(page)
        assert response.status_code == 200
        html = response.content.decode()
        assert "tumarca.mx" in html
        assert "whsec_" not in html
        assert "clave=abc" not in html
        assert admin_client.post(page, {"url": "https://otro.mx/"}).status_code in (200, 403)
    assert Webhook.objects.get().url == "https://tumarca.mx/webhook?clave=abc"
    assert admin_client.get(reverse("admin:campaigns_webhook_add")).status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [("como=pausa", 0), ("como=falla", 1), ("", 1)],
)
def test_webhooks_are_filtered_by_status(admin_client, past, query, found):
    Webhook.objects.update(failures=2, failing_since=past.created_at)

    response = admin_client.get(reverse("admin:campaigns_webhook_changelist") + f"?{query}")

    assert response.context["cl"].result_count == found


@pytest.mark.parametrize(("state", "found"), [("waiting", 1), ("given_up", 0), ("nada", 1)])
def test_deliveries_are_filtered_by_state(admin_client, past, state, found):
    page = reverse("admin:campaigns_webhookdelivery_changelist")

    response = admin_client.get(f"{page}?estado={state}")

    assert response.context["cl"].result_count == found
