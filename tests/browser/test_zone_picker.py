"""The zone picker: list and map agree, by mouse, by keyboard and without script."""

import re

import pytest
from django.http import QueryDict
from playwright.sync_api import expect

from campaigns import saved_zones
from campaigns.models import Campaign, SavedZone
from portal.pages.wizard import zone_picker
from portal.pages.wizard.forms import ZoneStep
from segments import areas, pasted_places
from segments.areas import Area
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASTED = [
    "55, 33; 81",
    "LADA 55\n33\t81 81 33",
    "lada55 LADA-33 l33a 5512345678 8l",
    "999, 12 999 1000",
    "Guadalajara y Monterrey",
    "ñ55 5_5 ٥٥ 55",
    " ".join(str(code) for code in range(10, 40)),
    "123456789012345 1234567890123456",
    "todo México menos 33",
    "Jalisco menos",
    "todo el país menos Atlantis",
]
# What a text does to a zone of 33, 55 and 81: the form's fields with script and without.
ADDED = [
    "Jalisco, excepto Puerto Vallarta",
    "todo el país menos Nuevo León y 55",
    "Jalisco y 999",
    "Todo México",
    "Jalisco menos Nayarit",
    "todo Colima (sin 312), 33",
    "todo México menos Atlantis",
]


@pytest.fixture
def open_form(page, web, sign_in, editor, draft):
    """Return a function that opens the draft with 33, 55 and 81 and waits for its map."""

    def open_(width=1366):
        page.set_viewport_size({"width": width, "height": 800})
        sign_in(page.context, editor)
        page.goto(f"{web.url}/campanas/{draft.folio}/editar/zona/")
        expect(page.locator("svg.live")).to_have_count(1)
        return page

    return open_


@pytest.fixture
def form(open_form):
    return open_form()


def lada(page, code, state):
    return page.locator(f'[data-zones] [data-state="{state}"] input[name="ladas"][value="{code}"]')


def whole(page, state):
    return page.locator(f'input[name="states"][value="{state}"]')


def level(page, state):
    return page.locator(f"#mapa-{state}").get_attribute("class").removeprefix("map-place ")


def chips(page):
    return page.locator("[data-zone-chips] li").all_inner_texts()


def submitted(page):
    """Return what the form would submit of the picker."""
    return page.evaluate(
        "() => ['scope', 'states', 'ladas', 'excluded'].map("
        "name => new FormData(document.querySelector('#wizard')).getAll(name).join())"
    )


def unfold(page, state):
    page.locator(f'[data-zones] [data-state="{state}"] summary').click()


def choose(page, state):
    """Open a state of the map by a click, choose or remove it by its button, and go back."""
    page.locator(f"#mapa-{state}").click()
    expect(page.locator("svg.opened")).to_have_count(1)
    page.locator("[data-choose-state]").click()
    page.locator("[data-zoom-out]").click()


def test_the_map_shows_what_the_list_has(form):
    assert (level(form, "14"), level(form, "09"), level(form, "31")) == ("part", "part", "none")

    unfold(form, "31")
    whole(form, "31").check()
    assert level(form, "31") == "whole"
    expect(form.locator("#lugar-31")).to_have_attribute("aria-checked", "true")
    expect(form.locator("#lugar-14")).to_have_attribute("aria-checked", "mixed")
    expect(form.locator("#lugar-14")).to_have_attribute("aria-label", "Jalisco: 1 de 47 LADA")

    lada(form, "999", "31").uncheck()
    assert level(form, "31") == "part"
    expect(whole(form, "31")).not_to_be_checked()
    expect(lada(form, "990", "31")).to_be_checked()
    assert submitted(form)[1:3] == ["", "33,55,81,969,985,986,988,990,991,997"]

    lada(form, "999", "31").check()
    assert submitted(form)[1:3] == ["31", "33,55,81"]


