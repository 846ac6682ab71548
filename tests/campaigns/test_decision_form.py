"""The decision form: limits, errors at their fields, counts of stages, and what was sent alone."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from campaigns import lifecycle
from campaigns.admin.queue import STAGES
from campaigns.errors import BadComment
from campaigns.models import Brand, Campaign, Reason
from campaigns.models.brand import MAX_REASON_LENGTH
from campaigns.reasons import MAX_COMMENT_LENGTH
from portal.accounts.models import User
from tests.campaigns.test_admin_review import page_of, state

pytestmark = pytest.mark.django_db

QUEUE = "/admin/campaigns/campaign/"


@pytest.fixture
def desk(reviewer):
    codes = ["view_channelswitch", "stop_channel", "view_brand", "suspend_brand", "view_event"]
    reviewer.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    client = Client()
    client.force_login(reviewer)
    return client


@pytest.fixture
def reason(db):
    return Reason.objects.create(label="Falta la vigencia", position=1)


def text_of(response):
    return " ".join(response.content.decode().split())


def decide(desk, campaign, **data):
    return desk.post(page_of(campaign), {"version": 1, **data})


# ── the comment ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("verb", ["aprobar", "aprobar-y-seguir", "pedir-cambios", "rechazar"])
@pytest.mark.parametrize("over", [1, 2, 5_000])
def test_a_comment_that_is_too_long_is_refused_with_words_at_its_field(
    verb, over, campaign_in_review, desk, reason
):
    before = state(campaign_in_review)
    long = "ñ" * (MAX_COMMENT_LENGTH + over)

    response = decide(desk, campaign_in_review, decision=verb, reason=reason.pk, comment=long)

    text = text_of(response)
    assert response.status_code == 409
    assert f"El comentario pasa por {over:,} car" in text
    assert '<a href="#comentario">' in text
    assert 'aria-describedby="comentario-largo comentario-error"' in text
    assert text.count("autofocus") == 1
    assert long in text
    assert state(campaign_in_review) == before


@pytest.mark.parametrize("comment", ["x" * MAX_COMMENT_LENGTH, " \r\n" + "a\r\nb" * 250, ""])
def test_a_comment_within_the_limit_is_taken(comment, campaign_in_review, desk, reason):
    response = decide(
        desk, campaign_in_review, decision="rechazar", reason=reason.pk, comment=comment
    )

    assert response.status_code == 302
    assert campaign_in_review.events.last().comment == comment.replace("\r\n", "\n").strip()


def test_the_domain_refuses_it_too(campaign_in_review, reviewer):
    long = "x" * (MAX_COMMENT_LENGTH + 1)

    for call in (
        lambda: lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer, comment=long),
        lambda: lifecycle.reject(
            campaign_in_review.pk, version=1, reasons=["R"], by=reviewer, comment=long
        ),
    ):
        with pytest.raises(BadComment):
            call()


def test_the_page_tells_the_limit(campaign_in_review, desk):
    text = text_of(desk.get(page_of(campaign_in_review)))

    assert f"Hasta {MAX_COMMENT_LENGTH:,} caracteres." in text
    assert f'data-most="{MAX_COMMENT_LENGTH}"' in text


# ── errors at their fields ───────────────────────────────────────────────────


@pytest.mark.parametrize("verb", ["pedir-cambios", "rechazar"])
def test_a_missing_reason_is_told_at_the_reasons(verb, campaign_in_review, desk, reason):
    text = text_of(decide(desk, campaign_in_review, decision=verb))

    assert '<a href="#motivos">Elige al menos un motivo' in text
    assert '<p class="error" id="motivos-error">' in text
    assert re.search(r'id="motivos" tabindex="-1" aria-describedby="[^"]*" autofocus', text)
    assert text.count("autofocus") == 1


def test_an_unsent_message_is_told_at_the_message(campaign_in_review, desk):
    text = text_of(decide(desk, campaign_in_review, decision="aprobar", body="Sin enviar"))

    assert '<a href="#mensaje">Escribiste un mensaje' in text
    assert 'id="mensaje-error"' in text


def test_an_error_of_no_field_has_no_link(campaign_in_review, desk):
    text = text_of(decide(desk, campaign_in_review, decision=""))

    assert "<p>Elige qué decides" in text
    assert "autofocus" not in text


@pytest.mark.parametrize("move", ["staff_pause", "staff_cancel"])
@pytest.mark.parametrize("reason", ["", "x" * (MAX_REASON_LENGTH + 3)])
def test_the_reason_of_a_stop_is_told_at_its_field(move, reason, approved, desk):
    lifecycle.schedule(approved.pk)
    path = reverse("admin:campaigns_campaign_move", args=[approved.pk])

    text = text_of(desk.post(path, {"move": move, "reason": reason}))

    assert f'<a href="#motivo-{move}">' in text
    assert f'id="motivo-{move}-error"' in text
    assert text.count("autofocus") == 1


# ── stages ───────────────────────────────────────────────────────────────────


def test_stages_carry_their_counts(campaign_in_review, brand, editor, desk):
    for _ in range(2):
        lifecycle.draft(brand.pk, {"name": "Borrador"}, by=editor)

    text = text_of(desk.get(QUEUE))

    counts = re.findall(r'>([^<>]+) <span class="num">([\d,]+)</span>', text)
    found = {label.strip(): int(count.replace(",", "")) for label, count in counts}
    assert found == {
        "En revisión": 1,
        "Con la marca": 2,
        "En marcha": 0,
        "Cerradas": 0,
        "Todas": 3,
    }
    assert found["Todas"] == Campaign.objects.count()
    assert len(found) == len(STAGES)


def test_while_searching_no_count_of_something_else_is_shown(campaign_in_review, desk):
    assert '<span class="num">' not in text_of(desk.get(QUEUE, {"q": "Recarga"}))


# ── reviewers see only what was sent ─────────────────────────────────────────


def test_a_draft_that_was_never_sent_shows_nothing_of_itself(brand, editor, terms, desk):
    secret = {"name": "Nombre secreto", "text": "Texto secreto", "volume": 54_321}
    draft = lifecycle.draft(brand.pk, terms | secret, by=editor)

    for address in (f"{QUEUE}?etapa=con-la-marca", f"{QUEUE}?q={draft.folio}", page_of(draft)):
        text = text_of(desk.get(address))
        assert draft.folio in text
        assert "secreto" not in text
        assert "54,321" not in text


def test_of_what_is_being_corrected_the_sent_version_is_shown(campaign_in_review, desk, editor):
    sent = campaign_in_review.text
    lifecycle.withdraw(campaign_in_review.pk, by=editor)
    changed = Campaign.objects.get(pk=campaign_in_review.pk)
    lifecycle.edit(
        changed.pk,
        {"text": "Texto secreto", "name": "Nombre secreto", "volume": 54_321},
        revision=changed.revision,
        by=editor,
    )

    for address in (f"{QUEUE}?etapa=con-la-marca", page_of(changed)):
        text = text_of(desk.get(address))
        assert sent in text
        assert "secreto" not in text
        assert "54,321" not in text
    changed.refresh_from_db()
    assert changed.text == "Texto secreto"


def test_the_brands_other_campaigns_show_what_was_sent(campaign_in_review, desk, editor, terms):
    other = lifecycle.draft(
        campaign_in_review.brand_id, terms | {"name": "Otra", "volume": 100}, by=editor
    )
    lifecycle.submit(other.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.withdraw(other.pk, by=editor)
    other.refresh_from_db()
    lifecycle.edit(other.pk, {"text": "Texto secreto"}, revision=other.revision, by=editor)

    assert "secreto" not in text_of(desk.get(page_of(campaign_in_review)))


# ── names and ways back ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("campaigns/adorder/", "Envíos"),
        ("campaigns/event/", "Movimientos"),
        ("campaigns/channelswitch/", "Canal"),
        ("inventory/capacity/", "Capacidad"),
        ("campaigns/campaign/", "Revisión"),
    ],
)
def test_a_thing_has_one_name_in_menu_title_breadcrumbs_and_index(path, name, db):
    client = Client()
    client.force_login(User.objects.create_superuser("jefa@telefonica.mx"))

    page = text_of(client.get(f"/admin/{path}"))
    index = text_of(client.get("/admin/"))

    assert f"<title>{name} · " in page
    assert f"<h1>{name}</h1>" in page
    assert f"&rsaquo; {name} </div>" in page
    assert f">{name}</a>" in page
    assert re.search(rf'<a href="/admin/{path}">{name}</a>', index)


def test_a_history_page_leads_back(brand):
    client = Client()
    client.force_login(User.objects.create_superuser("jefa@telefonica.mx"))

    text = text_of(client.get(reverse("admin:campaigns_brand_history", args=[brand.pk])))

    assert "<h1>Historial: Tienda</h1>" in text
    assert f'href="{reverse("admin:campaigns_brand_change", args=[brand.pk])}"> Volver a' in text
    assert Brand.objects.count() == 1


def test_the_list_of_versions_tells_the_state_of_each(campaign_in_review, editor):
    client = Client()
    client.force_login(User.objects.create_superuser("jefa@telefonica.mx"))
    lifecycle.withdraw(campaign_in_review.pk, by=editor)
    lifecycle.submit(campaign_in_review.pk, by=editor)

    text = text_of(client.get("/admin/campaigns/version/"))

    assert '<span class="badge reserving">Apartando inventario</span>' in text
    assert "La reemplazó otra" in text
