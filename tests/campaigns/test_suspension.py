"""A suspended brand: what ran stops with it, nothing new is approved, and all is undone later."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import brands, lifecycle, notice_mails, outbox
from campaigns.errors import BadReason, BrandSuspended, NameTaken, NotAllowed
from campaigns.lifecycle import transitions
from campaigns.models import AdOrder, Brand, Campaign, Event, Notice, WaitingListEntry
from campaigns.models.brand import MAX_REASON_LENGTH
from campaigns.moves import PausedBy
from inventory.models import Reservation
from portal.accounts.models import User
from tests import statuses

pytestmark = pytest.mark.django_db

Status = Campaign.Status
REASON = "Debe tres facturas."


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def operator(db):
    user = User.objects.create_user("operacion@telefonica.mx", is_staff=True)
    codes = ["suspend_brand", "view_brand", "activate_brand"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


@pytest.fixture
def campaign_as(brand, editor, reviewer, terms):
    """Return a function that makes a campaign of the brand in a status."""

    def make(status):
        small = terms | {"name": status, "volume": 1_000}
        campaign = lifecycle.draft(brand.pk, small, by=editor)
        if status == Status.DRAFT:
            return campaign
        lifecycle.submit(campaign.pk, by=editor)
        if status == Status.RESERVING:
            return campaign
        lifecycle.hold_submitted()
        if status == Status.IN_REVIEW:
            return campaign
        lifecycle.approve(campaign.pk, version=1, by=reviewer)
        if status == Status.APPROVED:
            return campaign
        AdOrder.objects.filter(campaign=campaign).update(acknowledged_generation=1)
        lifecycle.schedule(campaign.pk)
        if status == Status.LIVE:
            Campaign.objects.filter(pk=campaign.pk).update(
                status=Status.LIVE, starts_on=timezone.localdate()
            )
        return campaign

    return make


def standing(campaign):
    campaign.refresh_from_db()
    return campaign.status, campaign.paused_by, AdOrder.objects.get(campaign=campaign).desired_state


def suspend(brand, operator):
    assert lifecycle.suspend(brand.pk, reason=REASON, by=operator)
    brand.refresh_from_db()


def test_what_runs_is_paused_with_it_and_resumed_exactly_with_its_end(
    campaign_as, brand, operator, editor, reviewer
):
    running = {status: campaign_as(status) for status in ("approved", "scheduled", "live")}
    by_brand, by_staff = campaign_as("scheduled"), campaign_as("scheduled")
    lifecycle.pause(by_brand.pk, by=editor)
    lifecycle.staff_pause(by_staff.pk, reason="Otro motivo", by=reviewer)

    suspend(brand, operator)

    for campaign in running.values():
        assert standing(campaign) == (Status.PAUSED, PausedBy.SUSPENSION, "PAUSED")
        event = campaign.events.last()
        assert (event.move, event.by, event.comment) == ("suspend", operator, REASON)
    assert standing(by_brand)[:2] == (Status.PAUSED, PausedBy.BRAND)
    assert standing(by_staff)[:2] == (Status.PAUSED, PausedBy.STAFF)

    assert lifecycle.reinstate(brand.pk, by=operator)

    for status, campaign in running.items():
        assert standing(campaign) == (status, "", "ACTIVE")
    assert standing(by_brand) == (Status.PAUSED, PausedBy.BRAND, "PAUSED")
    assert standing(by_staff) == (Status.PAUSED, PausedBy.STAFF, "PAUSED")


def test_suspension_and_pauses_commit_together(campaign_as, brand, operator, monkeypatch):
    """One that cannot be paused leaves the brand active and all others running."""
    first, second = campaign_as("scheduled"), campaign_as("scheduled")
    request_state, calls = transitions.request_state, []

    def fail_at_the_second(campaign, state):
        calls.append(campaign.pk)
        if len(calls) == 2:
            raise RuntimeError
        request_state(campaign, state)

    monkeypatch.setattr("campaigns.lifecycle.running.request_state", fail_at_the_second)
    with pytest.raises(RuntimeError):
        lifecycle.suspend(brand.pk, reason=REASON, by=operator)

    brand.refresh_from_db()
    assert brand.active
    assert [standing(c)[0] for c in (first, second)] == [Status.SCHEDULED] * 2
    assert not Notice.objects.filter(kind="suspended").exists()


def test_its_orders_pause_at_the_gateway_and_go_on_after_it(
    campaign_as, brand, operator, sandbox, client
):
    campaign = campaign_as("approved")
    order = AdOrder.objects.get(campaign=campaign)

    suspend(brand, operator)  # before the gateway has the order
    outbox.send(outbox.claim(), client)
    assert client.get_ad_order(str(order.pk)).status.state == "PAUSED"
    assert standing(campaign)[0] == Status.PAUSED

    lifecycle.reinstate(brand.pk, by=operator)
    outbox.send(outbox.claim(), client)
    assert client.get_ad_order(str(order.pk)).status.state == "SCHEDULED"
    assert standing(campaign)[0] == Status.SCHEDULED


def test_nothing_of_it_is_approved_or_resumed(campaign_as, brand, operator, reviewer, editor):
    waiting, paused = campaign_as("in_review"), campaign_as("scheduled")
    lifecycle.pause(paused.pk, by=editor)
    suspend(brand, operator)
    before = list(Event.objects.values()), list(Reservation.objects.order_by("id").values())

    with pytest.raises(BrandSuspended, match="tres facturas"):
        lifecycle.approve(waiting.pk, version=1, by=reviewer)
    with pytest.raises(BrandSuspended):
        lifecycle.staff_resume(paused.pk, reason="Por favor", by=reviewer)
    page = reverse("admin:campaigns_campaign_change", args=[waiting.pk])
    response = signed_in(reviewer).post(page, {"version": 1, "decision": "aprobar"})

    assert response.status_code == 409
    assert "Telefónica suspendió esta marca" in response.content.decode()
    after = list(Event.objects.values()), list(Reservation.objects.order_by("id").values())
    assert after == before
    assert AdOrder.objects.count() == 1


def test_without_the_guard_it_would_be_approved(
    campaign_as, brand, operator, reviewer, monkeypatch
):
    """The negative control of the refusal above."""
    waiting = campaign_as("in_review")
    suspend(brand, operator)
    monkeypatch.setattr(transitions, "_require_active_brand", lambda campaign: None)

    assert lifecycle.approve(waiting.pk, version=1, by=reviewer).status == Status.APPROVED


def test_a_reviewer_may_still_reject_it(campaign_as, brand, operator, reviewer):
    waiting = campaign_as("in_review")
    suspend(brand, operator)

    campaign = lifecycle.reject(waiting.pk, version=1, reasons=["No"], by=reviewer)

    assert campaign.status == Status.REJECTED


def test_the_decision_page_and_the_queue_say_so(campaign_as, brand, operator, reviewer):
    waiting = campaign_as("in_review")
    desk = signed_in(reviewer)
    page = reverse("admin:campaigns_campaign_change", args=[waiting.pk])
    assert "Marca suspendida" not in desk.get(page).content.decode()
    suspend(brand, operator)

    decision = desk.get(page).content.decode()
    queue = desk.get("/admin/campaigns/campaign/").content.decode()

    assert "Marca suspendida" in decision
    assert REASON in decision
    assert 'value="aprobar"' not in decision
    assert 'value="rechazar"' in decision
    assert "Marca suspendida" in queue


def test_holds_stay_for_their_time_and_nothing_new_is_held_or_offered(campaign_as, brand, operator):
    held, submitted = campaign_as("in_review"), campaign_as("reserving")
    entry = campaign_as("draft")
    statuses.put(entry.pk, Status.NO_INVENTORY, version_number=1)
    WaitingListEntry.objects.create(campaign=entry, requested_by=entry.created_by)
    suspend(brand, operator)

    lifecycle.hold_submitted()
    lifecycle.offer_freed()

    held.refresh_from_db()
    submitted.refresh_from_db()
    assert held.reservation.status == Reservation.Status.HELD
    assert (submitted.status, submitted.reservation) == (Status.RESERVING, None)
    assert WaitingListEntry.objects.open().get().offered_at is None

    lifecycle.reinstate(brand.pk, by=operator)
    lifecycle.hold_submitted()
    submitted.refresh_from_db()
    assert submitted.status == Status.IN_REVIEW


def test_days_pass_for_a_suspended_brand_too(campaign_as, brand, operator):
    paused = campaign_as("scheduled")
    suspend(brand, operator)
    Campaign.objects.filter(pk=paused.pk).update(
        starts_on=timezone.localdate() - timedelta(3), ends_on=timezone.localdate() - timedelta(1)
    )

    lifecycle.advance_due()

    paused.refresh_from_db()
    assert (paused.status, paused.paused_by) == (Status.FINISHED, "")
    lifecycle.reinstate(brand.pk, by=operator)
    paused.refresh_from_db()
    assert paused.status == Status.FINISHED


def test_all_its_people_are_notified_of_the_reason_and_of_the_end(
    brand, owner, editor, viewer, operator, campaign_as
):
    campaign_as("scheduled")
    notice_mails.send_due()
    mail.outbox.clear()

    suspend(brand, operator)
    notice_mails.send_due()

    assert sorted(m.to[0] for m in mail.outbox) == sorted([owner.email, editor.email, viewer.email])
    for message in mail.outbox:
        assert message.subject == f"Telefónica suspendió tu marca: {brand.name}"
        assert REASON in message.body
        assert REASON in message.alternatives[0][0]
    listed = signed_in(viewer).get("/avisos/").content.decode()
    assert "Telefónica suspendió tu marca" in listed
    assert REASON in listed
    mail.outbox.clear()
    lifecycle.reinstate(brand.pk, by=operator)
    notice_mails.send_due()
    assert {m.subject for m in mail.outbox} == {f"Tu marca ya no está suspendida: {brand.name}"}


# ── who may, and how ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("reason", ["", "\r\n ", "a\0b", "x" * (MAX_REASON_LENGTH + 1)])
def test_a_suspension_needs_a_reason(reason, brand, operator, campaign_as):
    campaign = campaign_as("scheduled")

    with pytest.raises(BadReason):
        lifecycle.suspend(brand.pk, reason=reason, by=operator)

    brand.refresh_from_db()
    assert brand.active
    assert standing(campaign)[0] == Status.SCHEDULED


@pytest.mark.parametrize("who", ["owner", "editor", "stranger", "reviewer"])
def test_it_needs_a_permission_of_its_own(who, brand, request):
    person = request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        lifecycle.suspend(brand.pk, reason=REASON, by=person)
    with pytest.raises(NotAllowed):
        lifecycle.reinstate(brand.pk, by=person)


def test_it_is_safe_to_repeat(brand, operator, campaign_as):
    campaign = campaign_as("scheduled")
    suspend(brand, operator)

    assert not lifecycle.suspend(brand.pk, reason="Otra vez", by=operator)
    brand.refresh_from_db()
    assert brand.suspension_reason == REASON
    assert lifecycle.reinstate(brand.pk, by=operator)
    assert not lifecycle.reinstate(brand.pk, by=operator)
    assert standing(campaign)[0] == Status.SCHEDULED


def test_brands_that_were_never_active_are_not_suspended_nor_reinstated(operator, stranger):
    applied = brands.apply("Pizzas", "FOOD", by=stranger)

    assert not lifecycle.suspend(applied.pk, reason=REASON, by=operator)
    assert not lifecycle.reinstate(applied.pk, by=operator)
    applied.refresh_from_db()
    assert applied.is_waiting


def test_a_name_that_another_brand_took_meanwhile_is_refused(brand, operator, campaign_as):
    campaign = campaign_as("scheduled")
    suspend(brand, operator)
    Brand.objects.create(name=brand.name.upper(), slug="nueva")

    with pytest.raises(NameTaken):
        lifecycle.reinstate(brand.pk, by=operator)

    assert standing(campaign)[0] == Status.PAUSED


def test_the_database_keeps_the_reason(brand):
    for fields in (
        {"active": False, "suspended_at": timezone.now(), "suspension_reason": " "},
        {"active": True, "suspended_at": timezone.now(), "suspension_reason": REASON},
        {"active": False, "suspended_at": None, "suspension_reason": REASON},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Brand.objects.filter(pk=brand.pk).update(**fields)


def test_staff_suspend_and_lift_in_the_list_of_brands(brand, operator, campaign_as):
    campaign = campaign_as("scheduled")
    desk, page = signed_in(operator), "/admin/campaigns/brand/"
    chosen = {"action": "suspend", "_selected_action": brand.pk}

    asked = desk.post(page, chosen)
    refused = desk.post(page, chosen | {"confirmed": "1", "reason": " "})
    assert standing(campaign)[0] == Status.SCHEDULED
    done = desk.post(page, chosen | {"confirmed": "1", "reason": REASON})

    assert "Suspender marcas" in asked.content.decode()
    assert refused.status_code == 422
    assert done.status_code == 302
    assert standing(campaign)[0] == Status.PAUSED
    listed = desk.get(page + "?estado=suspendidas").content.decode()
    assert "Suspendida" in listed
    desk.post(page, {"action": "reinstate", "_selected_action": brand.pk})
    assert standing(campaign)[0] == Status.SCHEDULED


def test_no_form_makes_a_brand_inactive_behind_the_back_of_its_campaigns(brand, campaign_as):
    campaign = campaign_as("scheduled")
    desk = signed_in(User.objects.create_superuser("jefa@telefonica.mx"))
    page = reverse("admin:campaigns_brand_change", args=[brand.pk])
    assert 'name="active"' not in desk.get(page).content.decode()

    members = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    data = {"name": "Otra", "slug": brand.slug, "category": "FOOD", **members}
    response = desk.post(page, data)

    brand.refresh_from_db()
    assert (response.status_code, brand.name, brand.active) == (302, "Otra", True)
    assert standing(campaign)[0] == Status.SCHEDULED


# ── races ────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", range(6))
def test_a_suspension_and_an_approval_at_once_end_in_one_outcome(
    order, campaign_as, brand, operator, reviewer
):
    campaign = campaign_as("in_review")
    barrier, outcomes = Barrier(2), {}

    def run(name, work):
        try:
            barrier.wait()
            outcomes[name] = work()
        except BrandSuspended:
            outcomes[name] = "refused"
        finally:
            connection.close()

    jobs = {
        "approve": lambda: lifecycle.approve(campaign.pk, version=1, by=reviewer),
        "suspend": lambda: lifecycle.suspend(brand.pk, reason=REASON, by=operator),
    }
    names = sorted(jobs, reverse=bool(order % 2))
    threads = [Thread(target=run, args=(name, jobs[name])) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    brand.refresh_from_db()
    campaign.refresh_from_db()
    assert outcomes["suspend"] is True
    assert brand.is_suspended
    if outcomes["approve"] == "refused":
        assert campaign.status == Status.IN_REVIEW
        assert not AdOrder.objects.exists()
        assert campaign.reservation.status == Reservation.Status.HELD
    else:
        assert standing(campaign) == (Status.PAUSED, PausedBy.SUSPENSION, "PAUSED")
        assert campaign.reservation.status == Reservation.Status.BOOKED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["approve", "suspend"])
def test_whichever_begins_first_the_other_waits_for_it(
    first, campaign_as, brand, operator, reviewer
):
    """Each holds its locks while the other begins; neither sees half of the other's work."""
    campaign = campaign_as("in_review")
    jobs = {
        "approve": lambda: lifecycle.approve(campaign.pk, version=1, by=reviewer),
        "suspend": lambda: lifecycle.suspend(brand.pk, reason=REASON, by=operator),
    }
    [second] = jobs.keys() - {first}
    refused = []

    def run():
        try:
            jobs[second]()
        except BrandSuspended as error:
            refused.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        jobs[first]()
        rival = Thread(target=run)
        rival.start()
        rival.join(0.5)
        assert rival.is_alive()
    rival.join(30)

    campaign.refresh_from_db()
    if first == "suspend":
        assert len(refused) == 1
        assert campaign.status == Status.IN_REVIEW
    else:
        assert standing(campaign) == (Status.PAUSED, PausedBy.SUSPENSION, "PAUSED")
