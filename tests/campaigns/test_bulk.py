"""Files of campaigns: each row is previewed, and all valid ones become drafts once."""

import io
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import bulk, lifecycle
from campaigns.errors import NotAllowed
from campaigns.models import BulkFile, Campaign
from core.sheets import BadSheet
from tests.conftest import TEXT

pytestmark = pytest.mark.django_db

HEADER = ";".join(bulk.SHAPE.columns) + "\n"


def store(brand, editor, text, name="lista.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return bulk.store(brand, io.BytesIO(data), name, by=editor)


def row(**values):
    return ";".join(str(values.get(column, "")) for column in bulk.SHAPE.columns) + "\n"


@pytest.fixture
def good(on_sale):
    return {
        "nombre": "Recarga",
        "uso": "Difusión",
        "texto": TEXT,
        "zona": "55, 33",
        "primer_dia": on_sale.isoformat(),
        "ultimo_dia": (on_sale + timedelta(days=2)).strftime("%d/%m/%Y"),
        "notificaciones": "60,000",
    }


def previewed(brand, editor, *rows):
    return bulk.preview(store(brand, editor, HEADER + "".join(rows)))


def test_a_row_becomes_its_draft(brand, editor, good, on_sale):
    file = store(brand, editor, HEADER + row(**good, tope_diario="30000", excepto="33"))

    [folio] = bulk.make_drafts(file.pk, fix_lines=(), by=editor).folios

    draft = Campaign.objects.get(folio=folio)
    assert (draft.name, draft.use, draft.text, draft.status) == (
        "Recarga",
        "broadcast",
        TEXT,
        "draft",
    )
    assert (draft.starts_on, draft.ends_on) == (on_sale, on_sale + timedelta(days=2))
    assert (draft.volume, draft.daily_cap, draft.created_by) == (60_000, 30_000, editor)
    assert (draft.area["ladas"], draft.area["excluded_ladas"]) == (["33", "55"], ["33"])
    assert draft.events.get().move == "draft"
    assert lifecycle.submit(draft.pk, by=editor).status == "reserving"


@pytest.mark.parametrize(
    ("written", "area"),
    [
        ("todo México", {"nationwide": True}),
        ("TODO MEXICO", {"nationwide": True}),
        ("nacional", {"nationwide": True}),
        ("Jalisco", {"states": ["14"]}),
        ("jalisco / nuevo leon, 55", {"states": ["14", "19"], "ladas": ["55"]}),
        ("CDMX", {"states": ["09"]}),
        ("Ciudad de México", {"states": ["09"]}),
        ("LADA 55 33", {"ladas": ["33", "55"]}),
        ("", {}),
    ],
)
def test_an_area_is_read_as_people_write_it(brand, editor, good, written, area):
    [preview] = previewed(brand, editor, row(**good | {"zona": written}))

    found = {key: value for key, value in preview.terms["area"].items() if value}
    assert found == area


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("nombre", "", "Falta el nombre"),
        ("nombre", "x" * 81, "pasa de 80 caracteres"),
        ("uso", "venta", "«venta» no es un uso"),
        ("vigencia", "pronto", "«pronto» no es una fecha"),
        ("texto", "x" * 2_001, "pasa de 2,000 caracteres"),
        ("zona", "Jalsco", "¿querías decir Todo Jalisco"),
        ("zona", "Atlantis", "«Atlantis» no es un estado, un municipio, una ciudad ni una LADA"),
        ("zona", "{value}", "«{value}» no es un estado, un municipio"),
        ("zona", "55, 199", "«199» no es una LADA"),
        ("excepto", "wxyz", "«wxyz» no es un estado, un municipio"),
        ("primer_dia", "30/02/2027", "no existe en el calendario"),
        ("notificaciones", "muchas", "no es un número entero"),
        ("notificaciones", "-5", "menos que cero"),
        ("notificaciones", "0", "escribe de 1 a 1,200,000,000"),
        ("notificaciones", "9" * 11, "escribe de 1 a 1,200,000,000"),
        ("tope_diario", "1.5", "puede ser 1.5 o 15"),
    ],
)
def test_a_value_that_cannot_be_read_is_reported_by_line_and_column(
    brand, editor, good, column, value, message
):
    fine, wrong = previewed(brand, editor, row(**good), row(**good | {column: value}))

    assert (fine.status, wrong.status, wrong.line) == ("ready", "wrong", 3)
    [problem] = wrong.problems
    assert problem.column == column
    assert message in problem.message
    assert len(problem.message) < 200


