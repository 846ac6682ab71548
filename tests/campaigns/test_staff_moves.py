"""Staff pause, resume and cancel with a reason: the brand reads it, and cannot resume itself."""

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.urls import reverse

from campaigns import lifecycle, moves, notice_mails
from campaigns.errors import BadReason, NotAllowed, OwnBrand, PausedByStaff, WrongStatus
from campaigns.models import AdOrder, Campaign, Event, Membership
from campaigns.models.brand import MAX_REASON_LENGTH
from campaigns.moves import PausedBy
from inventory.models import Reservation
from portal.accounts.models import User
from tests import statuses
from tests.api.conftest import V1

Status = Campaign.Status
REASON = "El texto promete un precio que ya no existe."


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def state(campaign):
    return (
        Campaign.objects.filter(pk=campaign.pk).values().get(),
        list(Event.objects.order_by("id").values()),
        list(Reservation.objects.order_by("id").values()),
        list(AdOrder.objects.order_by("id").values()),
        mail.outbox[:],
    )


def post(desk, campaign, move, reason=REASON):
    page = reverse("admin:campaigns_campaign_move", args=[campaign.pk])
    return desk.post(page, {"move": move, "reason": reason})


@pytest.fixture
def scheduled(approved):
    lifecycle.schedule(approved.pk)
    approved.refresh_from_db()
    return approved


@pytest.fixture
def desk(reviewer):
    return signed_in(reviewer)


@pytest.fixture
def paused(scheduled, reviewer):
    return lifecycle.staff_pause(scheduled.pk, reason=REASON, by=reviewer)


def desired(campaign):
    return AdOrder.objects.get(campaign=campaign).desired_state


@pytest.mark.parametrize(
    ("move", "before", "after", "order", "title"),
    [
        ("staff_pause", "scheduled", Status.PAUSED, "PAUSED", "Telefónica la pausó"),
        ("staff_resume", "paused", Status.SCHEDULED, "ACTIVE", "Telefónica la reanudó"),
        ("staff_cancel", "scheduled", Status.CANCELLED, "CANCELLED", "Telefónica la canceló"),
        ("staff_cancel", "paused", Status.CANCELLED, "CANCELLED", "Telefónica la canceló"),
        ("staff_cancel", "approved", Status.CANCELLED, "CANCELLED", "Telefónica la canceló"),
    ],
)
def test_what_staff_do_is_told_alike_in_history_notice_and_mail(
    move, before, after, order, title, request, desk, reviewer, editor
):
    campaign = request.getfixturevalue(before)

    response = post(desk, campaign, move)

    campaign.refresh_from_db()
    assert response.status_code == 302
    assert (campaign.status, desired(campaign)) == (after, order)
    event = campaign.events.last()
    assert (event.by, event.comment, str(event.label)) == (reviewer, REASON, title)
    assert event.notices.filter(user=editor, read_at=None).exists()
    notice_mails.send_due()
    sent = [m for m in mail.outbox if m.to == [editor.email] and title in m.subject]
    assert len(sent) == 1
    assert REASON in sent[0].body
    brand_page = signed_in(editor).get(reverse("portal:campaign", args=[campaign.folio]))
    assert title in brand_page.content.decode()
    assert REASON in brand_page.content.decode()
    assert title in desk.get(response.url).content.decode()


@pytest.mark.parametrize("move", ["staff_pause", "staff_cancel"])
@pytest.mark.parametrize("reason", ["", " \r\n ", "a\0b", "x" * (MAX_REASON_LENGTH + 1)])
def test_without_a_reason_that_can_be_sent_nothing_changes(move, reason, scheduled, desk, reviewer):
    before = state(scheduled)

    with pytest.raises(BadReason):
        getattr(lifecycle, move)(scheduled.pk, reason=reason, by=reviewer)
    assert state(scheduled) == before


def test_a_refused_form_keeps_the_reason_and_stays_open(scheduled, desk):
    long = "x" * (MAX_REASON_LENGTH + 1)

    response = post(desk, scheduled, "staff_pause", long)

    assert response.status_code == 409
    text = response.content.decode()
    assert "El motivo pasa por 1 carácter" in text
    assert long in text
    assert '<details class="more staff-move" open>' in text


