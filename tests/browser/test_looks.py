"""Every page in four looks: no accessibility violation, no complaint, no sideways scroll."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils import timezone
from playwright.sync_api import Browser, ConsoleMessage

from campaigns import brands, bulk, conversation, lifecycle, teams
from campaigns.models import SavedZone
from inventory.models import Audit
from portal.accounts import api_clients
from portal.accounts.models import User
from tests.conftest import PASSWORD
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {
    "runOnly": [
        "wcag2a",
        "wcag2aa",
        "wcag21a",
        "wcag21aa",
        "wcag22aa",
        "best-practice",
    ]
}
SCREENSHOTS = os.environ.get("SCREENSHOTS", "")  # a folder: `make screenshots` keeps pictures
LOOKS = [(width, scheme) for width in (360, 1366) for scheme in ("light", "dark")]
SITE = "https://ñandú.mx/promociones/recargas-de-diciembre?origen=llamada-perdida"
WRONG = "Año: «mañana» 55-1234-5678 ¡gratis! " + "y mucho texto de más " * 4


@pytest.fixture
def stock_keeper(db):
    """Somebody who looks after the inventory, with recounts of two days to look at."""
    person = User.objects.create_user("inventario@telefonica.mx", PASSWORD, is_staff=True)
    viewable = Q(content_type__app_label="inventory") | Q(codename="view_campaign")
    person.user_permissions.set(Permission.objects.filter(viewable, codename__startswith="view_"))
    for days in (0, 3):
        Audit.objects.create(
            at=timezone.now() - timedelta(days=days),
            seconds=0.2,
            cells=4_130,
            reservations=3,
            capacity=100_000_000,
            held=9_000_000 - 2_000_000 * days,
            booked=40_000_000 - 5_000_000 * days,
            at_risk=0,
        )
    return person


@pytest.fixture
def invited(brand, owner):
    """An invitation, by the token of its link."""
    invitation = teams.invite(brand.pk, "nueva@tienda.mx", "viewer", by=owner)
    token = invitation.renew()
    invitation.save()
    return token


@pytest.fixture
def newcomer(db):
    """Somebody whose brand waits to be let in."""
    person = User.objects.create_user("ana@pizzas.mx", PASSWORD, first_name="Ana")
    brands.apply("Pizzas La Nonna", "FOOD", by=person)
    return person


@pytest.fixture
def pages(draft, owner, editor, viewer, stranger, invited, newcomer, reviewer, stock_keeper, brand):
    """Return {name: (person or None, address, what to do there)} for every page there is."""
    held = lifecycle.copy(draft.pk, by=editor)
    lifecycle.submit(held.pk, by=editor)
    lifecycle.hold_submitted()
    back = lifecycle.copy(draft.pk, by=editor)
    lifecycle.submit(back.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.request_changes(
        back.pk, version=1, reasons=["La oferta no se entiende"], comment="¿De qué?", by=reviewer
    )
    lacking = lifecycle.draft(brand.pk, {"name": "Sin nada todavía"}, by=editor)
    approved = lifecycle.copy(draft.pk, by=editor)
    led = lifecycle.edit(approved.pk, {"destination": SITE}, revision=1, by=editor)
    lifecycle.insert_link(approved.pk, revision=2, by=editor)
    lifecycle.submit(approved.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.approve(approved.pk, version=1, by=reviewer)

    side = conversation.Side
    conversation.write(back.pk, "¿De qué plan?", side=side.STAFF, by=reviewer)
    conversation.write(back.pk, "Del ilimitado.", side=side.BRAND, by=editor)
    lifecycle.edit(back.pk, {"text": "Recarga $200", "volume": 50_000}, revision=1, by=editor)
    rows = ",".join(bulk.SHAPE.columns) + "\nIdea,,,¡Hola!,,,,,,\nMala,x,,,,,,,,\n"
    looked_at, used = (
        bulk.store(brand, io.BytesIO(rows.encode()), "lista.csv", by=editor) for _ in range(2)
    )
    bulk.make_drafts(used.pk, fix_texts=False, by=editor)

    def write_rubbish(page):
        page.get_by_label("Texto del anuncio").fill(WRONG)

    def ask_rubbish(page):
        page.get_by_label("Notificaciones", exact=True).fill("muchas")
        page.locator(".wizard-actions").get_by_role("button", name="Guardar y seguir").click()
        page.wait_for_selector(".error-summary")

    def send_lacking(page):
        page.locator(".wizard-actions").get_by_role("button", name="Enviar").click()
        page.wait_for_selector(".error-summary")

    def fail_to_enter(page):
        page.get_by_label("Correo").fill("nadie@nada.mx")
        page.get_by_label("Contraseña", exact=True).fill("no-es-esta")
        page.get_by_role("button", name="Iniciar sesión").click()
        page.wait_for_load_state()

    def send_nothing(page):
        page.locator("main form").last.get_by_role("button").last.click()
        page.wait_for_selector(".error-summary")

    def prove(page):
        page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Confirmar").click()
        page.wait_for_selector(".qr")

    def enter_wrongly(page):
        prove(page)
        page.get_by_label("Código de la app").fill("000000")
        page.get_by_role("button", name="Activar").click()
        page.wait_for_selector(".error")

    def open_menu(page):
        page.get_by_text("Tu cuenta").click()

    def open_all(page):
        page.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true })")

    def ask(page):
        page.get_by_role("button", name="Mostrar uno").click()
        page.wait_for_selector("body > main > .toasts .toast")
        page.locator("summary", has_text="Cancelar campaña").click()
        page.wait_for_selector("dialog:modal")

    edit, bare = f"/campanas/{draft.folio}/editar", f"/campanas/{lacking.folio}/editar"

    def name_badly(page):
        page.get_by_text("Cambiar nombre").first.click()
        page.get_by_label("Nombre").first.fill("")
        page.get_by_role("button", name="Guardar nombre").first.click()
        page.wait_for_selector(".has-error")

    def pick_zones(page):
        """Choose on the map, open a state, paste codes, keep without a name."""
        if page.locator(".zone-map > summary").is_visible():
            page.locator(".zone-map > summary").click()
        page.locator("#mapa-14").click()
        page.locator("[data-zoom-in]").click()
        page.wait_for_selector("[data-zone]")
        page.get_by_text("Pegar claves").click()
        page.get_by_label("Claves LADA").fill("55, 12")
        page.get_by_text("Guardar esta zona").click()
        page.get_by_role("button", name="Guardar zona").click()
        page.wait_for_selector(".zone-keep .has-error")
        page.get_by_label("Buscar estado").fill("guadal")

    for name in ("Bajío", "Centro"):
        area = {"states": ["11", "22"], "excluded_ladas": ["477"]}
        SavedZone.objects.create(brand=brand, name=name, area=area, created_by=editor)

    def say_too_much(page):
        page.get_by_label("Tu mensaje").fill("x" * 1_001)
        page.get_by_role("button", name="Enviar mensaje").click()
        page.wait_for_selector(".talk-say .error")

    applicant = User.objects.create_user("leo@tacos.mx", PASSWORD, first_name="Leo")
    asked = brands.apply("Tacos El Güero", "FOOD", by=applicant)
    brands.discard(asked.pk, "No encontramos a la empresa. Escribe su razón social.")
    brands.announce(owner=newcomer)

    def ask_for_nothing(page):
        page.get_by_label("Nombre de la marca").fill("")
        page.get_by_role("button", name="Pedir otra revisión").click()
        page.wait_for_selector(".error-summary")

    def discard_badly(page):
        page.locator("tbody input[type=checkbox]").first.check()
        page.locator("select[name=action]").select_option("discard")
        page.locator("button[name=index]").click()
        page.get_by_role("button", name="Descartar y avisar").click()
        page.wait_for_selector(".discard-form .error")

    def send_too_much(page):
        page.evaluate("document.querySelector('main form input[name=first_name]').maxLength = 2e6")
        page.locator("input[name=first_name]").fill("x" * 1_100_000)
        page.locator("main form").first.get_by_role("button").click()
        page.wait_for_selector(".trouble")

    def send_an_old_form(page):
        page.evaluate("document.querySelector('main form [name=csrfmiddlewaretoken]').value = 'x'")
        page.locator("main form").first.get_by_role("button").click()
        page.wait_for_selector(".trouble")

    def send_no_campaigns(page):
        page.set_input_files("#archivo", {"name": "x.csv", "mimeType": "", "buffer": b"a,b\n1,2"})
        page.get_by_role("button", name="Ver qué haría").click()
        page.wait_for_selector(".error-summary")

    for name in ("Agencia Norte", "Tablero de ventas", "Agencia de antes"):
        made = api_clients.create(brand.pk, name, ["catalogue:read", "campaigns:read"], by=owner)
    api_clients.revoke(made.client.pk, by=owner)

    def make_program(page):
        page.get_by_label("Nombre").fill("Agencia Sur")
        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Crear programa").click()
        page.get_by_text("Se muestra solo esta vez").wait_for()

    list_ = f"/marcas/{brand.slug}/campanas/"
    zones = f"/marcas/{brand.slug}/zonas/"
    owner.password = make_password(
        PASSWORD, hasher="pbkdf2_sha256"
    )  # one that the web process knows
    owner.save()
    codes = ["view_brand", "activate_brand"]
    reviewer.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    stock = "/admin/inventory/capacity"
    jalisco, day = f"{stock}/ocupacion/estado/14", held.starts_on
    reservation = f"/admin/inventory/reservation/{held.reservation_id}"
    return {
        "sign-in": (None, "/entrar/", None),
        "sign-in-wrong": (None, "/entrar/", fail_to_enter),
        "reset": (None, "/contrasena/", None),
        "sign-up": (None, "/registro/", None),
        "sign-up-wrong": (None, "/registro/", send_nothing),
        "sign-up-sent": (None, "/registro/correo/", None),
        "sign-up-over": (None, "/registro/correo/nada/", None),
        "terms": (None, "/condiciones/", None),
        "invitation": (None, f"/invitaciones/{invited}/", None),
        "invitation-for-another": (editor, f"/invitaciones/{invited}/", None),
        "invitation-over": (None, "/invitaciones/nada/", None),
        "brand-waiting": (newcomer, "/", None),
        "brand-discarded": (applicant, "/", None),
        "brand-discarded-wrong": (applicant, "/", ask_for_nothing),
        "brand": (owner, f"/marcas/{brand.slug}/", None),
        "brand-reader": (editor, f"/marcas/{brand.slug}/", None),
        "team": (owner, f"/marcas/{brand.slug}/equipo/", open_all),
        "team-wrong": (owner, f"/marcas/{brand.slug}/equipo/", send_nothing),
        "team-reader": (editor, f"/marcas/{brand.slug}/equipo/", None),
        "programs": (owner, f"/marcas/{brand.slug}/api/", open_all),
        "programs-wrong": (owner, f"/marcas/{brand.slug}/api/", send_nothing),
        "programs-reader": (editor, f"/marcas/{brand.slug}/api/", None),
        "programs-none": (stranger, f"/marcas/{stranger.brands.get().slug}/api/", None),
        "program-secret": (owner, f"/marcas/{brand.slug}/api/", make_program),
        "api-docs": (None, "/api/", None),
        "notices": (owner, "/avisos/", open_menu),
        "notices-none": (newcomer, "/avisos/", None),
        "profile": (owner, "/perfil/", None),
        "email": (owner, "/cuenta/correo/", None),
        "second-factor": (owner, "/cuenta/dos-pasos/", None),
        "second-factor-activate": (owner, "/cuenta/dos-pasos/activar/", prove),
        "second-factor-wrong": (owner, "/cuenta/dos-pasos/activar/", enter_wrongly),
        "sessions": (owner, "/cuenta/sesiones/", None),
        "password": (editor, "/cuenta/contrasena/", None),
        "components": (None, "/componentes/", open_all),
        "components-asked": (None, "/componentes/", ask),
        "link-target": (None, f"/l/{led.link.code}+", None),
        "link-nowhere": (None, "/l/zzzzz", None),
        "not-found": (editor, "/no-existe/", None),
        "forbidden": (editor, "/admin/", None),
        "too-big": (owner, "/perfil/", send_too_much),
        "form-expired": (owner, "/perfil/", send_an_old_form),
        "start": (editor, f"/marcas/{brand.slug}/inicio/", open_all),
        "start-new": (stranger, f"/marcas/{stranger.brands.get().slug}/inicio/", None),
        "list": (editor, list_, None),
        "list-wrong": (editor, f"{list_}?desde=x&hasta=2026-12-05", None),
        "list-none": (stranger, f"/marcas/{stranger.brands.get().slug}/campanas/", None),
        "bulk": (editor, f"{list_}archivo/", None),
        "bulk-wrong": (editor, f"{list_}archivo/", send_no_campaigns),
        "bulk-file": (editor, f"{list_}archivo/{looked_at.pk}/", None),
        "bulk-made": (editor, f"{list_}archivo/{used.pk}/", None),
        "help": (editor, "/ayuda/", None),
        "list-nothing": (editor, f"{list_}?q=nada", None),
        "new": (editor, f"{list_}nueva/", None),
        "data": (editor, f"{edit}/datos/", None),
        "text": (editor, f"{edit}/texto/", None),
        "text-wrong": (editor, f"{edit}/texto/", write_rubbish),
        "zone": (editor, f"{edit}/zona/", None),
        "dates": (editor, f"{edit}/fechas/", None),
        "dates-wrong": (editor, f"{edit}/fechas/", ask_rubbish),
        "dates-bare": (editor, f"{bare}/fechas/", None),
        "review": (editor, f"{edit}/revisar/", None),
        "review-lacking": (editor, f"{bare}/revisar/", send_lacking),
        "zone-wrong": (editor, f"{edit}/zona/", pick_zones),
        "zones": (editor, zones, open_all),
        "zones-wrong": (editor, zones, name_badly),
        "zones-viewer": (viewer, zones, None),
        "zones-none": (stranger, "/marcas/otra/zonas/", None),
        "draft": (editor, f"/campanas/{draft.folio}/", None),
        "in-review": (editor, f"/campanas/{held.folio}/", None),
        "changes": (editor, f"/campanas/{back.folio}/", open_all),
        "talk-wrong": (editor, f"/campanas/{back.folio}/", say_too_much),
        "compared": (editor, f"/campanas/{back.folio}/?de=1&a=1", None),
        "approved": (editor, f"/campanas/{approved.folio}/", None),
        "admin": (reviewer, "/admin/", None),
        "brands": (reviewer, "/admin/campaigns/brand/?estado=por-activar", None),
        "brands-discard": (reviewer, "/admin/campaigns/brand/?estado=por-activar", discard_badly),
        "notices-staff": (reviewer, "/avisos/", None),
        "queue": (reviewer, "/admin/campaigns/campaign/", None),
        "decision": (reviewer, f"/admin/campaigns/campaign/{held.pk}/change/", None),
        "decision-talk": (reviewer, f"/admin/campaigns/campaign/{back.pk}/change/", None),
        "decided": (reviewer, f"/admin/campaigns/campaign/{approved.pk}/change/", None),
        "orders": (reviewer, "/admin/campaigns/adorder/", None),
        "capacity": (stock_keeper, f"{stock}/", None),
        "occupancy": (stock_keeper, f"{stock}/ocupacion/", None),
        "occupancy-wrong": (stock_keeper, f"{stock}/ocupacion/?desde=basura", None),
        "occupancy-state": (stock_keeper, f"{jalisco}/", None),
        "occupancy-day": (stock_keeper, f"{stock}/ocupacion/dia/{day}/", None),
        "occupancy-state-day": (stock_keeper, f"{jalisco}/dia/{day}/", None),
        "cell": (stock_keeper, f"{stock}/ocupacion/lada/33/dia/{day}/", None),
        "cell-nobody": (stock_keeper, f"{stock}/ocupacion/lada/999/dia/{day}/", None),
        "sell-through": (stock_keeper, f"{stock}/venta/", open_all),
        "reservations": (stock_keeper, "/admin/inventory/reservation/", None),
        "reservation": (stock_keeper, f"{reservation}/change/", open_all),
    }


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page_in_every_look(
    browser: Browser, browser_context_args, web, sign_in, pages, width, scheme
):
    look = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    context = browser.new_context(**browser_context_args | look)
    page = context.new_page()
    found: list[str] = []
    page.on("console", lambda m: found.append(f"{page.url}: {m.text}") if complains(m) else None)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    for name, (person, address, act) in pages.items():
        if person:
            sign_in(context, person)
        else:
            context.clear_cookies()
        page.goto(web.url + address)
        if act:
            act(page)
        if SCREENSHOTS:
            path = Path(SCREENSHOTS) / f"{name}-{width}-{scheme}.png"
            page.screenshot(path=path, full_page=True)
        for violation in Axe().run(page, options=RULES).response["violations"]:
            targets = [node["target"] for node in violation["nodes"]][:3]
            found.append(f"{name}: {violation['id']} {targets}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{name}: scrolls sideways")
    context.close()

    assert found == []


def complains(message: ConsoleMessage) -> bool:
    """Return whether a message is a breach of the policy or an error, not a status we sent."""
    return message.type in ("error", "warning") and "status of 4" not in message.text


def test_pages_stay_light(browser: Browser, browser_context_args, web, sign_in, pages):
    """Bytes on the wire of a cold load, and nothing from anybody else. Bars: U3."""
    bars = dict.fromkeys(("new", "text", "zone", "dates", "review"), 100)
    bars |= dict.fromkeys(("list", "in-review", "sign-in", "start", "changes", "help"), 60)
    bars["zones"] = 60
    bars |= dict.fromkeys(("programs", "api-docs"), 60)
    bars["bulk-file"] = 60
    bars |= dict.fromkeys(("queue", "decision", "occupancy", "sell-through"), 150)
    heavy = {}
    for name, bar in bars.items():
        person, address, _act = pages[name]
        context = browser.new_context(**browser_context_args)
        if person:
            sign_in(context, person)
        page = context.new_page()
        responses = []
        page.on("response", lambda response, heard=responses: heard.append(response))
        page.goto(web.url + address)
        page.wait_for_load_state("networkidle")
        assert all(response.url.startswith((web.url, "data:")) for response in responses)
        total = sum(_on_the_wire(response) for response in responses)
        assert total > 0
        if total > bar * 1024:
            heavy[name] = total
        script = sum(_on_the_wire(a) for a in responses if a.url.endswith(".js"))
        assert script <= 25 * 1024
        context.close()

    assert heavy == {}


def _on_the_wire(response) -> int:
    """Return the bytes of a response as they came, compressed where the server does."""
    return 0 if response.url.startswith("data:") else response.request.sizes()["responseBodySize"]


def test_the_form_does_not_move_while_it_wakes_up_and_is_written_in(
    page, web, sign_in, editor, draft
):
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


def test_availability_follows_what_is_chosen(page, web, sign_in, editor, draft, complaints):
    sign_in(page.context, editor)
    page.goto(f"{web.url}/campanas/{draft.folio}/editar/zona/")
    panel = page.locator("#disponibilidad")
    before = panel.locator("[data-summary]").inner_text()

    page.locator('input[name="ladas"][value="55"]').first.uncheck()

    wait_until(lambda: "en 33 Guadalajara y 81" in panel.inner_text(), timeout=10)
    assert panel.locator("[data-summary]").inner_text() != before
    saved(page)
    page.goto(f"{web.url}/campanas/{draft.folio}/editar/fechas/")
    page.get_by_label("Notificaciones", exact=True).fill("90,000,000")
    wait_until(lambda: "Faltan" in panel.inner_text(), timeout=10)
    page.get_by_label("Último día").fill((draft.starts_on - timedelta(days=1)).isoformat())
    wait_until(lambda: "anterior al primero" in panel.inner_text(), timeout=10)
    assert complaints == []


def saved(page):
    """Wait until the step has saved itself."""
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
