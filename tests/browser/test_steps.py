"""The wizard's steps in a browser: no layout shift, and responses to each choice."""

from datetime import timedelta

import pytest

from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_form_does_not_move_while_its_script_starts(page, web, sign_in, editor, draft):
    """CLS, as the browser counts it. Bar: U4."""
    sign_in(page.context, editor)
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach("
        "e => { if (!e.hadRecentInput) window.shift += e.value }))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    for step in ("datos", "texto", "zona", "fechas", "revisar"):
        page.goto(f"{web.url}/campanas/{draft.folio}/editar/{step}/")
        page.wait_for_load_state("networkidle")

        assert page.evaluate("window.shift") <= 0.01, step


def test_availability_follows_what_is_chosen(page, web, sign_in, editor, draft, browser_reports):
    sign_in(page.context, editor)
    page.goto(f"{web.url}/campanas/{draft.folio}/editar/zona/")
    panel = page.locator("#disponibilidad")
    before = panel.locator("[data-summary]").inner_text()

    page.locator('input[name="ladas"][value="55"]').first.uncheck()

    wait_until(lambda: "en 33 Guadalajara y 81" in panel.inner_text(), timeout=10)
    assert panel.locator("[data-summary]").inner_text() != before
    wait_until_saved(page)
    page.goto(f"{web.url}/campanas/{draft.folio}/editar/fechas/")
    page.get_by_label("Notificaciones", exact=True).fill("40,000,000")
    wait_until(lambda: "Faltan" in panel.inner_text(), timeout=10)
    page.get_by_label("Último día").fill((draft.starts_on - timedelta(days=1)).isoformat())
    wait_until(lambda: "anterior al primero" in panel.inner_text(), timeout=10)
    assert browser_reports == []


def wait_until_saved(page):
    """Wait until the script has saved the step."""
    wait_until(lambda: "Guardado" in page.locator("[data-saved]").inner_text(), timeout=10)
    wait_until(
        lambda: page.evaluate("localStorage.getItem(`lp:${location.pathname}`)") is None,
        timeout=10,
    )


def test_choosing_a_state_chooses_its_ladas_and_keeps_count(page, web, sign_in, editor, draft):
    sign_in(page.context, editor)
    page.goto(f"{web.url}/campanas/{draft.folio}/editar/zona/")
    jalisco = page.locator("details.zone", has=page.get_by_text("Jalisco", exact=True))

    assert jalisco.locator("[data-count]").inner_text() == "1 de 47"
    jalisco.get_by_label("Todo Jalisco").check()

    assert jalisco.locator("[data-count]").inner_text() == "47 de 47"
    page.get_by_role("radio", name="Todo México").check()
    assert jalisco.is_hidden()
