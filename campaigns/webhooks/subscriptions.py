"""Management of a brand's webhooks, by the people and API clients that write for it."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import rights
from campaigns.errors import CampaignError
from campaigns.models import Brand, Webhook, WebhookDelivery
from campaigns.models.webhook import TEST_TYPE
from campaigns.webhooks import events, signing
from campaigns.webhooks.address import clean_url
from campaigns.webhooks.events import EVENT_TYPES
from core.wake import wake

MAX_WEBHOOKS = 20  # of a brand
NO_FAILURES: Mapping[str, Any] = {"failures": 0, "failing_since": None, "backoff_until": None}


class TooManyWebhooks(CampaignError):
    """The brand has as many webhooks as it may."""

    code = "too_many_webhooks"

    def __init__(self) -> None:
        super().__init__(
            _("Tu marca ya tiene {most} webhooks: borra alguno que no uses.").format(
                most=MAX_WEBHOOKS
            )
        )


class BadEventTypes(CampaignError):
    """An event type that does not exist."""

    code = "bad_event_types"

    def __init__(self, unknown: Collection[str]) -> None:
        super().__init__(
            _("No hay eventos de este tipo: {types}. Revisa cómo se escribe.").format(
                types=", ".join(sorted(event_type[:80] for event_type in unknown))
            )
        )


class WebhookPaused(CampaignError):
    """The webhook is paused: only tests are sent."""

    code = "webhook_paused"

    def __init__(self) -> None:
        super().__init__(_("El webhook está en pausa: reanúdalo y lo pendiente sale solo."))


class TestPending(CampaignError):
    """The previous test has not ended."""

    code = "test_waiting"
    __test__ = False  # not a test case for pytest

    def __init__(self) -> None:
        super().__init__(_("La prueba anterior todavía no termina: espera unos segundos."))


@transaction.atomic
def create(brand_id: int, url: str, event_types: Collection[str] = (), *, by: User) -> Webhook:
    """Create a webhook for some event types, or for all, future ones too, where none is given.

    Raises NotAllowed, BadUrl, BadEventTypes or TooManyWebhooks.
    """
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand_id)
    rights.require_editor(brand, by)
    if brand.webhooks.count() >= MAX_WEBHOOKS:
        raise TooManyWebhooks
    return Webhook.objects.create(
        brand=brand,
        url=clean_url(url),
        event_types=_checked(event_types),
        secret=signing.new_secret(),
        created_by_id=by.pk,
    )


@transaction.atomic
def update(
    webhook_id: int,
    *,
    url: str | None = None,
    event_types: Collection[str] | None = None,
    by: User,
) -> Webhook:
    """Change a webhook's address, which resets its failures, or its event types.

    None leaves a value as it is. Waiting deliveries go to the new address. Raises NotAllowed,
    BadUrl or BadEventTypes.
    """
    webhook = _lock(webhook_id, by)
    changed: dict[str, Any] = {}
    if url is not None and (url := clean_url(url)) != webhook.url:
        changed |= {"url": url, **NO_FAILURES}
    if event_types is not None:
        changed["event_types"] = _checked(event_types)
    return _save(webhook, **changed)


@transaction.atomic
def rotate(webhook_id: int, *, by: User) -> Webhook:
    """Replace the secret of a webhook; of the earlier ones only the last still signs, for a day.

    Raises NotAllowed.
    """
    webhook = _lock(webhook_id, by)
    return _save(
        webhook,
        previous_secret=webhook.secret,
        previous_until=timezone.now() + signing.ROTATION_OVERLAP,
        secret=signing.new_secret(),
    )


@transaction.atomic
def pause(webhook_id: int, *, by: User) -> Webhook:
    """Send only tests until the webhook is resumed; events are kept. Idempotent.

    Raises NotAllowed.
    """
    webhook = _lock(webhook_id, by)
    if webhook.paused:
        return webhook
    return _save(webhook, paused_at=timezone.now(), paused_for=Webhook.PausedFor.ASKED)


@transaction.atomic
def resume(webhook_id: int, *, by: User) -> Webhook:
    """Send what waits, from now and for three days more. Idempotent. Raises NotAllowed."""
    webhook = _lock(webhook_id, by)
    if not webhook.paused:
        return webhook
    now = timezone.now()
    webhook.deliveries.waiting().update(requested_at=now, due_at=now, attempts=0)
    wake("campaigns.tasks.deliver_webhooks")
    return _save(webhook, paused_at=None, paused_for="", **NO_FAILURES)


@transaction.atomic
def delete(webhook_id: int, *, by: User) -> None:
    """Delete a webhook and its log; a call in flight may still arrive. Raises NotAllowed."""
    _lock(webhook_id, by).delete()


@transaction.atomic
def send_test(webhook_id: int, *, by: User) -> WebhookDelivery:
    """Send an event of no campaign now, once, even while the webhook is paused or backs off.

    Raises NotAllowed, or TestPending while the previous one has not ended.
    """
    webhook = _lock(webhook_id, by)
    if webhook.deliveries.waiting().filter(type=TEST_TYPE).exists():
        raise TestPending
    return events.enqueue_test(webhook, f"test-{uuid.uuid4()}")


@transaction.atomic
def redeliver(delivery_id: int, *, by: User) -> WebhookDelivery:
    """Send an event again now, delivered or given up, with the same id, for three days.

    Nothing changes while a worker is sending it. Raises NotAllowed or WebhookPaused.
    """
    webhook_id = WebhookDelivery.objects.values_list("webhook", flat=True).get(pk=delivery_id)
    webhook = _lock(webhook_id, by)
    rows = WebhookDelivery.objects.select_for_update(no_key=True).filter(webhook=webhook)
    delivery = rows.get(pk=delivery_id)
    now = timezone.now()
    if webhook.paused and not delivery.is_test:
        raise WebhookPaused
    if delivery.in_flight(now):
        return delivery
    delivery.requested_at = delivery.due_at = now
    delivery.attempts = 0
    delivery.delivered_at = delivery.given_up_at = None
    delivery.save(
        update_fields=["requested_at", "due_at", "attempts", "delivered_at", "given_up_at"]
    )
    _save(webhook, backoff_until=None)
    wake("campaigns.tasks.deliver_webhooks")
    return delivery


def reencrypt() -> int:
    """Encrypt the secrets of all webhooks with the first key; return how many they are."""
    done = 0
    for pk in Webhook.objects.values_list("pk", flat=True):
        with transaction.atomic():
            webhook = Webhook.objects.select_for_update(no_key=True).filter(pk=pk).first()
            if webhook is not None:
                webhook.save(update_fields=["secret", "previous_secret"])
                done += 1
    return done


def _lock(webhook_id: int, by: User) -> Webhook:
    """Lock a webhook for this transaction. Raises NotAllowed unless `by` writes for its brand."""
    rows = Webhook.objects.select_for_update(no_key=True, of=("self",)).select_related("brand")
    webhook = rows.get(pk=webhook_id)
    rights.require_editor(webhook.brand, by)
    return webhook


def _checked(event_types: Collection[str]) -> list[str]:
    if unknown := set(event_types) - set(EVENT_TYPES):
        raise BadEventTypes(unknown)
    return [event_type for event_type in EVENT_TYPES if event_type in event_types]


def _save(webhook: Webhook, **changed: Any) -> Webhook:
    for name, value in changed.items():
        setattr(webhook, name, value)
    if changed:
        webhook.save(update_fields=list(changed))
    return webhook
