"""What has no place after a cut of capacity: all are told, and less is approved only if agreed."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import lifecycle, notice_mails
from campaigns.errors import PausedByStaff
from campaigns.models import AdOrder, Campaign, Event, Reason
from inventory import capacity_changes, reservations
from inventory.capacity_changes import Adjust, Source
from inventory.errors import NotAllPlaced, NotEnoughInventory
from inventory.models import Capacity, Reservation
from portal.accounts.models import User
from tests import statuses
from tests.api.conftest import V1

pytestmark = pytest.mark.django_db

Status = Campaign.Status
ASKED = 3_000


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def planner(db):
    user = User.objects.create_user("capacidad@telefonica.mx", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_the_capacity"))
    return user


@pytest.fixture
def full(brand, editor, terms, on_sale):
    """A campaign in review that holds 1,000 in each of three cells, all that they have."""
    Capacity.objects.filter(lada="33").update(gross=1_000, capacity=1_000)
    small = terms | {"area": {"ladas": ["33"]}, "volume": ASKED, "daily_cap": ASKED}
    campaign = lifecycle.draft(brand.pk, small, by=editor)
    lifecycle.submit(campaign.pk, by=editor)
    lifecycle.hold_submitted()
    campaign.refresh_from_db()
    assert campaign.status == Status.IN_REVIEW
    return campaign


@pytest.fixture
def change(planner, full):
    """Return a function that changes what each of its cells has, with the risk accepted."""

    def to(amount):
        days = [full.starts_on + timedelta(number) for number in range(3)]
        cells = capacity_changes.adjusted(["33"], days, Adjust.SET, amount)
        proposed = capacity_changes.propose(Source.RANGE, by=planner, cells=cells)
        capacity_changes.apply(proposed.pk, by=planner, accept_risk=True)

    return to


@pytest.fixture
def risky(full, change):
    change(400)
    full = Campaign.objects.get(pk=full.pk)
    assert full.reservation.quantity == ASKED
    assert 0 < full.reservation.placed < ASKED
    return full


def state(campaign):
    return (
        Campaign.objects.filter(pk=campaign.pk).values().get(),
        list(Event.objects.order_by("id").values()),
        list(Reservation.objects.order_by("id").values()),
        list(AdOrder.objects.values()),
    )


def decide(desk, campaign, **data):
    page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    return desk.post(page, {"version": 1, "decision": "aprobar", **data})


def page_of(desk, campaign):
    page = desk.get(reverse("admin:campaigns_campaign_change", args=[campaign.pk]))
    return " ".join(page.content.decode().split())


def figures(campaign):
    return f"{campaign.reservation.placed:,}", f"{campaign.reservation.at_risk:,}"


# ── who is told ──────────────────────────────────────────────────────────────


def test_the_reviewer_is_told_and_gets_no_green_check(risky, reviewer):
    placed, at_risk = figures(risky)
    desk = signed_in(reviewer)

    page = page_of(desk, risky)
    queue = desk.get("/admin/campaigns/campaign/").content.decode()

    assert f"Solo {placed} de 3,000 notificaciones tienen lugar: {at_risk} están en riesgo" in page
    assert "Inventario apartado: 3,000" not in page
    assert f"Aprobar con {placed} de 3,000" in page
    assert f"{at_risk} en riesgo" in queue


def test_without_risk_there_is_a_green_check_and_no_tick(full, reviewer):
    """The negative control of the page above."""
    desk = signed_in(reviewer)

    page = page_of(desk, full)
    queue = desk.get("/admin/campaigns/campaign/").content.decode()

    assert "Inventario apartado: 3,000 notificaciones" in page
    assert "en riesgo" not in page + queue
    assert 'name="agreed"' not in page


def test_the_brand_reads_it_on_its_page_and_by_the_api(risky, editor):
    _placed, at_risk = figures(risky)
    web = signed_in(editor)

    page = web.get(reverse("portal:campaign", args=[risky.folio])).content.decode()
    one = web.get(f"{V1}/campaigns/{risky.folio}").json()
    [listed] = web.get(f"{V1}/campaigns").json()["items"]

    assert f"{at_risk} de sus 3,000 notificaciones no tienen lugar por ahora" in page
    assert one["reservation"]["atRisk"] == listed["reservation"]["atRisk"] == risky.at_risk > 0
    assert one["reservation"]["quantity"] == ASKED


def test_mails_about_it_say_how_many_have_no_place(risky, reviewer, editor):
    _placed, at_risk = figures(risky)
    mail.outbox.clear()
    lifecycle.request_changes(risky.pk, version=1, reasons=["Menos"], by=reviewer)

    notice_mails.send_due()

    last = [m for m in mail.outbox if m.to == [editor.email]][-1]
    assert f"{at_risk} de sus 3,000 notificaciones no tienen lugar" in last.body
    assert f"{at_risk} de sus 3,000" in last.alternatives[0][0]


def test_once_it_has_ended_nothing_is_at_risk(risky, reviewer):
    assert risky.at_risk

    campaign = lifecycle.reject(risky.pk, version=1, reasons=["No"], by=reviewer)

    assert campaign.at_risk == 0


# ── approving ────────────────────────────────────────────────────────────────


def test_without_the_tick_it_is_refused_and_nothing_changes(risky, reviewer):
    before = state(risky)

    response = decide(signed_in(reviewer), risky)

    assert response.status_code == 409
    assert f"Solo {figures(risky)[0]} de sus 3,000" in response.content.decode()
    assert state(risky) == before


@pytest.mark.parametrize("agreed", ["3000", "0", "1", "-1", "x", "", "99999999999999", "²"])
def test_another_figure_than_the_one_with_a_place_is_refused(agreed, risky, reviewer):
    before = state(risky)

    assert decide(signed_in(reviewer), risky, agreed=agreed).status_code == 409
    assert state(risky) == before


def test_with_the_tick_it_is_approved_and_the_brand_reads_the_figures(risky, reviewer, editor):
    placed, at_risk = figures(risky)
    mail.outbox.clear()

    response = decide(
        signed_in(reviewer), risky, agreed=str(risky.reservation.placed), comment="Va así"
    )

    assert response.status_code == 302
    risky.refresh_from_db()
    assert risky.status == Status.APPROVED
    assert risky.reservation.status == Reservation.Status.BOOKED
    assert AdOrder.objects.get().document["goal"]["total"] == risky.reservation.placed
    told = f"Aprobada con {placed} de 3,000 notificaciones: las otras {at_risk} no tienen lugar"
    event = risky.events.last()
    assert event.comment.startswith(told)
    assert event.comment.endswith("\nVa así")
    notice_mails.send_due()
    sent = [m for m in mail.outbox if m.to == [editor.email] and "Aprobada" in m.subject]
    assert len(sent) == 1
    assert told in sent[0].body
    web = signed_in(editor)
    assert told in web.get("/avisos/").content.decode()
    assert told in web.get(reverse("portal:campaign", args=[risky.folio])).content.decode()


def test_the_rest_is_placed_later_and_the_goal_follows(risky, reviewer, change):
    lifecycle.approve(risky.pk, version=1, by=reviewer, agreed=risky.reservation.placed)

    change(2_000)
    reservations.repair()
    lifecycle.follow_plan()

    assert Campaign.objects.get(pk=risky.pk).at_risk == 0
    assert AdOrder.objects.get().document["goal"]["total"] == ASKED


def test_a_cut_between_the_page_and_the_approval_is_refused_with_the_new_figure(
    risky, reviewer, change
):
    seen = risky.reservation.placed
    change(200)
    before = state(risky)

    response = decide(signed_in(reviewer), risky, agreed=str(seen))

    now = Campaign.objects.get(pk=risky.pk).reservation.placed
    text = " ".join(response.content.decode().split())
    assert response.status_code == 409
    assert 0 < now < seen
    assert f"Solo {now:,} de sus 3,000" in text
    tick = re.search(r'<input type="checkbox" id="acuerdo"[^>]*>', text)[0]
    assert f'value="{now}"' in tick
    assert "checked" not in tick  # it is a new figure
    assert state(risky) == before


def test_a_first_cut_after_the_page_was_read_is_refused_too(full, reviewer, change):
    change(400)

    with pytest.raises(NotAllPlaced):
        lifecycle.approve(full.pk, version=1, by=reviewer)

    full.refresh_from_db()
    assert full.status == Status.IN_REVIEW


def test_what_was_placed_again_meanwhile_is_approved_whole(risky, reviewer, change):
    seen = risky.reservation.placed
    change(2_000)
    reservations.repair()

    campaign = lifecycle.approve(risky.pk, version=1, by=reviewer, agreed=seen)

    assert campaign.events.last().comment == ""
    assert AdOrder.objects.get().document["goal"]["total"] == ASKED


def test_what_has_no_place_at_all_is_never_approved(full, reviewer, change):
    change(0)
    before = state(full)

    for agreed in (None, 0, ASKED):
        with pytest.raises(NotAllPlaced, match="Ninguna"):
            lifecycle.approve(full.pk, version=1, by=reviewer, agreed=agreed)
    assert 'name="agreed"' not in page_of(signed_in(reviewer), full)
    assert state(full) == before


def test_a_tick_where_all_has_a_place_changes_nothing(full, reviewer):
    campaign = lifecycle.approve(full.pk, version=1, by=reviewer, agreed=7)

    assert AdOrder.objects.get().document["goal"]["total"] == ASKED
    assert campaign.events.last().comment == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", range(4))
def test_a_cut_and_an_approval_at_once_end_in_one_outcome(number, full, reviewer, change):
    """Either all of it was approved before the cut, or it is refused and stays in review."""
    barrier = Barrier(2)

    def run(work):
        try:
            barrier.wait()
            work()
        except NotAllPlaced:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        approval = pool.submit(run, lambda: lifecycle.approve(full.pk, version=1, by=reviewer))
        cut = pool.submit(run, lambda: change(400))
        approved, changed = approval.result(60), cut.result(60)

    campaign = Campaign.objects.get(pk=full.pk)
    assert changed == "done"
    assert campaign.at_risk > 0
    if approved == "done":
        assert AdOrder.objects.get().document["goal"]["total"] == ASKED
    else:
        assert campaign.status == Status.IN_REVIEW
        assert not AdOrder.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_cut_waits_for_an_approval_that_has_read_the_figures(full, reviewer, change):
    def run():
        try:
            change(400)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lifecycle.approve(full.pk, version=1, by=reviewer)
            cut = pool.submit(run)
            with pytest.raises(TimeoutError):
                cut.result(0.5)
        cut.result(60)

    assert AdOrder.objects.get().document["goal"]["total"] == ASKED
    assert Campaign.objects.get(pk=full.pk).at_risk > 0


# ── an expired hold is taken again ───────────────────────────────────────────


@pytest.fixture(params=["overdue", "expired"])
def lapsed(request, full):
    """A campaign in review whose hold has expired, noticed by a worker or not yet."""
    Reservation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    if request.param == "expired":
        assert reservations.expire_due() == 1
    return full


def test_the_page_offers_to_hold_again_and_then_to_approve(lapsed, reviewer, editor):
    desk = signed_in(reviewer)
    page = reverse("admin:campaigns_campaign_change", args=[lapsed.pk])
    seen = page_of(desk, lapsed)
    assert 'value="apartar"' in seen
    assert 'value="aprobar"' not in seen
    told = signed_in(editor).get(reverse("portal:campaign", args=[lapsed.folio]))
    assert "lo que tenía apartado venció" in told.content.decode()

    response = decide(desk, lapsed, decision="apartar", comment="Casi lista")

    assert (response.status_code, response.url) == (302, page)
    lapsed = Campaign.objects.get(pk=lapsed.pk)
    assert (lapsed.status, lapsed.current_hold.quantity) == (Status.IN_REVIEW, ASKED)
    assert lapsed.events.last().move == "hold_again"
    assert "Casi lista" in page_of(desk, lapsed)
    assert decide(desk, lapsed).status_code == 302


def test_where_it_does_not_fit_any_more_the_reviewer_reads_why(lapsed, reviewer):
    reservations.expire_due()
    Capacity.objects.filter(lada="33").update(gross=10, capacity=10)
    before = state(lapsed)

    with pytest.raises(NotEnoughInventory):
        lifecycle.hold_again(lapsed.pk, version=1, by=reviewer)
    assert decide(signed_in(reviewer), lapsed, decision="apartar").status_code == 409
    assert state(lapsed) == before


def test_holding_again_twice_holds_once(lapsed, reviewer):
    for _time in range(2):
        lifecycle.hold_again(lapsed.pk, version=1, by=reviewer)

    held = Reservation.objects.filter(status=Reservation.Status.HELD)
    assert sum(each.quantity for each in held) == ASKED
    assert lapsed.events.filter(move="hold_again").count() == 1


# ── a cut after the approval ─────────────────────────────────────────────────


@pytest.fixture
def booked(full, reviewer):
    return lifecycle.approve(full.pk, version=1, by=reviewer)


def reports(campaign):
    return list(campaign.events.filter(move="lose_place").order_by("id"))


def test_a_cut_of_an_approved_campaign_is_told_once_by_itself(
    booked, change, reviewer, editor, viewer
):
    change(400)
    mail.outbox.clear()

    assert [lifecycle.report_risk() for _ in range(3)] == [1, 0, 0]

    [event] = reports(booked)
    at_risk = Campaign.objects.get(pk=booked.pk).at_risk
    assert f"{at_risk:,} de sus 3,000 notificaciones no tienen lugar" in event.comment
    assert event.by is None
    assert event.notices.filter(user=editor, read_at=None).exists()
    notice_mails.send_due()
    sent = [m for m in mail.outbox if m.to == [editor.email] and "sin lugar" in m.subject]
    assert len(sent) == 1
    assert sent[0].body.count("no tienen lugar por ahora") == 1
    page = signed_in(editor).get(reverse("portal:campaign", args=[booked.folio])).content.decode()
    assert "Parte de sus notificaciones se quedó sin lugar" in page
    assert f'<a href="/admin/campaigns/campaign/{booked.pk}/change/">' in index(reviewer)
    assert f"({at_risk:,})" in index(reviewer)


def index(user):
    return " ".join(signed_in(user).get("/admin/").content.decode().split())


def test_each_worsening_is_told_and_no_improvement(booked, change):
    for amount, told in ((400, 1), (300, 2), (2_000, 2), (300, 3), (0, 4)):
        change(amount)
        reservations.repair()
        lifecycle.report_risk()
        assert len(reports(booked)) == told, amount


def test_what_the_brand_read_at_the_approval_is_not_told_again(risky, reviewer, change):
    lifecycle.approve(risky.pk, version=1, by=reviewer, agreed=risky.reservation.placed)

    lifecycle.report_risk()
    assert reports(risky) == []

    change(200)
    lifecycle.report_risk()
    assert len(reports(risky)) == 1


@pytest.mark.parametrize("status", ["scheduled", "live", "paused"])
def test_whatever_runs_is_told(status, booked, change):
    Campaign.objects.filter(pk=booked.pk).update(status=status)
    change(400)

    lifecycle.report_risk()

    [event] = reports(booked)
    assert (event.from_status, event.to_status) == (status, status)


@pytest.mark.parametrize("status", ["in_review", "finished", "cancelled", "draft"])
def test_what_does_not_run_is_not_told(status, full, change, reviewer):
    statuses.put(full.pk, status)
    change(400)

    assert lifecycle.report_risk() == 0
    assert reports(full) == []
    assert "sin lugar" not in index(reviewer)


def test_a_report_does_not_hide_why_staff_paused_it(booked, change, reviewer, editor):
    lifecycle.schedule(booked.pk)
    lifecycle.staff_pause(booked.pk, reason="Precio falso", by=reviewer)
    change(400)
    lifecycle.report_risk()

    page = signed_in(editor).get(reverse("portal:campaign", args=[booked.folio])).content.decode()

    assert "Precio falso" in page
    with pytest.raises(PausedByStaff, match="Precio falso"):
        lifecycle.resume(booked.pk, by=editor)


# ── changes may be asked for without a hold ──────────────────────────────────


def test_changes_are_requested_though_the_hold_has_expired(lapsed, reviewer):
    reason = Reason.objects.create(label="Falta la vigencia")
    before = list(Reservation.objects.values())

    response = decide(
        signed_in(reviewer), lapsed, decision="pedir-cambios", reason=reason.pk, comment="Di cuándo"
    )

    assert response.status_code == 302
    lapsed.refresh_from_db()
    assert lapsed.status == Status.CHANGES_REQUESTED
    assert lapsed.events.last().reasons == ["Falta la vigencia"]
    assert list(Reservation.objects.values()) == before


def test_after_changes_without_a_hold_the_brand_sends_it_again(lapsed, reviewer, editor):
    lifecycle.request_changes(lapsed.pk, version=1, reasons=["Cambia"], by=reviewer)
    reservations.expire_due()

    lifecycle.submit(lapsed.pk, by=editor)
    lifecycle.hold_submitted()

    lapsed.refresh_from_db()
    assert lapsed.status == Status.IN_REVIEW
    assert lapsed.current_hold is not None


def test_a_hold_in_force_is_kept_for_a_day(full, reviewer):
    lifecycle.request_changes(full.pk, version=1, reasons=["Cambia"], by=reviewer)

    full.refresh_from_db()
    left = full.reservation.expires_at - timezone.now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)


def test_with_an_expired_hold_it_is_rejected_too_and_not_approved(lapsed, reviewer):
    before = state(lapsed)
    assert decide(signed_in(reviewer), lapsed).status_code == 409
    assert state(lapsed) == before

    lifecycle.reject(lapsed.pk, version=1, reasons=["No"], by=reviewer)
    lapsed.refresh_from_db()
    assert lapsed.status == Status.REJECTED
