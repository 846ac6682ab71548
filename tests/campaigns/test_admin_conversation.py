"""The conversation on the decision page: sending a message keeps the entered decision."""

import re

import pytest
from django.urls import reverse

from campaigns import lifecycle
from campaigns.models import Campaign, Message, Reason
from tests.campaigns.test_admin_review import page_of, signed_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(reviewer):
    return signed_in(reviewer)


@pytest.fixture
def reason(db):
    return Reason.objects.create(label="Falta la vigencia", position=1)


def send_message(desk, campaign, body, **entered):
    address = reverse("admin:campaigns_campaign_message", args=[campaign.pk])
    return desk.post(address, {"version": 1, "body": body, **entered})


def entered_on(page, reason):
    """Return what the form of the decision has: the comment, and whether the reason is checked."""
    text = text_of(page)
    comment = re.search(r'<textarea id="comentario"[^>]*>([^<]*)</textarea>', text)[1]
    return comment.strip(), f'name="reason" value="{reason.pk}" checked' in text


def test_message_and_decision_are_one_form(campaign_in_review, desk):
    text = text_of(desk.get(page_of(campaign_in_review)))

    [form] = re.findall(r'<form method="post" class="decide" id="(\w+)" action="([^"]+)"', text)
    assert form == ("decision", page_of(campaign_in_review))
    assert '<textarea id="mensaje" name="body" rows="3" form="decision"' in text
    sends = re.search(
        r'<button class="button secondary" type="submit" form="decision" formaction="([^"]+)"', text
    )
    assert sends[1] == reverse("admin:campaigns_campaign_message", args=[campaign_in_review.pk])
    first = re.search(r'<button[^>]*form="decision"[^>]*>', text)[0]
    assert 'value=""' in first and "formaction" not in first  # what Enter in a box stands for


def test_sending_a_message_keeps_the_entered_decision(campaign_in_review, desk, reason):
    response = send_message(
        desk, campaign_in_review, "¿Hasta cuándo?", reason=reason.pk, comment="Falta"
    )

    assert response.status_code == 302
    assert Message.objects.get().body == "¿Hasta cuándo?"
    for _visit in range(2):  # and so does a page that is loaded again
        page = desk.get(response.url.partition("#")[0])
        assert entered_on(page, reason) == ("Falta", True)
    assert campaign_in_review.events.last().move == "hold"


def test_a_refused_message_keeps_both(campaign_in_review, desk, reason):
    page = send_message(desk, campaign_in_review, "x" * 1_001, reason=reason.pk, comment="Falta")

    assert page.status_code == 409
    assert entered_on(page, reason) == ("Falta", True)
    assert "x" * 1_001 in text_of(page)
    assert f'action="{page_of(campaign_in_review)}"' in text_of(page)
    assert not Message.objects.exists()


def test_an_entered_decision_belongs_to_one_campaign(campaign_in_review, desk, reason, editor):
    other = lifecycle.copy(campaign_in_review.pk, by=editor)
    lifecycle.submit(other.pk, by=editor)
    lifecycle.hold_submitted()
    send_message(desk, campaign_in_review, "¿Hasta cuándo?", reason=reason.pk, comment="Falta")

    assert entered_on(desk.get(page_of(other)), reason) == ("", False)


def test_a_decision_deletes_what_was_entered(campaign_in_review, desk, reason, editor):
    send_message(desk, campaign_in_review, "¿Hasta cuándo?", reason=reason.pk, comment="Falta")
    data = {"version": 1, "decision": "pedir-cambios", "reason": reason.pk, "comment": "Falta"}
    desk.post(page_of(campaign_in_review), data)

    lifecycle.submit(campaign_in_review.pk, by=editor)
    lifecycle.hold_submitted()

    assert entered_on(desk.get(page_of(campaign_in_review)), reason) == ("", False)


def test_a_decision_is_refused_while_a_message_is_unsent(campaign_in_review, desk, reason):
    page = desk.post(
        page_of(campaign_in_review),
        {"version": 1, "decision": "aprobar", "comment": "Bien", "body": "Una duda"},
    )

    assert page.status_code == 409
    assert "envíalo o bórralo antes de decidir" in text_of(page)
    assert "Una duda</textarea>" in text_of(page)
    assert entered_on(page, reason) == ("Bien", False)
    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Campaign.Status.IN_REVIEW


def test_the_entered_decision_is_displayed_once_more_after_somebody_else_decided(
    campaign_in_review, desk, reason, reviewer
):
    send_message(desk, campaign_in_review, "¿Hasta cuándo?", comment="Yo diría que no")
    lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer)

    pages = [text_of(desk.get(page_of(campaign_in_review))) for _visit in range(2)]

    assert ["Yo diría que no" in text for text in pages] == [True, False]
