"""CSV files in any of the forms in which spreadsheet programs save them."""

import csv
import io
from datetime import date

import pytest

from core import sheets
from core.sheets import BadSheet, SheetFormat

FORMAT = SheetFormat(
    columns=("nombre", "dia"),
    max_rows=3,
    max_bytes=1024 * 1024,
    advice="divídelo.",
    optional=frozenset({"dia"}),
    ignored_columns=("nota",),
    separators=",;\t",
    any_encoding=True,
)


def read(text, format=FORMAT):
    return list(sheets.read(io.BytesIO(text if isinstance(text, bytes) else text.encode()), format))


@pytest.mark.parametrize(
    "data",
    [
        b"nombre,dia\nA\xc3\xb1o,x\n",
        "nombre,dia\nAño,x\n".encode("utf-8-sig"),
        "nombre;dia\r\nAño;x\r\n".encode("cp1252"),
        "Nombre\tDÍA\nAño\tx\n".encode("utf-16"),
        "Nombre\tDÍA\nAño\tx\n".encode("latin-1"),
        "\n,,\nnombre,nota,dia,\n,, ,\n\n Año ,y,x,\n,,\n",
        'dia,"nombre"\nx,"Año"\n',
    ],
    ids=["plain", "mark", "Excel's semicolons", "utf-16", "latin-1", "blank rows", "quotes"],
)
def test_a_row_is_read_in_any_encoding(data):
    [row] = read(data)

    assert row.values == ["Año", "x"]
    assert row.fits


def test_a_column_that_may_be_missing_is_empty():
    assert [row.values for row in read("nombre\nA\nB\n")] == [["A", ""], ["B", ""]]


def test_a_row_has_its_line_and_the_error_of_its_width():
    narrow, wide = read("nombre,dia\nA\n\nB,x,500\n")

    assert (narrow.line, narrow.fits, wide.line, wide.fits) == (2, False, 4, False)
    assert "tiene 1 dato y el encabezado 2. Completa" in narrow.width_error()
    assert "tiene 3 datos y el encabezado 2. Una cantidad" in wide.width_error()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "vacío"),
        (b"nombre,dia\n", "no tiene filas"),
        (b"PK\x03\x04" + bytes(50), "libro de Excel"),
        ("nombre\nA\n".encode("utf-16-le"), "no es UTF-8"),
        (b"dia\n1\n", "Falta esta columna"),
        (b"a,b\n1,2\n", "debe nombrar las columnas: nombre,dia"),
        (b"nombre,nombre\n1,2\n", "dos veces"),
        (b"nombre,otra\n1,2\n", "no se usa: quítala. Se leen: nombre,dia."),
        (b'nombre\n"A\n', "comillas sin cerrar"),
        (b"nombre\n" + b"A\n" * 4, "más de 3 filas: divídelo."),
        (b"nombre\r" + b"A\r" * 4, "más de 3 filas: divídelo."),
        (b"nombre\n" + b" " * 1024 * 1024, "pesa más de 1 MB: divídelo."),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_the_error_of_an_unusable_file_has_the_reason(data, message):
    with pytest.raises(BadSheet) as caught:
        read(data)

    assert message in caught.value.problems.listed[0].message


@pytest.mark.parametrize("text", ["=1+1", "+52", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_text_that_is_written_is_a_formula(text):
    written = "".join(sheets.write(["a", "b"], [[text, 5]]))

    assert written.startswith("\ufeffa,b")
    [_header, row] = csv.reader(io.StringIO(written, newline=""))
    assert row == [f"'{text}", "5"]


def test_numbers_and_days_are_written_as_they_are():
    assert list(sheets.write(["a", "b"], [[-5, date(2026, 12, 5)]], byte_order_mark=False)) == [
        "a,b\r\n-5,2026-12-05\r\n"
    ]


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("Promo,x,", 'Una cantidad con comas va entre comillas: "1,200"'),
        ("500,000,", '"500,000"'),
        ("Promo,1,200", '"1,200"'),
        ("Promo", "Completa la fila"),
        ('"Promo;x"', "Sepárala como el encabezado"),
        ('"Promo,x"', "sin comillas alrededor de toda la fila"),
        ("Promo,x,,,,", "6 datos y el encabezado 2"),
    ],
)
def test_a_row_of_another_width_has_the_likely_cause(row, cause):
    [found] = read(f"nombre,dia\n{row}\n")

    assert not found.fits
    assert cause in found.width_error()


@pytest.mark.parametrize("row", ["Promo,x", "Promo,", '"Pro,mo",x', "Promo,x,"])
def test_a_row_as_wide_as_a_header_with_blank_cells_fits(row):
    [found] = read(f"nombre,dia,\n{row}\n")

    assert found.fits


def test_a_value_below_no_name_is_too_much():
    [found] = read("nombre,dia,\nPromo,500,000\n")

    assert not found.fits


def test_blank_cells_after_a_required_last_column_are_no_shift():
    format = FORMAT._replace(optional=frozenset())

    assert read("nombre;dia\nA;x;;\n", format)[0].fits
    assert not read("dia;nombre;nota\nA;x;;;\n", format)[0].fits


@pytest.mark.parametrize("text", ["=1+1", "-50% hoy", "'=x", "''+52", "'90s", "it's", "@hola"])
def test_what_is_written_is_read_again(text):
    written = "".join(sheets.write(["nombre", "dia"], [[text, ""]]))

    assert read(written)[0].values == [text, ""]


def test_a_column_may_be_added():
    format = FORMAT._replace(additional=("extra",))

    assert read("extra,nombre\ny,A\n", format)[0].values == ["A", "", "y"]
    assert read("nombre\nA\n", format)[0].values == ["A", "", ""]
