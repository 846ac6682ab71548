"""The decision page over HTTP: who may decide, and that a refusal changes nothing."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import AdOrder, Campaign, Event, Membership, Reason
from inventory.models import Reservation
from portal.accounts.models import User

Status = Campaign.Status

QUEUE = "/admin/campaigns/campaign/"


def page_of(campaign):
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text_of(response):
    """Return a page as text, whatever its line breaks."""
    return " ".join(unescape(response.content.decode()).split())


def state(campaign):
    """Return all that a refused decision must not change."""
    return (
        Campaign.objects.filter(pk=campaign.pk).values().get(),
        list(Event.objects.order_by("id").values()),
        list(Reservation.objects.order_by("id").values()),
        list(AdOrder.objects.order_by("id").values()),
    )


@pytest.fixture
def desk(reviewer):
    """The reviewer's browser."""
    return signed_in(reviewer)


@pytest.fixture
def reason(db):
    return Reason.objects.create(label="Falta la vigencia", position=1)


@pytest.fixture
def staff_viewer(db):
    """Staff who may view and not decide."""
    user = User.objects.create_user("mira@telefonica.mx", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_campaign"))
    return user


@pytest.fixture
def another(brand, editor, terms):
    """A second campaign in review, which starts a day later."""
    later = terms | {"name": "Otra", "starts_on": terms["ends_on"], "ends_on": terms["ends_on"]}
    return in_review(brand, editor, later)


def in_review(brand, editor, terms):
    campaign = lifecycle.draft(brand.pk, terms, by=editor)
    lifecycle.submit(campaign.pk, by=editor)
    lifecycle.hold_submitted()
    campaign.refresh_from_db()
    assert campaign.status == Status.IN_REVIEW
    return campaign


# ── permissions ──────────────────────────────────────────────────────────────


def test_a_person_of_a_brand_is_kept_out(campaign_in_review, editor):
    response = signed_in(editor).get(page_of(campaign_in_review), follow=True)

    assert response.status_code == 403
    assert campaign_in_review.text not in text_of(response)


@pytest.mark.parametrize("verb", ["aprobar", "aprobar-y-seguir", "pedir-cambios", "rechazar"])
def test_staff_who_may_only_look_cannot_decide(campaign_in_review, staff_viewer, reason, verb):
    before = state(campaign_in_review)
    browser = signed_in(staff_viewer)

    seen = browser.get(page_of(campaign_in_review))
    response = browser.post(
        page_of(campaign_in_review), {"version": 1, "decision": verb, "reason": reason.pk}
    )

    assert seen.status_code == 200
    assert 'name="decision"' not in text_of(seen)
    assert response.status_code == 403
    assert state(campaign_in_review) == before


def test_a_campaign_is_not_added_edited_or_deleted_here(campaign_in_review, db):
    browser = signed_in(User.objects.create_superuser("jefa@telefonica.mx"))
    before = state(campaign_in_review)

    assert browser.get(f"{QUEUE}add/").status_code == 403
    assert browser.post(page_of(campaign_in_review), {"name": "X"}).status_code == 409
    page = reverse("admin:campaigns_campaign_delete", args=[campaign_in_review.pk])
    assert browser.post(page, {"post": "yes"}).status_code == 403
    assert state(campaign_in_review) == before


def test_a_campaign_of_ones_own_brand_is_explained_and_refused(campaign_in_review, reviewer):
    Membership.objects.create(brand=campaign_in_review.brand, user=reviewer, role="viewer")
    browser = signed_in(reviewer)
    before = state(campaign_in_review)

    seen = browser.get(page_of(campaign_in_review))
    response = browser.post(page_of(campaign_in_review), {"version": 1, "decision": "aprobar"})

    assert "Perteneces a esta marca" in text_of(seen)
    assert 'name="decision"' not in text_of(seen)
    assert response.status_code == 409
    assert "Perteneces a esta marca" in text_of(response)
    assert state(campaign_in_review) == before


# ── deciding ─────────────────────────────────────────────────────────────────


def test_approving_books_orders_and_returns_to_the_queue(campaign_in_review, desk, reviewer):
    response = desk.post(
        page_of(campaign_in_review), {"version": 1, "decision": "aprobar", "comment": " Bien "}
    )

    assert (response.status_code, response.url) == (302, QUEUE)
    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Status.APPROVED
    assert campaign_in_review.reservation.status == Reservation.Status.BOOKED
    assert AdOrder.objects.get().campaign == campaign_in_review
    event = campaign_in_review.events.last()
    assert (event.move, event.by, event.comment) == ("approve", reviewer, "Bien")
    assert f"Aprobaste {campaign_in_review.folio}" in text_of(desk.get(QUEUE))


def test_approving_and_continuing_opens_the_next_in_the_queue(campaign_in_review, another, desk):
    first = page_of(campaign_in_review)

    response = desk.post(first, {"version": 1, "decision": "aprobar-y-seguir"})
    last = desk.post(page_of(another), {"version": 1, "decision": "aprobar-y-seguir"})

    assert response.url == page_of(another)
    assert last.url == QUEUE


def test_the_next_is_never_one_of_ones_own_brand(campaign_in_review, another, stranger, terms):
    own = Membership.objects.get(user=stranger).brand
    third = in_review(own, stranger, terms | {"name": "Tercera"})
    stranger.is_staff = True
    stranger.save()
    stranger.user_permissions.set(
        Permission.objects.filter(codename__in=["view_campaign", "review_campaign"])
    )
    browser = signed_in(stranger)

    response = browser.post(
        page_of(campaign_in_review), {"version": 1, "decision": "aprobar-y-seguir"}
    )

    assert third.status == Status.IN_REVIEW
    assert response.url == page_of(another)


def test_changes_are_requested_with_the_labels_of_the_reasons(campaign_in_review, desk, reason):
    response = desk.post(
        page_of(campaign_in_review),
        {"version": 1, "decision": "pedir-cambios", "reason": reason.pk, "comment": "Di cuándo"},
    )

    assert response.url == QUEUE
    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Status.CHANGES_REQUESTED
    assert campaign_in_review.reservation.status == Reservation.Status.HELD
    event = campaign_in_review.events.last()
    assert (event.reasons, event.comment) == (["Falta la vigencia"], "Di cuándo")


def test_rejecting_gives_the_inventory_back(campaign_in_review, desk, reason):
    desk.post(
        page_of(campaign_in_review),
        {"version": 1, "decision": "rechazar", "reason": reason.pk},
    )

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Status.REJECTED
    assert campaign_in_review.reservation.status == Reservation.Status.RELEASED


# ── refusals keep the entered decision ───────────────────────────────────────


@pytest.mark.parametrize("verb", ["pedir-cambios", "rechazar"])
def test_a_reason_is_needed_unless_approving(campaign_in_review, desk, reason, verb):
    before = state(campaign_in_review)

    response = desk.post(
        page_of(campaign_in_review), {"version": 1, "decision": verb, "comment": "Sin motivo"}
    )

    assert response.status_code == 409
    assert "Elige al menos un motivo" in text_of(response)
    assert ">Sin motivo</textarea>" in text_of(response)
    assert state(campaign_in_review) == before


def test_an_inactive_reason_is_refused(campaign_in_review, desk):
    old = Reason.objects.create(label="Viejo", active=False)

    response = desk.post(
        page_of(campaign_in_review), {"version": 1, "decision": "rechazar", "reason": old.pk}
    )

    assert response.status_code == 409
    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Status.IN_REVIEW


def test_a_version_that_was_replaced_is_not_decided(
    campaign_in_review, desk, editor, reviewer, reason
):
    lifecycle.request_changes(campaign_in_review.pk, version=1, reasons=["Cambia"], by=reviewer)
    campaign_in_review.refresh_from_db()
    lifecycle.edit(
        campaign_in_review.pk,
        {"text": "Recarga $200 y recibe 4 GB"},
        revision=campaign_in_review.revision,
        by=editor,
    )
    lifecycle.submit(campaign_in_review.pk, by=editor)
    lifecycle.hold_submitted()
    before = state(campaign_in_review)

    response = desk.post(
        page_of(campaign_in_review),
        {"version": 1, "decision": "rechazar", "reason": reason.pk, "comment": "De la primera"},
    )

    text = text_of(response)
    assert response.status_code == 409
    assert "La marca envió otra versión" in text
    assert ">De la primera</textarea>" in text
    assert f'name="reason" value="{reason.pk}" checked' in text
    assert 'name="version" value="2"' in text
    assert "<del>$100</del> <ins>$200</ins>" in text
    assert state(campaign_in_review) == before


def test_an_expired_hold_is_reported_and_nothing_changes(campaign_in_review, desk):
    Reservation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    before = state(campaign_in_review)

    response = desk.post(
        page_of(campaign_in_review),
        {"version": 1, "decision": "aprobar", "comment": "A tiempo"},
    )

    assert response.status_code == 409
    assert "El inventario apartado ya venció" in text_of(response)
    assert ">A tiempo</textarea>" in text_of(response)
    assert state(campaign_in_review) == before


def test_the_enter_key_decides_nothing(campaign_in_review, desk):
    before = state(campaign_in_review)

    seen = text_of(desk.get(page_of(campaign_in_review)))
    response = desk.post(
        page_of(campaign_in_review), {"version": 1, "decision": "", "comment": "A medias"}
    )

    first = re.search("<button[^>]*>", seen[seen.index('class="decide"') :])[0]
    assert 'value=""' in first
    assert "disabled" not in first
    assert response.status_code == 409
    assert "Elige qué decides" in text_of(response)
    assert state(campaign_in_review) == before


def test_a_decided_campaign_names_its_reviewer_and_keeps_what_another_one_wrote(
    approved, desk, reviewer, reason
):
    reviewer.first_name = "Rebeca"
    reviewer.save()

    response = desk.post(
        page_of(approved),
        {"version": 1, "decision": "rechazar", "reason": reason.pk, "comment": "Yo decía que no"},
    )

    text = text_of(response)
    assert response.status_code == 409
    assert "Lo decidió Rebeca el" in text
    assert "Yo decía que no" in text
    assert 'name="decision"' not in text
    approved.refresh_from_db()
    assert approved.status == Status.APPROVED