def test_the_list_follows_the_map_and_so_does_what_is_available(form, browser_reports):
    panel = form.locator("#disponibilidad")

    choose(form, "31")

    expect(whole(form, "31")).to_be_checked()
    assert "Yucatán: 8 de 8" in chips(form)
    wait_until(lambda: "Yucatán (8 LADA)" in panel.inner_text(), timeout=10)
    choose(form, "31")
    expect(whole(form, "31")).not_to_be_checked()
    wait_until(lambda: "Yucatán" not in panel.inner_text(), timeout=10)
    assert submitted(form) == ["zones", "", "33,55,81", ""]
    assert browser_reports == []


def test_a_lada_of_two_states_is_ticked_in_both(form):
    unfold(form, "18")

    lada(form, "322", "18").check()

    assert lada(form, "322", "14").is_checked()
    assert level(form, "18") == "part"
    lada(form, "322", "14").uncheck()
    assert not lada(form, "322", "18").is_checked()
    assert submitted(form)[2] == "33,55,81"

    choose(form, "14")
    assert lada(form, "322", "18").is_checked()
    assert submitted(form)[1:3] == ["14", "55,81"]
    assert not any(chip.startswith("Nayarit") for chip in chips(form))


def test_by_keyboard_alone_a_zone_is_chosen_on_the_map(form):
    form.locator("[data-choose-state]").focus()
    form.keyboard.press("Tab")  # one stop for the whole map
    focused = "document.activeElement.id"
    assert form.evaluate(focused) == "lugar-09"
    form.keyboard.press("Tab")
    assert not form.evaluate("!!document.activeElement.closest('svg')")
    form.keyboard.press("Shift+Tab")

    form.keyboard.press("ArrowLeft")
    assert form.evaluate(focused) == "lugar-15"
    form.keyboard.press("Space")
    assert level(form, "15") == "whole"
    form.keyboard.press("Enter")
    assert level(form, "15") == "none"
    expect(form.locator("[data-map-status]")).to_have_text("Estado de México: 0 de 33 LADA")

    form.keyboard.press("+")
    expect(form.locator("path[data-zone]")).to_have_count(30)
    first = form.evaluate("document.activeElement.dataset.zone")
    form.keyboard.press("Space")
    assert lada(form, first, "15").is_checked()
    form.keyboard.press("ArrowDown")
    assert form.evaluate("document.activeElement.dataset.zone") not in (first, None)
    form.keyboard.press("Escape")
    expect(form.locator("path[data-zone]")).to_have_count(0)
    assert form.evaluate(focused) == "lugar-15"
    assert level(form, "15") == "part"


def test_arrows_reach_every_state_and_come_back(form):
    """Each state can be reached from any other by the arrow keys."""
    steps = form.evaluate(
        """async () => {
          const url = [...document.querySelectorAll('script[type="module"]')][0].src;
          const source = await (await fetch(url)).text();
          const picker = source.match(/zone-picker[^"]*\\.js/)[0];
          const text = await (await fetch(new URL(picker, url))).text();
          const map = text.match(/zone-map[^"]*\\.js/)[0];
          const { nearest } = await import(new URL(map, url));
          const places = [...document.querySelectorAll('g[data-state]')].map(p => (
            { code: p.dataset.state, x: Number(p.dataset.x), y: Number(p.dataset.y) }));
          const ways = [[-1, 0], [1, 0], [0, -1], [0, 1]];
          return Object.fromEntries(places.map(p => [
            p.code, ways.map(way => nearest(p, places, way)?.code).filter(Boolean)]));
        }"""
    )

    assert len(steps) == 32
    assert steps["31"] and "23" in steps["31"]
    for start in steps:
        seen, ahead = {start}, [start]
        while ahead:
            fresh = set(steps[ahead.pop()]) - seen
            seen |= fresh
            ahead += fresh
        assert seen == steps.keys(), start


