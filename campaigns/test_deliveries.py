"""Texts sent to test handsets: requested by staff, sent by a worker, once each."""

import uuid
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import ad_text, capabilities, outbox, text_limit
from campaigns.errors import BadTestDelivery, NotAllowed
from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import Scope
from campaigns.gateway.errors import GatewayError
from campaigns.models import TestDelivery, Version
from core.wake import wake

log = structlog.get_logger(__name__)

PERMISSION = "campaigns.add_testdelivery"
RETRY_AFTER = timedelta(seconds=5)
GIVE_UP_AFTER = timedelta(minutes=10)  # whoever waits with the handset is gone


@transaction.atomic
def request(
    text: str, handset: str, *, key: uuid.UUID, by: User, version: Version | None = None
) -> TestDelivery:
    """Queue a text for a test handset; return the same row where its key was used before.

    `version` is where the text was taken from; it is kept only while the text is the same.
    Raises NotAllowed, or BadTestDelivery with what is wrong with the text or the handset.
    """
    if not by.has_perm(PERMISSION):
        raise NotAllowed
    text = ad_text.normalise(text.strip())
    if handset not in capabilities.test_handsets():
        raise BadTestDelivery({"handset": [_("Elige uno de los equipos de la lista.")]})
    if found := ad_text.check(text, limit=text_limit.current()):
        raise BadTestDelivery({"text": [problem.message for problem in found]})
    row, created = TestDelivery.objects.get_or_create(
        key=key,
        defaults={
            "by_id": by.pk,
            "handset": handset,
            "text": text,
            "version": version if version and version.text == text else None,
        },
    )
    if created:
        wake("campaigns.tasks.send_test_deliveries")
    elif (row.text, row.handset) != (text, handset):
        message = _("Esta página ya envió otra prueba. Envía esta ahora.")
        raise BadTestDelivery({"text": [message]})
    return row


def send_due(client: GatewayClient | None = None) -> int:
    """Send what is due; return how many calls were made. Repeats carry the same key."""
    client = client or outbox.gateway_client(Scope.CREATE_TEST_DELIVERIES)
    calls = 0
    while (row := _claim()) is not None:
        calls += 1
        try:
            receipt = client.create_test_delivery(row.text, row.handset, key=str(row.key))
        except GatewayError as error:
            _record_failure(row, error)
        else:
            _record(row, accepted_at=timezone.now(), gateway_id=receipt.test_delivery_id)
            log.info("test_delivery_accepted", row=row.pk)
    return calls


@transaction.atomic
def _claim() -> TestDelivery | None:
    """Claim the row that has been due the longest, by moving its next attempt to a lease's end."""
    now = timezone.now()
    rows = TestDelivery.objects.due(now).order_by("next_attempt_at")
    row = rows.select_for_update(skip_locked=True).first()
    if row is not None:
        row.next_attempt_at = now + timedelta(seconds=settings.GATEWAY_LEASE)
        row.save(update_fields=["next_attempt_at"])
    return row


def _record_failure(row: TestDelivery, error: GatewayError) -> None:
    retry = timezone.now() + RETRY_AFTER
    again = error.retryable and retry <= row.at + GIVE_UP_AFTER
    _record(row, last_error=str(error)[:500], next_attempt_at=retry if again else None)
    log.warning("test_delivery_failed", row=row.pk, error=error, again=again)


def _record(row: TestDelivery, **outcome: Any) -> None:
    """Record the outcome of a call: unless it says so, it was the last one."""
    outcome = {"last_error": "", "next_attempt_at": None} | outcome
    TestDelivery.objects.filter(pk=row.pk, accepted_at__isnull=True).update(**outcome)
