"""The availability panel: why terms do not fit, and alternatives that do, by one click."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import Campaign
from inventory import reservations
from inventory.models import Capacity
from inventory.terms import Terms
from segments.areas import Area

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def full(on_sale):
    """A capacity of 100 in every cell; the first two days of LADA 376 are sold out."""
    Capacity.objects.update(gross=100, capacity=100)
    return reservations.hold(
        Terms(
            quantity=200,
            ladas=["376"],
            starts_on=on_sale,
            ends_on=on_sale + timedelta(days=1),
        ),
        reference="LP-TEST22",
        expires_at=timezone.now() + timedelta(hours=1),
    )


@pytest.fixture
def fields(on_sale, full):
    return {
        "scope": "zones",
        "ladas": ["376"],
        "starts_on": on_sale.isoformat(),
        "ends_on": on_sale.isoformat(),
        "volume": "80",
        "excluded": "387",
    }


@pytest.fixture
def short(fields, brand, editor, on_sale):
    """A draft with the same terms, which do not fit."""
    area = Area(ladas=frozenset(["376"]), excluded_ladas=frozenset(["387"])).to_json()
    days = {"starts_on": on_sale, "ends_on": on_sale}
    terms = {"name": "Recarga", "text": "Recarga hoy", "area": area, "volume": 80} | days
    return lifecycle.draft(brand.pk, terms, by=editor)


def click(client, campaign, slug, action, **changes):
    """Open a step, change some fields, and submit it by a button."""
    address = reverse("portal:campaign_step", args=[campaign.folio, slug])
    form = client.get(address).context["form"]
    fields = {name: form[name].value() for name in form.fields} | changes
    fields = {name: value for name, value in fields.items() if value is not None}
    return client.post(address, fields | {"action": action})


def panel(client, fields, **query):
    url = reverse("portal:availability", query=query)
    return client.post(url, fields).content.decode()


def offers(page):
    """Return the action of each button, by the start of its label."""
    found = re.findall(r'name="action"\s+value="(use [^"]*)">([^<]*)<', page)
    return {label.split(":")[0].split(" de")[0]: html.unescape(action) for action, label in found}


def test_the_panel_displays_what_binds_and_what_would_fit(client, fields, on_sale):
    page = panel(client, fields)

    assert "Faltan 80." in page
    assert "No hay más lugar en esas LADA" in page
    assert list(offers(page)) == ["Agrega 1 LADA", "Cambia las fechas", "Alarga 5 días"]


def test_a_lada_that_the_brand_excludes_is_not_offered(client, fields):
    assert "387" not in offers(panel(client, fields))["Agrega 1 LADA"]


def wizard_page(client, campaign, slug):
    return client.get(reverse("portal:campaign_step", args=[campaign.folio, slug])).content.decode()


def changed_terms(before, after):
    return {name for name in Campaign.TERMS if getattr(before, name) != getattr(after, name)}


# A draft for each kind of alternative: the terms that do not fit, and what its button may change.
KINDS = {
    "Baja a": ({"volume": 500, "ladas": "33"}, {"volume"}),
    "Permite hasta": ({"volume": 300, "daily_cap": 50, "days": 5, "ladas": "33"}, {"daily_cap"}),
    "Agrega 1 LADA": ({}, {"area"}),
    "Cambia las fechas": ({}, {"starts_on", "ends_on"}),
    "Alarga": ({}, {"ends_on"}),
}


@pytest.mark.parametrize("slug", ["zona", "fechas", "revisar"])
@pytest.mark.parametrize("kind", KINDS)
def test_one_click_changes_what_its_label_says_and_then_it_fits(client, short, slug, kind):
    wanted, may_change = KINDS[kind]
    with_terms(short, **wanted)
    before = Campaign.objects.get()
    (action,) = [
        action
        for label, action in offers(wizard_page(client, short, slug)).items()
        if label.startswith(kind)
    ]

    saved = click(client, short, slug, action)

    assert saved["Location"].endswith(f"{slug}/#disponibilidad")
    after = Campaign.objects.get()
    assert changed_terms(before, after) == may_change
    assert f"Tus {after.volume} notificaciones caben." in wizard_page(client, short, slug)
    assert set(after.area["ladas"]) >= set(before.area["ladas"])
    assert after.area["excluded_ladas"] == ["387"]


def with_terms(campaign, *, days=1, ladas="376", **terms):
    area = campaign.area | {"ladas": [ladas]}
    ends_on = campaign.starts_on + timedelta(days - 1)
    Campaign.objects.filter(pk=campaign.pk).update(area=area, ends_on=ends_on, **terms)


def test_an_alternative_is_applied_with_the_unsaved_fields(client, fields, short):
    action = offers(panel(client, fields))["Agrega 1 LADA"]

    click(client, short, "fechas", action, volume="90", daily_cap="200")

    short.refresh_from_db()
    assert (short.volume, short.daily_cap) == (90, 200)
    assert len(short.area["ladas"]) == 2


@pytest.mark.parametrize("slug", ["zona", "fechas", "revisar"])
@pytest.mark.parametrize(
    "action",
    [
        "use ",
        "use volume=x",
        "use starts_on=ayer",
        "use ladas=999999",
        "use name=otro",
        "use volume",
    ],
)
def test_an_alternative_that_was_not_offered_changes_nothing(client, short, slug, action):
    before = Campaign.objects.values().get()

    assert click(client, short, slug, action).status_code == 302

    assert Campaign.objects.values().get() == before


def test_its_own_hold_counts_for_a_campaign_with_changes_requested(
    client, campaign_in_review, reviewer
):
    campaign = campaign_in_review
    lifecycle.request_changes(campaign.pk, version=1, reasons=["x"], by=reviewer)
    Capacity.objects.filter(planned=0).update(gross=0, capacity=0)

    dates = reverse("portal:campaign_step", args=[campaign.folio, "fechas"])

    assert "Tus 60,000 notificaciones caben." in client.get(dates).content.decode()


def test_the_panel_of_a_strangers_campaign_is_not_found(client, fields, stranger, draft):
    client.force_login(stranger)

    response = client.post(reverse("portal:availability", query={"campana": draft.folio}), fields)

    assert response.status_code == 404


def test_dates_are_written_as_ranges(client, fields, on_sale):
    from core.calendar import format_date_range, format_dates

    day = on_sale.replace(month=11, day=28)
    assert (
        format_date_range(day, day + timedelta(days=4)) == "del 28 de noviembre al 2 de diciembre"
    )
    assert format_date_range(day, day) == "28 de noviembre"
    days = [day, day + timedelta(days=1), day + timedelta(days=5)]
    assert format_dates(days) == "del 28 al 29 de noviembre y 3 de diciembre"


def test_what_the_brand_may_not_hold_is_told_where_it_is_typed(client, draft, brand):
    brand.held_limit = 25
    brand.save()
    address = reverse("portal:campaign_step", args=[draft.folio, "fechas"])

    page = client.get(address).content.decode()

    assert "hasta 25 notificaciones apartadas sin decidir. Baja el volumen a 25." in page
    assert "notificaciones caben" not in page
