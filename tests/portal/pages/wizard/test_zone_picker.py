"""The picker without script: what its buttons change on the page, and what they keep."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import lifecycle, saved_zones
from campaigns.models import Campaign, SavedZone
from segments import shapes
from segments.areas import Area
from segments.catalogue import ATTRIBUTION

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def empty(brand, editor):
    """A draft without an area."""
    return lifecycle.draft(brand.pk, {"name": "Idea"}, by=editor)


@pytest.fixture
def press(client, empty):
    """Return a function that submits the zone step by one of the picker's buttons."""

    def send(action, **fields):
        before = Campaign.objects.values().get()
        address = reverse("portal:campaign_step", args=[empty.folio, "zona"])
        response = client.post(address, {"action": f"zones {action}", **fields})
        assert response.status_code == 200
        assert Campaign.objects.values().get() == before
        return " ".join(response.content.decode().split())

    return send


def ticked(page, name):
    return set(re.findall(rf'name="{name}" value="(\w+)" checked', page))


def excluded(page):
    found = re.search(r'name="excluded" (?:value="([^"]*)")?', page)
    return found[1] or ""


def codes_message(page):
    """Return the message under the field of pasted codes."""
    return re.search(r"data-codes-status>([^<]*)<", page)[1]


def levels(page):
    """Return the level of each state on the map."""
    return dict(re.findall(r'id="mapa-(\d\d)" class="map-place (\w+)"', page))


def test_the_map_is_a_picture_of_the_list(press):
    page = press("read", scope="zones", states=["14"], ladas=["55", "81"], excluded="33")

    displayed = levels(page)
    assert len(displayed) == 32
    assert (displayed["14"], displayed["09"], displayed["19"], displayed["31"]) == (
        "part",
        "part",
        "part",
        "none",
    )
    assert "<title>Jalisco: 46 de 47 LADA</title>" in page
    assert ATTRIBUTION in page
    assert page.count(f'd="{shapes.country().states["14"].path}"') == 1


def test_a_whole_state_and_the_whole_country(press):
    assert levels(press("read", scope="zones", states=["23"]))["23"] == "whole"

    page = press("read", scope="nation", excluded="55")
    assert levels(page).items() >= {"09": "part", "15": "part", "31": "whole"}.items()
    assert set(levels(press("read", scope="")).values()) == {"none"}


def test_pasted_codes_are_read_before_they_are_applied(press):
    page = press("read", codes="LADA 55, 33; 81 33 12 1000", name="Idea")

    assert "3 reconocidas, 1 repetida, 2 no existen: 12, 1000" in page
    assert "LADA 55, 33; 81 33 12 1000</textarea>" in page
    assert ticked(page, "ladas") == set()
    assert "dato por corregir" not in page


def test_pasted_codes_are_included_and_the_odd_ones_stay_in_the_box(press):
    page = press("include", codes="55, 33; 12", ladas=["81"], excluded="33, 56")

    assert ticked(page, "ladas") == {"33", "55", "81"}
    assert 'value="zones" id="id_scope_1" checked' in page
    assert excluded(page) == "56"
    assert ">12</textarea>" in page
    assert codes_message(page) == "2 reconocidas, 1 no existe: 12. 2 LADA agregadas a tu zona."


def test_in_the_whole_country_including_brings_back(press):
    page = press("include", scope="nation", codes="33", excluded="33, 55")

    assert excluded(page) == "55"
    assert ticked(page, "ladas") == set()


def test_pasted_codes_are_excluded(press):
    page = press("exclude", scope="zones", states=["14"], ladas=["81"], codes="33 81")

    assert ticked(page, "states") == {"14"}
    assert ticked(page, "ladas") == set()
    assert excluded(page) == "33, 81"


def test_a_text_with_menos_includes_and_excludes(press):
    page = press("include", codes="Jalisco, excepto Puerto Vallarta", ladas=["55", "322"])

    assert ticked(page, "states") == {"14"}
    assert ticked(page, "ladas") == {"55"}
    assert excluded(page) == "322"
    assert codes_message(page) == ("46 reconocidas, 1 excluida: 322. 46 LADA agregadas a tu zona.")


def test_the_whole_country_less_some_places(press):
    text = "todo el país menos Nuevo León y 55"

    page = press("include", scope="zones", codes=text, excluded="33")

    assert 'value="nation" id="id_scope_0" checked' in page
    assert {"55", "81"} <= set(excluded(page).split(", "))
    assert "33" not in excluded(page).split(", ")


def test_a_text_with_menos_that_is_not_understood_changes_nothing(press):
    for codes in ("todo México menos Atlantis", "menos 33", "Jalisco menos"):
        page = press("include", codes=codes, ladas=["81"], excluded="33")

        assert ticked(page, "ladas") == {"81"}
        assert excluded(page) == "33"
        assert f">{codes}</textarea>" in page
        assert "agregadas" not in codes_message(page)


