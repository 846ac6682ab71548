"""Capacity as a CSV file: reading, problems by line and column, and writing."""

import io
from datetime import date

import pytest

from core import sheets
from inventory import capacity_csv
from inventory.capacity_csv import CellCapacity, ExportedCell
from inventory.errors import BadChange

FIFTH = date(2026, 12, 5)
HEADER = "dia,lada,capacidad\n"


def read(text):
    return capacity_csv.read(io.BytesIO(text if isinstance(text, bytes) else text.encode()))


def wrong(text):
    """Return the problems of a file: (line, column, message) of each."""
    try:
        problems = read(text).problems
    except BadChange as error:
        problems = error.problems
    return [(problem.line, problem.column, problem.message) for problem in problems.listed]


@pytest.mark.parametrize(
    "text",
    [
        "dia,lada,capacidad\n2026-12-05,55,1200\n",
        "dia;lada;capacidad\r\n05/12/2026;55;1,200\r\n",
        "lada,capacidad,dia\n55,1200,5/12/2026",
        "Día, LADA ,Capacidad\n2026-12-05, 55 ,1 200\n",
        '\n\ndia,lada,capacidad\n,,\n"2026-12-05","55","1,200"\n\n   \n',
        "\ufeffdia;lada;capacidad\n2026-12-5;55;1\u00a0200;;\n",
        "dia,lada,ciudad,capacidad,a_la_venta,apartadas\n2026-12-05,55,Cd. de México,1200,9,x\n",
        "dia,lada,capacidad\r2026-12-05,55,01200\r",
        "dia,lada,capacidad,,\n2026-12-05,55,1200,,\n",
    ],
    ids=ascii,
)
def test_one_cell_is_read_however_it_is_written(text):
    sheet = read(text)

    assert sheet.cells == [CellCapacity(FIFTH, "55", 1_200)]
    assert sheet.problems.count == 0


def test_each_cell_has_its_line():
    sheet = read(HEADER + "2026-12-05,55,1\n\n2026-12-05,33,2\n2026-12-06,55,3\n")

    assert sheet.lines == [2, 4, 5]
    assert sheet.line_numbers()[FIFTH, ""] == 2
    assert sheet.line_numbers()[FIFTH, "33"] == 4


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("2026-13-05,55,1", "dia", "«2026-13-05» no existe en el calendario: corrige el día."),
        ("30/02/2027,55,1", "dia", "«30/02/2027» no existe en el calendario: corrige el día."),
        ("mañana,55,1", "dia", "«mañana» no es una fecha: escríbela como 05/12/2026."),
        ("12/5/26,55,1", "dia", "«12/5/26» no es una fecha: escríbela como 05/12/2026."),
        (",55,1", "dia", "Falta el día: escribe uno como 05/12/2026."),
        ("2026-12-05,,1", "lada", "Falta la LADA: escribe su clave, por ejemplo 55."),
        ("2026-12-05,55,", "capacidad", "Falta la capacidad: escribe 0 si la LADA no lleva nada."),
        ("2026-12-05,55,-5", "capacidad", "«-5» es menos que cero: escribe 0 o más."),
        ("2026-12-05,55,1.5", "capacidad", "«1.5» no es un número entero"),
        ("2026-12-05,55,١٢", "capacidad", "«١٢» no es un número entero"),
        ('2026-12-05,55,"12,34"', "capacidad", "«12,34» no es un número entero"),
        ("2026-12-05,55,=1+1", "capacidad", "«=1+1» no es un número entero"),
        ("2026-12-05,55," + "9" * 5_000, "capacidad", "es demasiado"),
        ("2026-12-05,55", "", "La fila tiene 2 datos y el encabezado 3. Completa la fila"),
        ("2026-12-05,55,1,200", "", "La fila tiene 4 datos y el encabezado 3. Una cantidad con"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_what_cannot_be_read_is_named_by_line_column_and_reason(row, column, message):
    [problem] = wrong(HEADER + "2026-12-06,33,7\n" + row + "\n")

    assert problem[:2] == (3, column)
    assert message in problem[2]
    assert len(problem[2]) < 200


def test_a_row_may_be_wrong_in_several_columns_and_the_others_are_still_read():
    text = HEADER + "x,,y\n2026-12-05,55,1\n"

    assert [problem[:2] for problem in wrong(text)] == [
        (2, "dia"),
        (2, "lada"),
        (2, "capacidad"),
    ]
    assert read(text).cells == [CellCapacity(FIFTH, "55", 1)]


def test_a_repeated_cell_is_named_with_both_lines():
    text = HEADER + "2026-12-05,55,1\n2026-12-05,33,1\n05/12/2026,55,2\n"

    assert wrong(text) == [
        (4, "lada", "La LADA 55 del 05/12/2026 ya está en la línea 2: deja una."),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fecha,clave\n1,2\n", [(1, "", "La primera línea debe nombrar las columnas")]),
        ("2026-12-05,55,100\n", [(1, "", "La primera línea debe nombrar las columnas")]),
        ("dia\tlada\tcapacidad\n", [(1, "", "La primera línea debe nombrar las columnas")]),
        ("dia,lada\n2026-12-05,55\n", [(1, "capacidad", "Falta esta columna.")]),
        (
            "dia,lada,capacidad,precio,Tope\n2026-12-05,55,1,2,3\n",
            [(1, "precio", "Esta columna no se usa"), (1, "Tope", "Esta columna no se usa")],
        ),
        ("dia,lada,capacidad,dia\n", [(1, "dia", "Esta columna está dos veces: deja una.")]),
        ("", [(0, "", "El archivo está vacío.")]),
        (" \r\n \n", [(0, "", "El archivo está vacío.")]),
        ("\ufeff", [(0, "", "El archivo no tiene filas con datos")]),
        (HEADER, [(0, "", "El archivo no tiene filas con datos")]),
        (HEADER + '2026-12-05,"55,1\n2026-12-06,55,1\n', [(3, "", "comillas sin cerrar")]),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_file_of_another_format_is_refused_as_a_whole(text, found):
    problems = wrong(text)

    assert [problem[:2] for problem in problems] == [problem[:2] for problem in found]
    for (_line, _column, message), (_, _, expected) in zip(problems, found, strict=True):
        assert expected in message


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        ("día,lada,capacidad\n".encode("latin-1"), 1, "El byte 2 de la línea no es UTF-8"),
        (f"{HEADER}2026-12-05,55,1\n;ñ".encode("cp1252"), 3, "El byte 2 de la línea"),
        (HEADER.encode("utf-16"), 1, "El byte 1 de la línea no es UTF-8"),
        (HEADER.encode("utf-16-le"), 1, "El byte 2 de la línea no es UTF-8"),
        (b"PK\x03\x04" + bytes(100), 0, "Es un libro de Excel, no un CSV"),
    ],
    ids=["latin-1", "cp1252", "utf-16", "utf-16 without a mark", "xlsx"],
)
def test_another_encoding_is_refused_with_the_place_and_what_to_do(data, line, message):
    [problem] = wrong(data)

    assert problem[0] == line
    assert message in problem[2]
    assert "guárdalo como «CSV UTF-8»" in problem[2]