def test_a_row_may_be_wrong_in_several_columns(brand, editor, good):
    [preview] = previewed(
        brand, editor, row(**good | {"uso": "x", "zona": "x", "notificaciones": "x"})
    )

    assert [problem.column for problem in preview.problems] == ["uso", "zona", "notificaciones"]


def test_a_name_alone_makes_a_draft_with_what_is_missing(brand, editor, on_sale):
    [preview] = previewed(brand, editor, row(nombre="Idea"))

    assert preview.status == "pending"
    assert [problem.column for problem in preview.problems] == [
        "texto",
        "zona",
        "primer_dia",
        "ultimo_dia",
        "notificaciones",
    ]


def test_a_text_is_fixed_only_on_request(brand, editor, good):
    file = store(brand, editor, HEADER + row(**good | {"texto": "¡Hola! 50% en Cancún"}))
    [preview] = bulk.preview(file)
    assert preview.status == "pending"
    assert preview.fixed == "Hola. 50 por ciento en Cancun"
    assert (
        "No se puede enviar: «¡», «!», «%», «ú». Abajo está corregido."
        in preview.problems[0].message
    )

    bulk.make_drafts(file.pk, fix_lines=[2], by=editor)

    assert Campaign.objects.get().text == preview.fixed
    again = store(brand, editor, HEADER + row(**good | {"texto": "¡Hola! 50% en Cancún"}))
    bulk.make_drafts(again.pk, fix_lines=(), by=editor)
    assert Campaign.objects.order_by("-id")[0].text == "¡Hola! 50% en Cancún"


def test_a_fix_that_changes_the_meaning_is_left_to_a_person(brand, editor, good):
    [preview] = previewed(brand, editor, row(**good | {"texto": "Año nuevo"}))

    assert (preview.status, preview.fixed) == ("pending", "")
    assert "cambia de significado" in preview.problems[0].message


def test_a_duplicate_row_makes_one_draft(brand, editor, good):
    same = row(**good | {"zona": "33; 55".replace(";", ",")})

    first, second = previewed(brand, editor, row(**good), same)

    assert (first.status, second.status) == ("ready", "wrong")
    assert second.problems[0].message == "Es igual a la línea 2: quita una."


def test_a_file_is_used_once(brand, editor, good):
    file = store(brand, editor, HEADER + row(**good) + row(nombre="Idea") + row(uso="x"))

    first = bulk.make_drafts(file.pk, fix_lines=(), by=editor)
    second = bulk.make_drafts(file.pk, fix_lines=(), by=editor)

    assert first == second
    assert len(first.folios) == Campaign.objects.count() == 2


def test_the_same_rows_are_recognised_once_they_were_used(brand, editor, good):
    text = HEADER + row(**good)
    first, second = store(brand, editor, text), store(brand, editor, "\ufeff" + text, "otra.csv")
    assert bulk.previous_use(second) is None

    bulk.make_drafts(first.pk, fix_lines=(), by=editor)

    assert bulk.previous_use(second) == first
    assert bulk.previous_use(store(brand, editor, text + row(nombre="Otra"))) is None


def test_a_row_that_fails_does_not_stop_the_others(brand, editor, good, monkeypatch):
    file = store(brand, editor, HEADER + row(nombre="Uno") + row(nombre="Dos") + row(nombre="Tres"))
    make = lifecycle.draft

    def stumble(brand_id, terms, *, by):
        draft = make(brand_id, terms, by=by)
        if terms["name"] == "Dos":
            raise NotAllowed
        return draft

    monkeypatch.setattr(lifecycle, "draft", stumble)

    made = bulk.make_drafts(file.pk, fix_lines=(), by=editor)

    assert made.failed == [3]
    assert sorted(Campaign.objects.values_list("name", flat=True)) == ["Tres", "Uno"]