def test_a_name_in_the_field_of_excluded_codes_stays_until_it_is_refused(press):
    page = press("exclude", scope="nation", codes="55", excluded="33, Puerto Vallarta y LADA")

    assert excluded(page) == "33, 55, Puerto Vallarta"
    assert "cambia «Puerto Vallarta» por 322" in page


def test_codes_that_do_not_exist_change_nothing(press):
    page = press("include", codes="12, 1000", ladas=["81"])

    assert "0 reconocidas, 2 no existen: 12, 1000" in page
    assert ticked(page, "ladas") == {"81"}
    assert "agregadas" not in codes_message(page)


def test_a_chip_drops_its_state(press):
    page = press("read", scope="zones", states=["14"], ladas=["55", "81"])
    chips = re.findall(r'value="zones drop (\d\d)"', page)
    assert chips == ["09", "15", "14", "19"]  # those of 55, Jalisco, and the one of 81
    assert "Jalisco: 47 de 47" in page

    page = press("drop 14", scope="zones", states=["14"], ladas=["55", "81", "33"])

    assert ticked(page, "states") == set()
    assert ticked(page, "ladas") == {"55", "81"}


def test_a_zone_is_saved_by_name_and_applied(press, brand):
    page = press("save", zone_name="Bajío", scope="zones", states=["11"], excluded="477")
    zone = SavedZone.objects.get()
    assert (zone.name, zone.area["states"], zone.area["excluded_ladas"]) == (
        "Bajío",
        ["11"],
        ["477"],
    )
    assert "Guardada como «Bajío»." in page
    assert f'value="zones apply {zone.pk}"' in page

    page = press(f"apply {zone.pk}", scope="nation", ladas=["55"], excluded="81")

    assert ticked(page, "states") == {"11"}
    assert ticked(page, "ladas") == set()
    assert excluded(page) == "477"
    assert 'value="zones" id="id_scope_1" checked' in page


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"zone_name": "Bajío"}, "Elige primero las zonas"),
        ({"zone_name": "Bajío", "scope": "zones"}, "Elige primero las zonas"),
        ({"zone_name": "Bajío", "scope": "nation", "excluded": "12"}, "Elige primero las zonas"),
        ({"zone_name": " ", "scope": "nation"}, "Ponle un nombre a la zona"),
        (
            {"zone_name": "Bajío", "scope": "zones", "ladas": ["55"], "excluded": "55"},
            "deja la zona sin LADA",
        ),
    ],
)
def test_a_zone_that_cannot_be_saved_has_an_error_beside_its_name(press, fields, word):
    page = press("save", **fields)

    assert re.search(rf'id="zone-name-error">[^<]*{word}', page)
    assert f'value="{fields["zone_name"]}"' in page
    assert not SavedZone.objects.exists()


def test_enter_in_the_name_saves_the_zone_and_does_not_go_on(client, empty, brand):
    address = reverse("portal:campaign_step", args=[empty.folio, "zona"])
    response = client.get(address)
    page, revision = response.content.decode(), response.context["form"]["revision"].value()
    first = re.search(r'<button[^>]*form="wizard"[^>]*value="([^"]*)"', page)
    fields = {"action": first[1], "revision": revision, "scope": "zones", "states": ["11"]}

    kept = client.post(address, fields | {"zone_name": "Bajío"})

    assert kept.status_code == 200
    assert brand.saved_zones.get().area["states"] == ["11"]
    assert kept.content.decode().count("Guardada como «Bajío».") == 2
    empty.refresh_from_db()
    assert empty.area == {}

    again = client.post(address, fields | {"zone_name": "Bajío"})
    assert re.search(r'id="zone-name"[^>]*autofocus', again.content.decode())

    gone = client.post(address, fields | {"zone_name": " "})
    assert gone["Location"] == reverse("portal:campaign_step", args=[empty.folio, "fechas"])
    assert brand.saved_zones.count() == 1


def test_excluded_states_of_a_saved_zone_are_applied_by_their_ladas(press, brand, editor):
    area = Area(
        nationwide=True,
        excluded_states=frozenset({"09"}),
        excluded_ladas=frozenset({"81"}),
        ladas=frozenset({"56"}),
    )
    zone = saved_zones.create(brand.pk, "Sin CDMX", area, by=editor)

    page = press(f"apply {zone.pk}")

    assert excluded(page) == "55, 81"
    assert 'value="nation" id="id_scope_0" checked' in page


