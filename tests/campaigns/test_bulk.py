"""Campaigns from a file: each row judged, all the good ones made once."""

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


def keep(brand, editor, text, name="lista.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return bulk.keep(brand, io.BytesIO(data), name, by=editor)


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


def judged(brand, editor, *rows):
    return bulk.judge(keep(brand, editor, HEADER + "".join(rows)))


def test_a_row_becomes_the_draft_that_it_says(brand, editor, good, on_sale):
    file = keep(brand, editor, HEADER + row(**good, tope_diario="30000", excepto="33"))

    [folio] = bulk.make_drafts(file.pk, fix_texts=False, by=editor).folios

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
    ("said", "area"),
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
def test_a_zone_is_read_as_people_write_it(brand, editor, good, said, area):
    [verdict] = judged(brand, editor, row(**good | {"zona": said}))

    found = {key: value for key, value in verdict.terms["area"].items() if value}
    assert found == area


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("nombre", "", "Falta el nombre"),
        ("nombre", "x" * 81, "pasa de 80 caracteres"),
        ("uso", "venta", "«venta» no es un uso"),
        ("vigencia", "pronto", "«pronto» no es un día"),
        ("texto", "x" * 2_001, "pasa de 2,000 caracteres"),
        ("zona", "Jalsco", "¿querías decir Jalisco?"),
        ("zona", "Atlantis", "«Atlantis» no es un estado: escribe «todo México»"),
        ("zona", "{value}", "«{value}» no es un estado"),
        ("zona", "55, 199", "«199» no es una LADA"),
        ("excepto", "abc", "«abc» no es una LADA"),
        ("primer_dia", "30/02/2027", "no existe en el calendario"),
        ("notificaciones", "muchas", "no es un número entero"),
        ("notificaciones", "-5", "menos que cero"),
        ("notificaciones", "0", "escribe de 1 a 1,200,000,000"),
        ("notificaciones", "9" * 11, "escribe de 1 a 1,200,000,000"),
        ("tope_diario", "1.5", "no es un número entero"),
    ],
)
def test_what_cannot_be_read_is_named_by_line_and_column(brand, editor, good, column, value, told):
    fine, wrong = judged(brand, editor, row(**good), row(**good | {column: value}))

    assert (fine.kind, wrong.kind, wrong.line) == ("ready", "wrong", 3)
    [finding] = wrong.findings
    assert finding.column == column
    assert told in finding.told
    assert len(finding.told) < 200


def test_a_row_may_be_wrong_in_several_columns(brand, editor, good):
    [verdict] = judged(
        brand, editor, row(**good | {"uso": "x", "zona": "x", "notificaciones": "x"})
    )

    assert [finding.column for finding in verdict.findings] == ["uso", "zona", "notificaciones"]


def test_a_name_alone_is_a_draft_that_says_what_it_lacks(brand, editor, on_sale):
    [verdict] = judged(brand, editor, row(nombre="Idea"))

    assert verdict.kind == "pending"
    assert [finding.column for finding in verdict.findings] == [
        "texto",
        "zona",
        "primer_dia",
        "ultimo_dia",
        "notificaciones",
    ]


def test_a_text_is_mended_only_if_it_is_wanted(brand, editor, good):
    file = keep(brand, editor, HEADER + row(**good | {"texto": "¡Hola! 50% en Cancún"}))
    [verdict] = bulk.judge(file)
    assert verdict.kind == "pending"
    assert verdict.fixed == "Hola. 50 por ciento en Cancun"
    assert (
        "No se puede enviar: «¡», «!», «%», «ú». Abajo está corregido." in verdict.findings[0].told
    )

    bulk.make_drafts(file.pk, fix_texts=True, by=editor)

    assert Campaign.objects.get().text == verdict.fixed
    again = keep(brand, editor, HEADER + row(**good | {"texto": "¡Hola! 50% en Cancún"}))
    bulk.make_drafts(again.pk, fix_texts=False, by=editor)
    assert Campaign.objects.order_by("-id")[0].text == "¡Hola! 50% en Cancún"


def test_what_changes_the_meaning_is_left_to_a_person(brand, editor, good):
    [verdict] = judged(brand, editor, row(**good | {"texto": "Año nuevo"}))

    assert (verdict.kind, verdict.fixed) == ("pending", "")
    assert "cambia de significado" in verdict.findings[0].told


