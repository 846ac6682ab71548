"""Toasts can be closed, and stay long enough to be read."""

import pytest
from playwright.sync_api import expect

from campaigns import lifecycle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHIFTS = (
    "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach("
    "e => { window.shift += e.value })).observe({type: 'layout-shift', buffered: true})"
)


@pytest.fixture
def ficha(page, web, sign_in, editor, draft):
    sign_in(page.context, editor)
    page.add_init_script(SHIFTS)
    page.clock.install()
    page.goto(f"{web.url}/campanas/{draft.folio}/")
    return page


def test_a_toast_is_announced_and_disappears_once_it_could_be_read(ficha, browser_reports):
    ficha.get_by_role("button", name="Copiar").click()
    toast = ficha.get_by_role("status").locator(".toast")
    expect(toast).to_contain_text("Copiada como borrador")
    title = ficha.locator("h1").bounding_box()

    ficha.clock.run_for(9_000)
    expect(toast).to_be_visible()
    toast.hover()
    ficha.clock.run_for(600_000)
    expect(toast).to_be_visible()
    ficha.mouse.move(5, 5)
    ficha.clock.run_for(20_000)
    expect(toast).to_have_count(0)

    assert ficha.locator("h1").bounding_box() == title
    assert ficha.evaluate("window.shift") == 0
    assert browser_reports == []


def test_a_toast_can_be_closed_with_the_keyboard(ficha):
    ficha.get_by_role("button", name="Copiar").click()
    toast = ficha.get_by_role("status").locator(".toast")
    toast.get_by_role("button", name="Cerrar este aviso").focus()
    ficha.clock.run_for(600_000)
    expect(toast).to_be_visible()
    ficha.keyboard.press("Enter")

    expect(toast).to_have_count(0)
    assert ficha.evaluate("document.activeElement.id") == "contenido"


def test_an_error_stays_until_it_is_closed(ficha, campaign_in_review, web, editor):
    ficha.goto(f"{web.url}/campanas/{campaign_in_review.folio}/")
    lifecycle.withdraw(campaign_in_review.pk, by=editor)
    ficha.locator("summary", has_text="Retirar de revisión").click()
    ficha.get_by_role("button", name="Sí, retirarla").click()

    message = ficha.get_by_role("alert").locator(".notice.error")
    expect(message).to_be_visible()
    ficha.clock.run_for(3_600_000)
    expect(message).to_be_visible()
    message.get_by_role("button", name="Cerrar este aviso").click()
    expect(message).to_have_count(0)


def test_without_script_a_message_is_above_the_page(
    browser, browser_context_args, web, sign_in, editor, draft
):
    context = browser.new_context(**browser_context_args | {"java_script_enabled": False})
    sign_in(context, editor)
    page = context.new_page()
    page.goto(f"{web.url}/campanas/{draft.folio}/")
    page.get_by_role("button", name="Copiar").click()

    toast = page.locator(".toast")
    expect(toast).to_contain_text("Copiada como borrador")
    box, title = toast.bounding_box(), page.locator("h1").bounding_box()
    assert box["y"] + box["height"] <= title["y"]
    expect(page.get_by_label("Cerrar este aviso")).to_be_hidden()
    context.close()
