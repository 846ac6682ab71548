"""The bar at the lower edge of a phone: what is left, while one writes and chooses."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.test_steps import wait_until_saved

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 800}
KEYBOARD_OPEN = {"width": 360, "height": 380}  # what is left above a keyboard


@pytest.fixture
def edit(page, web, sign_in, editor, draft):
    """Return a function that opens a step of the draft on a phone."""
    sign_in(page.context, editor)
    page.set_viewport_size(PHONE)

    def open_(slug):
        page.goto(f"{web.url}/campanas/{draft.folio}/editar/{slug}/")
        page.wait_for_load_state("networkidle")
        return page.locator(".step-bar")

    return open_


def is_uncovered(locator):
    """Return whether the middle of an element is in view and nothing lies over it."""
    return locator.evaluate(
        """(element) => {
             const { left, right, top, bottom } = element.getBoundingClientRect();
             const [x, y] = [(left + right) / 2, (top + bottom) / 2];
             return element.contains(document.elementFromPoint(x, y));
           }"""
    )


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.name")


@pytest.mark.parametrize("size", [PHONE, KEYBOARD_OPEN, {"width": 320, "height": 568}], ids=str)
def test_what_is_left_of_the_text_is_in_view_while_one_writes(page, edit, size, browser_reports):
    bar = edit("texto")
    page.set_viewport_size(size)
    box = page.get_by_label("Texto del anuncio")
    box.fill("")

    box.press_sequentially("Hola hoy")

    expect(bar).to_contain_text("Te quedan 82 caracteres")
    assert is_uncovered(bar.locator("[data-part=line]"))
    assert is_uncovered(box)
    box.press_sequentially(" ñ")
    expect(bar).to_contain_text("Te quedan 80 caracteres · 1 signo por corregir")
    expect(bar).to_have_class("step-bar is-wrong")
    box.fill("x" * 95)
    expect(bar).to_contain_text("Te sobran 5 caracteres")
    assert browser_reports == []


@pytest.mark.parametrize("size", [PHONE, KEYBOARD_OPEN], ids=str)
def test_the_notification_opens_over_the_page_and_the_field_keeps_the_focus(page, edit, size):
    bar = edit("texto")
    page.set_viewport_size(size)
    box = page.get_by_label("Texto del anuncio")
    box.click()

    bar.click()

    expect(bar).to_have_attribute("aria-expanded", "true")
    assert focused(page) == "id_text"
    ad = page.locator("#vista-previa .phone-bubble")
    assert is_uncovered(ad)
    assert is_uncovered(box)
    page.keyboard.type(" ya")
    expect(ad).to_contain_text(" ya")
    page.keyboard.press("Escape")
    expect(bar).to_have_attribute("aria-expanded", "false")
    assert focused(page) == "id_text"


@pytest.mark.parametrize("size", [PHONE, KEYBOARD_OPEN], ids=str)
def test_what_is_available_is_in_view_while_one_writes_a_volume(page, edit, draft, size):
    bar = edit("fechas")
    page.set_viewport_size(size)
    expect(bar).to_contain_text("Sí caben: 60,000 de")
    volume = page.get_by_label("Notificaciones", exact=True)

    volume.fill("40,000,000")

    expect(bar).to_contain_text("Faltan ")
    expect(bar).to_have_class("step-bar is-wrong")
    assert is_uncovered(bar.locator("[data-part=line]"))
    assert is_uncovered(volume)
    bar.click()
    assert focused(page) == "id_volume"
    assert is_uncovered(page.locator("#disponibilidad [data-summary]"))
    page.locator("#disponibilidad .ways button").first.click()
    page.wait_for_url("**/fechas/#disponibilidad")


def test_what_is_available_follows_days_and_zones(page, edit, draft):
    bar = edit("fechas")
    first = page.get_by_label("Primer día")
    first.fill("5/1")
    expect(bar).to_contain_text("Completa las fechas")
    first.fill(f"{draft.starts_on + timedelta(days=1):%d/%m/%Y}")
    expect(bar).to_contain_text("Sí caben: 60,000 de")
    wait_until_saved(page)

    bar = edit("zona")
    before = bar.inner_text()
    ladas = page.locator('input[name="ladas"][value="55"]').first
    ladas.scroll_into_view_if_needed()
    ladas.uncheck()
    expect(bar).not_to_have_text(before)
    assert is_uncovered(bar.locator("[data-part=line]"))
    page.get_by_role("radio", name="Elegir zonas").check()


def test_each_field_that_gets_the_focus_is_above_the_bar(page, edit):
    for step in ("texto", "fechas", "zona"):
        edit(step)
        for _number in range(25):
            page.keyboard.press("Tab")
            field = page.locator("#wizard :focus")
            assert field.count() == 0 or is_uncovered(field), field.evaluate("e => e.outerHTML")


def test_the_buttons_are_uncovered_above_and_below(page, edit):
    for step in ("texto", "fechas", "zona"):
        bar = edit(step)
        for size in (PHONE, KEYBOARD_OPEN, {"width": 320, "height": 568}):
            page.set_viewport_size(size)
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            for name in ("Guardar y seguir", "Atrás"):
                button = page.locator(".wizard-actions").get_by_role("button", name=name)
                button.scroll_into_view_if_needed()
                assert is_uncovered(button), (step, size)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), step
        page.set_viewport_size(PHONE)
        assert bar.evaluate("e => e.closest('.wizard-actions') !== null")


def test_where_the_panel_is_out_of_reach_the_link_leads_to_it(page, edit):
    bar = edit("texto")
    page.set_viewport_size(KEYBOARD_OPEN)
    page.get_by_label("Página de destino").focus()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert not is_uncovered(page.locator("#vista-previa .phone-ad"))

    bar.click()

    page.wait_for_url("**/texto/#vista-previa")
    assert page.locator("#vista-previa").evaluate("e => e.getBoundingClientRect().top") < 380


def test_without_script_the_bar_is_a_link_to_the_panel(
    browser, browser_context_args, web, sign_in, editor, draft
):
    args = browser_context_args | {"viewport": PHONE}
    context = browser.new_context(java_script_enabled=False, **args)
    sign_in(context, editor)
    page = context.new_page()
    for step, anchor, line in (
        ("texto", "vista-previa", "Te quedan"),
        ("zona", "disponibilidad", "Sí caben: 60,000 de"),
        ("fechas", "disponibilidad", "Sí caben: 60,000 de"),
    ):
        page.goto(f"{web.url}/campanas/{draft.folio}/editar/{step}/")
        bar = page.locator(".step-bar")
        expect(bar).to_contain_text(line)
        bar.click()
        expect(page.locator(f"#{anchor}")).to_be_in_viewport()
        assert page.url.endswith(f"#{anchor}")
    context.close()


def test_wide_pages_have_no_bar_and_no_id_is_there_twice(page, edit):
    for step in ("datos", "texto", "zona", "fechas", "revisar"):
        bar = edit(step)
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
        assert len(ids) == len(set(ids)), step
        assert bar.count() == (step not in ("datos", "revisar"))
        page.set_viewport_size({"width": 1366, "height": 800})
        assert not bar.is_visible()
        page.set_viewport_size(PHONE)


def test_the_bar_is_no_live_region(page, edit):
    """The field and the panel announce changes: the bar would say the same again."""
    for step in ("texto", "zona", "fechas"):
        bar = edit(step)
        assert bar.evaluate("e => e.closest('[role=status], [role=alert], [aria-live]')") is None
        assert bar.locator("[role=status], [role=alert], [aria-live]").count() == 0


def test_opening_and_writing_do_not_shift_the_page(page, edit):
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach("
        "e => { if (!e.hadRecentInput) window.shift += e.value }))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    for step in ("texto", "zona", "fechas"):
        edit(step)
        assert page.evaluate("window.shift") <= 0.01, step
