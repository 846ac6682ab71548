"""A hold that ends during the review: the brand is told once, and both sides know what to do."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import lifecycle, notice_mails, quotas
from campaigns.models import Campaign, Notice
from campaigns.moves import MOVES
from campaigns.quotas import Wanted
from inventory import reservations
from inventory.errors import HoldExpired
from inventory.models import Capacity, Reservation

pytestmark = pytest.mark.django_db

Status = Campaign.Status


def end_hold():
    Reservation.objects.update(expires_at=timezone.now())


@pytest.fixture(params=["overdue", "expired"])
def lost(request, campaign_in_review):
    """A campaign in review whose hold has ended, released by its worker or not yet."""
    end_hold()
    if request.param == "expired":
        assert reservations.expire_due() == 1
    return campaign_in_review


def moves_of(campaign):
    return list(campaign.events.order_by("id").values_list("move", flat=True))


def test_the_brand_is_told_once_and_it_stays_in_review(lost):
    since = lost.status_at
    assert [lifecycle.advance_due() for _sweep in range(3)] == [1, 0, 0]

    lost.refresh_from_db()
    event = lost.events.latest("id")
    assert lost.status == Status.IN_REVIEW
    assert (event.move, event.by, event.from_status) == ("lose_hold", None, "in_review")
    assert "sus 60,000 notificaciones volvieron a la venta" in event.comment
    assert lost.status_at == since
    assert moves_of(lost).count("lose_hold") == 1


def test_history_notice_and_mail_have_the_same_words(lost, editor):
    notice_mails.send_due()
    mail.outbox.clear()
    lifecycle.advance_due()
    notice_mails.send_due()

    web = Client()
    web.force_login(editor)
    row, comment = MOVES["lose_hold"], lost.events.latest("id").comment
    history = web.get(reverse("portal:campaign", args=[lost.folio])).content.decode()
    notices = web.get(reverse("portal:notices")).content.decode()
    (sent,) = [each for each in mail.outbox if each.to == [editor.email]]
    assert Notice.objects.filter(user=editor, event__move="lose_hold").count() == 1
    for words in (str(row.label), comment):
        assert words in history
        assert words in notices
        assert words in " ".join([sent.subject, sent.body])
    assert str(row.advice) in " ".join(sent.body.split())


def test_its_page_says_what_to_do_and_withdrawing_and_sending_again_holds_again(lost, editor):
    lifecycle.advance_due()
    web = Client()
    web.force_login(editor)
    page = web.get(reverse("portal:campaign", args=[lost.folio])).content.decode()
    assert "sin inventario: lo que tenía apartado venció. Retírala y envíala de nuevo" in page

    lifecycle.withdraw(lost.pk, by=editor)
    lifecycle.submit(lost.pk, by=editor)
    lifecycle.hold_submitted()

    lost.refresh_from_db()
    assert lost.status == Status.IN_REVIEW
    assert lost.current_hold.quantity == 60_000
    assert lifecycle.advance_due() == 0


def test_a_hold_that_is_made_again_and_lost_again_is_told_again(lost, reviewer):
    lifecycle.advance_due()
    lifecycle.hold_again(lost.pk, version=1, by=reviewer)
    assert lifecycle.advance_due() == 0
    end_hold()
    assert lifecycle.advance_due() == 1

    assert moves_of(lost)[-3:] == ["lose_hold", "hold_again", "lose_hold"]


def test_the_brand_hears_of_the_hold_that_a_reviewer_made_again(lost, reviewer, editor):
    lifecycle.advance_due()

    lifecycle.hold_again(lost.pk, version=1, by=reviewer)

    assert Notice.objects.filter(user=editor, event__move="hold_again").count() == 1


def test_a_hold_in_force_is_left_alone(campaign_in_review):
    before = moves_of(campaign_in_review)

    assert lifecycle.advance_due() == 0

    assert moves_of(campaign_in_review) == before


def test_one_that_can_be_decided_no_more_expires_and_says_nothing_of_its_hold(
    campaign_in_review, time_machine
):
    time_machine.move_to(campaign_in_review.decide_by)
    reservations.expire_due()

    assert lifecycle.advance_due() == 1

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Status.EXPIRED
    assert moves_of(campaign_in_review)[-2:] == ["hold", "expire"]


def test_a_decision_before_the_sweep_comes_first(lost, reviewer):
    with pytest.raises(HoldExpired):
        lifecycle.approve(lost.pk, version=1, by=reviewer)
    lifecycle.reject(lost.pk, version=1, reasons=["x"], by=reviewer)

    assert lifecycle.advance_due() == 0
    assert "lose_hold" not in moves_of(lost)


def test_a_hold_that_ends_while_changes_are_requested_is_no_loss_in_review(
    campaign_in_review, reviewer
):
    lifecycle.request_changes(campaign_in_review.pk, version=1, reasons=["x"], by=reviewer)
    end_hold()

    assert lifecycle.advance_due() == 0


def test_after_its_working_days_a_campaign_far_ahead_has_lost_its_hold(
    settings, draft, editor, time_machine, on_sale
):
    settings.HOLD_WORKING_DAYS = 1
    last = Capacity.objects.latest("day").day
    Campaign.objects.filter(pk=draft.pk).update(starts_on=last, ends_on=last)
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.hold_submitted()
    draft.refresh_from_db()
    assert draft.reservation.expires_at < draft.decide_by

    time_machine.move_to(draft.reservation.expires_at)

    assert lifecycle.advance_due() == 1
    assert moves_of(draft)[-1] == "lose_hold"


def test_what_is_lost_counts_no_more_against_the_quota_of_the_brand(lost, brand, settings):
    settings.HELD_PER_BRAND, settings.SHARE_PER_BRAND = 60_000, 100
    wanted = Wanted(60_000, lost.starts_on, lost.ends_on, ["55"])

    quotas.require_within(brand, wanted)

    assert not Campaign.objects.holding(timezone.now()).exists()
    assert Campaign.objects.holding(timezone.now() - timedelta(days=1)).exists() is (
        Reservation.objects.get().status == Reservation.Status.HELD
    )


def test_the_queue_says_that_it_holds_nothing(lost, reviewer):
    desk = Client()
    desk.force_login(reviewer)

    queue = desk.get(reverse("admin:campaigns_campaign_changelist")).content.decode()

    assert "Sin apartado" in queue


def test_the_queue_says_nothing_of_one_that_holds_its_inventory(campaign_in_review, reviewer):
    desk = Client()
    desk.force_login(reviewer)

    queue = desk.get(reverse("admin:campaigns_campaign_changelist")).content.decode()

    assert campaign_in_review.folio in queue
    assert "Sin apartado" not in queue
