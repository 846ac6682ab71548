import pytest

from segments import place_rows
from segments.models import Lada, Municipality, State, Zone, unaccented

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Ciudad de México", "ciudad de mexico"),
        ("ÑUÑOA", "nunoa"),
        ("  Güémez \n", "guemez"),
        ("N\u0303ame", "name"),
        ("", ""),
    ],
)
def test_the_sorting_key_has_neither_accents_nor_capitals(text, key):
    assert unaccented(text) == key


def test_states_sort_as_in_spanish():
    names = [state.common_name for state in State.objects.all()]

    assert names[:6] == [
        "Aguascalientes",
        "Baja California",
        "Baja California Sur",
        "Campeche",
        "Chiapas",
        "Chihuahua",
    ]
    assert names.index("Michoacán") < names.index("Morelos")
    assert names[-1] == "Zacatecas"


@pytest.mark.parametrize(
    ("model", "text", "codes"),
    [
        (State, "mexico", ["09", "15"]),
        (State, "MÉXICO ciudad", ["09"]),
        (State, "edomex", ["15"]),
        (State, "cdmx", ["09"]),
        (State, "veracruz llave", ["30"]),
        (Lada, "55", ["55"]),
        (Lada, "vallarta", ["322"]),
        (Lada, "cdmx", ["55", "56"]),
        (Lada, "Coyoacán", ["55", "56"]),
        (Zone, "coyoacan", ["55"]),
        (Lada, "merida yucatan", ["990", "999"]),
        (Lada, "66", ["660", "661", "662", "663", "664", "665", "667", "668", "669"]),
        (Zone, "56", ["55"]),
        (Zone, "990", ["999"]),
        (Municipality, "tixpehual", ["31095"]),
        (Municipality, "31095", ["31095"]),
    ],
)
def test_search_ignores_accents(model, text, codes):
    found = (
        place_rows.find(model.objects.all(), text).order_by("code").values_list("code", flat=True)
    )

    assert list(found) == codes


def test_an_empty_search_finds_everything_and_nonsense_nothing():
    assert place_rows.find(Lada.objects.all(), "  ").count() == 413
    assert place_rows.find(Lada.objects.all(), "%").count() == 0
    assert place_rows.find(Lada.objects.all(), "\0 _").count() == 0
    assert place_rows.find(Lada.objects.all(), "zzz " * 100_000).count() == 0


def test_ladas_are_listed_under_each_of_their_states_heaviest_first(django_assert_num_queries):
    with django_assert_num_queries(5):
        groups = Lada.objects.by_state()
        listed = {
            group.state.code: [
                (lada.code, [s.code for s in lada.zone.states_in_order]) for lada in group.ladas
            ]
            for group in groups
        }

    assert [group.state for group in groups] == list(State.objects.all())
    assert sum(len(ladas) for ladas in listed.values()) == 498
    assert listed["09"] == [("55", ["09", "15"]), ("56", ["09", "15"])]
    assert ("55", ["09", "15"]) in listed["15"]
    assert listed["14"][0][0] == "33"
    for group in groups:
        weights = [lada.weight_ppm for lada in group.ladas]
        assert weights == sorted(weights, reverse=True)


def test_a_search_is_grouped_by_the_states_that_it_finds():
    groups = place_rows.find(Lada.objects.all(), "vallarta").by_state()

    assert [(group.state.code, [lada.code for lada in group.ladas]) for group in groups] == [
        ("14", ["322"]),
        ("18", ["322"]),
    ]


def test_overlay_codes_refer_to_each_other(django_assert_num_queries):
    groups = place_rows.find(Lada.objects.all(), "puebla").by_state()
    ladas = {lada.code: lada for group in groups for lada in group.ladas}

    with django_assert_num_queries(0):
        assert [lada.code for lada in ladas["222"].overlaps] == ["220", "221"]
        assert [lada.code for lada in ladas["221"].overlaps] == ["220", "222"]
        assert ladas["223"].overlaps == []