@pytest.mark.parametrize("action", ["apply", "apply x", "apply 999999999999999999999", "drop", "?"])
def test_a_button_that_is_not_there_changes_nothing(press, action):
    page = press(action, scope="zones", ladas=["55"], excluded="33")

    assert ticked(page, "ladas") == {"55"}
    assert excluded(page) == "33"


def test_another_brands_zone_is_not_applied(press, stranger):
    other = saved_zones.create(
        stranger.brands.get().pk, "Ajena", Area(ladas=frozenset({"81"})), by=stranger
    )

    page = press(f"apply {other.pk}", scope="zones", ladas=["55"])

    assert ticked(page, "ladas") == {"55"}
    assert "Ajena" not in page


def test_a_draft_is_displayed_as_saved_and_not_changed_by_the_buttons(client, draft):
    address = reverse("portal:campaign_step", args=[draft.folio, "zona"])
    page = client.get(address).content.decode()
    assert levels(page)["19"] == "part"

    client.post(address, {"action": "zones include", "codes": "999", "name": "x", "revision": 1})

    area = draft.area
    draft.refresh_from_db()
    assert draft.area == area


def test_many_saved_zones_need_no_more_queries(client, brand, editor, draft):
    address = reverse("portal:campaign_step", args=[draft.folio, "zona"])
    area = Area(states=frozenset({"14"}))
    saved_zones.create(brand.pk, "0", area, by=editor)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for i in range(1, 9):
        saved_zones.create(brand.pk, str(i), area, by=editor)

    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(one)


# The page of saved zones


@pytest.fixture
def kept(brand, editor):
    area = Area(states=frozenset({"14"}), excluded_ladas=frozenset({"33"}))
    return saved_zones.create(brand.pk, "Jalisco sin Guadalajara", area, by=editor)


def zones_page(client, brand):
    return client.get(reverse("portal:saved_zones", args=[brand.slug])).content.decode()


def test_the_page_describes_each_zone(client, brand, kept):
    page = zones_page(client, brand)

    assert "Jalisco (47 LADA), menos 33 Guadalajara" in page
    assert "46 LADA" in page


def test_without_zones_the_page_explains_how_to_save_one(client, brand, viewer):
    assert "Crear una campaña" in zones_page(client, brand)

    client.force_login(viewer)
    page = zones_page(client, brand)
    assert "Aún no hay zonas guardadas" in page
    assert "Crear una campaña" not in page


def test_a_viewer_sees_the_zones_without_buttons(client, brand, kept, viewer):
    client.force_login(viewer)

    page = zones_page(client, brand)

    assert "Jalisco sin Guadalajara" in page
    assert "Borrar" not in page
    assert "Cambiar nombre" not in page


def test_a_zone_is_renamed(client, brand, kept):
    address = reverse("portal:rename_zone", args=[brand.slug, kept.pk])

    response = client.post(address, {"name": "Resto de Jalisco"})

    assert response["Location"] == reverse("portal:saved_zones", args=[brand.slug])
    kept.refresh_from_db()
    assert kept.name == "Resto de Jalisco"


def test_a_name_that_is_refused_is_displayed_with_its_error(client, brand, kept, editor):
    saved_zones.create(brand.pk, "Norte", Area(ladas=frozenset({"81"})), by=editor)
    address = reverse("portal:rename_zone", args=[brand.slug, kept.pk])

    response = client.post(address, {"name": "norte"})

    assert response.status_code == 422
    page = response.content.decode()
    assert "Ya hay una zona «norte»" in page
    assert 'value="norte"' in page
    kept.refresh_from_db()
    assert kept.name == "Jalisco sin Guadalajara"


def test_a_zone_is_deleted_and_reported(client, brand, kept):
    address = reverse("portal:delete_zone", args=[brand.slug, kept.pk])
    assert client.get(address).status_code == 405

    page = client.post(address, follow=True).content.decode()

    assert "Borraste «Jalisco sin Guadalajara»." in page
    assert not SavedZone.objects.exists()


def test_a_zone_of_another_brand_is_not_found_through_ones_own(client, brand, stranger):
    other = saved_zones.create(
        stranger.brands.get().pk, "Ajena", Area(ladas=frozenset({"81"})), by=stranger
    )

    for name in ("rename_zone", "delete_zone"):
        address = reverse(f"portal:{name}", args=[brand.slug, other.pk])
        assert client.post(address, {"name": "Mía"}).status_code == 404

    other.refresh_from_db()
    assert other.name == "Ajena"


def test_a_code_that_left_the_catalogue_is_reported_and_left_out(client, press, brand, kept):
    kept.area = {"ladas": ["55", "200"], "states": ["99"]}
    kept.save()

    assert "Este estado no existe: 99" in zones_page(client, brand)
    page = press(f"apply {kept.pk}")
    assert ticked(page, "ladas") == {"55"}
