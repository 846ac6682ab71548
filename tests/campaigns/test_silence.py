"""A gateway that sends nothing: seen, shown, mailed once, logged, and over with its heartbeat."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from campaigns import gateway_trouble, outbox, silence
from campaigns.models import (
    AdOrder,
    Drift,
    GatewaySource,
    GatewayTrouble,
    ReportHour,
    TrafficHour,
)
from campaigns.reconciliation import reconcile

pytestmark = pytest.mark.django_db

SOURCE = "urn:missed-call-ads:gateway:3f2a"


@pytest.fixture
def held(approved, sandbox, client):
    """An order that the gateway has had for a day."""
    outbox.send(outbox.claim(), client)
    AdOrder.objects.update(acknowledged_at=timezone.now() - timedelta(days=1))
    return AdOrder.objects.get()


def beat(ago):
    now = timezone.now()
    GatewaySource.objects.update_or_create(
        source=SOURCE,
        defaults={"heartbeat_at": now - ago, "first_seen_at": now - timedelta(days=1)},
    )


def hours(stream, newest_ago):
    """Record the newest whole hour of a stream; it ended so long ago."""
    end = (timezone.now() - newest_ago).replace(minute=0, second=0, microsecond=0)
    ReportHour.objects.create(
        stream=stream, hour=end - timedelta(hours=1), revision=1, final=False, completed_at=end
    )
    return end - timedelta(hours=1)


def traffic(hour, with_ad):
    TrafficHour.objects.create(
        hour=hour,
        lada="55",
        revision=1,
        notifications=100,
        eligible=90,
        with_ad=with_ad,
        suppressed_consent=10,
        suppressed_length=0,
        unsold=90 - with_ad,
    )


def now_silent():
    return silence.current(timezone.now())


def test_a_gateway_without_orders_owes_nothing(approved):
    assert now_silent() is None


def test_four_minutes_without_a_heartbeat_are_no_silence_and_six_are(held):
    hours("lada-traffic", timedelta(hours=1))
    beat(timedelta(minutes=4))
    assert now_silent() is None

    beat(timedelta(minutes=6))

    assert "Sin latido" in now_silent().what


def test_one_that_was_never_heard_is_silent_since_it_has_orders(held):
    assert now_silent().since == held.acknowledged_at

    AdOrder.objects.update(acknowledged_at=timezone.now() - timedelta(minutes=3))
    assert now_silent() is None


def test_hours_of_traffic_that_do_not_come_are_silence(held):
    beat(timedelta(seconds=30))
    hours("lada-traffic", timedelta(hours=6))

    assert "Sin tráfico por hora" in now_silent().what


def test_a_new_gateway_has_its_time(held):
    beat(timedelta(seconds=30))
    GatewaySource.objects.update(first_seen_at=timezone.now() - timedelta(hours=2))

    assert now_silent() is None


@pytest.mark.parametrize(("with_ad", "silent"), [(5, True), (0, False)])
def test_counts_are_owed_only_for_hours_with_ads(held, with_ad, silent):
    beat(timedelta(seconds=30))
    hours("lada-traffic", timedelta(hours=1))
    hours("hourly-counts", timedelta(hours=8))
    traffic(timezone.now() - timedelta(hours=6), with_ad)

    found = now_silent()

    assert (found is not None) is silent
    assert not found or "Sin cuentas por hora" in found.what


def test_silence_is_mailed_and_logged_once_and_so_is_its_end(held, reviewer):
    beat(timedelta(minutes=6))
    for _ in range(2):
        gateway_trouble.record()
        reconcile.record_silence()
        gateway_trouble.mail_due()

    assert [m.subject for m in mail.outbox] == ["La plataforma de entrega no manda datos"]
    assert "Avisa a quien opera la plataforma" in mail.outbox[0].body
    drift = Drift.objects.get()
    assert (drift.kind, drift.times, drift.needs_person) == ("silent", 2, True)
    mail.outbox.clear()
    beat(timedelta(seconds=5))
    hours("lada-traffic", timedelta(hours=1))
    for _ in range(2):
        gateway_trouble.record()
        reconcile.record_silence()
        gateway_trouble.mail_due()

    assert [m.subject for m in mail.outbox] == ["La plataforma de entrega ya manda datos"]
    assert "Sus cuentas avanzan otra vez" in mail.outbox[0].body
    drift.refresh_from_db()
    assert drift.resolved_at is not None
    assert GatewayTrouble.objects.get().ended_at is not None


def test_without_the_look_nobody_would_hear_of_it(held, reviewer, monkeypatch):
    """The negative control."""
    beat(timedelta(minutes=6))
    monkeypatch.setattr(silence, "current", lambda now: None)
    gateway_trouble.record()
    reconcile.record_silence()
    gateway_trouble.mail_due()

    assert not mail.outbox
    assert not Drift.objects.exists()


def test_staff_see_it_on_their_first_page(held, reviewer):
    beat(timedelta(minutes=6))
    desk = Client()
    desk.force_login(reviewer)

    page = " ".join(desk.get("/admin/").content.decode().split())

    assert "La plataforma de entrega no manda datos." in page
    assert "Sin latido desde" in page
    assert "Ver el canal" not in page