def test_users_who_may_not_edit_create_nothing(brand, editor, viewer, stranger, good):
    file = store(brand, editor, HEADER + row(**good))

    for by in (viewer, stranger):
        with pytest.raises(NotAllowed):
            store(brand, by, HEADER + row(**good))
        with pytest.raises(NotAllowed):
            bulk.make_drafts(file.pk, fix_lines=(), by=by)

    assert not Campaign.objects.exists()
    assert BulkFile.objects.get().used_at is None


def test_a_million_rows_are_refused_at_once(brand, editor, good):
    rows = (HEADER + row(**good) * 1_000_000).encode()

    began = time.monotonic()
    with pytest.raises(BadSheet) as refused:
        store(brand, editor, rows)

    assert time.monotonic() - began < 1
    assert "caben hasta 500 campañas" in refused.value.problems.listed[0].message
    assert not BulkFile.objects.exists()


def test_five_hundred_rows_are_taken_and_one_more_is_not(brand, editor, good):
    rows = [row(**good | {"nombre": f"Campaña {number}"}) for number in range(501)]

    file = store(brand, editor, HEADER + "".join(rows[:500]))

    assert len(bulk.make_drafts(file.pk, fix_lines=(), by=editor).folios) == 500
    with pytest.raises(BadSheet, match="más de 500 filas"):
        store(brand, editor, HEADER + "".join(rows))


def test_a_file_of_excel_is_read(brand, editor, good):
    text = HEADER + row(**good | {"nombre": "Campaña ñ", "uso": "promoción", "vigencia": ""})

    [preview] = bulk.preview(store(brand, editor, text.encode("cp1252")))

    assert preview.name == "Campaña ñ"
    assert [problem.column for problem in preview.problems] == ["vigencia"]


def test_a_nul_is_kept_out_of_the_database(brand, editor):
    [preview] = bulk.preview(store(brand, editor, "nombre\tuso\nA\0B\t\n".encode("utf-16")))

    assert preview.name == "A\ufffdB"


def test_unused_files_are_deleted_after_a_day(brand, editor, good, time_machine):
    used, unused = (store(brand, editor, HEADER + row(**good)) for _number in range(2))
    bulk.make_drafts(used.pk, fix_lines=(), by=editor)
    time_machine.move_to(timezone.now() + timedelta(hours=25))

    newest = store(brand, editor, HEADER + row(**good))

    assert set(BulkFile.objects.values_list("pk", flat=True)) == {used.pk, newest.pk}
    assert unused.pk not in {used.pk, newest.pk}


@pytest.mark.parametrize(
    ("written", "area"),
    [
        ("todo México menos 33", {"nationwide": True, "excluded_ladas": ["33"]}),
        ("Jalisco y 55", {"states": ["14"], "ladas": ["55"]}),
        ("Estado de México (33 LADA)", {"states": ["15"]}),
        ("Tijuana e Hidalgo", {"states": ["13"], "ladas": ["663", "664"]}),
    ],
)
def test_an_area_is_read_whole(brand, editor, good, written, area):
    [preview] = previewed(brand, editor, row(**good | {"zona": written}))

    assert {key: value for key, value in preview.terms["area"].items() if value} == area


@pytest.mark.parametrize(
    "written", ["Jalisco y nada", "33, 55, 81 y 3 más", "todo México menos", "Jalisco 33", "México"]
)
def test_an_area_that_is_not_read_whole_makes_no_draft(brand, editor, good, written):
    file = store(brand, editor, HEADER + row(**good | {"zona": written}))

    assert bulk.preview(file)[0].problems[0].column == "zona"
    assert bulk.make_drafts(file.pk, fix_lines=(), by=editor).folios == []
    assert not Campaign.objects.exists()


