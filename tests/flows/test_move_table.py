"""Pages, API, webhooks, notices and history read the one table of moves."""

import json
import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from campaigns import moves, notice_mails
from campaigns.lifecycle import transitions
from campaigns.models import Event, WebhookDelivery
from campaigns.moves import BRAND_MOVES, MOVES, POSTED, Status
from campaigns.webhooks import subscriptions
from tests import statuses
from tests.api.conftest import V1

pytestmark = pytest.mark.django_db

MADE = [pytest.param(move, id=name) for name, move in MOVES.items()]


@pytest.fixture
def client(editor):
    client = Client()
    client.force_login(editor)
    return client


@pytest.fixture
def campaign_with(approved):
    """Return a function that puts a campaign with a version and a hold into any status."""

    def put(status):
        statuses.put(approved.pk, status)
        approved.refresh_from_db()
        return approved

    return put


def posted_verbs(client, address):
    """Return the verbs of the buttons of a page, in its order."""
    page = client.get(address).content.decode()
    return re.findall(r'action="/campanas/LP-\w+/([\w-]+)/"', page)


@pytest.mark.parametrize("status", Status)
def test_pages_and_api_offer_what_the_table_allows(status, campaign_with, client):
    campaign = campaign_with(status)
    buttons = [b for b in moves.buttons(status, waiting=False) if b.done]

    on_page = posted_verbs(client, reverse("portal:campaign", args=[campaign.folio]))
    campaigns = reverse("portal:campaigns", args=[campaign.brand.slug], query={"estado": status})
    in_list = posted_verbs(client, campaigns)
    actions = client.get(f"{V1}/campaigns/{campaign.folio}").json()["availableActions"]

    assert [verb for verb in on_page if verb != "mensaje"] == [b.verb for b in buttons]
    assert in_list == [b.verb for b in buttons if b.in_list]
    allowed = [m.api_action for m in BRAND_MOVES if status in m.sources and m.name != "leave"]
    assert actions == [*allowed, "copy"]


@pytest.mark.parametrize("status", [Status.RESERVING, Status.FINISHED])
def test_a_button_is_refused_outside_of_the_table(status, campaign_with, client, trial):
    campaign = campaign_with(status)
    before = campaign.events.count()

    for verb in POSTED:
        with trial(verb):
            client.post(reverse("portal:act_on_campaign", args=[campaign.folio, verb]))

            campaign.refresh_from_db()
            assert (campaign.status, campaign.events.count()) == (status, before)


@pytest.mark.parametrize("move", MADE)
def test_a_move_is_recorded_and_sent_as_the_table_says(move, campaign_with, client, owner):
    campaign = campaign_with(min(move.sources, default=Status.DRAFT))
    subscriptions.create(campaign.brand_id, "https://tienda.mx/hook", by=owner)
    target = min(move.targets)
    statuses.put(campaign.pk, target)
    campaign.refresh_from_db()

    transitions.record(campaign, move.name, by=None, from_status=min(move.sources, default=""))

    event = Event.objects.latest("id")
    delivery = WebhookDelivery.objects.get()
    assert event.label == move.label
    assert delivery.type == move.event_type
    assert json.loads(delivery.body)["data"]["told"] == str(move.label)
    page = client.get(reverse("portal:campaign", args=[campaign.folio])).content.decode()
    assert str(move.label) in page
    notice_mails.send_due()
    sent = [m for m in mail.outbox if m.subject == f"{move.label}: {campaign.name}"]
    assert bool(sent) == move.notifies == event.notices.exists()
    assert all(str(move.advice) in m.body for m in sent)
