"""The demo data: brands, people and campaigns in many states, created once."""

import pytest
from django.core.management import CommandError, call_command

from campaigns import ad_text, readiness
from campaigns.models import AdOrder, Campaign, Event, Message, Notice, SavedZone, Version
from inventory import audit, capacity
from inventory.models import Reservation
from portal.accounts.models import User

pytestmark = pytest.mark.django_db

Status = Campaign.Status


@pytest.fixture
def embedded(settings, monkeypatch):
    settings.EMBEDDED = True
    monkeypatch.setenv("DEMO_PASSWORD", "una-clave-de-muestra")


@pytest.fixture
def on_sale(db):
    capacity.open_days(30)


def statuses():
    return sorted(Campaign.objects.values_list("status", flat=True))


def everything():
    models = (Campaign, Version, Event, Message, SavedZone, Reservation, AdOrder, Notice, User)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_there_are_campaigns_in_every_state_that_a_new_portal_can_have(embedded, on_sale):
    call_command("load_demo")

    assert statuses() == sorted(
        [Status.DRAFT] * 3
        + [Status.IN_REVIEW] * 7
        + [Status.APPROVED] * 4
        + [Status.CHANGES_REQUESTED, Status.NO_INVENTORY, Status.REJECTED, Status.CANCELLED]
    )
    assert AdOrder.objects.count() == 4
    changed = Campaign.objects.get(name="Apertura Puebla")
    assert (changed.status, changed.version_number) == (Status.IN_REVIEW, 2)
    assert changed.messages.count() == 3
    linked = Campaign.objects.get(name="Pago en línea")
    assert linked.short_link in linked.version.text
    assert set(Version.objects.values_list("campaign__brand__name", flat=True)) == {
        "Tienda Movistar",
        "Café Barranca",
        "Óptica Lumbre",
    }
    due = Campaign.objects.filter(status=Status.IN_REVIEW).earliest("starts_on")
    assert due.starts_on == readiness.first_possible_day()
    assert audit.find_breaches() == []


def test_every_demo_text_passes_the_text_law_without_advice(embedded, on_sale, settings):
    call_command("load_demo")

    for campaign in Campaign.objects.all():
        assert ad_text.check(campaign.text, limit=settings.AD_TEXT_LIMIT) == [], campaign.text
    for version in Version.objects.all():
        assert ad_text.advice(version.text) == [], version.text


def test_a_second_load_changes_nothing(embedded, on_sale):
    call_command("load_demo")
    before = everything()

    call_command("load_demo")

    assert everything() == before


def test_a_newcomer_finds_first_steps_and_an_empty_list(embedded, on_sale, client):
    call_command("load_demo")
    client.force_login(User.objects.get(email="nueva@demo.mx"))

    page = client.get("/marcas/la-espiga-azul/inicio/").content.decode()

    assert "Crea tu primera campaña" in page
    assert not Campaign.objects.filter(brand__slug="la-espiga-azul").exists()


def test_people_only_creates_no_campaigns(embedded):
    call_command("load_demo", people_only=True)

    assert User.objects.filter(email="marca@demo.mx").exists()
    assert not Campaign.objects.exists()


def test_outside_an_embedded_run_it_needs_the_option_here(settings, monkeypatch, on_sale):
    monkeypatch.setenv("DEMO_PASSWORD", "una-clave-de-muestra")
    settings.EMBEDDED = settings.DEBUG = False
    with pytest.raises(CommandError, match="--here"):
        call_command("load_demo")
    assert not User.objects.exists()

    call_command("load_demo", here=True)

    assert Campaign.objects.exists()


def test_with_nothing_on_sale_it_names_the_command_to_run_first(embedded):
    with pytest.raises(CommandError, match="open_capacity"):
        call_command("load_demo")

    assert not User.objects.exists()
