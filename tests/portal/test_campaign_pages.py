"""The brand's pages without script: what is sent is kept, what is wrong is said."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns import lifecycle
from campaigns.history import TOLD
from campaigns.models import AdOrder, Campaign, WaitingPlace
from inventory import reservations
from inventory.models import Capacity, Reservation
from tests.conftest import TEXT

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def fields(on_sale):
    return {
        "name": "Recarga de diciembre",
        "use": "broadcast",
        "text": TEXT,
        "scope": "zones",
        "ladas": ["33", "55", "81"],
        "starts_on": on_sale.isoformat(),
        "ends_on": (on_sale + timedelta(days=2)).isoformat(),
        "volume": "60,000",
    }


def new(client, brand, **fields):
    return client.post(reverse("portal:new_campaign", args=[brand.slug]), fields)


def edit(client, campaign, **fields):
    return client.post(reverse("portal:edit_campaign", args=[campaign.folio]), fields)


def page(client, campaign):
    return client.get(reverse("portal:campaign", args=[campaign.folio])).content.decode()


def test_home_goes_to_the_list_of_ones_brand(client, brand):
    answer = client.get("/")

    assert answer["Location"] == reverse("portal:campaigns", args=[brand.slug])


def test_staff_without_a_brand_go_to_their_desk(client, reviewer):
    client.force_login(reviewer)

    assert client.get("/")["Location"] == reverse("admin:index")


def test_a_person_of_no_brand_is_told_what_to_do(client, django_user_model):
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


def test_the_list_asks_the_database_the_same_for_one_and_for_many(client, brand, draft, editor):
    address = reverse("portal:campaigns", args=[brand.slug])
    client.get(address)  # the session remembers the brand from now on
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for _ in range(24):
        lifecycle.copy(draft.pk, by=editor)

    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(one) < 10


def test_saving_makes_a_draft_with_all_that_was_written(client, brand, fields, on_sale):
    answer = new(client, brand, **fields, action="save")

    campaign = Campaign.objects.get()
    assert answer["Location"] == reverse("portal:edit_campaign", args=[campaign.folio])
    assert (campaign.status, campaign.text, campaign.volume) == ("draft", TEXT, 60_000)
    assert campaign.area["ladas"] == ["33", "55", "81"]
    assert (campaign.starts_on, campaign.ends_on) == (on_sale, on_sale + timedelta(days=2))
    form = client.get(answer["Location"]).content.decode()
    assert 'value="60,000"' in form
    assert TEXT in form
    assert 'name="ladas" value="55" checked' in form


def test_a_draft_may_lack_everything_but_a_name(client, brand):
    new(client, brand, name="Idea", use="broadcast", action="save")

    assert Campaign.objects.get().name == "Idea"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "Ponle un nombre"),
        ("name", "x" * 81, "80"),
        ("volume", "muchas", "número entero"),
        ("volume", "0", "1 o más"),
        ("volume", "-5", "1 o más"),
        ("volume", "9" * 30, "o menos"),
        ("volume", "1.5", "número entero"),
        ("starts_on", "31/02/2027", "una fecha como"),
        ("ends_on", "mañana", "una fecha como"),
        ("ladas", ["55", "12"], "12"),
        ("states", ["99"], "99"),
        ("excluded", "55, 999999", "999999"),
        ("use", "otro", ""),
        ("text", "x" * 2_001, "demasiado largo"),
        ("text", "hola\0", "nulos"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_lost(client, brand, fields, field, value, said):
    answer = new(client, brand, **fields | {field: value, "action": "save"})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert not Campaign.objects.exists()
    if field != "name":
        assert "Recarga de diciembre" in text
    if field != "volume":
        assert 'value="60,000"' in text
    elif isinstance(value, str):
        assert f'value="{value}"' in text


def test_a_flood_of_fields_is_refused(client, brand):
    answer = new(client, brand, name="x", ladas=["55"] * 3_000)

    assert answer.status_code == 400
    assert not Campaign.objects.exists()


def test_sending_says_by_field_what_is_missing_and_keeps_the_draft(client, brand, fields):
    answer = new(
        client, brand, **fields | {"text": "Año: 50% más", "scope": "", "action": "submit"}
    )

    text = answer.content.decode()
    campaign = Campaign.objects.get()
    assert answer.status_code == 422
    assert "Elige dónde" in text
    assert "<mark>" in text
    assert campaign.status == "draft"
    assert f'name="revision" value="{campaign.revision}"' in text


def test_the_first_possible_day_is_explained(client, brand, fields, on_sale):
    early = (on_sale - timedelta(days=1)).isoformat()
    answer = new(client, brand, **fields | {"starts_on": early, "action": "submit"})

    assert "48 horas" in answer.content.decode()
    assert Campaign.objects.get().status == "draft"


def test_a_complete_campaign_is_sent(client, brand, fields):
    answer = new(client, brand, **fields, action="submit")

    campaign = Campaign.objects.get()
    assert campaign.status == "reserving"
    assert answer["Location"] == reverse("portal:campaign", args=[campaign.folio])
    assert "Apartando inventario" in page(client, campaign)


def test_two_windows_both_keep_what_they_wrote(client, brand, draft, fields):
    edit(client, draft, **fields | {"name": "Primera", "revision": 1, "action": "save"})

    answer = edit(client, draft, **fields | {"name": "Segunda", "revision": 1, "action": "save"})

    text = answer.content.decode()
    draft.refresh_from_db()
    assert answer.status_code == 409
    assert "otra ventana" in text
    assert 'value="Segunda"' in text
    assert draft.name == "Primera"
    assert f'name="revision" value="{draft.revision}"' in text
    edit(client, draft, **fields | {"name": "Segunda", "revision": 2, "action": "save"})
    draft.refresh_from_db()
    assert draft.name == "Segunda"


def test_a_choice_that_the_form_does_not_show_is_not_lost_by_saving(client, draft, editor, fields):
    area = {"nationwide": True, "excluded_states": ["14"], "excluded_ladas": ["55"]}
    lifecycle.edit(draft.pk, {"area": area}, revision=1, by=editor)

    edit(
        client,
        draft,
        **fields | {"scope": "nation", "excluded": "55, 81", "revision": 2, "action": "save"},
    )

    draft.refresh_from_db()
    assert draft.area["excluded_states"] == ["14"]
    assert draft.area["excluded_ladas"] == ["55", "81"]


def test_a_fix_button_mends_the_text_and_undo_brings_it_back(client, draft, fields):
    written = "Mañana: recarga $100 «ya»"
    answer = edit(client, draft, **fields | {"text": written, "revision": 1, "action": "fix"})
    draft.refresh_from_db()
    assert draft.text == "Manana, recarga $100 ya"
    form = client.get(answer["Location"]).content.decode()
    assert "Corregido" in form
    assert f'name="undo_text" value="{written}"' in form

    edit(
        client,
        draft,
        **fields | {"text": draft.text, "revision": 2, "action": "undo", "undo_text": written},
    )
    draft.refresh_from_db()
    assert draft.text == written


def test_one_sign_can_be_mended_alone(client, draft, fields):
    edit(client, draft, **fields | {"text": "¡Hola: hoy!", "revision": 1, "action": "fix:0"})

    draft.refresh_from_db()
    assert draft.text == "Hola: hoy!"


def test_a_text_to_go_back_to_is_read_as_any_text(client, draft, fields):
    answer = edit(client, draft, **fields | {"revision": 1, "action": "undo", "undo_text": "a\0b"})

    assert answer.status_code == 422
    draft.refresh_from_db()
    assert draft.text == TEXT


@pytest.mark.parametrize("folio", ["%00", "LP-AAAAAA", "LP-22222", "lp-222222", "%F0%9F%8E%89"])
def test_an_address_that_names_no_campaign_is_not_found(client, folio):
    for method in (client.get, client.post):
        for end in ("", "editar/", "cancelar/"):
            assert method(f"/campanas/{folio}/{end}").status_code in (404, 405)


def test_a_change_that_the_gateway_has_not_confirmed_is_said(client, approved, editor):
    lifecycle.schedule(approved.pk)
    lifecycle.pause(approved.pk, by=editor)
    assert "todavía no confirma este cambio" in page(client, approved)

    AdOrder.objects.update(refused_generation=2)
    assert "Requiere atención de Telefónica" in page(client, approved)

    AdOrder.objects.update(refused_generation=None, acknowledged_generation=2)
    text = page(client, approved)
    assert "confirma" not in text
    assert "Requiere" not in text


@pytest.mark.parametrize("action", ["fix:x", "fix:-1", "fix:99999", "otra", ""])
def test_an_unknown_button_only_saves(client, draft, fields, action):
    edit(client, draft, **fields | {"text": "Hola hoy", "revision": 1, "action": action})

    draft.refresh_from_db()
    assert draft.text == "Hola hoy"
    assert draft.status == "draft"


def test_what_is_sent_cannot_be_edited_and_says_why(client, campaign_in_review):
    answer = client.get(
        reverse("portal:edit_campaign", args=[campaign_in_review.folio]), follow=True
    )
    assert "retírala de revisión" in answer.content.decode()

    answer = edit(client, campaign_in_review, name="Otro", use="broadcast", revision=1)
    assert answer.status_code == 409
    campaign_in_review.refresh_from_db()
    assert campaign_in_review.name == "Recarga de diciembre"


def test_the_page_tells_who_has_it_and_what_happened(client, campaign_in_review):
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
    """A campaign that found 100 notifications in each cell, and wanted 60,000."""
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


def test_who_finds_no_inventory_may_ask_to_be_told(client, declined):
    text = page(client, declined)
    assert "Avísame cuando haya lugar" in text
    assert "Pediste 60,000" in text

    text = act(client, declined, "avisarme")

    assert "Te escribimos en cuanto haya lugar" in text
    assert "Eres la 1.ª en la lista de espera." in text
    assert "Dejar la lista" in text
    assert "Avísame" not in text
    assert "Pediste 60,000" in text


def test_a_place_is_told_with_those_before_it(client, declined, editor):
    other = decline(lifecycle.copy(declined.pk, by=editor), editor)
    for campaign in (other, declined):
        act(client, campaign, "avisarme")
    assert "Eres la 2.ª en la lista de espera." in page(client, declined)

    act(client, other, "dejar-lista")

    assert "Eres la 1.ª en la lista de espera." in page(client, declined)
    assert "Avísame cuando haya lugar" in page(client, other)


def test_an_offer_is_the_one_thing_to_do_and_is_taken_with_one_button(client, declined):
    act(client, declined, "avisarme")
    offer()

    text = page(client, declined)
    assert "Hay lugar: 60,000 notificaciones apartadas para ti hasta el" in text
    assert "Pediste 60,000" not in text.split("Historia")[0]
    assert "Se liberó inventario" in text
    assert text.count('<button class="button">') == 1
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


def test_an_offer_past_its_time_is_shown_no_more(client, declined):
    act(client, declined, "avisarme")
    offer()
    Reservation.objects.update(expires_at=timezone.now())

    text = page(client, declined)

    assert "Hay lugar" not in text
    assert "Avísame cuando haya lugar" in text


def test_an_edited_offer_says_until_when_its_inventory_is_kept(client, declined, editor):
    act(client, declined, "avisarme")
    offer()

    lifecycle.edit(declined.pk, {"name": "Otro nombre"}, revision=1, by=editor)

    text = page(client, declined)
    assert "La tiene tu equipo. Su inventario queda apartado hasta el" in text
    assert "lista de espera" not in text.split("Historia")[0]


def test_nobody_is_asked_to_wait_for_a_day_that_is_too_near(client, declined, time_machine):
    time_machine.move_to(timezone.now() + timedelta(days=2))

    assert "Avísame" not in page(client, declined)
    assert "Su primer día ya no se alcanza" in act(client, declined, "avisarme")


def test_who_only_reads_sees_the_line_and_no_button(client, declined, viewer):
    client.force_login(viewer)
    assert "Avísame" not in page(client, declined)
    assert "Tu papel en la marca" in act(client, declined, "avisarme")
    WaitingPlace.objects.create(campaign=declined, asked_by=declined.created_by)

    text = page(client, declined)

    assert "Eres la 1.ª en la lista de espera." in text
    assert "Dejar la lista" not in text
    act(client, declined, "dejar-lista")
    assert WaitingPlace.objects.open().exists()


@pytest.mark.parametrize("verb", ["avisarme", "dejar-lista", "soltar"])
@pytest.mark.parametrize("who", ["stranger", "reviewer"])
def test_a_stranger_finds_no_waiting_list(client, declined, editor, who, verb, request):
    lifecycle.join(declined.pk, by=editor)
    client.force_login(request.getfixturevalue(who))

    answer = client.post(reverse("portal:act_on_campaign", args=[declined.folio, verb]))

    assert answer.status_code == 404
    assert WaitingPlace.objects.open().count() == 1


def test_the_list_says_who_waits_and_who_has_an_offer(client, brand, declined, editor):
    address = reverse("portal:campaigns", args=[brand.slug])
    lifecycle.join(declined.pk, by=editor)
    assert "En la lista de espera" in client.get(address).content.decode()

    offer()

    text = client.get(address).content.decode()
    assert "Hay lugar" in text
    assert "En la lista de espera" not in text


def test_a_brand_at_its_cap_is_told_what_to_do(client, draft, campaign_in_review, editor, settings):
    settings.OPEN_HOLDS_PER_BRAND = 1
    copied = lifecycle.copy(draft.pk, by=editor)

    text = act(client, copied, "enviar")

    assert "Tu marca ya tiene 1 campaña con inventario apartado" in text
    copied.refresh_from_db()
    assert copied.status == "draft"


def test_every_line_of_history_has_its_words():
    assert lifecycle.MOVES.keys() | {"draft"} == TOLD.keys()


def test_staff_see_the_line_in_its_order(client, declined, editor, reviewer):
    lifecycle.join(declined.pk, by=editor)
    codes = ["view_waitingplace", "view_campaign"]
    reviewer.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    client.force_login(reviewer)

    for address in (
        reverse("admin:campaigns_waitingplace_changelist"),
        reverse("admin:campaigns_waitingplace_change", args=[WaitingPlace.objects.get().pk]),
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert declined.folio in answer.content.decode()
    filtered = reverse("admin:campaigns_waitingplace_changelist") + "?turno=oferta"
    assert declined.folio not in client.get(filtered).content.decode()


@pytest.mark.parametrize(
    ("verb", "status"), [("retirar", "draft"), ("pausar", "in_review"), ("cancelar", "in_review")]
)
def test_a_button_does_what_the_life_allows_and_says_so(client, campaign_in_review, verb, status):
    answer = client.post(
        reverse("portal:act_on_campaign", args=[campaign_in_review.folio, verb]), follow=True
    )

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == status
    said = "Recarga la página" if status == "in_review" else "vuelve a ser un borrador"
    assert said in answer.content.decode()


def test_a_campaign_can_be_copied_and_cancelled(client, draft):
    copied = client.post(reverse("portal:act_on_campaign", args=[draft.folio, "copiar"]))
    assert Campaign.objects.count() == 2
    assert "editar" in copied["Location"]

    client.post(reverse("portal:act_on_campaign", args=[draft.folio, "cancelar"]))
    draft.refresh_from_db()
    assert draft.status == "cancelled"


def test_the_panel_says_what_is_available_and_what_falls_short(client, fields):
    url = reverse("portal:availability")

    assert "Tus 60,000 notificaciones caben" in client.post(url, fields).content.decode()
    short = client.post(url, fields | {"volume": "900,000,000"}).content.decode()
    assert "Faltan" in short
    assert "Baja a" in short


@pytest.mark.parametrize(
    "rubbish",
    [
        {},
        {"scope": "zones"},
        {"scope": "nation", "starts_on": "x", "ends_on": "y"},
        {"scope": "nation", "starts_on": "2020-01-01", "ends_on": "2020-01-02"},
        {"scope": "nation", "starts_on": "2999-01-01", "ends_on": "2999-01-02"},
        {"scope": "nation", "excluded": "hola 55555"},
        {"scope": "zones", "ladas": ["55"], "excluded": "55"},
        {"scope": "nation", "volume": "-1", "daily_cap": "x"},
    ],
)
def test_the_panel_answers_anything_with_a_way_on(client, on_sale, rubbish):
    answer = client.post(reverse("portal:availability"), rubbish)

    assert answer.status_code == 200
    assert len(answer.content.decode().strip()) > 40


def test_the_law_is_served_under_its_own_name_only(client):
    from portal.views.ad_text import field

    law = client.get(field("")["law_url"])

    assert law.json()["limit"] == 90
    assert "immutable" in law["Cache-Control"]
    assert client.get(reverse("portal:ad_text_law", args=["otra"])).status_code == 404


def test_months_and_days_are_written_as_in_mexico(client, draft):
    text = page(client, draft)

    for month in ("Enero", "Noviembre", "Diciembre"):
        assert f" de {month} de " not in text