def test_overlay_codes_are_one_zone_of_the_map_and_two_of_the_list(form):
    form.locator("#lugar-09").focus()
    form.locator("[data-zoom-in]").click()
    zone = form.locator('path[data-zone="55"]')
    expect(zone).to_have_attribute(
        "aria-label", "Ciudad de México, 55 y 56 Ciudad de México: elegida en parte"
    )

    form.keyboard.press("Space")

    expect(zone).to_have_attribute("aria-checked", "true")
    assert lada(form, "56", "15").is_checked()
    assert submitted(form)[1:3] == ["09", "33,81"]  # both are all that there is
    expect(form.locator('[data-zones] [data-state="09"]')).to_contain_text(
        "mismo territorio que 56"
    )
    form.get_by_role("button", name="Volver a México").click()
    expect(form.locator("[data-zoom-out]")).to_be_hidden()


def test_the_inset_chooses_like_the_map(form):
    form.locator("svg svg").scroll_into_view_if_needed()
    x, y = form.evaluate(
        """() => {
          const { x, y } = document.getElementById('lugar-29').dataset;
          const place = new DOMPoint(Number(x), Number(y));
          const on = place.matrixTransform(document.querySelector('svg svg rect').getScreenCTM());
          return [on.x, on.y];
        }"""
    )

    form.mouse.click(x, y)

    expect(form.locator("svg.opened")).to_have_count(1)
    form.get_by_role("button", name="Elegir todo Tlaxcala").click()
    assert level(form, "29") == "whole"
    form.get_by_role("button", name="Volver a México").click()
    assert x > form.locator("#mapa-29").bounding_box()["x"] + 50  # not on the map itself


def test_in_the_whole_country_the_map_excludes_and_includes_again(form):
    form.get_by_role("radio", name="Todo México").check()
    assert {level(form, state) for state in ("09", "14", "31")} == {"whole"}
    assert chips(form) == []

    choose(form, "31")
    assert level(form, "31") == "none"
    assert submitted(form)[3] == "969, 985, 986, 988, 990, 991, 997, 999"
    choose(form, "31")
    assert submitted(form)[3] == ""
    assert submitted(form)[0] == "nation"


def test_what_is_excluded_is_out_of_list_and_map(form):
    unfold(form, "31")
    whole(form, "31").check()

    form.get_by_label("Excepto estas LADA").fill("999; 990")

    assert level(form, "31") == "part"
    assert "Yucatán: 6 de 8" in chips(form)
    assert not lada(form, "999", "31").is_checked()
    lada(form, "999", "31").check()
    expect(form.get_by_label("Excepto estas LADA")).to_have_value("990")


def test_search_finds_states_cities_and_codes_without_accents(form):
    box = form.get_by_label("Buscar estado, ciudad o LADA")
    found = form.locator("[data-zone-found]")
    displayed = form.locator('[data-zones] label:not(.all):has(input[name="ladas"])').locator(
        "visible=true"
    )

    box.fill("55")
    expect(found).to_have_text("1 LADA en 2 estados")
    expect(displayed).to_have_count(2)
    box.fill("YUCATAN")
    expect(found).to_have_text("8 LADA en 1 estado")
    box.fill("guadal")
    expect(lada(form, "33", "14")).to_be_visible()
    expect(lada(form, "81", "19")).to_be_visible()
    expect(lada(form, "81", "19").locator("xpath=..")).to_contain_text("incluye Guadalupe")
    box.fill("queretaro jalpan")
    expect(found).to_have_text(re.compile("1 LADA"))
    box.press("Enter")
    expect(form).to_have_url(re.compile("editar"))
    box.fill("<b>nada</b>")
    expect(found).to_have_text(
        "Ninguna LADA coincide con «<b>nada</b>». Prueba con otra ciudad o clave."
    )
    box.fill("")
    expect(form.locator("[data-zones] > details:visible")).to_have_count(32)
    assert form.locator("[data-includes]").count() == 0
    assert not form.locator('[data-zones] [data-state="31"]').get_attribute("open")