def test_a_row_that_is_there_twice_is_made_once(brand, editor, good):
    same = row(**good | {"zona": "33; 55".replace(";", ",")})

    first, second = judged(brand, editor, row(**good), same)

    assert (first.kind, second.kind) == ("ready", "wrong")
    assert second.findings[0].told == "Es igual a la línea 2: quita una."


def test_two_clicks_make_the_drafts_once(brand, editor, good):
    file = keep(brand, editor, HEADER + row(**good) + row(nombre="Idea") + row(uso="x"))

    first = bulk.make_drafts(file.pk, fix_texts=False, by=editor)
    second = bulk.make_drafts(file.pk, fix_texts=False, by=editor)

    assert first == second
    assert len(first.folios) == Campaign.objects.count() == 2


def test_the_same_rows_are_recognised_once_they_were_used(brand, editor, good):
    text = HEADER + row(**good)
    first, second = keep(brand, editor, text), keep(brand, editor, "\ufeff" + text, "otra.csv")
    assert bulk.used_before(second) is None

    bulk.make_drafts(first.pk, fix_texts=False, by=editor)

    assert bulk.used_before(second) == first
    assert bulk.used_before(keep(brand, editor, text + row(nombre="Otra"))) is None


def test_a_row_that_cannot_be_made_leaves_the_others(brand, editor, good, monkeypatch):
    file = keep(brand, editor, HEADER + row(nombre="Uno") + row(nombre="Dos") + row(nombre="Tres"))
    make = lifecycle.draft

    def stumble(brand_id, terms, *, by):
        draft = make(brand_id, terms, by=by)
        if terms["name"] == "Dos":
            raise NotAllowed
        return draft

    monkeypatch.setattr(lifecycle, "draft", stumble)

    made = bulk.make_drafts(file.pk, fix_texts=False, by=editor)

    assert made.failed == [3]
    assert sorted(Campaign.objects.values_list("name", flat=True)) == ["Tres", "Uno"]


def test_who_may_not_write_makes_nothing(brand, editor, viewer, stranger, good):
    file = keep(brand, editor, HEADER + row(**good))

    for by in (viewer, stranger):
        with pytest.raises(NotAllowed):
            keep(brand, by, HEADER + row(**good))
        with pytest.raises(NotAllowed):
            bulk.make_drafts(file.pk, fix_texts=False, by=by)

    assert not Campaign.objects.exists()
    assert BulkFile.objects.get().used_at is None


def test_a_million_rows_are_refused_at_once(brand, editor, good):
    rows = (HEADER + row(**good) * 1_000_000).encode()

    began = time.monotonic()
    with pytest.raises(BadSheet) as refused:
        keep(brand, editor, rows)

    assert time.monotonic() - began < 1
    assert "caben hasta 500 campañas" in refused.value.problems.listed[0].message
    assert not BulkFile.objects.exists()


def test_five_hundred_rows_are_taken_and_one_more_is_not(brand, editor, good):
    rows = [row(**good | {"nombre": f"Campaña {number}"}) for number in range(501)]

    file = keep(brand, editor, HEADER + "".join(rows[:500]))

    assert len(bulk.make_drafts(file.pk, fix_texts=False, by=editor).folios) == 500
    with pytest.raises(BadSheet, match="más de 500 filas"):
        keep(brand, editor, HEADER + "".join(rows))


def test_a_file_of_excel_is_read_as_it_is(brand, editor, good):
    text = HEADER + row(**good | {"nombre": "Campaña ñ", "uso": "promoción", "vigencia": ""})

    [verdict] = bulk.judge(keep(brand, editor, text.encode("cp1252")))

    assert verdict.name == "Campaña ñ"
    assert [finding.column for finding in verdict.findings] == ["vigencia"]


def test_a_nul_is_kept_out_of_the_database(brand, editor):
    [verdict] = bulk.judge(keep(brand, editor, "nombre\tuso\nA\0B\t\n".encode("utf-16")))

    assert verdict.name == "A\ufffdB"


def test_files_that_nobody_used_are_thrown_away_after_a_day(brand, editor, good, time_machine):
    used, unused = (keep(brand, editor, HEADER + row(**good)) for _number in range(2))
    bulk.make_drafts(used.pk, fix_texts=False, by=editor)
    time_machine.move_to(timezone.now() + timedelta(hours=25))

    newest = keep(brand, editor, HEADER + row(**good))

    assert set(BulkFile.objects.values_list("pk", flat=True)) == {used.pk, newest.pk}
    assert unused.pk not in {used.pk, newest.pk}
