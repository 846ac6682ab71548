"""Events are queued for subscribed webhooks, in the transaction of the line of history."""

import json

import pytest
from django.db import transaction

from campaigns import lifecycle
from campaigns.models import Campaign, Event, Webhook, WebhookDelivery
from campaigns.models.webhook import RESULTS_FINAL_TYPE
from campaigns.moves import MOVES
from campaigns.webhooks import subscriptions
from campaigns.webhooks.events import EVENT_TYPES


def queued():
    return list(WebhookDelivery.objects.order_by("id").values_list("type", flat=True))


def test_every_line_of_history_has_one_of_the_types():
    assert len(set(EVENT_TYPES)) == len(EVENT_TYPES)
    of_moves = {move.event_type for move in MOVES.values()}
    assert set(EVENT_TYPES) == of_moves | {RESULTS_FINAL_TYPE}


def test_every_step_of_a_campaign_is_queued(webhook, campaign_in_review, reviewer):
    lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer)

    lines = Event.objects.filter(campaign=campaign_in_review).order_by("id")
    assert queued() == [MOVES[line.move].event_type for line in lines]
    assert queued()[-1] == "mx.movistar.llamada-perdida.v1.campaign-approved"


def test_an_event_is_a_cloud_event_with_ids_and_the_new_state(webhook, draft, settings):
    line = draft.events.get()
    event = json.loads(WebhookDelivery.objects.get().body)

    assert event == {
        "specversion": "1.0",
        "id": f"evt-{line.pk}",
        "source": f"{settings.PORTAL_URL}/api/v1/campaigns",
        "type": "mx.movistar.llamada-perdida.v1.campaign-created",
        "subject": draft.folio,
        "time": line.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {
            "id": draft.folio,
            "brand": "tienda",
            "status": "draft",
            "bookingStatus": "Draft",
            "version": 0,
            "at": event["time"],
            "action": "draft",
            "told": "Se creó el borrador",
        },
    }


def test_events_name_no_person(webhook, campaign_in_review, reviewer, editor):
    lifecycle.request_changes(
        campaign_in_review.pk, version=1, reasons=["Otra"], comment="Habla con Ana", by=reviewer
    )

    for delivery in WebhookDelivery.objects.all():
        for secret in (editor.email, reviewer.email, "Habla con Ana", draft_text()):
            assert secret not in delivery.body


def draft_text():
    return Campaign.objects.get().text


def test_only_subscribed_types_are_queued(webhook, draft, editor):
    subscriptions.update(webhook.pk, event_types=[MOVES["cancel"].event_type], by=editor)
    WebhookDelivery.objects.all().delete()

    lifecycle.submit(draft.pk, by=editor)
    assert queued() == []
    lifecycle.hold_submitted()
    lifecycle.withdraw(draft.pk, by=editor)
    lifecycle.cancel(draft.pk, by=editor)

    assert queued() == [MOVES["cancel"].event_type]


def test_each_webhook_of_the_brand_gets_the_same_event_once(webhook, brand, editor, terms):
    subscriptions.create(brand.pk, "http://127.0.0.1:9/otro", by=editor)

    lifecycle.draft(brand.pk, terms, by=editor)

    first, second = WebhookDelivery.objects.all()
    assert (first.event_id, first.body) == (second.event_id, second.body)
    assert first.webhook_id != second.webhook_id


def test_another_brand_receives_nothing(webhook, stranger, terms):
    lifecycle.draft(stranger.brands.get().pk, terms, by=stranger)

    assert queued() == []


def test_a_step_that_is_rolled_back_is_not_queued(webhook, draft, editor):
    WebhookDelivery.objects.all().delete()

    with pytest.raises(RuntimeError), transaction.atomic():
        lifecycle.submit(draft.pk, by=editor)
        raise RuntimeError

    assert queued() == []


def test_events_during_a_pause_wait(webhook, brand, editor, terms):
    subscriptions.pause(webhook.pk, by=editor)

    lifecycle.draft(brand.pk, terms, by=editor)

    assert queued() == [MOVES["draft"].event_type]


@pytest.mark.parametrize("activated", [True, False])
def test_a_suspended_brand_is_sent_its_events_and_one_never_activated_is_not(
    activated, webhook, brand, draft
):
    brand.active = False
    brand.activated_at = brand.activated_at if activated else None
    brand.save()

    assert activated == Webhook.objects.subscribed_to(brand.pk, MOVES["draft"].event_type).exists()