@pytest.mark.parametrize(
    ("text", "state", "code", "note"),
    [
        ("guadal", "14", "33", ""),
        ("Coyoacán", "09", "55", "incluye Coyoacán"),
        ("León", "11", "477", ""),
        ("edo mex", "15", "55", ""),
        ("lada 33", "14", "33", ""),
        ("gdl", "14", "33", ""),
        ("guadalupe zac", "32", "492", "incluye Guadalupe"),
    ],
)
def test_the_expected_line_is_the_first(form, text, state, code, note):
    form.get_by_label("Buscar estado, ciudad o LADA").fill(text)
    expect(form.locator("[data-zone-found]")).to_contain_text("LADA en")

    first = form.locator("[data-zones] > details:visible").first
    assert first.get_attribute("data-state") == state
    line = first.locator('label:has(input[name="ladas"]):visible').first
    assert line.locator("input").get_attribute("value") == code
    assert note in line.inner_text()
    line.locator("input").check()
    assert code in submitted(form)[2].split(",") or state in submitted(form)[1]


def test_a_search_that_fails_says_so_and_leaves_the_list(form):
    form.route("**/lugares/?q=*", lambda route: route.abort())

    form.get_by_label("Buscar estado, ciudad o LADA").fill("guadal")

    expect(form.locator("[data-zone-found]")).to_contain_text("No pudimos buscar")
    expect(form.locator("[data-zones] > details:visible")).to_have_count(32)


def test_a_pasted_name_of_several_places_is_asked(form):
    form.get_by_text("Pegar claves").click()
    box = form.get_by_label("Claves LADA")
    box.fill("Coyoacán, Juárez")
    status = form.locator("[data-codes-status]")
    expect(status).to_have_text("2 reconocidas, 1 por aclarar")
    expect(form.locator("[data-questions]")).to_contain_text("Coyoacán: 55, 56.")

    form.get_by_role("button", name="Juárez (Chihuahua)").click()

    expect(box).to_have_value("Coyoacán, Juárez (Chihuahua)")
    expect(status).to_have_text("4 reconocidas")
    form.get_by_role("button", name="Agregar 4 LADA").click()
    assert submitted(form)[1:3] == ["09", "33,656,657,81"]
    expect(box).to_have_value("")


def test_pasted_codes_are_explained_before_they_are_applied(form):
    form.get_by_text("Pegar claves").click()
    box = form.get_by_label("Claves LADA")
    status = form.locator("[data-codes-status]")

    box.fill("999, 12 664; 664")

    expect(status).to_have_text("2 reconocidas, 1 repetida, 1 no existe: 12")
    assert submitted(form)[2] == "33,55,81"
    form.get_by_role("button", name="Agregar 2 LADA").click()
    assert submitted(form)[2] == "33,55,664,81,999"
    expect(box).to_have_value("12")
    expect(status).to_contain_text("2 LADA agregadas a tu zona.")
    box.fill("33")
    form.get_by_role("button", name="Excluir 1 LADA").click()
    assert submitted(form)[2:] == ["55,664,81,999", "33"]
    box.fill("zzzz")
    form.get_by_role("button", name="Agregar a la zona").click()
    expect(status).to_have_text("0 reconocidas, 1 no existe: zzzz")
    expect(box).to_have_value("zzzz")
    box.fill("")
    form.get_by_role("button", name="Agregar a la zona").click()
    expect(status).to_contain_text("No hay lugares en el texto")


@pytest.mark.parametrize("text", PASTED)
def test_script_and_server_read_pasted_codes_alike(form, text):
    form.get_by_text("Pegar claves").click()
    form.get_by_label("Claves LADA").fill(text)

    expect(form.locator("[data-codes-status]")).to_have_text(pasted_places.read(text).message)


@pytest.mark.parametrize("text", ADDED)
def test_script_and_server_add_a_text_alike(form, text):
    fields = QueryDict(mutable=True)
    fields.update({"scope": "zones", "codes": text})
    fields.setlist("ladas", ["33", "55", "81"])
    expected = ZoneStep(zone_picker.apply_action(fields, "zones include", None))
    assert expected.is_valid()

    form.get_by_text("Pegar claves").click()
    form.get_by_label("Claves LADA").fill(text)
    expect(form.locator("[data-codes-status]")).to_have_text(pasted_places.read(text).message)
    form.locator("[data-include]").click()
    expect(form.get_by_label("Claves LADA")).to_have_value(pasted_places.read(text).rest)

    scope, states, ladas, excluded = submitted(form)
    data = QueryDict(mutable=True)
    data.update({"scope": scope, "excluded": excluded})
    data.setlist("states", states.split(",") if states else [])
    data.setlist("ladas", ladas.split(",") if ladas else [])
    sent = ZoneStep(data)
    assert sent.is_valid()
    assert sent.data["scope"] == expected.data["scope"]
    assert areas.resolve(sent.area()) == areas.resolve(expected.area())