def test_the_page_offers_what_the_table_allows(scheduled, desk):
    page = reverse("admin:campaigns_campaign_change", args=[scheduled.pk])

    for status in Status:
        statuses.put(scheduled.pk, status)
        offered = [m.name for m in moves.staff_moves(status, paused_by="")]
        text = desk.get(page).content.decode()
        for move in moves.STAFF_MOVES:
            assert (f'value="{move.name}"' in text) == (move.name in offered), (status, move.name)


@pytest.mark.parametrize("move", ["", "pause", "approve", "delete", "staff_nothing", "suspend"])
def test_another_word_is_no_move(move, scheduled, desk):
    before = state(scheduled)

    assert post(desk, scheduled, move).status_code == 409
    assert state(scheduled) == before


@pytest.mark.parametrize("move", ["staff_pause", "staff_cancel"])
def test_only_reviewers_of_other_brands_may(move, scheduled, reviewer, owner, stranger):
    before = state(scheduled)
    looking = User.objects.create_user("mira@telefonica.mx", is_staff=True)
    looking.user_permissions.set(Permission.objects.filter(codename="view_campaign"))

    for person in (owner, stranger, looking):
        with pytest.raises(NotAllowed):
            getattr(lifecycle, move)(scheduled.pk, reason=REASON, by=person)
    assert post(signed_in(looking), scheduled, move).status_code == 403
    Membership.objects.create(brand=scheduled.brand, user=reviewer, role="viewer")
    with pytest.raises(OwnBrand):
        getattr(lifecycle, move)(scheduled.pk, reason=REASON, by=reviewer)
    assert post(signed_in(reviewer), scheduled, move).status_code == 409
    assert state(scheduled) == before


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW, Status.FINISHED])
def test_what_does_not_run_is_not_stopped(status, scheduled, reviewer):
    statuses.put(scheduled.pk, status)
    before = state(scheduled)

    for move in moves.STAFF_MOVES:
        with pytest.raises(WrongStatus):
            getattr(lifecycle, move.name)(scheduled.pk, reason=REASON, by=reviewer)
    assert state(scheduled) == before


# ── the pause of staff is theirs to end ──────────────────────────────────────


def test_the_brand_cannot_resume_what_staff_paused_and_is_told_why(paused, editor):
    before = state(paused)
    web = signed_in(editor)

    with pytest.raises(PausedByStaff, match="precio que ya no existe"):
        lifecycle.resume(paused.pk, by=editor)
    button = web.post(
        reverse("portal:act_on_campaign", args=[paused.folio, "reanudar"]), follow=True
    )
    api = web.post(f"{V1}/campaigns/{paused.folio}/resume")

    assert "solo Telefónica puede reanudarla" in button.content.decode()
    assert REASON in button.content.decode()
    assert (api.status_code, api.json()["code"]) == (409, "PAUSED_BY_STAFF")
    assert REASON in api.json()["message"]
    assert state(paused) == before


def test_no_page_of_the_brand_and_no_answer_of_the_api_offers_to_resume_it(paused, editor):
    web = signed_in(editor)

    page = web.get(reverse("portal:campaign", args=[paused.folio])).content.decode()
    listed = web.get(reverse("portal:campaigns", args=[paused.brand.slug])).content.decode()
    answer = web.get(f"{V1}/campaigns/{paused.folio}").json()

    assert "/reanudar/" not in page + listed
    assert (answer["pausedBy"], answer["availableActions"]) == ("staff", ["cancel", "copy"])


def test_the_brand_may_cancel_what_staff_paused(paused, editor):
    assert lifecycle.cancel(paused.pk, by=editor).status == Status.CANCELLED


def test_after_staff_resumed_it_the_brand_pauses_and_resumes_as_before(paused, reviewer, editor):
    lifecycle.staff_resume(paused.pk, reason="Ya está corregido", by=reviewer)

    lifecycle.pause(paused.pk, by=editor)
    campaign = lifecycle.resume(paused.pk, by=editor)

    assert (campaign.status, campaign.paused_by) == (Status.SCHEDULED, "")


