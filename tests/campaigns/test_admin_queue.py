"""The review queue, and the facts on the decision page."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import lifecycle
from campaigns.models import Campaign, Event, Version
from segments import gazetteer

Status = Campaign.Status

QUEUE = "/admin/campaigns/campaign/"
QUERIES = 12


def page_of(campaign):
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def text_of(response):
    return response.content.decode()


@pytest.fixture
def desk(reviewer):
    """The reviewer's browser."""
    browser = Client()
    browser.force_login(reviewer)
    return browser


@pytest.fixture
def another(brand, editor, terms):
    """A second campaign in review, which starts later."""
    later = terms | {"name": "Otra", "starts_on": terms["ends_on"]}
    campaign = lifecycle.draft(brand.pk, later, by=editor)
    lifecycle.submit(campaign.pk, by=editor)
    lifecycle.hold_submitted()
    return campaign


def test_the_page_displays_the_text_as_it_is_received(campaign_in_review, desk):
    text = text_of(desk.get(page_of(campaign_in_review)))

    assert f'<span class="phone-ad">{campaign_in_review.text}</span>' in text
    assert f"El canal acepta el texto: {len(campaign_in_review.text)} de 90 caracteres." in text
    assert "Inventario apartado: 60,000 notificaciones." in text
    assert "33 Guadalajara" in text


def test_a_draft_has_a_page_without_a_version(draft, desk):
    response = desk.get(page_of(draft))

    assert response.status_code == 200
    assert "Todavía es un borrador" in text_of(response)


def test_the_queue_lists_campaigns_in_review_by_first_day(
    campaign_in_review, another, draft, brand, editor, desk
):
    hidden = lifecycle.draft(brand.pk, {"name": "Guardada", "text": "No enviada"}, by=editor)

    waiting = desk.get(QUEUE)
    everything = desk.get(QUEUE, {"etapa": "todas"})
    found = desk.get(QUEUE, {"q": hidden.folio})

    assert list(waiting.context["cl"].result_list) == [campaign_in_review, another]
    assert hidden in everything.context["cl"].result_list
    assert list(found.context["cl"].result_list) == [hidden]


@pytest.mark.parametrize("stage", ["en-revision", "todas"])
def test_the_queue_runs_the_same_number_of_queries_for_5_rows_and_50(
    campaign_in_review, desk, django_assert_max_num_queries, stage
):
    gazetteer.current()  # as in any process that has answered once
    desk.get(QUEUE)  # as in any session: its first page notes it
    copies(campaign_in_review, 4)
    with django_assert_max_num_queries(QUERIES) as few:
        response = desk.get(QUEUE, {"etapa": stage})
    assert len(response.context["cl"].result_list) == 5

    copies(campaign_in_review, 45)
    with django_assert_max_num_queries(QUERIES) as many:
        response = desk.get(QUEUE, {"etapa": stage})

    assert len(response.context["cl"].result_list) == 50
    assert len(many) == len(few)


def copies(campaign, count):
    """Add copies of a campaign to the queue without lifecycle: only reading is tested."""
    terms = {name: getattr(campaign, name) for name in Campaign.TERMS}
    rows = Campaign.objects.bulk_create(
        Campaign(
            **terms,
            brand=campaign.brand,
            status=Status.IN_REVIEW,
            version_number=1,
            reservation=campaign.reservation,
            created_by=campaign.created_by,
        )
        for _ in range(count)
    )
    Version.objects.bulk_create(
        Version(**terms, campaign=row, number=1, ladas=["33"], sent_by=campaign.created_by)
        for row in rows
    )
    Event.objects.bulk_create(
        Event(campaign=row, move="hold", to_status=row.status, version_number=1) for row in rows
    )
