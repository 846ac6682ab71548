"""What a reviewer typed is offered again in the browser, however they left the page."""

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from campaigns import lifecycle
from campaigns.models import AdOrder, Campaign, Event, Reason
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOUND = "Hay algo que escribiste aquí y no se envió."


@pytest.fixture
def desk(page, web, sign_in, reviewer, campaign_in_review, browser_reports):
    Reason.objects.get_or_create(label="Falta la vigencia", defaults={"position": 1})
    codes = ["view_channelswitch", "stop_channel", "view_brand", "suspend_brand"]
    reviewer.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    sign_in(page.context, reviewer)
    page.goto(f"{web.url}/admin/campaigns/campaign/{campaign_in_review.pk}/change/")
    yield page
    assert [line for line in browser_reports if "409" not in line] == []


def write(desk, comment="Di hasta cuándo"):
    desk.get_by_label("Falta la vigencia").check()
    desk.get_by_label("Comentario").fill(comment)


def test_leaving_by_any_link_is_offered_again_and_forgotten_once_decided(desk, reviewer):
    address = desk.url
    write(desk)

    desk.get_by_role("link", name="Inicio").first.click()
    desk.goto(address)
    expect(desk.locator(".recover")).to_contain_text(FOUND)
    expect(desk.get_by_label("Comentario")).to_have_value("")
    desk.get_by_role("button", name="Recuperarlo").click()
    expect(desk.get_by_label("Comentario")).to_have_value("Di hasta cuándo")
    expect(desk.get_by_label("Falta la vigencia")).to_be_checked()

    desk.get_by_role("button", name="Pedir cambios").click()
    expect(desk.locator(".messagelist .success")).to_have_count(1)
    assert Event.objects.filter(by=reviewer).get().comment == "Di hasta cuándo"
    assert desk.evaluate("Object.keys(localStorage).length") == 0


def test_a_refusal_keeps_it_too(desk):
    address = desk.url
    desk.get_by_label("Comentario").fill("Sin motivo")
    desk.get_by_role("button", name="Rechazar").click()
    expect(desk.locator(".refusal")).to_have_count(1)

    desk.get_by_role("link", name="Inicio").first.click()
    desk.goto(address)

    expect(desk.locator(".recover")).to_contain_text(FOUND)


def test_what_was_discarded_or_emptied_is_not_offered(desk):
    address = desk.url
    write(desk)
    desk.goto(address)
    desk.get_by_role("button", name="Descartarlo").click()
    desk.goto(address)
    expect(desk.get_by_label("Comentario")).to_have_value("")
    expect(desk.locator(".recover")).to_have_count(0)

    desk.get_by_label("Comentario").fill("Otra cosa")
    desk.get_by_label("Comentario").fill("")
    desk.goto(address)
    expect(desk.locator(".recover")).to_have_count(0)


def test_another_person_at_the_same_browser_is_not_offered_it(desk, sign_in, admin_user):
    write(desk)
    sign_in(desk.context, admin_user)

    desk.reload()

    expect(desk.get_by_label("Comentario")).to_have_value("")
    expect(desk.locator(".recover")).to_have_count(0)


def test_a_session_that_ends_in_a_decision_loses_nothing(desk, reviewer, campaign_in_review):
    reviewer.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    reviewer.save()
    write(desk)
    Session.objects.all().delete()

    desk.get_by_role("button", name="Pedir cambios").click()
    desk.locator("[name=login]").fill(reviewer.email)
    desk.locator("[name=password]").fill(PASSWORD)
    desk.locator("main form button[type=submit]").first.click()

    expect(desk.locator(".messagelist")).to_contain_text("Tu sesión había terminado")
    expect(desk.get_by_label("Comentario")).to_have_value("Di hasta cuándo")
    expect(desk.get_by_label("Falta la vigencia")).to_be_checked()
    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Campaign.Status.IN_REVIEW


def test_the_reason_of_a_stop_is_offered_in_its_own_form(desk, web, campaign_in_review, reviewer):
    lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer)
    lifecycle.schedule(campaign_in_review.pk)
    desk.reload()
    pause = desk.locator(".staff-move").first
    pause.locator("summary").click()
    pause.get_by_label("Motivo").fill("El precio cambió")

    desk.goto(f"{web.url}/admin/")
    desk.go_back()
    desk.reload()

    expect(desk.locator(".recover")).to_have_count(1)
    pause.locator("summary").click()
    desk.get_by_role("button", name="Recuperarlo").click()
    expect(pause.get_by_label("Motivo")).to_have_value("El precio cambió")
    pause.get_by_role("button", name="Pausar y avisar a la marca").click()
    expect(desk.locator(".messagelist .success")).to_have_count(1)
    assert desk.evaluate("Object.keys(localStorage).length") == 0


@pytest.mark.parametrize("path", ["channelswitch/detener/", "brand/"])
def test_the_reason_to_stop_the_channel_or_a_brand_is_offered(desk, web, path):
    def open_form():
        desk.goto(f"{web.url}/admin/campaigns/{path}")
        if path == "brand/":
            desk.get_by_role("checkbox").nth(1).check()
            desk.locator('select[name="action"]').select_option("suspend")
            desk.locator(".actions button").click()

    open_form()
    desk.get_by_label("Motivo").fill("Falla de red")
    open_form()

    desk.get_by_role("button", name="Recuperarlo").click()
    expect(desk.get_by_label("Motivo")).to_have_value("Falla de red")


def test_an_error_stands_at_its_field_which_has_the_focus(desk):
    desk.get_by_label("Comentario").fill("x" * 1_003)
    expect(desk.locator("#comentario-largo")).to_contain_text("Te sobran 3 caracteres")
    desk.get_by_role("button", name="Aprobar", exact=True).click()

    expect(desk.locator(".refusal a")).to_have_attribute("href", "#comentario")
    expect(desk.locator("#comentario")).to_be_focused()
    expect(desk.locator("#comentario-error")).to_be_visible()

    desk.get_by_label("Comentario").fill("Di hasta cuándo")
    expect(desk.locator("#comentario-largo")).to_have_text("Te quedan 985 caracteres.")
    desk.get_by_role("button", name="Rechazar").click()
    expect(desk.locator("#motivos")).to_be_focused()


@pytest.mark.parametrize("width", [1366, 360])
def test_no_column_of_a_list_is_beyond_the_edge(desk, web, width, reviewer, campaign_in_review):
    reviewer.is_superuser = True
    reviewer.save()
    lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer)
    AdOrder.objects.update(last_error="503 UNAVAILABLE: busy [x]", failing_since=timezone.now())
    desk.set_viewport_size({"width": width, "height": 800})
    paths = ["campaign/?etapa=todas", "adorder/", "version/", "event/", "brand/"]
    for path in paths:
        desk.goto(f"{web.url}/admin/campaigns/{path}")
        rows = desk.locator("#changelist .results")
        assert rows.evaluate("box => box.scrollWidth - box.clientWidth") == 0, path
        if width == 360 and path == "adorder/":
            expect(rows).to_contain_text("Falla: se reintenta")
            expect(rows.locator("[data-label]").first).to_be_visible()
