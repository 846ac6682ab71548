"""The main job in a browser: a brand sends, a reviewer approves, with script and without."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, Page, expect

from campaigns import readiness
from campaigns.models import AdOrder, Campaign
from inventory import capacity
from portal.accounts.models import User
from tests.conftest import PASSWORD, TEXT
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE = 60  # seconds


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(browser: Browser, browser_context_args, request):
    context = browser.new_context(java_script_enabled=request.param, **browser_context_args)
    yield context.new_page()
    context.close()


def sign_in_on_page(page: Page, url: str, user: User) -> None:
    """Sign in on the page, with a hash that the web process accepts."""
    user.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    user.save(update_fields=["password"])
    page.goto(f"{url}/entrar/")
    page.get_by_label("Correo").fill(user.email)
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Iniciar sesión").click()


def choose(page: Page, state: str, lada: str) -> None:
    group = page.locator("details.zone", has=page.get_by_text(state, exact=True))
    group.locator("summary").click()
    group.locator(f'input[name="ladas"][value="{lada}"]').check()


def save_and_continue(page: Page) -> None:
    page.locator(".wizard-actions").get_by_role("button", name="Guardar y seguir").click()


def test_a_brand_sends_and_a_reviewer_approves(page, web, workers, editor, reviewer, gateway):
    capacity.open_days(12)
    first = readiness.first_possible_day()

    sign_in_on_page(page, web.url, editor)
    page.get_by_role("link", name="Nueva campaña").click()
    page.get_by_label("Nombre de la campaña").fill("Recarga de diciembre")
    save_and_continue(page)
    page.get_by_label("Texto del anuncio").fill(TEXT)
    save_and_continue(page)
    page.get_by_role("radio", name="Elegir zonas").check()
    choose(page, "Ciudad de México", "55")
    choose(page, "Jalisco", "33")
    choose(page, "Nuevo León", "81")
    save_and_continue(page)
    page.get_by_label("Primer día").fill(first.isoformat())
    page.get_by_label("Último día").fill((first + timedelta(days=6)).isoformat())
    page.get_by_label("Notificaciones", exact=True).fill("500,000")
    save_and_continue(page)
    expect(page.locator(".sentences")).to_contain_text("500,000 notificaciones")
    page.locator(".wizard-actions").get_by_role("button", name="Enviar a revisión").click()
    wait_until(lambda: Campaign.objects.get().status == "in_review", timeout=PATIENCE)
    page.reload()
    expect(page.locator("h1 ~ * .badge, .page-head .badge")).to_have_text("En revisión")
    campaign_page = page.url

    page.context.clear_cookies()
    sign_in_on_page(page, web.url, reviewer)
    page.get_by_role("link", name="Revisión").first.click()
    page.get_by_role("link", name=TEXT).click()
    expect(page.locator(".phone-ad")).to_contain_text(TEXT)
    page.get_by_role("button", name="Aprobar", exact=True).click()
    wait_until(lambda: Campaign.objects.get().status == "scheduled", timeout=PATIENCE)
    page.goto(f"{web.url}/admin/campaigns/campaign/{Campaign.objects.get().pk}/change/")
    expect(page.locator("main, #content").first).to_contain_text("Programada")

    page.context.clear_cookies()
    sign_in_on_page(page, web.url, editor)
    page.goto(campaign_page)
    expect(page.locator(".page-head .badge")).to_have_text("Programada")
    order = AdOrder.objects.get()
    assert [entry["generation"] for entry in gateway.ledger(str(order.pk))] == [1]


def test_an_invalid_text_is_marked_fixed_and_restored(page, web, sign_in, editor, draft):
    """With a script and with submit buttons: see the problems, apply the fix, undo it."""
    written = "Mañana: recarga $100 «ya»"
    sign_in(page.context, editor)
    page.goto(f"{web.url}/campanas/{draft.folio}/editar/texto/")
    box = page.get_by_label("Texto del anuncio")
    box.fill(written)
    if not _has_script(page):
        page.get_by_role("button", name="Revisar el texto").click()

    expect(page.locator(".ad-text-copy mark")).to_have_text(["ñ", ":", "«", "»"])
    page.get_by_text("Corregir 4 signos").click()
    expect(page.locator(".ad-text-preview li")).to_have_count(2)
    page.get_by_role("button", name="Aplicar cambios").click()
    expect(box).to_have_value("Manana, recarga $100 ya")
    page.get_by_role("button", name="Deshacer").click()
    expect(box).to_have_value(written)


def _has_script(page: Page) -> bool:
    return page.locator("p.no-script").first.is_hidden()