def test_staff_may_resume_what_the_brand_paused(scheduled, reviewer, editor):
    campaign = lifecycle.pause(scheduled.pk, by=editor)
    assert campaign.paused_by == PausedBy.BRAND

    campaign = lifecycle.staff_resume(scheduled.pk, reason="Lo pidió por teléfono", by=reviewer)

    assert (campaign.status, campaign.paused_by) == (Status.SCHEDULED, "")


def test_without_the_record_of_who_paused_the_brand_could_resume_it(paused, editor):
    """The negative control: what refuses the brand is `paused_by`, and nothing else."""
    Campaign.objects.filter(pk=paused.pk).update(paused_by="")

    assert lifecycle.resume(paused.pk, by=editor).status == Status.SCHEDULED


# ── staff take over the pause of a brand ─────────────────────────────────────


@pytest.fixture
def paused_by_brand(scheduled, editor):
    return lifecycle.pause(scheduled.pk, by=editor)


def test_staff_take_over_the_pause_of_a_brand_without_an_order_call(
    paused_by_brand, desk, reviewer, editor
):
    order = AdOrder.objects.values().get()

    response = post(desk, paused_by_brand, "staff_pause")

    assert response.status_code == 302
    campaign = Campaign.objects.get(pk=paused_by_brand.pk)
    assert (campaign.status, campaign.paused_by) == (Status.PAUSED, PausedBy.STAFF)
    assert AdOrder.objects.values().get() == order
    event = campaign.events.last()
    assert (event.by, event.comment, event.from_status) == (reviewer, REASON, Status.PAUSED)
    assert event.notices.filter(user=editor, read_at=None).exists()
    notice_mails.send_due()
    assert any("Telefónica la pausó" in m.subject for m in mail.outbox if m.to == [editor.email])
    page = signed_in(editor).get(reverse("portal:campaign", args=[campaign.folio]))
    assert REASON in page.content.decode()
    assert "Solo Telefónica puede reanudarla" in page.content.decode()
    assert "/reanudar/" not in page.content.decode()
    with pytest.raises(PausedByStaff, match="precio que ya no existe"):
        lifecycle.resume(campaign.pk, by=editor)
    resumed = lifecycle.staff_resume(campaign.pk, reason="Ya está", by=reviewer)
    assert (resumed.status, desired(resumed)) == (Status.SCHEDULED, "ACTIVE")


def test_without_taking_it_over_the_brand_resumes(paused_by_brand, editor):
    """The negative control."""
    assert lifecycle.resume(paused_by_brand.pk, by=editor).status == Status.SCHEDULED


@pytest.mark.parametrize("paused_by", [PausedBy.STAFF, PausedBy.SUSPENSION])
def test_a_pause_that_is_not_the_brands_is_not_taken_over(paused_by, paused, desk, reviewer):
    Campaign.objects.filter(pk=paused.pk).update(paused_by=paused_by)
    before = state(paused)

    with pytest.raises(WrongStatus):
        lifecycle.staff_pause(paused.pk, reason="Otra vez", by=reviewer)
    page = desk.get(reverse("admin:campaigns_campaign_change", args=[paused.pk]))
    assert 'value="staff_pause"' not in page.content.decode()
    assert state(paused) == before


def test_the_page_says_who_paused_it(paused_by_brand, desk):
    page = reverse("admin:campaigns_campaign_change", args=[paused_by_brand.pk])

    assert "La pausó la marca y puede reanudarla" in desk.get(page).content.decode()
    post(desk, paused_by_brand, "staff_pause")
    assert "La pausó la marca" not in desk.get(page).content.decode()


def test_a_taken_over_pause_survives_a_suspension(paused_by_brand, reviewer):
    lifecycle.staff_pause(paused_by_brand.pk, reason=REASON, by=reviewer)
    jefa = User.objects.create_superuser("jefa@telefonica.mx")

    lifecycle.suspend(paused_by_brand.brand_id, reason="Debe", by=jefa)
    lifecycle.reinstate(paused_by_brand.brand_id, by=jefa)

    assert Campaign.objects.get(pk=paused_by_brand.pk).paused_by == PausedBy.STAFF
