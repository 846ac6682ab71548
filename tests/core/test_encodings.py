"""Letters of a file: decoded by evidence, or found lost, and never guessed."""

import pytest

from core import encodings

LIST = (
    "nombre;texto\nCampaña de mañana;¡Recarga en Cancún! ¿Listo?\nÁrea Núm. 1;Más GB, según José\n"
    "PROMOCIÓN DE OTOÑO;Pingüinos en Mérida"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "cp850"])
@pytest.mark.parametrize(
    "text",
    [
        LIST,
        "mañana",
        "Promoción",
        "Área",
        "MÉXICO",
        "AÑO",
        "Cancún",
        "Él",
        "Ángel",
        "¡Hola!",
        "¿Quieres más?",
        "Difusión; Estado de México; Nuevo León",
        "pingüino",
        "Únete hoy",
    ],
)
def test_spanish_is_decoded_by_its_letters(text, encoding):
    decoded = encodings.decode(text.encode(encoding))

    assert decoded in {text, "".join(c if c.isascii() else encodings.LOST for c in text)}
    if text == LIST or text not in {"Ángel", "¡Hola!", "Él"}:
        assert decoded == text


@pytest.mark.parametrize(
    "data",
    [b"\x81\x8d", b"Wendy\x92s", b"\xa1oferta", bytes(range(128, 256)), b"ma\xf0ana \xd0\xd1"],
    ids=repr,
)
def test_letters_without_evidence_are_lost_and_not_guessed(data):
    text = encodings.decode(data)

    assert encodings.LOST in text
    assert encodings.damage(text)
    assert all(c.isascii() or c == encodings.LOST for c in text)


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("mañana", "cp1252"),
        ("mañana", "mac_roman"),
        ("mañana", "cp850"),
        ("Cancún", "latin-1"),
        ("¡Recarga ya!", "cp1252"),
        ("País", "latin-1"),
        ("“Oferta”", "latin-1"),
        ("Núm. 1 – hoy", "latin-1"),
        ("2 €", "latin-1"),
        ("AÑO", "mac_roman"),
        ("Él", "mac_roman"),
    ],
)
def test_misread_letters_are_said_with_what_they_seem_to_be(text, read_as):
    misread = text.encode().decode(read_as)
    assert misread != text

    assert "El archivo perdió letras" in encodings.damage(misread)
    assert "parece ser" in encodings.damage(misread)
    assert not encodings.damage(text)


def test_letters_that_were_misread_twice_are_found():
    twice = "mañana".encode().decode("cp1252").encode().decode("cp1252")

    assert "«ñ»" in encodings.damage(twice)


@pytest.mark.parametrize(
    "value",
    ["ma?ana", "Canc?n", "promoci?n hoy", "?rea nueva", "?Quieres m?s?", "ma??ana", "ma\ufffdana"],
)
def test_lost_letters_are_found(value):
    assert "El archivo perdió letras" in encodings.damage(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Recarga $100 y recibe 2 GB",
        "¿Listo? ¡Sí!",
        "Listo?",
        "Listo? Ven",
        "¿Qué? Nada, más",
        "«CAFÉ» y “PAN”",
        "MÉXICO ÑANDÚ Ü",
        "tienda.mx/x?y=1",
        "https://a.mx/?promo=b",
        "Crème brûlée à la carte",
        "O’Higgins y Domino’s",
        "20 °C, 1º, ½ kg, 5 €",
        "100 %",
    ],
)
def test_whole_text_has_no_damage(value):
    assert encodings.damage(value) == ""