def test_a_chip_takes_its_state_out(form):
    assert chips(form) == [
        "Ciudad de México: 1 de 2",
        "Estado de México: 1 de 33",
        "Jalisco: 1 de 47",
        "Nuevo León: 1 de 12",
    ]

    form.get_by_role("button", name="Quitar Jalisco").focus()
    form.keyboard.press("Enter")

    assert len(chips(form)) == 3
    assert level(form, "14") == "none"
    expect(form.get_by_role("button", name="Quitar Nuevo León")).to_be_focused()
    assert submitted(form)[2] == "55,81"


def test_a_choice_is_saved_and_applied_without_leaving_the_page(form, brand):
    form.get_by_text("Guardar esta zona").click()
    form.get_by_role("button", name="Guardar zona").click()
    expect(form.locator("#zone-name-error")).to_contain_text("Ponle un nombre")

    form.get_by_label("Nombre de la zona").fill("Tres ciudades")
    form.keyboard.press("Enter")
    expect(form.locator("[data-saved-zone-status]")).to_have_text("Guardada como «Tres ciudades».")
    assert SavedZone.objects.get().area["ladas"] == ["33", "55", "81"]
    choose(form, "31")
    form.get_by_role("button", name="Tres ciudades").click()

    expect(form.locator("[data-saved-zone-status]")).to_have_text("Aplicaste «Tres ciudades».")
    assert submitted(form) == ["zones", "", "33,55,81", ""]
    assert level(form, "31") == "none"


def test_what_is_chosen_on_the_map_is_saved(form, draft):
    choose(form, "31")
    form.get_by_label("Excepto estas LADA").fill("999")
    form.locator(".actions").get_by_role("button", name="Guardar y seguir").click()
    form.wait_for_url("**/fechas/")

    saved = Campaign.objects.get(pk=draft.pk).chosen_area
    assert saved == Area(
        states=frozenset({"31"}),
        ladas=frozenset({"33", "55", "81"}),
        excluded_ladas=frozenset({"999"}),
    )
    form.go_back()
    assert level(form, "31") == "part"
    assert "Yucatán: 7 de 8" in chips(form)


def test_on_a_phone_the_list_comes_first_and_the_map_waits(open_form):
    page = open_form(360)
    assert page.locator("svg.map").is_hidden()
    assert page.locator("[data-zones]").is_visible()

    page.get_by_text("Ver el mapa").click()

    choose(page, "08")
    assert "Chihuahua: 16 de 16" in chips(page)
    assert page.locator(".map-centre").is_hidden()
    centre = page.locator(".map-enlarged svg")
    centre.scroll_into_view_if_needed()
    assert centre.bounding_box()["width"] > 250
    page.locator('.map-enlarged use[data-state="29"]').click()
    expect(page.locator("svg.opened")).to_have_count(1)
    page.get_by_role("button", name="Elegir todo Tlaxcala").click()
    assert "Tlaxcala: 11 de 11" in chips(page)
    page.get_by_role("button", name="Volver a México").click()
    top = page.locator("[data-zones]").bounding_box()["y"]
    assert top < page.locator("svg.map").bounding_box()["y"]
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_one_city_is_chosen_by_mouse_without_its_state(form):
    form.locator("#mapa-31").click()
    zone = form.locator('path[data-zone="985"]')
    expect(zone).to_have_count(1)
    assert submitted(form)[1:3] == ["", "33,55,81"]  # a click on the state chooses nothing

    zone.click()

    assert submitted(form)[1:3] == ["", "33,55,81,985"]
    expect(zone).to_have_attribute("aria-checked", "true")
    zone.click()
    assert submitted(form)[1:3] == ["", "33,55,81"]


