"""The brand's actions without script: what is submitted is kept, errors are displayed."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import AdOrder, Campaign, WaitingListEntry
from campaigns.moves import MOVES
from inventory import reservations
from inventory.models import Capacity, Reservation
from portal.pages.wizard.ad_text_field import field_context
from tests.conftest import TEXT

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


def page(client, campaign):
    return client.get(reverse("portal:campaign", args=[campaign.folio])).content.decode()


def test_home_goes_to_the_start_of_ones_brand(client, brand):
    response = client.get("/")

    assert response["Location"] == reverse("portal:brand_home", args=[brand.slug])


def test_staff_without_a_brand_go_to_the_admin(client, reviewer):
    client.force_login(reviewer)

    assert client.get("/")["Location"] == reverse("admin:index")


def test_a_user_without_a_brand_gets_instructions(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("sola@nada.mx"))

    assert "Todavía no perteneces a una marca" in client.get("/").content.decode()


def test_an_empty_list_offers_the_first_campaign(client, brand):
    text = client.get(reverse("portal:campaigns", args=[brand.slug])).content.decode()

    assert "Crear la primera" in text


def test_a_filter_without_results_offers_the_way_back(client, brand, draft):
    list_url = reverse("portal:campaigns", args=[brand.slug])

    assert draft.name in client.get(list_url, {"q": "diciembre"}).content.decode()
    assert draft.name in client.get(list_url, {"estado": "draft"}).content.decode()
    text = client.get(list_url, {"q": "nada\0así", "estado": "live", "page": "x"}).content.decode()
    assert draft.name not in text
    assert "Ninguna campaña coincide" in text


def test_a_long_list_needs_no_more_queries_than_one_row(client, brand, draft, editor):
    address = reverse("portal:campaigns", args=[brand.slug])
    client.get(address)  # the session remembers the brand from now on
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for _ in range(24):
        lifecycle.copy(draft.pk, by=editor)

    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(one) < 12


@pytest.mark.parametrize("folio", ["%00", "LP-AAAAAA", "LP-22222", "lp-222222", "%F0%9F%8E%89"])
def test_an_address_that_names_no_campaign_is_not_found(client, folio):
    for method in (client.get, client.post):
        for end in ("", "editar/", "cancelar/"):
            assert method(f"/campanas/{folio}/{end}").status_code in (404, 405)


def test_a_change_that_the_gateway_has_not_confirmed_has_a_notice(client, approved, editor):
    lifecycle.schedule(approved.pk)
    lifecycle.pause(approved.pk, by=editor)
    assert "todavía no confirma este cambio" in page(client, approved)

    AdOrder.objects.update(refused_generation=2)
    assert "Requiere atención de Telefónica" in page(client, approved)

    AdOrder.objects.update(refused_generation=None, acknowledged_generation=2)
    text = page(client, approved)
    assert "confirma" not in text
    assert "Requiere" not in text


def test_the_page_displays_whose_turn_it_is_and_the_history(client, campaign_in_review):
    text = page(client, campaign_in_review)

    assert "La tiene Telefónica" in text
    assert "Inventario apartado, en revisión" in text
    assert "33 Guadalajara, 55 Ciudad de México y 81 Monterrey" in text
    assert TEXT in text


def test_the_reasons_of_a_reviewer_reach_the_brand(client, campaign_in_review, reviewer):
    lifecycle.request_changes(
        campaign_in_review.pk,
        version=1,
        reasons=["La oferta no se entiende"],
        comment="¿2 GB de qué?",
        by=reviewer,
    )

    text = page(client, campaign_in_review)
    assert "La oferta no se entiende" in text
    assert "¿2 GB de qué?" in text
    assert "queda apartado hasta" in text

    Reservation.objects.update(expires_at=timezone.now())
    assert "Su inventario ya se liberó" in page(client, campaign_in_review)
    reservations.expire_due()
    assert "Su inventario ya se liberó" in page(client, campaign_in_review)


# ── the waiting list ─────────────────────────────────────────────────────────


def act(client, campaign, verb):
    address = reverse("portal:act_on_campaign", args=[campaign.folio, verb])
    return client.post(address, follow=True).content.decode()


@pytest.fixture
def declined(draft, editor):
    """A campaign of 60,000 where there are 100 notifications in each cell."""
    return decline(draft, editor)


def decline(campaign, editor):
    Capacity.objects.update(gross=100, capacity=100)
    lifecycle.submit(campaign.pk, by=editor)
    lifecycle.hold_submitted()
    campaign.refresh_from_db()
    assert campaign.status == "no_inventory"
    return campaign


def offer():
    Capacity.objects.update(gross=100_000, capacity=100_000)
    assert lifecycle.offer_freed() == 1


def test_a_campaign_without_inventory_can_join_the_waiting_list(client, declined):
    text = page(client, declined)
    assert "Avísame cuando haya lugar" in text
    assert "Pediste 60,000" in text

    text = act(client, declined, "avisarme")

    assert "Te escribimos en cuanto haya lugar" in text
    assert "Eres la 1.ª en la lista de espera." in text
    assert "Dejar la lista" in text
    assert "Avísame" not in text
    assert "Pediste 60,000" in text


def test_the_page_displays_the_position_in_the_waiting_list(client, declined, editor):
    other = decline(lifecycle.copy(declined.pk, by=editor), editor)
    for campaign in (other, declined):
        act(client, campaign, "avisarme")
    assert "Eres la 2.ª en la lista de espera." in page(client, declined)

    act(client, other, "dejar-lista")

    assert "Eres la 1.ª en la lista de espera." in page(client, declined)
    assert "Avísame cuando haya lugar" in page(client, other)


def test_an_offer_is_the_only_task_and_is_taken_by_one_button(client, declined):
    act(client, declined, "avisarme")
    offer()

    text = page(client, declined)
    assert "Hay lugar: 60,000 notificaciones apartadas para ti hasta el" in text
    assert "Pediste 60,000" not in text.split("Historia")[0]
    assert "Se liberó inventario" in text
    assert text.count('<button class="button" type="submit">') == 1
    assert "No la quiero" in text

    assert "Enviada" in act(client, declined, "enviar")
    lifecycle.hold_submitted()
    declined.refresh_from_db()
    assert declined.status == "in_review"


def test_an_offer_may_be_let_go(client, declined):
    act(client, declined, "avisarme")
    offer()

    text = act(client, declined, "soltar")

    assert "Soltaste el inventario apartado" in text
    assert "Avísame cuando haya lugar" in text
    assert Reservation.objects.get().status == "released"


def test_an_expired_offer_is_not_displayed(client, declined):
    act(client, declined, "avisarme")
    offer()
    Reservation.objects.update(expires_at=timezone.now())

    text = page(client, declined)

    assert "Hay lugar" not in text
    assert "Avísame cuando haya lugar" in text


def test_an_edited_offer_displays_until_when_its_inventory_is_kept(client, declined, editor):
    act(client, declined, "avisarme")
    offer()

    lifecycle.edit(declined.pk, {"name": "Otro nombre"}, revision=1, by=editor)

    text = page(client, declined)
    assert "La tiene tu equipo. Su inventario queda apartado hasta el" in text
    assert "lista de espera" not in text.split("Historia")[0]


def test_the_waiting_list_is_not_offered_for_a_day_that_is_too_near(client, declined, time_machine):
    time_machine.move_to(timezone.now() + timedelta(days=2))

    assert "Avísame" not in page(client, declined)
    assert "Su primer día ya no se alcanza" in act(client, declined, "avisarme")


def test_a_viewer_sees_the_waiting_list_and_no_button(client, declined, viewer):
    client.force_login(viewer)
    assert "Avísame" not in page(client, declined)
    assert "Tu papel en la marca" in act(client, declined, "avisarme")
    WaitingListEntry.objects.create(campaign=declined, requested_by=declined.created_by)

    text = page(client, declined)

    assert "Eres la 1.ª en la lista de espera." in text
    assert "Dejar la lista" not in text
    act(client, declined, "dejar-lista")
    assert WaitingListEntry.objects.open().exists()


@pytest.mark.parametrize("verb", ["avisarme", "dejar-lista", "soltar"])
@pytest.mark.parametrize("who", ["stranger", "reviewer"])
def test_a_stranger_finds_no_waiting_list(client, declined, editor, who, verb, request):
    lifecycle.join(declined.pk, by=editor)
    client.force_login(request.getfixturevalue(who))

    response = client.post(reverse("portal:act_on_campaign", args=[declined.folio, verb]))

    assert response.status_code == 404
    assert WaitingListEntry.objects.open().count() == 1


def test_the_list_displays_waiting_campaigns_and_offers(client, brand, declined, editor):
    address = reverse("portal:campaigns", args=[brand.slug])
    lifecycle.join(declined.pk, by=editor)
    assert "En la lista de espera" in client.get(address).content.decode()

    offer()

    text = client.get(address).content.decode()
    assert "Hay lugar" in text
    assert "En la lista de espera" not in text


def test_a_brand_at_its_limit_gets_instructions(
    client, draft, campaign_in_review, editor, settings
):
    settings.OPEN_HOLDS_PER_BRAND = 1
    copied = lifecycle.copy(draft.pk, by=editor)

    text = act(client, copied, "enviar")

    assert "Tu marca ya tiene 1 campaña con inventario apartado" in text
    copied.refresh_from_db()
    assert copied.status == "draft"


def test_every_move_has_a_label():
    assert all(move.label for move in MOVES.values())


def test_staff_see_the_waiting_list_in_its_order(client, declined, editor, reviewer):
    lifecycle.join(declined.pk, by=editor)
    codes = ["view_waitinglistentry", "view_campaign"]
    reviewer.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    client.force_login(reviewer)

    for address in (
        reverse("admin:campaigns_waitinglistentry_changelist"),
        reverse(
            "admin:campaigns_waitinglistentry_change", args=[WaitingListEntry.objects.get().pk]
        ),
    ):
        response = client.get(address)
        assert response.status_code == 200
        assert declined.folio in response.content.decode()
    filtered = reverse("admin:campaigns_waitinglistentry_changelist") + "?turno=oferta"
    assert declined.folio not in client.get(filtered).content.decode()


@pytest.mark.parametrize(
    ("verb", "status"), [("retirar", "draft"), ("pausar", "in_review"), ("cancelar", "in_review")]
)
def test_a_button_makes_its_move_and_displays_a_message(client, campaign_in_review, verb, status):
    response = client.post(
        reverse("portal:act_on_campaign", args=[campaign_in_review.folio, verb]), follow=True
    )

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == status
    message = "Recarga la página" if status == "in_review" else "vuelve a ser un borrador"
    assert message in response.content.decode()


def test_a_campaign_can_be_copied_and_cancelled(client, draft):
    copied = client.post(reverse("portal:act_on_campaign", args=[draft.folio, "copiar"]))
    assert Campaign.objects.count() == 2
    assert "editar" in copied["Location"]

    client.post(reverse("portal:act_on_campaign", args=[draft.folio, "cancelar"]))
    draft.refresh_from_db()
    assert draft.status == "cancelled"


def test_the_law_is_served_under_its_own_name_only(client):
    law = client.get(field_context("")["law_url"])

    assert law.json()["limit"] == 90
    assert "immutable" in law["Cache-Control"]
    assert client.get(reverse("portal:ad_text_law", args=["otra"])).status_code == 404


def test_months_and_days_are_written_as_in_mexico(client, draft):
    text = page(client, draft)

    for month in ("Enero", "Noviembre", "Diciembre"):
        assert f" de {month} de " not in text


# ── deleted drafts, copies ───────────────────────────────────────────────────


def test_a_deleted_draft_leaves_the_list_and_is_recovered_by_one_click(client, draft):
    campaigns = reverse("portal:campaigns", args=[draft.brand.slug])

    deleted = client.post(reverse("portal:act_on_campaign", args=[draft.folio, "eliminar"]))

    page = client.get(deleted["Location"]).content.decode()
    assert draft.name not in client.get(campaigns).content.decode()
    assert draft.name in client.get(campaigns, {"estado": "deleted"}).content.decode()
    assert "Borrador eliminado" in page
    assert "Recuperar borrador" in page
    assert "Cancelar campaña" not in page
    client.post(reverse("portal:act_on_campaign", args=[draft.folio, "recuperar"]))
    assert draft.name in client.get(campaigns).content.decode()


def test_a_deleted_draft_is_neither_edited_nor_sent(client, draft, editor):
    lifecycle.delete(draft.pk, by=editor)

    step = client.get(reverse("portal:campaign_step", args=[draft.folio, "revisar"]))
    sent = client.post(reverse("portal:act_on_campaign", args=[draft.folio, "enviar"]))

    assert step.status_code == sent.status_code == 302
    draft.refresh_from_db()
    assert draft.status == "deleted"


def test_a_copy_starts_at_its_dates(client, approved):
    copied = client.post(reverse("portal:act_on_campaign", args=[approved.folio, "copiar"]))

    assert copied["Location"].endswith("/editar/fechas/")
