import shutil

import pytest

from segments import catalogue, gazetteer
from segments.models import CatalogueLoad, Lada

pytestmark = pytest.mark.django_db


def test_it_holds_the_country_in_spanish_order():
    places = gazetteer.current()

    assert len(places.cities) == 413
    assert list(places.states.values())[5:12] == [
        "Chihuahua",
        "Ciudad de México",
        "Coahuila",
        "Colima",
        "Durango",
        "Estado de México",
        "Guanajuato",
    ]
    assert places.cities["55"] == "Ciudad de México"
    assert places.ladas_of["09"] == {"55", "56"}
    assert sum(len(ladas) for ladas in places.ladas_of.values()) == 498


def test_a_cached_gazetteer_needs_one_query(django_assert_num_queries):
    gazetteer.current()

    with django_assert_num_queries(1):
        gazetteer.current()


def test_a_new_load_is_used_at_once(tmp_path):
    assert gazetteer.current().cities["999"] == "Mérida"
    shutil.copytree(catalogue.DATA, tmp_path, dirs_exist_ok=True)
    lines = (tmp_path / "lada.csv").read_text()
    (tmp_path / "lada.csv").write_text(lines.replace(",9,Mérida,", ",9,Ciudad Blanca,"))

    catalogue.load(tmp_path)

    assert gazetteer.current().cities["999"] == "Ciudad Blanca"
    catalogue.load()
    assert gazetteer.current().cities["999"] == "Mérida"


def test_rows_that_a_forced_load_repairs_are_used_at_once():
    Lada.objects.filter(code="999").update(city="Otra")
    gazetteer._cached = None
    assert gazetteer.current().cities["999"] == "Otra"

    catalogue.load(force=True)

    assert gazetteer.current().cities["999"] == "Mérida"


def test_nothing_is_cached_before_the_first_load():
    CatalogueLoad.objects.all().delete()
    assert gazetteer.current().cities["999"] == "Mérida"

    Lada.objects.filter(code="999").update(city="Otra")

    assert gazetteer.current().cities["999"] == "Otra"
