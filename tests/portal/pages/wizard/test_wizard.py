"""The wizard without script: steps are saved, and concurrent windows lose nothing."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from campaigns import lifecycle
from campaigns.models import Campaign
from core import pending_post
from portal.pages.wizard import steps
from segments import areas, gazetteer
from segments.areas import Area
from tests.conftest import PASSWORD, TEXT

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def step_data(on_sale):
    """The submitted data of each step."""
    return {
        "datos": {"name": "Recarga de diciembre", "use": "broadcast"},
        "texto": {"text": TEXT},
        "zona": {"scope": "zones", "ladas": ["33", "55", "81"]},
        "fechas": {
            "starts_on": on_sale.isoformat(),
            "ends_on": (on_sale + timedelta(days=2)).isoformat(),
            "volume": "60,000",
        },
    }


def address(campaign, slug):
    return reverse("portal:campaign_step", args=[campaign.folio, slug])


def revision(client, campaign, slug):
    return client.get(address(campaign, slug)).context["form"]["revision"].value()


def post(client, campaign, slug, /, **fields):
    """Submit a step from a page that was just opened."""
    fields.setdefault("revision", revision(client, campaign, slug))
    return client.post(address(campaign, slug), fields)


def begin(client, brand, **fields):
    return client.post(reverse("portal:new_campaign", args=[brand.slug]), fields)


def test_step_by_step_to_a_sent_campaign(client, brand, step_data, on_sale):
    response = begin(client, brand, **step_data["datos"])
    campaign = Campaign.objects.get()
    for slug in ("texto", "zona", "fechas"):
        assert response["Location"] == address(campaign, slug)
        response = post(client, campaign, slug, **step_data[slug])
    assert response["Location"] == address(campaign, "revisar")

    review = client.get(response["Location"]).content.decode()
    assert "33 Guadalajara, 55 Ciudad de México y 81 Monterrey: 3 LADA" in review
    assert "60,000 notificaciones, a ritmo parejo" in review
    assert "Tus 60,000 notificaciones caben" in review
    assert TEXT in review
    response = post(client, campaign, "revisar", action="submit")

    campaign.refresh_from_db()
    assert campaign.status == "reserving"
    assert response["Location"] == reverse("portal:campaign", args=[campaign.folio])
    assert (campaign.text, campaign.volume) == (TEXT, 60_000)
    assert campaign.area["ladas"] == ["33", "55", "81"]
    assert (campaign.starts_on, campaign.ends_on) == (on_sale, on_sale + timedelta(days=2))


def test_a_draft_may_lack_everything_but_a_name(client, brand):
    begin(client, brand, name="Idea", use="broadcast")

    campaign = Campaign.objects.get()
    for slug in ("texto", "zona", "fechas"):
        assert post(client, campaign, slug).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.name, campaign.text, campaign.area, campaign.volume) == ("Idea", "", {}, None)


def test_the_wizard_resumes_at_the_first_incomplete_step(client, brand, draft, editor):
    edit = reverse("portal:edit_campaign", args=[draft.folio])
    assert client.get(edit)["Location"] == address(draft, "revisar")

    lifecycle.edit(draft.pk, {"area": {}}, revision=1, by=editor)

    assert client.get(edit)["Location"] == address(draft, "zona")
    review = client.get(address(draft, "revisar")).content.decode()
    assert "Elige dónde" in review
    assert f'href="{address(draft, "zona")}?corregir#id_scope_0"' in review


@pytest.mark.parametrize(
    ("action", "slug"), [("back", "texto"), ("next", "fechas"), ("go datos", "datos")]
)
def test_every_button_saves_and_then_leads_on(client, draft, action, slug):
    response = post(client, draft, "zona", scope="nation", action=action)

    assert response["Location"] == address(draft, slug)
    draft.refresh_from_db()
    assert draft.area["nationwide"] is True


@pytest.mark.parametrize(
    ("slug", "field", "value", "message"),
    [
        ("datos", "name", "", "Ponle un nombre"),
        ("datos", "name", "x" * 81, "80"),
        ("datos", "use", "otro", ""),
        ("datos", "promotion_ends_on", "mañana", "no es una fecha"),
        ("texto", "text", "x" * 2_001, "demasiado largo"),
        ("texto", "text", "hola\0", "nulos"),
        ("zona", "ladas", ["55", "12"], "12"),
        ("zona", "states", ["99"], "99"),
        ("zona", "excluded", "55, 999999", "999999"),
        ("zona", "excluded", "todas menos 33", "quita «menos»"),
        ("zona", "scope", "luna", ""),
        ("fechas", "volume", "muchas", "número entero"),
        ("fechas", "volume", "0", "1 o más"),
        ("fechas", "volume", "-5", "1 o más"),
        ("fechas", "volume", "9" * 30, "o menos"),
        ("fechas", "volume", "1.5", "puede ser 1.5 o 15"),
        ("fechas", "volume", "500.000", "puede ser 500 o 500,000"),
        ("fechas", "daily_cap", "10,00", "puede ser 10 o 1,000"),
        ("fechas", "daily_cap", "5e5", "abreviada"),
        ("fechas", "starts_on", "31/02/2027", "no existe en el calendario"),
        ("fechas", "ends_on", "12/25/2026", "¿Es 25/12/2026?"),
    ],
)
def test_invalid_values_are_errors_and_stay_in_the_form(
    client, draft, step_data, slug, field, value, message
):
    before = Campaign.objects.values().get()
    fields = step_data[slug] | {field: value}
    for action in ("next", "autosave"):
        response = post(client, draft, slug, **fields, action=action)
        assert response.status_code == 422

    assert Campaign.objects.values().get() == before
    page = client.post(address(draft, slug), fields)
    text = page.content.decode()
    assert message in text
    for name, other in fields.items():
        if isinstance(other, str) and "\0" not in other and other != "luna":
            assert page.context["form"][name].value() == other


def test_a_first_step_without_a_name_makes_no_draft(client, brand):
    response = begin(client, brand, name="", use="promotion", promotion_ends_on="2027-01-01")

    assert response.status_code == 422
    assert not Campaign.objects.exists()
    assert 'value="2027-01-01"' in response.content.decode()


def test_a_flood_of_fields_is_refused(client, draft):
    assert client.post(address(draft, "zona"), {"ladas": ["55"] * 3_000}).status_code == 413


def test_submitting_lists_what_is_missing_by_step_and_keeps_the_draft(client, draft, editor):
    lifecycle.edit(draft.pk, {"text": "Año: 50% más", "area": {}}, revision=1, by=editor)

    response = post(client, draft, "revisar", action="submit")

    draft.refresh_from_db()
    assert draft.status == "draft"
    summary = summary_of(client.get(response["Location"]))
    assert ("Zona: Elige dónde: todo México o las zonas que quieras.", "zona") in summary
    assert {step for _line, step in summary[1:]} == {"texto", "zona"}
    assert summary[0] == (f"Falta corregir {len(summary) - 1} datos", "")


def summary_of(response):
    """Return the heading of the error summary and its lines, each with the step it links to."""
    page = response.content.decode()
    (part,) = re.findall(r'<div class="error-summary".*?</div>', page, re.DOTALL)
    assert "autofocus" in part
    heading = " ".join(re.search(r"<h2>(.*?)</h2>", part, re.DOTALL)[1].split())
    links = re.findall(r'<a href="([^"]*)">(.*?)</a>', part, re.DOTALL)
    return [(heading, "")] + [
        (" ".join(html.unescape(line).split()), re.sub(r".*/editar/(\w+)/.*|#.*", r"\1", target))
        for target, line in links
    ]


# What "Guardar y seguir" objects to: {what is saved: (step, fields, part of the message, field)}.
WRONG = {
    "a sign": ("texto", {"text": "Año nuevo"}, "ñ", "id_text"),
    "126 characters": ("texto", {"text": "x" * 126}, "Te sobran 36", "id_text"),
    "no text": ("texto", {"text": " "}, "", "id_text"),
    "no zone": ("zona", {}, "Elige dónde", "id_scope_0"),
    "a zone without places": ("zona", {"scope": "zones"}, "Elige dónde", "id_scope_0"),
    "no days": ("fechas", {"volume": "5"}, "Elige el primer día", "id_starts_on"),
    "the end before the start": (
        "fechas",
        {"starts_on": "2027-03-02", "ends_on": "2027-03-01", "volume": "5"},
        "anterior al primero",
        "id_ends_on",
    ),
    "a day of the past": (
        "fechas",
        {"starts_on": "2020-01-01", "ends_on": "2020-01-02", "volume": "5"},
        "primer día posible",
        "id_starts_on",
    ),
    "a cap that is too low": (
        "fechas",
        {"starts_on": "2027-03-01", "ends_on": "2027-03-02", "volume": "500", "daily_cap": "5"},
        "Con ese tope",
        "id_daily_cap",
    ),
    "a promotion without its end": (
        "datos",
        {"name": "x", "use": "promotion"},
        "vigencia",
        "id_promotion_ends_on",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_next_saves_and_then_objects_to_what_is_wrong(wrong, client, brand, editor):
    slug, fields, message, anchor = WRONG[wrong]
    draft = lifecycle.draft(brand.pk, {"name": "x"}, by=editor)

    response = post(client, draft, slug, **fields)

    assert response["Location"] == f"{address(draft, slug)}?corregir"
    page = client.get(response["Location"]).content.decode()
    assert "Ya está guardado" in page
    part = re.search(r'<div class="error-summary".*?</div>', page, re.DOTALL)[0]
    assert message in html.unescape(part)
    assert f'href="#{anchor}"' in part
    assert f'id="{anchor}"' in page
    draft.refresh_from_db()
    saved = {name: str(getattr(draft, name) or "").strip() for name in fields if name != "scope"}
    assert saved == {name: value.strip() for name, value in fields.items() if name != "scope"}


@pytest.mark.parametrize("action", ["back", "save", "go zona", "autosave"])
def test_other_ways_out_of_a_step_never_object(action, client, brand, editor):
    draft = lifecycle.draft(brand.pk, {"name": "x"}, by=editor)

    response = post(client, draft, "texto", text="ñ", action=action)

    assert "corregir" not in response.get("Location", "")


def test_each_step_has_its_state_in_the_stepper(client, draft, editor):
    terms = {"text": "Año", "area": {}}
    lifecycle.edit(draft.pk, terms, revision=1, by=editor)

    stages = client.get(address(draft, "revisar")).context["stages"]

    states = [str(stage.state) for stage in stages]
    assert states == ["done", "wrong", "missing", "done", "missing"]
    page = client.get(address(draft, "revisar")).content.decode()
    assert "por corregir" in page
    assert f'href="{address(draft, "texto")}?corregir"' in page  # the button "Corregir"


def test_the_first_possible_day_is_explained(client, draft, editor, on_sale):
    early = on_sale - timedelta(days=1)
    lifecycle.edit(draft.pk, {"starts_on": early}, revision=1, by=editor)

    response = post(client, draft, "revisar", action="submit")

    assert "48 horas" in client.get(response["Location"]).content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"


# ── two windows ──────────────────────────────────────────────────────────────


def test_two_windows_on_one_step_both_keep_what_they_wrote(client, draft):
    first = revision(client, draft, "datos")
    post(client, draft, "datos", name="Primera", use="broadcast")

    response = post(client, draft, "datos", name="Segunda", use="broadcast", revision=first)

    text = response.content.decode()
    draft.refresh_from_db()
    assert response.status_code == 409
    assert "otra ventana" in text
    assert 'value="Segunda"' in text
    assert draft.name == "Primera"
    again = response.context["form"]["revision"].value()
    assert (
        post(client, draft, "datos", name="Segunda", use="broadcast", revision=again).status_code
        == 302
    )
    draft.refresh_from_db()
    assert draft.name == "Segunda"


def test_two_windows_on_two_steps_do_not_conflict(client, draft):
    zone, text = revision(client, draft, "zona"), revision(client, draft, "texto")

    assert post(client, draft, "texto", text="Hola hoy", revision=text).status_code == 302
    assert post(client, draft, "zona", scope="nation", revision=zone).status_code == 302

    draft.refresh_from_db()
    assert (draft.text, draft.area["nationwide"]) == ("Hola hoy", True)


def test_to_save_the_same_in_two_windows_is_no_conflict(client, draft):
    first = revision(client, draft, "texto")
    post(client, draft, "texto", text="Hola hoy")

    assert post(client, draft, "texto", text="Hola hoy", revision=first).status_code == 302


def test_autosave_returns_the_time_and_the_revision(client, draft):
    first = post(client, draft, "texto", text="Hola", action="autosave")
    draft.refresh_from_db()
    assert draft.text == "Hola"
    assert first.json()["message"].startswith("Guardado ")

    second = post(
        client,
        draft,
        "texto",
        text="Hola hoy",
        action="autosave",
        revision=first.json()["revision"],
    )
    stale = post(
        client, draft, "texto", text="Otra", action="autosave", revision=first.json()["revision"]
    )

    draft.refresh_from_db()
    assert second.status_code == 200
    assert draft.text == "Hola hoy"
    assert stale.status_code == 409
    assert "otra ventana" in stale.json()["message"]


def test_a_state_that_a_client_excluded_is_displayed_by_its_codes_and_stays(client, draft, editor):
    area = {"nationwide": True, "excluded_states": ["23"], "excluded_ladas": ["55", "998"]}
    lifecycle.edit(draft.pk, {"area": area}, revision=1, by=editor)
    page = client.get(reverse("portal:campaign_step", args=[draft.folio, "zona"]))
    displayed = page.context["form"]["excluded"].value()
    inside = gazetteer.current().ladas_of["23"]
    assert set(displayed.split(", ")) == {"55", *inside}
    assert "<title>Quintana Roo: 0 de 5 LADA</title>" in page.content.decode()

    post(client, draft, "zona", scope="nation", excluded=f"{displayed}, 81")

    draft.refresh_from_db()
    assert draft.area["excluded_states"] == ["23"]
    assert draft.area["excluded_ladas"] == ["55", "81", "998"]


def test_a_lada_of_an_excluded_state_that_is_brought_back_is_in(client, draft, editor):
    area = {"states": ["31"], "ladas": ["984"], "excluded_states": ["23"]}
    lifecycle.edit(draft.pk, {"area": area}, revision=1, by=editor)
    inside = gazetteer.current().ladas_of["23"]

    post(client, draft, "zona", scope="zones", states=["31"], excluded=", ".join(inside - {"998"}))

    draft.refresh_from_db()
    chosen = draft.chosen_area
    assert chosen.excluded_states == frozenset()
    assert chosen.excluded_ladas == inside - {"998"}
    assert not inside & set(areas.resolve(chosen)) - {"998"}


def test_a_named_lada_of_an_excluded_state_stays_in_and_may_go_out(client, draft, editor):
    area = {"states": ["31"], "ladas": ["998"], "excluded_states": ["23"]}
    lifecycle.edit(draft.pk, {"area": area}, revision=1, by=editor)
    out = gazetteer.current().ladas_of["23"] - {"998"}
    same = {"scope": "zones", "states": ["31"], "ladas": ["998"]}

    post(client, draft, "zona", **same, excluded=", ".join(out))
    draft.refresh_from_db()
    assert draft.chosen_area == Area(
        states=frozenset({"31"}), ladas=frozenset({"998"}), excluded_states=frozenset({"23"})
    )

    post(client, draft, "zona", **same, excluded=", ".join({*out, "998"}))
    draft.refresh_from_db()
    assert "998" not in areas.resolve(draft.chosen_area)


# ── a session that ended ─────────────────────────────────────────────────────


@pytest.mark.parametrize("slug", ["texto", "zona"])
def test_what_is_sent_after_the_session_ended_is_there_after_signing_in(
    client, draft, editor, step_data, slug
):
    before = revision(client, draft, slug)
    Session.objects.all().delete()
    fields = {"texto": {"text": "Lo que escribí"}, "zona": {"scope": "nation"}}[slug]

    response = client.post(address(draft, slug), fields | {"revision": before})
    assert response["Location"].startswith(reverse("account_login"))
    draft.refresh_from_db()
    assert draft.text == TEXT
    client.post(response["Location"], {"login": editor.email, "password": PASSWORD})
    page = client.get(address(draft, slug))

    assert "recuperamos lo que escribiste" in page.content.decode()
    assert {name: page.context["form"][name].value() for name in fields} == fields
    sent_again = post(
        client, draft, slug, **fields, revision=page.context["form"]["revision"].value()
    )
    assert sent_again.status_code == 302
    assert "recuperamos" not in client.get(address(draft, slug)).content.decode()


def test_a_new_campaign_is_not_lost_either(client, brand, editor):
    Session.objects.all().delete()
    response = begin(client, brand, name="Sin sesión", use="broadcast")
    client.post(response["Location"], {"login": editor.email, "password": PASSWORD})

    page = client.get(reverse("portal:new_campaign", args=[brand.slug]))

    assert 'value="Sin sesión"' in page.content.decode()
    assert not Campaign.objects.exists()


def test_autosave_without_a_session_is_401_and_stores_nothing(client, draft):
    Session.objects.all().delete()

    response = client.post(address(draft, "texto"), {"text": "x", "action": "autosave"})

    assert response.status_code == 401
    assert "Entra otra vez" in response.json()["message"]


def test_a_large_post_without_a_session_is_not_stored(client, draft):
    Session.objects.all().delete()

    client.post(address(draft, "texto"), {"text": "x" * 70_000})

    assert pending_post.SESSION_KEY not in client.session


# ── the text ─────────────────────────────────────────────────────────────────


def test_a_fix_button_fixes_the_text_and_undo_restores_it(client, draft):
    written = "Mañana: recarga $100 «ya»"
    response = post(client, draft, "texto", text=written, action="fix")
    draft.refresh_from_db()
    assert draft.text == "Manana, recarga $100 ya"
    form = client.get(response["Location"]).content.decode()
    assert "Corregido" in form
    assert f'name="undo_text" value="{written}"' in form

    post(client, draft, "texto", text=draft.text, action="undo", undo_text=written)
    draft.refresh_from_db()
    assert draft.text == written


@pytest.mark.parametrize(
    ("typed", "undone"),
    [
        ("Manana, recarga $100 ya", "Mañana: recarga $100 «ya»"),
        ("Manana, recarga $100 ya y gana", "Mañana: recarga $100 «ya» y gana"),
        ("Oye: Manana, recarga $100 ya", "Oye: Mañana: recarga $100 «ya»"),
        ("Manana, recarga $200 ya", "Manana, recarga $200 ya"),  # inside of what was fixed
        ("", ""),
    ],
)
def test_undo_keeps_what_was_typed_after_the_fix(typed, undone, client, draft):
    before, fixed = "Mañana: recarga $100 «ya»", "Manana, recarga $100 ya"

    post(client, draft, "texto", text=typed, action="undo", undo_text=before, fixed_text=fixed)

    draft.refresh_from_db()
    assert draft.text == undone


def test_one_sign_can_be_fixed_alone(client, draft):
    post(client, draft, "texto", text="¡Hola: hoy!", action="fix:0")

    draft.refresh_from_db()
    assert draft.text == "Hola: hoy!"


def test_a_text_to_go_back_to_is_read_as_any_text(client, draft):
    assert (
        post(client, draft, "texto", text="a", action="undo", undo_text="a\0b").status_code == 422
    )

    draft.refresh_from_db()
    assert draft.text == TEXT


@pytest.mark.parametrize("action", ["fix:x", "fix:-1", "fix:99999", "otra", "", "go luna"])
def test_an_unknown_button_only_saves(client, draft, action):
    post(client, draft, "texto", text="Hola hoy", action=action)

    draft.refresh_from_db()
    assert (draft.text, draft.status) == ("Hola hoy", "draft")


def test_a_submitted_campaign_cannot_be_edited_and_the_page_explains_why(
    client, campaign_in_review
):
    response = client.get(address(campaign_in_review, "datos"), follow=True)
    assert "retírala de revisión" in response.content.decode()

    response = client.post(
        address(campaign_in_review, "datos"), {"name": "Otro", "use": "broadcast"}
    )
    assert response.status_code == 409
    campaign_in_review.refresh_from_db()
    assert campaign_in_review.name == "Recarga de diciembre"


# ── zone, days and what is available ─────────────────────────────────────────


def test_the_calendar_shows_each_day_of_the_zone(client, draft, on_sale):
    months = client.get(address(draft, "fechas")).context["months"]

    cells = [cell for month in months for week in month.weeks for cell in week if cell.available]
    assert cells[0].day == on_sale
    assert {cell.available.level for cell in cells} == {"ok"}
    assert [cell.day for cell in cells if cell.chosen] == [
        on_sale + timedelta(number) for number in range((draft.ends_on - draft.starts_on).days + 1)
    ]
    assert all(len(week) == 7 for month in months for week in month.weeks)


def test_without_a_zone_there_is_no_calendar_and_the_panel_requests_one(client, draft, editor):
    lifecycle.edit(draft.pk, {"area": {}}, revision=1, by=editor)

    page = client.get(address(draft, "fechas"))

    assert page.context["months"] == []
    assert "Elige dónde" in page.content.decode()


def test_before_there_are_days_the_first_week_gives_an_idea(client, draft, editor):
    lifecycle.edit(draft.pk, {"starts_on": None, "ends_on": None}, revision=1, by=editor)

    text = client.get(address(draft, "zona")).content.decode()

    assert "Es la primera semana posible" in text
    assert "Disponibles: " in text


def test_the_panel_displays_what_is_available_and_what_is_missing(client, step_data):
    url = reverse("portal:availability")
    fields = step_data["zona"] | step_data["fechas"]

    assert "Tus 60,000 notificaciones caben" in client.post(url, fields).content.decode()
    short = client.post(url, fields | {"volume": "900,000,000"}).content.decode()
    assert "Faltan" in short
    assert "Baja a" in short


@pytest.mark.parametrize("slug", ["zona", "fechas"])
def test_the_panel_takes_the_other_step_from_the_draft(client, draft, step_data, slug):
    url = f"{reverse('portal:availability')}?campana={draft.folio}"

    assert "Tus 60,000 notificaciones caben" in client.post(url, step_data[slug]).content.decode()


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
def test_the_panel_accepts_any_input(client, on_sale, rubbish):
    response = client.post(reverse("portal:availability"), rubbish)

    assert response.status_code == 200
    assert len(response.content.decode().strip()) > 40


def test_every_term_is_a_field_of_exactly_one_step():
    message = [name for step in steps.STEPS for name in step.form.TERMS]

    assert sorted(message) == sorted(Campaign.TERMS)


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("500 000", 500_000),
        ("500'000", 500_000),
        ("５００，０００", 500_000),
        ("1.5 millones", 1_500_000),
    ],
)
def test_a_count_is_saved_as_people_write_it(client, draft, step_data, written, count):
    fields = step_data["fechas"] | {"volume": written}

    post(client, draft, "fechas", **fields, action="next")

    draft.refresh_from_db()
    assert draft.volume == count


def test_the_fields_of_counts_say_how_many_fit(client, draft):
    text = client.get(address(draft, "fechas")).content.decode()

    assert text.count("Caben hasta 1,200,000,000 (1,200 millones).") == 2
