"""Management of webhooks, and who may do it."""

import base64

import pytest

from campaigns.errors import BrandSuspended, NotAllowed
from campaigns.models import Webhook, WebhookDelivery
from campaigns.moves import MOVES
from campaigns.webhooks import deliveries, subscriptions
from campaigns.webhooks.address import BadUrl
from campaigns.webhooks.subscriptions import (
    BadEventTypes,
    TestPending,
    TooManyWebhooks,
    WebhookPaused,
)

URL = "https://tumarca.mx/webhook"


@pytest.fixture
def hook(brand, editor):
    return subscriptions.create(brand.pk, URL, by=editor)


def test_a_webhook_has_a_secret_of_32_bytes_of_its_own(hook, brand, editor):
    other = subscriptions.create(brand.pk, URL, [MOVES["start"].event_type], by=editor)

    assert len(base64.b64decode(hook.secret.removeprefix("whsec_"))) == 32
    assert hook.secret != other.secret
    assert (hook.event_types, other.event_types) == ([], [MOVES["start"].event_type])


def test_a_bad_address_or_type_creates_no_webhook(brand, editor):
    with pytest.raises(BadUrl):
        subscriptions.create(brand.pk, "https://127.0.0.1/", by=editor)
    with pytest.raises(BadEventTypes, match="nada"):
        subscriptions.create(brand.pk, URL, ["nada"], by=editor)

    assert not Webhook.objects.exists()


def test_a_brand_has_twenty_at_most(brand, editor):
    for _ in range(20):
        subscriptions.create(brand.pk, URL, by=editor)

    with pytest.raises(TooManyWebhooks):
        subscriptions.create(brand.pk, URL, by=editor)
    assert Webhook.objects.count() == 20


def actions(hook, by):
    past = WebhookDelivery.objects.create(
        webhook=hook, event_id="evt-1", type=MOVES["start"].event_type, subject="x", body="{}"
    )
    return {
        "create": lambda: subscriptions.create(hook.brand_id, URL, by=by),
        "change": lambda: subscriptions.update(hook.pk, url=URL + "/x", by=by),
        "rotate": lambda: subscriptions.rotate(hook.pk, by=by),
        "pause": lambda: subscriptions.pause(hook.pk, by=by),
        "resume": lambda: subscriptions.resume(hook.pk, by=by),
        "test": lambda: subscriptions.send_test(hook.pk, by=by),
        "redeliver": lambda: subscriptions.redeliver(past.pk, by=by),
        "delete": lambda: subscriptions.delete(hook.pk, by=by),
    }


@pytest.mark.parametrize("who", ["viewer", "stranger", "reviewer"])
def test_users_who_may_not_edit_are_refused(hook, who, request):
    forbidden = actions(hook, request.getfixturevalue(who))
    before = list(Webhook.objects.values()), list(WebhookDelivery.objects.values())

    for act in forbidden.values():
        with pytest.raises(NotAllowed):
            act()

    assert before == (list(Webhook.objects.values()), list(WebhookDelivery.objects.values()))


def test_an_owner_may_do_everything(hook, owner):
    for act in actions(hook, owner).values():
        act()

    assert Webhook.objects.count() == 1  # the one that was created


def test_everything_is_refused_for_a_suspended_brand(hook, brand, owner):
    brand.active = False
    brand.save()

    with pytest.raises(BrandSuspended):
        subscriptions.rotate(hook.pk, by=owner)


def test_a_new_address_resets_the_failures(hook, editor):
    Webhook.objects.update(failures=9, failing_since=hook.created_at, backoff_until=hook.created_at)

    changed = subscriptions.update(hook.pk, url="https://tumarca.mx/otro", by=editor)

    changed.refresh_from_db()
    assert (changed.failures, changed.failing_since, changed.backoff_until) == (0, None, None)
    assert changed.url == "https://tumarca.mx/otro"


def test_two_secrets_at_most(hook, editor):
    first = hook.secret
    second = subscriptions.rotate(hook.pk, by=editor).secret
    third = subscriptions.rotate(hook.pk, by=editor)

    assert third.secrets_at(third.created_at) == [third.secret, second]
    assert first not in (third.secret, third.previous_secret)


def test_pausing_and_resuming_are_idempotent(hook, editor):
    first = subscriptions.pause(hook.pk, by=editor).paused_at

    assert subscriptions.pause(hook.pk, by=editor).paused_at == first
    assert not subscriptions.resume(hook.pk, by=editor).paused
    assert not subscriptions.resume(hook.pk, by=editor).paused


def test_one_test_at_a_time(hook, editor):
    subscriptions.send_test(hook.pk, by=editor)

    with pytest.raises(TestPending):
        subscriptions.send_test(hook.pk, by=editor)
    assert WebhookDelivery.objects.count() == 1


def test_nothing_is_redelivered_to_a_paused_webhook(hook, editor):
    past = WebhookDelivery.objects.create(
        webhook=hook, event_id="evt-1", type=MOVES["start"].event_type, subject="x", body="{}"
    )
    subscriptions.pause(hook.pk, by=editor)

    with pytest.raises(WebhookPaused):
        subscriptions.redeliver(past.pk, by=editor)


def test_a_delivery_in_flight_is_not_redelivered(hook, editor):
    past = WebhookDelivery.objects.create(
        webhook=hook, event_id="evt-1", type=MOVES["start"].event_type, subject="x", body="{}"
    )
    claimed = deliveries.claim()

    subscriptions.redeliver(past.pk, by=editor)

    past.refresh_from_db()
    assert past.lease_until == claimed.lease_until
    assert deliveries.claim() is None
