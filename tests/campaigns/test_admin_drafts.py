"""What staff typed and did not send is there again: after a session ended, and after leaving."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from campaigns import lifecycle
from campaigns.models import Brand, Campaign, ChannelSwitch, Event, Message, Reason
from core import pending_post
from portal.accounts.models import User
from tests.campaigns.test_admin_review import another, in_review, page_of, text_of  # noqa: F401
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

RECOVERED = "Tu sesión había terminado: recuperamos lo que escribiste"
CODES = [
    "view_campaign",
    "review_campaign",
    "view_brand",
    "suspend_brand",
    "activate_brand",
    "view_channelswitch",
    "stop_channel",
]


@pytest.fixture
def staff(reviewer):
    reviewer.user_permissions.set(Permission.objects.filter(codename__in=CODES))
    return reviewer


@pytest.fixture
def desk(staff):
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def reason(db):
    return Reason.objects.create(label="Falta la vigencia", position=1)


@pytest.fixture
def live(approved):
    lifecycle.schedule(approved.pk)
    return Campaign.objects.get(pk=approved.pk)


def post_signed_out(desk, path, data):
    """Post with a session that has ended, and return the address that follows the sign-in."""
    Session.objects.all().delete()
    response = desk.post(path, data)
    assert response.status_code == 302
    return desk.get(response.url).url  # the sign-in page of the portal


def sign_in(desk, address, user):
    return desk.post(address, {"login": user.email, "password": PASSWORD}, follow=True)


def nothing_done():
    return (
        list(Event.objects.order_by("id").values()),
        list(Campaign.objects.order_by("id").values()),
        list(Brand.objects.order_by("id").values()),
        list(ChannelSwitch.objects.values()),
        list(Message.objects.values()),
    )


# ── a session that ends ──────────────────────────────────────────────────────


@pytest.mark.parametrize("verb", ["aprobar", "aprobar-y-seguir", "pedir-cambios", "rechazar", ""])
def test_a_decision_without_a_session_is_offered_after_signing_in(
    verb, campaign_in_review, desk, staff, reason
):
    before = nothing_done()
    data = {"version": 1, "decision": verb, "reason": reason.pk, "comment": "Di hasta cuándo ñ"}

    address = post_signed_out(desk, page_of(campaign_in_review), data)
    response = sign_in(desk, address, staff)

    text = response.content.decode()
    assert response.status_code == 200
    assert RECOVERED in text
    text = " ".join(text.split())
    assert f'name="reason" value="{reason.pk}" checked' in text
    assert ">Di hasta cuándo ñ</textarea>" in text
    assert nothing_done() == before
    again = desk.get(page_of(campaign_in_review)).content.decode()
    assert ">Di hasta cuándo ñ</textarea>" in again
    assert RECOVERED not in again


def test_a_message_without_a_session_is_offered_and_not_sent(campaign_in_review, desk, staff):
    before = nothing_done()
    path = reverse("admin:campaigns_campaign_message", args=[campaign_in_review.pk])

    address = post_signed_out(desk, path, {"version": 1, "body": "¿Hasta cuándo?", "comment": "C"})
    text = sign_in(desk, address, staff).content.decode()

    assert "¿Hasta cuándo?</textarea>" in text
    assert ">C</textarea>" in text
    assert nothing_done() == before


@pytest.mark.parametrize("move", ["staff_pause", "staff_cancel"])
def test_the_reason_of_a_stop_without_a_session_is_offered_in_its_open_form(
    move, live, desk, staff
):
    before = nothing_done()
    path = reverse("admin:campaigns_campaign_move", args=[live.pk])

    address = post_signed_out(desk, path, {"move": move, "reason": "El precio cambió"})
    response = sign_in(desk, address, staff)

    text = response.content.decode()
    assert response.status_code == 200
    assert RECOVERED in text
    assert text.count('<details class="more staff-move" open>') == 1
    assert text.count("El precio cambió</textarea>") == 1
    assert nothing_done() == before


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "1"}])
def test_the_reason_to_stop_the_channel_without_a_session_is_offered(confirmed, desk, staff):
    path = reverse("admin:campaigns_channel_stop")

    address = post_signed_out(desk, path, {"reason": "Falla de red"} | confirmed)
    text = sign_in(desk, address, staff).content.decode()

    assert RECOVERED in text
    assert "Falla de red</textarea>" in text
    assert not ChannelSwitch.objects.exists()


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "1"}])
def test_the_reason_to_suspend_without_a_session_is_offered(confirmed, brand, desk, staff):
    before = nothing_done()
    data = {"action": "suspend", "_selected_action": brand.pk, "reason": "Debe tres facturas"}

    address = post_signed_out(desk, reverse("admin:campaigns_brand_changelist"), data | confirmed)
    text = sign_in(desk, address, staff).content.decode()

    assert RECOVERED in text
    assert "Debe tres facturas</textarea>" in text
    assert f'name="_selected_action" value="{brand.pk}"' in text
    assert nothing_done() == before
    again = desk.get(reverse("admin:campaigns_brand_changelist")).content.decode()
    assert "Debe tres facturas" not in again


@pytest.mark.parametrize(
    "data",
    [
        {"action": "suspend", "_selected_action": "x", "reason": "R"},
        {"action": "suspend", "_selected_action": "99999999999", "reason": "R"},
        {"action": "suspend", "_selected_action": "0", "reason": "R"},
        {"action": "delete_selected", "_selected_action": "1"},
        {"action": "", "reason": "R"},
        {},
    ],
)
def test_what_cannot_be_gone_on_with_shows_the_list(data, brand, desk, staff):
    address = post_signed_out(desk, reverse("admin:campaigns_brand_changelist"), data)

    assert "changelist-form" in sign_in(desk, address, staff).content.decode()


def test_staff_who_may_not_suspend_are_offered_nothing(brand, desk):
    other = User.objects.create_user("mira@telefonica.mx", PASSWORD, is_staff=True)
    other.user_permissions.set(Permission.objects.filter(codename="view_brand"))
    data = {"action": "suspend", "_selected_action": brand.pk, "reason": "Debe tres facturas"}

    address = post_signed_out(desk, reverse("admin:campaigns_brand_changelist"), data)

    assert "Debe tres facturas" not in sign_in(desk, address, other).content.decode()


@pytest.mark.parametrize("name", ["campaigns_campaign_move", "campaigns_campaign_message"])
def test_the_address_of_a_form_alone_leads_to_its_campaign(name, live, desk):
    response = desk.get(reverse(f"admin:{name}", args=[live.pk]))

    assert response.status_code == 302
    assert response.url == page_of(live)


def test_without_keeping_it_what_was_typed_would_be_lost(
    campaign_in_review, desk, staff, monkeypatch
):
    """The negative control of the tests above."""
    monkeypatch.setattr(pending_post, "keep", lambda request: None)
    data = {"version": 1, "decision": "rechazar", "comment": "Se perdería"}

    address = post_signed_out(desk, page_of(campaign_in_review), data)

    assert "Se perdería" not in sign_in(desk, address, staff).content.decode()


# ── leaving by «Ver la siguiente» ────────────────────────────────────────────


def test_the_next_one_is_a_button_of_the_form_and_keeps_what_was_typed(
    campaign_in_review,
    another,  # noqa: F811
    desk,
    reason,
):
    first = page_of(campaign_in_review)
    before = nothing_done()
    assert 'value="siguiente"' in desk.get(first).content.decode()
    data = {"version": 1, "reason": reason.pk, "comment": "A medias", "body": "Sin enviar"}

    response = desk.post(first, data | {"decision": "siguiente"})

    assert response.url == page_of(another)
    assert "A medias" not in desk.get(page_of(another)).content.decode()
    desk.get("/admin/campaigns/campaign/")
    text = desk.get(first).content.decode()
    text = " ".join(text.split())
    assert f'name="reason" value="{reason.pk}" checked' in text
    assert ">A medias</textarea>" in text
    assert "Sin enviar</textarea>" in text
    assert nothing_done() == before


def test_without_a_next_one_it_leads_to_the_queue(campaign_in_review, desk):
    response = desk.post(page_of(campaign_in_review), {"version": 1, "decision": "siguiente"})

    assert response.url == "/admin/campaigns/campaign/"
    assert "decisions" not in desk.session


def test_a_sent_message_is_not_offered_again(campaign_in_review, desk):
    path = reverse("admin:campaigns_campaign_message", args=[campaign_in_review.pk])

    desk.post(path, {"version": 1, "body": "Ya salió", "comment": "Queda"})

    text = desk.get(page_of(campaign_in_review)).content.decode()
    assert "Ya salió</textarea>" not in text
    assert ">Queda</textarea>" in text


def test_a_decision_that_was_made_leaves_no_draft(campaign_in_review, another, desk, reason):  # noqa: F811
    page = page_of(campaign_in_review)
    data = {"version": 1, "reason": reason.pk, "comment": "A medias"}
    desk.post(page, data | {"decision": "siguiente"})

    desk.post(page, data | {"decision": "rechazar"})

    assert "decisions" not in desk.session or not desk.session["decisions"]
