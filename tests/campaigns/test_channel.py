"""The stop of the whole channel: its reason, confirmation, banner and sending; the way back."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import channel, lifecycle, outbox
from campaigns.errors import BadReason, ChannelUnchanged, NotAllowed
from campaigns.models import AdOrder, Campaign, ChannelSwitch
from campaigns.models.brand import MAX_REASON_LENGTH
from portal.accounts.models import User

pytestmark = pytest.mark.django_db

REASON = "Se enviaron textos equivocados a toda la red."
STOP, START = "/admin/campaigns/channelswitch/detener/", "/admin/campaigns/channelswitch/reanudar/"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def operator(db):
    user = User.objects.create_user("operacion@telefonica.mx", is_staff=True)
    codes = ["stop_channel", "view_channelswitch"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


@pytest.fixture
def stopped(operator):
    return channel.stop(reason=REASON, by=operator)


def states_at_gateway(sandbox):
    """Return the states to which the gateway switched the channel, oldest first."""
    lines = sandbox.ledger()
    return [line["desired_state"] for line in lines if line["operation"] == "setChannelState"]


def test_it_takes_a_reason_and_a_second_confirmation(operator):
    desk = signed_in(operator)

    empty = desk.post(STOP, {"reason": "  "})
    confirmed_without = desk.post(STOP, {"reason": "", "confirmed": "1"})
    asked = desk.post(STOP, {"reason": REASON})
    assert not ChannelSwitch.objects.exists()
    done = desk.post(STOP, {"reason": REASON, "confirmed": "1"})

    assert (empty.status_code, confirmed_without.status_code) == (422, 422)
    assert "Escribe el motivo" in empty.content.decode()
    assert "¿Detener los anuncios de todas las marcas?" in asked.content.decode()
    assert REASON in asked.content.decode()
    assert done.status_code == 302
    switch = ChannelSwitch.objects.get()
    assert (switch.state, switch.reason, switch.by) == ("OFF", REASON, operator)


@pytest.mark.parametrize("who", ["reviewer", "owner", "stranger"])
def test_it_needs_a_permission_of_its_own(who, request):
    person = request.getfixturevalue(who)

    response = signed_in(person).post(STOP, {"reason": REASON, "confirmed": "1"})

    assert response.status_code in (302, 403)
    with pytest.raises(NotAllowed):
        channel.stop(reason=REASON, by=person)
    assert not ChannelSwitch.objects.exists()


@pytest.mark.parametrize("reason", ["", "\r\n", "a\0b", "x" * (MAX_REASON_LENGTH + 1)])
def test_a_reason_that_cannot_be_shown_is_refused(reason, operator):
    with pytest.raises(BadReason):
        channel.stop(reason=reason, by=operator)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChannelSwitch.objects.create(state="OFF", reason=" ", by=operator)
    assert not ChannelSwitch.objects.exists()


def test_it_is_not_stopped_twice_nor_resumed_while_on(operator):
    with pytest.raises(ChannelUnchanged):
        channel.start(reason=REASON, by=operator)
    channel.stop(reason=REASON, by=operator)
    with pytest.raises(ChannelUnchanged):
        channel.stop(reason="Otra vez", by=operator)
    channel.start(reason="Ya se corrigió", by=operator)

    assert list(ChannelSwitch.objects.values_list("state", "reason")) == [
        ("ON", "Ya se corrigió"),
        ("OFF", REASON),
    ]


def test_everybody_sees_the_banner_while_it_is_stopped(
    stopped, operator, reviewer, draft, editor, viewer
):
    pages = {
        editor: ["/avisos/", "/perfil/", "/ayuda/", f"/marcas/{draft.brand.slug}/inicio/"],
        viewer: [reverse("portal:campaign", args=[draft.folio])],
        reviewer: ["/admin/", "/admin/campaigns/campaign/"],
        operator: ["/admin/campaigns/channelswitch/"],
    }
    for person, addresses in pages.items():
        for address in addresses:
            text = signed_in(person).get(address).content.decode()
            assert "Telefónica detuvo el canal" in text, address
            assert REASON in text, address
    channel.start(reason="Ya se corrigió", by=operator)
    for person, addresses in pages.items():
        for address in addresses:
            text = signed_in(person).get(address).content.decode()
            assert "Telefónica detuvo el canal" not in text, address


def test_approvals_are_made_while_it_is_stopped_and_nothing_is_inserted(
    stopped, campaign_in_review, reviewer, sandbox, client
):
    assert channel.send_due(client)
    lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer)
    while claimed := outbox.claim():
        outbox.send(claimed, client)

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Campaign.Status.SCHEDULED
    assert states_at_gateway(sandbox) == ["OFF"]
    held = client.get_ad_order(str(AdOrder.objects.get().pk))
    assert held.status.inserted == 0


def test_pauses_and_cancellations_go_out_while_it_is_stopped(
    stopped, approved, editor, reviewer, sandbox, client
):
    channel.send_due(client)
    lifecycle.schedule(approved.pk)
    lifecycle.staff_pause(approved.pk, reason=REASON, by=reviewer)
    outbox.send(outbox.claim(), client)
    order = AdOrder.objects.get()
    assert client.get_ad_order(str(order.pk)).status.state == "PAUSED"

    lifecycle.cancel(approved.pk, by=editor)
    outbox.send(outbox.claim(), client)
    assert client.get_ad_order(str(order.pk)).status.state == "CANCELLED"


@pytest.mark.parametrize("fault", ["drop_before_commit", "drop_after_commit", "connection_reset"])
def test_a_stop_that_got_no_answer_is_sent_again(fault, stopped, sandbox, client):
    sandbox.inject_fault(fault, times=1)

    assert channel.send_due(client)
    stopped.refresh_from_db()
    assert stopped.acknowledged_at is None
    assert stopped.last_error
    ChannelSwitch.objects.update(next_attempt_at=timezone.now())
    assert channel.send_due(client)

    stopped.refresh_from_db()
    assert stopped.acknowledged_at is not None
    assert not stopped.last_error
    assert not channel.send_due(client)


def test_the_way_back_waits_for_a_stop_that_is_being_sent(stopped, operator, sandbox, client):
    """An older call must not arrive after a newer one: it would stop the channel for good."""
    ChannelSwitch.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    channel.start(reason="Ya se corrigió", by=operator)

    assert not channel.send_due(client)
    ChannelSwitch.objects.update(lease_until=None)
    assert channel.send_due(client)
    assert states_at_gateway(sandbox) == []  # it was never off there


def test_only_the_newest_switch_is_sent(stopped, operator, sandbox, client):
    channel.start(reason="Ya se corrigió", by=operator)

    assert channel.send_due(client)
    assert not channel.send_due(client)
    stopped.refresh_from_db()
    assert stopped.acknowledged_at is None


def test_history_says_who_when_why_and_what_the_gateway_answered(
    stopped, operator, sandbox, client
):
    channel.send_due(client)
    channel.start(reason="Ya se corrigió", by=operator)

    text = signed_in(operator).get("/admin/campaigns/channelswitch/").content.decode()

    for word in (REASON, "Ya se corrigió", "Confirmado", "Por enviar", operator.email):
        assert word in text
    assert 'href="/admin/campaigns/channelswitch/detener/"' in text


def test_brands_read_the_state_at_their_start(stopped, brand, editor):
    text = signed_in(editor).get(f"/marcas/{brand.slug}/inicio/").content.decode()

    assert f"Detenido por Telefónica: {REASON}" in text