def test_a_hundred_problems_are_listed_and_the_others_are_counted():
    problems = read(HEADER + "x,55,1\n" * 1_234).problems

    assert len(problems.listed) == 100
    assert (problems.count, problems.more) == (1_234, 1_134)


def test_a_million_rows_are_refused_before_they_are_read(monkeypatch):
    rows = b"".join(b"2026-12-05,%d,1\n" % number for number in range(1_000_000))
    monkeypatch.setattr(sheets, "_parse_rows", None)

    [problem] = wrong(HEADER.encode() + rows)

    assert problem == (0, "", "El archivo tiene más de 301,490 filas: divídelo por fechas.")


def test_blank_lines_do_not_count_as_rows(monkeypatch):
    monkeypatch.setattr(capacity_csv, "MAX_ROWS", 3)
    rows = ["2026-12-05,55,1", "2026-12-06,55,1", "2026-12-07,55,1"]

    assert len(read(HEADER + "\n,,\n".join(rows) + "\n\n\n").cells) == 3
    [problem] = wrong(HEADER + "\n\n".join([*rows, "2026-12-08,55,1"]))
    assert "más de 3 filas" in problem[2]
    [problem] = wrong((HEADER + "\n".join([*rows, "2026-12-08,55,1"])).replace("\n", "\r"))
    assert "más de 3 filas" in problem[2]


def test_more_than_20_megabytes_are_refused_unread():
    [problem] = wrong(HEADER.encode() + b" " * 20 * 1024 * 1024)

    assert problem == (0, "", "El archivo pesa más de 20 MB: divídelo por fechas.")


def test_what_is_written_is_read_back_as_it_was():
    rows = [
        ExportedCell(FIFTH, "55", 'Ciudad de "México", sur', 1_200_000, 1_080_000, 7),
        ExportedCell(FIFTH, "33", "Guadalajara", 0, 0, 0),
    ]

    sheet = read("\ufeff" + "".join(capacity_csv.write(rows)))

    assert sheet.cells == [CellCapacity(FIFTH, "55", 1_200_000), CellCapacity(FIFTH, "33", 0)]
    assert sheet.problems.count == 0


@pytest.mark.parametrize("city", ["=1+1", "+52", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_that_is_written_is_a_formula(city):
    written = "".join(capacity_csv.write([ExportedCell(FIFTH, "55", city, 1, 1, 0)]))

    assert f"'{city}" in written
    assert f",{city}" not in written


def test_a_long_table_is_written_in_parts():
    rows = (ExportedCell(FIFTH, "55", "x", number, 0, 0) for number in range(2_500))

    parts = list(capacity_csv.write(rows))

    assert len(parts) == 3
    assert "".join(parts).count("\n") == 2_501
