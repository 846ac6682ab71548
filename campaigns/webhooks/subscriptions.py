"""What a brand does with its webhooks: whoever writes for it may, person or program."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import CampaignError, NotAllowed
from campaigns.models import Brand, Webhook, WebhookDelivery
from campaigns.models.webhook import TEST_TYPE
from campaigns.moves import EVENT_TYPES
from campaigns.webhooks import events, signing
from campaigns.webhooks.address import check_url
from core.wake import wake

MOST = 20  # webhooks of a brand
ANEW: Mapping[str, Any] = {"failures": 0, "failing_since": None, "rests_until": None}


class TooManyWebhooks(CampaignError):
    """The brand has as many webhooks as it may."""

    code = "too_many_webhooks"

    def __init__(self) -> None:
        super().__init__(
            _("Tu marca ya tiene {most} webhooks: borra alguno que no uses.").format(most=MOST)
        )


class BadEventTypes(CampaignError):
    """A type that no event has."""

    code = "bad_event_types"

    def __init__(self, unknown: Collection[str]) -> None:
        super().__init__(
            _("No hay eventos de este tipo: {types}. Revisa cómo se escribe.").format(
                types=", ".join(sorted(kind[:80] for kind in unknown))
            )
        )


class WebhookPaused(CampaignError):
    """A paused webhook is sent nothing but tests."""

    code = "webhook_paused"

    def __init__(self) -> None:
        super().__init__(_("El webhook está en pausa: reanúdalo y lo pendiente sale solo."))


class TestWaiting(CampaignError):
    """One test at a time."""

    code = "test_waiting"
    __test__ = False  # pytest takes the name for a test of its own

    def __init__(self) -> None:
        super().__init__(_("La prueba anterior todavía no termina: espera unos segundos."))


@transaction.atomic
def create(brand_id: int, url: str, event_types: Collection[str] = (), *, by: User) -> Webhook:
    """Tell an address of events of some types, or of all, those to come too, where none is named.

    Raises NotAllowed, BadUrl, BadEventTypes or TooManyWebhooks.
    """
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand_id)
    _require_editor(brand, by)
    if brand.webhooks.count() >= MOST:
        raise TooManyWebhooks
    return Webhook.objects.create(
        brand=brand,
        url=check_url(url),
        event_types=_checked(event_types),
        secret=signing.new_secret(),
        created_by_id=by.pk,
    )


@transaction.atomic
def change(
    webhook_id: int,
    *,
    url: str | None = None,
    event_types: Collection[str] | None = None,
    by: User,
) -> Webhook:
    """Give a webhook another address, which is tried anew, or other types; None leaves one be.

    What waits goes to the new address. Raises NotAllowed, BadUrl or BadEventTypes.
    """
    webhook = _lock(webhook_id, by)
    changed: dict[str, Any] = {}
    if url is not None and (url := check_url(url)) != webhook.url:
        changed |= {"url": url, **ANEW}
    if event_types is not None:
        changed["event_types"] = _checked(event_types)
    return _save(webhook, **changed)


@transaction.atomic
def rotate(webhook_id: int, *, by: User) -> Webhook:
    """Give a webhook a new secret; the one it had signs too for a day, and no other does.

    Raises NotAllowed.
    """
    webhook = _lock(webhook_id, by)
    return _save(
        webhook,
        previous_secret=webhook.secret,
        previous_until=timezone.now() + signing.BOTH_WORK,
        secret=signing.new_secret(),
    )


@transaction.atomic
def pause(webhook_id: int, *, by: User) -> Webhook:
    """Send nothing but tests until it is resumed; what happens meanwhile waits. Twice is once.

    Raises NotAllowed.
    """
    webhook = _lock(webhook_id, by)
    if webhook.paused:
        return webhook
    return _save(webhook, paused_at=timezone.now(), paused_for=Webhook.PausedFor.ASKED)


@transaction.atomic
def resume(webhook_id: int, *, by: User) -> Webhook:
    """Send what waits, now and for three days more. Twice is once. Raises NotAllowed."""
    webhook = _lock(webhook_id, by)
    if not webhook.paused:
        return webhook
    now = timezone.now()
    webhook.deliveries.waiting().update(asked_at=now, due_at=now, attempts=0)
    wake("campaigns.tasks.deliver_webhooks")
    return _save(webhook, paused_at=None, paused_for="", **ANEW)


@transaction.atomic
def delete(webhook_id: int, *, by: User) -> None:
    """End a webhook, with its log; what is under way may still arrive. Raises NotAllowed."""
    _lock(webhook_id, by).delete()


@transaction.atomic
def test(webhook_id: int, *, by: User) -> WebhookDelivery:
    """Send an event of no campaign, once, now: also to one that is paused or rests.

    Raises NotAllowed, or TestWaiting while another is on its way.
    """
    webhook = _lock(webhook_id, by)
    if webhook.deliveries.waiting().filter(type=TEST_TYPE).exists():
        raise TestWaiting
    return events.write_test(webhook, f"test-{uuid.uuid4()}")


@transaction.atomic
def redeliver(delivery_id: int, *, by: User) -> WebhookDelivery:
    """Send an event again now, taken or given up, with its own id; it is tried for three days.

    One that a worker is sending is left to it. Raises NotAllowed or WebhookPaused.
    """
    webhook_id = WebhookDelivery.objects.values_list("webhook", flat=True).get(pk=delivery_id)
    webhook = _lock(webhook_id, by)
    rows = WebhookDelivery.objects.select_for_update(no_key=True).filter(webhook=webhook)
    delivery = rows.get(pk=delivery_id)
    now = timezone.now()
    if webhook.paused and not delivery.is_test:
        raise WebhookPaused
    if delivery.under_way(now):
        return delivery
    delivery.asked_at = delivery.due_at = now
    delivery.attempts = 0
    delivery.delivered_at = delivery.given_up_at = None
    delivery.save(update_fields=["asked_at", "due_at", "attempts", "delivered_at", "given_up_at"])
    _save(webhook, rests_until=None)
    wake("campaigns.tasks.deliver_webhooks")
    return delivery


def _lock(webhook_id: int, by: User) -> Webhook:
    """Keep a webhook as it is for this transaction, for one who writes for its brand."""
    rows = Webhook.objects.select_for_update(no_key=True, of=("self",)).select_related("brand")
    webhook = rows.get(pk=webhook_id)
    _require_editor(webhook.brand, by)
    return webhook


def _require_editor(brand: Brand, by: User) -> None:
    if not (brand.active and brand.may_edit(by)):
        raise NotAllowed


def _checked(event_types: Collection[str]) -> list[str]:
    if unknown := set(event_types) - set(EVENT_TYPES):
        raise BadEventTypes(unknown)
    return [kind for kind in EVENT_TYPES if kind in event_types]


def _save(webhook: Webhook, **changed: Any) -> Webhook:
    for name, value in changed.items():
        setattr(webhook, name, value)
    if changed:
        webhook.save(update_fields=list(changed))
    return webhook
