"""Actions of the tests of every page on a page after its load: open, fill in, submit."""

from playwright.sync_api import Page

from tests.conftest import PASSWORD

INVALID_TEXT = "Año: «mañana» 55-1234-5678 ¡gratis! " + "y mucho texto de más " * 4


def fill_invalid_text(page: Page) -> None:
    page.get_by_label("Texto del anuncio").fill(INVALID_TEXT)


def submit_invalid_quantity(page: Page) -> None:
    page.get_by_label("Notificaciones", exact=True).fill("muchas")
    page.locator(".wizard-actions").get_by_role("button", name="Guardar y seguir").click()
    page.wait_for_selector(".error-summary")


def submit_incomplete(page: Page) -> None:
    page.locator(".wizard-actions").get_by_role("button", name="Enviar").click()
    page.wait_for_selector(".error-summary")


def sign_in_wrongly(page: Page) -> None:
    page.get_by_label("Correo").fill("nadie@nada.mx")
    page.get_by_label("Contraseña", exact=True).fill("no-es-esta")
    page.get_by_role("button", name="Iniciar sesión").click()
    page.wait_for_load_state()


def submit_empty(page: Page) -> None:
    filled = page.locator("input:not([type=hidden])")
    page.locator("main form", has=filled).last.get_by_role("button").last.click()
    page.wait_for_selector(".error-summary")


def confirm_password(page: Page) -> None:
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirmar").click()
    page.wait_for_selector(".qr")


def enter_wrong_code(page: Page) -> None:
    confirm_password(page)
    page.get_by_label("Código de la app").fill("000000")
    page.get_by_role("button", name="Activar").click()
    page.wait_for_selector(".error")


def open_menu(page: Page) -> None:
    page.get_by_text("Tu cuenta").click()


def open_all_details(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true })")


def open_toast_and_dialog(page: Page) -> None:
    page.get_by_role("button", name="Mostrar uno").click()
    page.wait_for_selector("body > main > .toasts .toast")
    page.locator("summary", has_text="Cancelar campaña").click()
    page.wait_for_selector("dialog:modal")


def submit_empty_name(page: Page) -> None:
    page.get_by_text("Cambiar nombre").first.click()
    page.get_by_label("Nombre").first.fill("")
    page.get_by_role("button", name="Guardar nombre").first.click()
    page.wait_for_selector(".has-error")


def pick_zones(page: Page) -> None:
    """Open a state of the map and choose it, paste codes and a name to ask, keep without a name."""
    if page.locator(".zone-map > summary").is_visible():
        page.locator(".zone-map > summary").click()
    page.locator("#mapa-14").click()
    page.wait_for_selector("[data-zone]")
    page.locator("[data-choose-state]").click()
    page.get_by_text("Pegar claves").click()
    page.get_by_label("Claves LADA").fill("55, 12, Benito Juárez, Coyoacán")
    page.wait_for_selector("[data-answer]")
    page.get_by_text("Guardar esta zona").click()
    page.get_by_role("button", name="Guardar zona").click()
    page.wait_for_selector(".zone-keep .has-error")
    page.get_by_label("Buscar estado").fill("guadal")


def send_long_message(page: Page) -> None:
    page.get_by_label("Tu mensaje").fill("x" * 1_001)
    page.get_by_role("button", name="Enviar mensaje").click()
    page.wait_for_selector(".conversation-form .error")


def apply_without_name(page: Page) -> None:
    page.get_by_label("Nombre de la marca").fill("")
    page.get_by_role("button", name="Pedir otra revisión").click()
    page.wait_for_selector(".error-summary")


def discard_without_reason(page: Page) -> None:
    page.locator("tbody input[type=checkbox]").first.check()
    page.locator("select[name=action]").select_option("discard")
    page.locator("button[name=index]").click()
    page.get_by_role("button", name="Descartar y avisar").click()
    page.wait_for_selector(".reason-form .error")


def send_large_body(page: Page) -> None:
    page.evaluate("document.querySelector('main form input[name=first_name]').maxLength = 2e6")
    page.locator("input[name=first_name]").fill("x" * 1_100_000)
    page.locator("main form").first.get_by_role("button").click()
    page.wait_for_selector(".trouble")


def send_expired_form(page: Page) -> None:
    page.evaluate("document.querySelector('main form [name=csrfmiddlewaretoken]').value = 'x'")
    page.locator("main form").first.get_by_role("button").click()
    page.wait_for_selector(".trouble")


def upload_invalid_file(page: Page) -> None:
    page.set_input_files("#archivo", {"name": "x.csv", "mimeType": "", "buffer": b"a,b\n1,2"})
    page.get_by_role("button", name="Ver qué haría").click()
    page.wait_for_selector(".error-summary")


def create_api_client(page: Page) -> None:
    page.get_by_label("Nombre").fill("Agencia Sur")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Crear programa").click()
    page.get_by_text("Se muestra solo esta vez").wait_for()


def stop_without_reason(page: Page) -> None:
    page.get_by_role("button", name="Continuar").click()
    page.wait_for_selector(".reason-form .error")


def resolve_without_reason(page: Page) -> None:
    page.get_by_role("button", name="Marcar como resuelta").click()
    page.wait_for_selector(".reason-form .error")


def ask_to_stop(page: Page) -> None:
    page.get_by_label("Motivo").fill("Se enviaron textos equivocados.")
    page.get_by_role("button", name="Continuar").click()
    page.get_by_role("button", name="Sí, detener el canal").wait_for()


def reject_without_reason(page: Page) -> None:
    page.get_by_role("button", name="Rechazar").click()
    page.wait_for_selector("#motivos-error")