def test_what_the_pointer_is_on_and_the_buttons_have_one_name(form):
    label, buttons = form.locator("[data-map-label]"), form.locator(".map-buttons")
    for state, name in (("08", "Chihuahua"), ("26", "Sonora"), ("14", "Jalisco")):
        form.locator(f"#mapa-{state}").hover()
        expect(label).to_have_text(re.compile(f"^{name}: "))
        expect(buttons).to_contain_text(f"Ver {name}")
        expect(buttons).to_contain_text(f"Elegir todo {name}")

    form.locator("#mapa-14").click()
    form.locator('path[data-zone="33"]').hover()
    expect(label).to_have_text("Jalisco, 33 Guadalajara: elegida")
    expect(buttons).to_contain_text("Elegir todo Jalisco")
    form.get_by_role("button", name="Elegir todo Jalisco").click()
    expect(buttons).to_contain_text("Quitar todo Jalisco")


def test_the_keyboard_keeps_its_place_while_the_pointer_rests_on_another(form):
    form.locator("[data-zoom-in]").focus()
    form.keyboard.press("Tab")
    form.keyboard.press("Tab")  # the button of the whole state is between
    form.keyboard.press("ArrowLeft")
    here = form.evaluate("document.activeElement.id")

    form.locator("#mapa-26").hover()

    assert form.evaluate("document.activeElement.id") == here
    expect(form.locator("[data-map-label]")).not_to_contain_text("Sonora")


def test_a_map_that_does_not_load_is_reported(form):
    form.route("**/map/zonas-14*", lambda route: route.abort())

    form.locator("#lugar-14").focus()
    form.locator("[data-zoom-in]").click()

    expect(form.locator("[data-map-label]")).to_contain_text("No pudimos abrir el mapa de Jalisco")
    assert form.locator("svg.opened").count() == 0


def test_without_script_the_picture_and_the_buttons_work(
    browser, browser_context_args, web, sign_in, editor, brand, draft
):
    zone = saved_zones.create(brand.pk, "Sureste", Area(states=frozenset({"31"})), by=editor)
    context = browser.new_context(java_script_enabled=False, **browser_context_args)
    sign_in(context, editor)
    page = context.new_page()
    page.goto(f"{web.url}/campanas/{draft.folio}/editar/zona/")
    expect(page.locator("svg.map")).to_be_visible()
    assert level(page, "14") == "part"
    assert page.get_by_label("Buscar estado").is_hidden()

    page.get_by_role("button", name="Sureste").click()
    assert level(page, "31") == "whole"
    page.get_by_text("Pegar claves").click()
    page.get_by_label("Claves LADA").fill("33, 12")
    page.get_by_role("button", name="Revisar", exact=True).click()
    expect(page.locator("[data-codes-status]")).to_have_text("1 reconocida, 1 no existe: 12")
    page.get_by_role("button", name="Agregar a la zona").click()
    assert level(page, "14") == "part"
    page.get_by_role("button", name="Quitar Yucatán").click()
    assert level(page, "31") == "none"
    page.get_by_text("Guardar esta zona para otra").click()
    page.get_by_label("Nombre de la zona").fill("Tapatía")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Guardada como «Tapatía».").first).to_be_visible()
    assert "/zona/" in page.url
    assert SavedZone.objects.get(name="Tapatía").chosen_area == Area(ladas=frozenset({"33"}))
    SavedZone.objects.get(name="Tapatía").delete()
    page.locator(".actions").get_by_role("button", name="Guardar y seguir").click()
    page.wait_for_url("**/fechas/**")
    assert Campaign.objects.get(pk=draft.pk).chosen_area == Area(ladas=frozenset({"33"}))

    page.goto(f"{web.url}/marcas/{brand.slug}/zonas/")
    page.locator("summary", has_text="Borrar").click()
    page.get_by_role("button", name="Sí, borrar «Sureste»").click()
    expect(page.get_by_text("Aún no hay zonas guardadas")).to_be_visible()
    assert not SavedZone.objects.filter(pk=zone.pk).exists()
    context.close()
