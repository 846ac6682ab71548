"""The PDF: the same bytes each time, what it says, and that nothing in it is ever run."""

import hashlib
import json
import subprocess
import sys
import unicodedata

import pytest

from campaigns.certificates import content, paper
from tests import pdf_text

pytestmark = pytest.mark.django_db

MARKUP = (
    '#eval("1+1") *b* _i_ $x^2$ [a] \\ #let a = 1 // c /* d */ @e <f> `g` = h - i "j" \'k\' ~ --'
)


def test_it_is_the_same_bytes_each_time(certificate):
    again = paper.render(certificate.content, certificate.template)

    assert again == bytes(certificate.pdf)
    assert hashlib.sha256(again).hexdigest() == certificate.pdf_sha256


def test_it_is_the_same_bytes_in_another_process(certificate, tmp_path):
    file = tmp_path / "content.json"
    file.write_text(certificate.content)
    code = (
        "import hashlib, pathlib, sys; from campaigns.certificates import paper;"
        "pdf = paper.render(pathlib.Path(sys.argv[1]).read_text());"
        "print(hashlib.sha256(pdf).hexdigest())"
    )
    setup = "import django; django.setup();"

    done = subprocess.run(
        [sys.executable, "-c", setup + code, str(file)], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == certificate.pdf_sha256


def test_another_content_gives_other_bytes(certificate):
    changed = certificate.content.replace("Tienda", "Tiendas")

    assert paper.render(changed) != bytes(certificate.pdf)


def test_it_says_what_the_content_says(certificate, final):
    text = pdf_text.read(bytes(certificate.pdf))

    for expected in (
        "Constancia de entrega",
        certificate.folio,
        certificate.content_sha256,
        "Recarga $100 y recibe 2 GB en movistar.mx/promo",
        "Tienda",
        final.folio,
        "60,000",
        "Otros estados, juntos",
        "No hubo: ningún día de la campaña pasó en pausa",
        "72 horas",
        "/constancia/",
    ):
        assert expected in text, expected
    lines = text.splitlines()
    for total in ("160", "130", "16", "14"):
        assert total in lines
    assert "Importe" not in text
    assert "Visitas" not in text


def test_markup_is_displayed_and_never_run(certificate):
    data = certificate.data | {"brand": MARKUP, "campaign": {**certificate.data["campaign"]}}
    data["campaign"]["name"] = MARKUP
    data["order"] = data["order"] | {"area": MARKUP, "destination": MARKUP, "sent_by": MARKUP}
    data["replanned"] = [{"at": data["issued_at"], "words": MARKUP}]

    text = "".join(pdf_text.read(paper.render(content.canonical(data))).split())

    assert text.count("".join(MARKUP.split())) >= 6


@pytest.mark.parametrize(
    ("name", "displayed"),
    [
        ("Ñandú Café", "Ñandú Café"),
        ("Café", "Café"),  # an accent of its own is composed
        ("Pizza 🍕", "Pizza [U+1F355]"),
        ("中文", "[U+4E2D][U+6587]"),
        ("a\u200bb\u202ec", "a[U+200B]b[U+202E]c"),
        ("a\nb\tc", "a b c"),
        ("a\x07b", "a[U+0007]b"),
    ],
)
def test_a_character_without_a_glyph_is_written_as_its_code_point(certificate, name, displayed):
    data = certificate.data | {"brand": name}

    assert displayed in pdf_text.read(paper.render(content.canonical(data)))


def test_every_character_that_is_kept_has_a_glyph(certificate):
    kept = [
        chr(code)
        for first, last in paper._WITH_GLYPHS
        for code in range(first, last + 1)
        if unicodedata.category(chr(code)) not in ("Cn", "Cf")
    ]
    assert len(kept) > 1_500
    data = certificate.data | {"brand": " ".join(kept)}

    assert paper.render(content.canonical(data))


def test_it_conforms_to_pdf_a_and_pdf_ua(certificate):
    pdf = bytes(certificate.pdf).decode("latin-1")

    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert "<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert "/Lang(es-MX)" in pdf
    assert "/MarkInfo<</Marked true" in pdf
    assert "/S/TH" in pdf.replace(" ", "")
    assert len(pdf) < 100_000


def test_its_dates_are_those_of_the_content(certificate):
    year, month, day = certificate.data["issued_at"][:10].split("-")

    assert f"D:{year}{month}{day}".encode() in bytes(certificate.pdf)


def test_a_long_campaign_fits_in_its_pages(certificate):
    data = json.loads(certificate.content)
    day = data["delivery"]["by_day"][0]
    data["delivery"]["by_day"] = [day] * 365
    data["brand"], data["campaign"]["name"] = "M" * 80, "W" * 80
    data["order"]["destination"] = "https://" + "a" * 2_000

    pdf = paper.render(content.canonical(data))

    assert pdf.count(b"/Type/Page/") >= 9


def test_a_template_that_was_used_is_never_changed():
    """Copy the newest to the next number instead: papers of the old one stay as they were."""
    found = {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paper.TEMPLATES.glob("*.typ")
    }

    assert found == TEMPLATES
    assert str(paper.TEMPLATE) == max(found, key=int)


TEMPLATES = {"1": "35e208443d9c63e582f5fd45995c9ddeabeabd913b4860da948e873d868e4428"}
