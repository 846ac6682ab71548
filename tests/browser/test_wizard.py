"""The wizard in a browser: it saves while the user types, loses nothing, works by keyboard."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.formats import date_format
from playwright.sync_api import Page, TimeoutError, expect

from campaigns import lifecycle
from campaigns.models import Campaign
from tests.conftest import PASSWORD, TEXT
from tests.processes import Web, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def edit(page, web, sign_in, editor, draft):
    """Return a function that opens a step of the draft as its editor."""
    sign_in(page.context, editor)

    def open_(slug, url=web.url, **options):
        page.goto(f"{url}/campanas/{draft.folio}/editar/{slug}/", **options)

    return open_


def text_of(draft: Campaign) -> str:
    draft.refresh_from_db()
    return draft.text


def expect_status(page: Page, text: str) -> None:
    expect(page.locator("[data-saved]")).to_contain_text(text)


def test_what_is_written_is_saved_without_a_click(page, edit, draft, browser_reports):
    edit("texto")
    page.get_by_label("Texto del anuncio").fill("Hola hoy")

    wait_until(lambda: text_of(draft) == "Hola hoy", timeout=10)
    expect_status(page, "Guardado")
    page.get_by_label("Texto del anuncio").press_sequentially(", ven")
    wait_until(lambda: text_of(draft) == "Hola hoy, ven", timeout=10)
    page.reload()
    expect(page.get_by_label("Texto del anuncio")).to_have_value("Hola hoy, ven")
    assert page.locator(".recover").count() == 0
    assert browser_reports == []


def test_what_is_written_before_the_script_is_there_is_saved_too(page, edit, draft):
    held = []
    page.route(re.compile(r"/(wizard|count-field)\b.*\.js"), lambda route: held.append(route))
    edit("fechas", wait_until="commit")
    volume = page.get_by_label("Notificaciones", exact=True)
    volume.fill("75000")
    wait_until(lambda: page.wait_for_timeout(50) or len(held) == 2, timeout=10)
    for route in held:
        route.continue_()

    expect(volume).to_have_value("75,000")
    wait_until(lambda: Campaign.objects.get(pk=draft.pk).volume == 75_000, timeout=10)


def test_a_page_is_not_loaded_until_what_is_written_would_be_kept(page, edit):
    """A server killed right after it must find the script there that keeps the text."""
    page.route(re.compile(r"/wizard\b.*\.js"), lambda route: None)

    with pytest.raises(TimeoutError, match=r"Page\.goto"):
        edit("texto", timeout=2000)


def test_leaving_at_once_saves_too(page, edit, draft):
    edit("texto")
    page.get_by_label("Texto del anuncio").fill("Me voy ya")
    page.get_by_role("link", name="Campañas").first.click()

    wait_until(lambda: text_of(draft) == "Me voy ya", timeout=10)


def test_a_server_killed_while_one_writes_loses_nothing(
    page, edit, draft, web, tmp_path, sign_in, editor
):
    other = Web(tmp_path)
    try:
        edit("texto", other.url)
        other.kill()
        page.get_by_label("Texto del anuncio").fill("Escrito sin servidor")
        expect_status(page, "Sin conexión")
        assert text_of(draft) == TEXT

        other.start()
        wait_until(lambda: text_of(draft) == "Escrito sin servidor", timeout=30)
        expect_status(page, "Guardado")
    finally:
        other.stop()


def test_a_browser_closed_without_a_server_offers_what_was_written(page, edit, draft):
    edit("texto")
    page.context.set_offline(True)
    page.get_by_label("Texto del anuncio").fill("Escrito sin red")
    expect_status(page, "Sin conexión")
    page.close(run_before_unload=False)
    page.context.set_offline(False)

    again = page.context.new_page()
    again.goto(page.url)
    expect(again.get_by_label("Texto del anuncio")).to_have_value(TEXT)
    again.get_by_role("button", name="Recuperarlo").click()

    expect(again.get_by_label("Texto del anuncio")).to_have_value("Escrito sin red")
    wait_until(lambda: text_of(draft) == "Escrito sin red", timeout=10)


def test_what_was_submitted_is_not_offered_again(page, edit, draft):
    """Submitted before it was saved, and normalised by the server."""
    edit("fechas")
    page.get_by_label("Notificaciones", exact=True).fill("61000")
    page.locator(".wizard-actions").get_by_role("button", name="Guardar y seguir").click()
    page.wait_for_url("**/revisar/")
    page.locator(".wizard-actions").get_by_role("button", name="Atrás").click()
    page.wait_for_url("**/fechas/")

    expect(page.get_by_label("Notificaciones", exact=True)).to_have_value("61,000")
    assert page.locator(".recover").count() == 0


def test_a_copy_is_offered_where_sending_found_no_server(page, edit, draft, web, tmp_path):
    other = Web(tmp_path)
    try:
        edit("fechas", other.url)
        other.kill()
        volume = page.get_by_label("Notificaciones", exact=True)
        volume.fill("62000")
        page.locator(".wizard-actions").get_by_role("button", name="Guardar y seguir").click()
        page.wait_for_timeout(500)
        other.start()
        edit("fechas", other.url)

        page.get_by_role("button", name="Recuperarlo").click()
        expect(volume).to_have_value("62,000")
        wait_until(lambda: Campaign.objects.get(pk=draft.pk).volume == 62_000, timeout=10)
    finally:
        page.goto("about:blank")
        other.stop()


def test_an_ended_session_is_reported_and_the_form_survives_it(page, edit, draft, editor):
    edit("texto")
    page.context.clear_cookies()
    box = page.get_by_label("Texto del anuncio")
    box.fill("Escrito sin sesion")
    wait_until(lambda: page.locator("[data-saved]").inner_text() != "", timeout=10)
    assert text_of(draft) == TEXT
    expect(box).to_have_value("Escrito sin sesion")
    stored = page.evaluate("localStorage.getItem(`lp:${location.pathname}`)")
    assert stored == "text=Escrito+sin+sesion&destination="


def test_a_conflict_of_two_windows_is_reported_and_nothing_is_overwritten(
    page, edit, draft, editor
):
    edit("texto")
    lifecycle.edit(draft.pk, {"text": "De otra ventana"}, revision=1, by=editor)
    page.get_by_label("Texto del anuncio").fill("De esta ventana")

    expect_status(page, "otra ventana")
    assert text_of(draft) == "De otra ventana"
    page.locator(".wizard-actions").get_by_role("button", name="Guardar y seguir").click()
    expect(page.locator(".error-summary")).to_contain_text("otra ventana")
    expect(page.get_by_label("Texto del anuncio")).to_have_value("De esta ventana")
    expect(page.locator(".versus")).to_contain_text("De otra ventana")
    expect(page.locator(".versus")).to_contain_text("De esta ventana")


@pytest.mark.parametrize(
    ("choice", "kept"),
    [("Quedarme con lo que escribí aquí", "De aquí"), ("Quedarme con lo guardado", "De otra")],
)
def test_of_two_versions_a_person_chooses(choice, kept, page, edit, draft, editor):
    edit("texto")
    lifecycle.edit(draft.pk, {"text": "De otra"}, revision=1, by=editor)
    page.get_by_label("Texto del anuncio").fill("De aquí")
    page.get_by_role("button", name="Comparar y elegir").click()

    page.get_by_text(choice, exact=True).click()

    expect(page.get_by_label("Texto del anuncio")).to_have_value(kept)
    expect(page.locator(".conflict")).to_have_count(0)
    assert text_of(draft) == kept


def test_a_page_reloaded_before_it_is_saved_does_not_conflict_with_itself(page, edit, draft):
    edit("texto")
    box = page.get_by_label("Texto del anuncio")
    for written in ("Uno", "Dos", "Tres"):
        box.fill(written)
        page.reload()
        expect(box).to_have_value(written)
        box.press_sequentially(" y más")
        expect_status(page, "Guardado")
        wait_until(lambda written=written: text_of(draft) == f"{written} y más", timeout=10)
    assert page.locator(".recover").count() == 0


def test_undo_keeps_what_was_typed_after_the_fix(page, edit, draft):
    edit("texto")
    box = page.get_by_label("Texto del anuncio")
    box.fill("Mañana: recarga $100")
    page.locator("[data-part=correct]").click()
    page.locator("[data-part=apply]").click()
    expect(box).to_have_value("Manana, recarga $100")
    box.press("End")
    box.press_sequentially(" y gana")

    page.get_by_role("button", name="Deshacer").click()

    expect(box).to_have_value("Mañana: recarga $100 y gana")


def test_the_calendar_is_one_tab_stop_with_arrow_keys_and_full_names(page, edit, on_sale):
    edit("fechas")
    page.get_by_label("Último día").focus()
    first = page.locator(f"button.day[data-day='{on_sale}']")
    stops = 0
    while not page.get_by_label("Notificaciones", exact=True).evaluate(
        "field => field === document.activeElement"
    ):
        page.keyboard.press("Tab")
        stops += page.evaluate("document.activeElement.matches('button.day')")
    assert stops == 1
    names = page.locator("button.day").evaluate_all("all => all.map((day) => day.textContent)")
    assert len({" ".join(name.split()) for name in names}) == len(names)
    month = date_format(on_sale, "F")
    assert " ".join(names[0].split()).startswith(f"{on_sale.day} de {month},")

    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")

    expect(page.get_by_label("Primer día")).to_have_value(f"{on_sale + timedelta(days=1):%d/%m/%Y}")
    expect(page.get_by_label("Último día")).to_have_value(f"{on_sale + timedelta(days=2):%d/%m/%Y}")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(first).to_be_focused()


def test_days_are_chosen_in_the_calendar(page, edit, draft, on_sale):
    edit("fechas")
    days = page.locator("button.day")
    days.nth(1).click()
    days.nth(4).click()

    expect(page.get_by_label("Primer día")).to_have_value(f"{on_sale + timedelta(days=1):%d/%m/%Y}")
    expect(page.get_by_label("Último día")).to_have_value(f"{on_sale + timedelta(days=4):%d/%m/%Y}")
    expect(page.locator("button.day[aria-pressed=true]")).to_have_count(4)
    expect_status(page, "Guardado")
    expect(page.locator("#disponibilidad .days li")).to_have_count(4)


@pytest.mark.parametrize("viewport", [{"width": 360, "height": 740}], ids=["phone"])
def test_the_whole_wizard_by_keyboard_on_a_phone(
    browser, browser_context_args, web, sign_in, editor, brand, on_sale, viewport
):
    """Tab, space, arrows and Enter alone, from the list to "Enviada"; inputs are counted (U9)."""
    context = browser.new_context(**browser_context_args | {"viewport": viewport})
    sign_in(context, editor)
    page = context.new_page()
    page.goto(web.url)
    inputs = 0

    def reach(locator):
        """Move the focus to a control by Tab."""
        locator.wait_for()
        for _ in range(150):
            if locator.evaluate("element => element === document.activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"not reached by Tab: {locator}")

    def write(locator, text):
        nonlocal inputs
        inputs += 1
        reach(locator)
        page.keyboard.type(text)

    def press(locator, key="Enter"):
        nonlocal inputs
        inputs += 1
        reach(locator)
        page.keyboard.press(key)

    def press_next():
        press(page.locator(".wizard-actions").get_by_role("button", name="Guardar y seguir"))
        page.wait_for_load_state()

    press(page.get_by_role("link", name="Nueva campaña").first)
    write(page.get_by_label("Nombre de la campaña"), "Por teclado")
    press_next()
    write(page.get_by_label("Texto del anuncio"), TEXT)
    press_next()
    press(page.get_by_role("radio", name="Todo México"), "Space")
    press_next()
    for label, day in (("Primer día", on_sale), ("Último día", on_sale + timedelta(days=2))):
        field = page.get_by_label(label)
        reach(field)
        inputs += 1
        field.fill(f"{day:%d/%m/%Y}")
    write(page.get_by_label("Notificaciones", exact=True), "60000")
    press_next()
    press(page.locator(".wizard-actions").get_by_role("button", name="Enviar a revisión"))
    page.wait_for_load_state()

    expect(page.locator(".page-head .badge")).to_contain_text("Apartando inventario")
    assert Campaign.objects.get().status == "reserving"
    assert inputs <= 25
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_signing_in_again_after_the_session_ended_brings_the_step_back(
    browser, browser_context_args, web, sign_in, editor, draft
):
    editor.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    editor.save(update_fields=["password"])
    context = browser.new_context(java_script_enabled=False, **browser_context_args)
    sign_in(context, editor)
    page = context.new_page()
    page.goto(f"{web.url}/campanas/{draft.folio}/editar/texto/")
    page.get_by_label("Texto del anuncio").fill("Lo que escribi")
    cookies = [c for c in context.cookies() if c["name"] != settings.SESSION_COOKIE_NAME]
    context.clear_cookies()
    context.add_cookies(cookies)
    page.locator(".wizard-actions").get_by_role("button", name="Guardar y seguir").click()
    page.get_by_label("Correo").fill(editor.email)
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Iniciar sesión").click()

    expect(page.get_by_label("Texto del anuncio")).to_have_value("Lo que escribi")
    expect(page.locator("main")).to_contain_text("recuperamos lo que escribiste")
    context.close()


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("javascript:alert(1)", "Solo puede llevar a una página web"),
        ("mailto:hola@tienda.mx", "Solo puede llevar a una página web"),
        ("http://tienda.mx", "Usa https://"),
        ("https://192.168.0.1/", "Pon el nombre del sitio"),
        ("tienda", "no abre fuera de tu red"),
        ("bit.ly/abc", "ya acorta o redirige"),
    ],
)
def test_an_address_is_checked_while_it_is_written(written, problem, page, edit, draft):
    edit("texto")
    address = page.get_by_label("Página de destino")
    address.fill(written)

    expect(page.locator("#id_destination_error")).to_contain_text(problem)
    expect(page.locator("[data-saved]")).to_contain_text("hay algo por corregir")
    expect(page.locator("[data-part=own]")).to_be_hidden()  # no short link of what is wrong

    address.fill("tienda.mx/promo")
    expect(page.locator("#id_destination_error")).to_be_hidden()
    address.blur()
    expect(address).to_have_value("https://tienda.mx/promo")
    expect(page.locator("[data-part=own]")).to_be_visible()


def test_digits_are_grouped_while_a_count_is_typed(page, edit, draft, browser_reports):
    edit("fechas")
    count = page.get_by_label("Notificaciones", exact=True)
    count.fill("")
    count.press_sequentially("1200000")
    expect(count).to_have_value("1,200,000")

    for _key in range(4):
        count.press("ArrowLeft")  # 1,200|,000
    count.press_sequentially("5")
    expect(count).to_have_value("12,005,000")
    count.press_sequentially("7")  # where the caret is: behind the 5
    expect(count).to_have_value("120,057,000")
    count.press("Backspace")
    count.press("Backspace")
    expect(count).to_have_value("1,200,000")

    for written in ("1,5", "500.000", "1.5 millones"):
        count.fill("")
        count.press_sequentially(written)
        expect(count).to_have_value(written)
    count.fill("1,234")
    count.press("ControlOrMeta+a")
    page.keyboard.insert_text("1,5")
    expect(count).to_have_value("1,5")
    assert browser_reports == []