@pytest.mark.parametrize("excluded", ["33", "Guadalajara", "LADA 33", "33 Guadalajara"])
def test_places_are_excluded_by_any_of_their_names(brand, editor, good, excluded):
    [preview] = previewed(brand, editor, row(**good | {"zona": "Jalisco", "excepto": excluded}))

    assert preview.terms["area"]["excluded_ladas"] == ["33"]


def test_a_state_is_excluded(brand, editor, good):
    values = good | {"zona": "todo México sin 55", "excepto": "Jalisco"}
    [preview] = previewed(brand, editor, row(**values))

    assert preview.terms["area"]["excluded_states"] == ["14"]
    assert preview.terms["area"]["excluded_ladas"] == ["55"]


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("Promo,,,Hola,Jalisco,33,,,,,", "Una cantidad con comas va entre comillas"),
        ("Promo,,,Hola,55,,2026-12-05,2026-12-06,500,000,", 'comillas: "500,000"'),
        ("Promo,,,Hola,55,,2026-12-05,2026-12-06,1,200,000", '"1,200"'),
        ("Promo,,,Hola, ven,55,,,,,", "va entre comillas"),
        ("Promo,,,Hola,Jalisco", "Completa la fila"),
        ("Promo;;;Hola;Jalisco;;;;;", "Sepárala como el encabezado"),
    ],
)
def test_a_row_of_another_width_makes_no_draft(brand, editor, line, cause):
    header = ",".join(bulk.SHAPE.columns)
    file = store(brand, editor, f"{header}\nIdea,,,,,,,,,\n{line}\n")

    fine, wrong = bulk.preview(file)

    assert (fine.makes_draft, wrong.makes_draft, wrong.line) == (True, False, 3)
    assert cause in wrong.problems[0].message


def test_a_quantity_that_a_comma_cut_in_two_columns_makes_no_draft(brand, editor):
    header = ",".join(bulk.SHAPE.columns)
    [wrong] = bulk.preview(store(brand, editor, f"{header}\nPromo,,,Hola,55,,,,500,000\n"))

    assert wrong.problems[0].column == "tope_diario"
    assert "una coma partió" in wrong.problems[0].message


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("nombre", "Campa?a"),
        ("texto", "Promoci\ufffdn"),
        ("texto", "Hasta ma\u00c3\u00b1ana"),
        ("texto", "Canc?n"),
        ("zona", "Nuevo Le?n"),
        ("uso", "difusi\ufffdn"),
    ],
)
def test_a_cell_that_lost_letters_is_said_and_mended_by_nothing(brand, editor, good, column, value):
    file = store(brand, editor, HEADER + row(**good | {column: value}))
    [preview] = bulk.preview(file)

    [problem] = preview.problems
    assert (problem.column, preview.fixed) == (column, "")
    assert "El archivo perdió letras" in problem.message
    assert bulk.make_drafts(file.pk, fix_lines=[2], by=editor).folios == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "mac_roman", "cp850"])
def test_a_file_is_read_in_the_encoding_of_its_letters(brand, editor, good, encoding):
    text = HEADER + row(**good | {"nombre": "Año en Cancún", "zona": "Michoacán y Nuevo León"})

    [preview] = bulk.preview(store(brand, editor, text.encode(encoding)))

    assert preview.name == "Año en Cancún"
    assert preview.terms["area"]["states"] == ["16", "19"]


def test_only_the_chosen_texts_are_fixed(brand, editor, good):
    rows = [row(**good | {"nombre": f"Fila {n}", "texto": f"¡Hola {n}!"}) for n in (1, 2, 3)]
    file = store(brand, editor, HEADER + "".join(rows))

    bulk.make_drafts(file.pk, fix_lines={3, 99}, by=editor)

    assert list(Campaign.objects.order_by("id").values_list("text", flat=True)) == [
        "¡Hola 1!",
        "Hola 2.",
        "¡Hola 3!",
    ]


def test_a_file_stored_before_it_could_have_a_destination_is_previewed(brand, editor, good):
    file = store(brand, editor, HEADER + row(**good))
    file.rows[0]["values"].pop()

    assert bulk.preview(file)[0].terms["destination"] == ""
