import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import ad_text
from campaigns.ad_text import ladas
from campaigns.ad_text.links import LINK_ENDINGS, WORD_ENDINGS
from campaigns.ad_text.signs import DASHES
from campaigns.ad_text.words import CHANGES_MEANING, HARMLESS

VECTORS = [
    json.loads(line)
    for line in Path(__file__).with_name("vectors.jsonl").read_text("utf-8").splitlines()
]
LADAS = Path(__file__).parents[3] / "segments" / "data" / "lada.csv"

#: Any string, broken surrogates included, and strings that are likely to be parsed wrongly.
ANYTHING = st.text(st.characters(codec=None), max_size=130)
SIGNS = (
    "55 1234 5678 800 01 044 +52 - . ( ) : ; ! ¡ ¿ ? % & + … “ ” ñ año mañana Campaña á x\u0303 "
    "n\u0303 ½ € * # *611 🎉 👨\u200d👩\u200d👧 1\ufe0f\u20e3 \u200b ５ Ａ ß Д https:// www. "
    "movistar.mx /promo hoy.la $1,000.00 2x1 PROMO"
)
SPACES = [" ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u0301", "\ud83d"]
PIECES = st.sampled_from([*SIGNS.split(" "), *SPACES])
ADS = st.lists(PIECES, max_size=20).map("".join)
LIMITS = st.integers(1, ad_text.MAX_LIMIT)
CODES = """
    empty too_long forbidden_character accent enye quote emoji letter_variant loose_mark
    other_script currency dial_code odd_space invisible separated_phone link_scheme
    link_sign mail_sign handle_sign damaged lost_letter only_signs
    edge_space double_space space_before_sign link_www live_link link_tail old_prefix all_caps
    shortener maybe_phone
"""
quick = settings(deadline=None, max_examples=150)


def plainly(problems):
    return [
        {"code": p.code, "position": p.position, "offending": p.offending, "fix": p.fix}
        for p in problems
    ]


def applied(text, changes):
    for change in reversed(changes):
        end = change.position + len(change.before)
        assert text[change.position : end] == change.before
        text = text[: change.position] + change.after + text[end:]
    return text


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["why"])
def test_each_vector_is_checked_and_fixed_as_written(vector):
    limit = vector.get("limit", ad_text.DEFAULT_LIMIT)

    problems = ad_text.check(vector["text"], limit=limit)
    fixed = ad_text.fix(vector["text"], limit=limit)

    assert plainly(problems) == vector["problems"]
    assert (not problems) is vector["accepted"]
    assert plainly(ad_text.advice(vector["text"])) == vector.get("advice", [])
    assert fixed.text == vector["fixed"]
    assert [problem.code for problem in fixed.undecided] == vector.get("undecided", [])


def test_there_are_enough_vectors_and_no_duplicates():
    keys = {(vector["text"], vector.get("limit")) for vector in VECTORS}

    assert len(keys) == len(VECTORS) >= 700


def test_every_code_has_a_vector():
    seen = {p["code"] for v in VECTORS for p in (*v["problems"], *v.get("advice", []))}

    assert seen == set(CODES.split())


@quick
@given(ANYTHING | ADS, LIMITS)
def test_any_text_has_a_correct_result(text, limit):
    normalised = ad_text.normalise(text)
    problems = ad_text.check(text, limit=limit)

    for problem in (*problems, *ad_text.advice(text)):
        assert normalised[problem.position : problem.end] == problem.offending
        assert problem.message
        assert bool(problem.remedy) is (problem.fix is not None)
    assert [p.position for p in problems] == sorted(p.position for p in problems)
    if not problems:
        assert set(normalised) <= set(ad_text.ALPHABET)
        assert 1 <= len(normalised) <= limit
        assert ad_text.septets(text) == len(normalised)
    normalised.encode()


@quick
@given(ANYTHING | ADS)
def test_every_forbidden_character_lies_inside_a_problem(text):
    normalised = ad_text.normalise(text)
    covered = {
        i
        for p in ad_text.check(text, limit=110)
        if p.code != "too_long"
        for i in range(p.position, p.end)
    }

    outside = {i for i, sign in enumerate(normalised) if sign not in ad_text.ALPHABET}

    assert outside <= covered


@quick
@given(ANYTHING | ADS, LIMITS)
def test_fix_leaves_only_what_a_person_must_decide(text, limit):
    fixed = ad_text.fix(text, limit=limit)

    assert all(problem.fix is None for problem in fixed.undecided)
    assert plainly(fixed.undecided) == plainly(ad_text.check(fixed.text, limit=limit))


@quick
@given(ANYTHING | ADS)
def test_fixing_a_fixed_text_changes_nothing(text):
    once = ad_text.fix(text)

    again = ad_text.fix(once.text)

    assert again.text == once.text
    assert again.changes == []


@quick
@given(ANYTHING | ADS)
def test_the_changes_add_up_to_the_fix(text):
    fixed = ad_text.fix(text)

    assert applied(ad_text.normalise(text), fixed.changes) == fixed.text


@quick
@given(ANYTHING | ADS)
def test_fix_lengthens_only_where_a_sign_is_written_out(text):
    """A change is longer than what it replaces only if that has a sign whose
    replacement in the tables is longer than one character ("%" → " por ciento"), and by no more
    than those replacements are."""
    longest = {"%": 12, "％": 12, "‰": 8, "&": 3, "＆": 3, "+": 5, "＋": 5, "…": 4, "#": 7, "＃": 7}
    longest |= dict.fromkeys("½¼¾⅓⅔⅛", 4) | dict.fromkeys("!！?？;；。°º", 4)
    longest |= dict.fromkeys(DASHES, 6)
    for change in ad_text.fix(text).changes:
        allowed = 0
        for sign in change.before:
            folded = [p.fix for p in ad_text.check(sign) if p.code in ("letter_variant", "accent")]
            allowed += longest.get(sign, max([1, *map(len, folded)]))
        assert len(change.after) <= allowed


@quick
@given(st.text(ad_text.ALPHABET, min_size=1, max_size=90))
def test_the_alphabet_alone_is_refused_only_for_telephones_or_emptiness(text):
    assert {p.code for p in ad_text.check(text)} <= {
        "separated_phone",
        "empty",
        "only_signs",
    }


def test_a_word_whose_meaning_depends_on_enye_is_never_changed():
    for word in CHANGES_MEANING:
        fixed = ad_text.fix(f"{word} {word.upper()}")

        assert fixed.text.count("ñ") == word.count("ñ"), word
        assert fixed.text.count("Ñ") == word.count("ñ"), word


def test_no_word_is_in_both_lists():
    assert not HARMLESS & CHANGES_MEANING.keys()
    assert all("ñ" in word for word in HARMLESS | CHANGES_MEANING.keys())


def test_a_link_ending_is_either_meant_or_a_word():
    assert not set(LINK_ENDINGS) & set(WORD_ENDINGS)


def test_a_separated_telephone_of_every_lada_of_the_catalogue_is_found():
    with LADAS.open(encoding="utf-8") as lines:
        codes = [line["lada"] for line in csv.DictReader(lines)]

    for lada in codes:
        local = "12345678"[: 10 - len(lada)]
        for gap in (" ", "-", "."):
            text = f"Llama {lada}{gap}{local[:-4]}{gap}{local[-4:]}"
            assert [p.fix for p in ad_text.check(text)] == [lada + local], text


def test_the_area_codes_are_those_of_the_catalogue():
    with LADAS.open(encoding="utf-8") as lines:
        assert {line["lada"] for line in csv.DictReader(lines)} == ladas.LADAS


def test_a_telephone_and_its_like_are_told_apart_by_one_word():
    number = "55 1234 5678"

    assert [p.code for p in ad_text.check(f"Llama {number}")] == ["separated_phone"]
    assert ad_text.check(f"Folio {number}") == []
    assert ad_text.check(number.replace(" ", ", ")) == []


def test_no_sign_of_a_link_is_taken_from_it():
    for sign in "-_?=&#%~+:ñé":
        text = f"Ve a tienda.mx/a{sign}b=1 hoy"
        assert ad_text.fix(text).text == text, sign


def test_no_sentence_sign_makes_a_link():
    for sign in ("?", "!", "…", "?!", "!¡", "; ", "。"):
        for ending in ("Me", "La", "Es", "mx", "Com", "TV"):
            text = f"¿Vas hoy{sign}{ending} gusta"
            fixed = ad_text.fix(text).text
            assert [p.code for p in ad_text.advice(fixed)] == [], text


def test_fix_with_only_applies_one_fix():
    text = "¡Hola: hoy.la"

    assert ad_text.fix(text, only=5).text == "¡Hola, hoy.la"
    assert ad_text.fix(text, only=7).text == "¡Hola: hoy. la"
    assert ad_text.fix(text, only=2).changes == []


@pytest.mark.parametrize("limit", [0, -1, 111])
def test_a_limit_that_no_notification_has_is_refused(limit):
    with pytest.raises(ad_text.BadLimit):
        ad_text.check("hola", limit=limit)
    with pytest.raises(ValueError):
        ad_text.fix("hola", limit=limit)


def test_septets_of_a_text_outside_the_alphabet_are_refused():
    assert ad_text.septets("$@ a/.,") == 7
    with pytest.raises(ValueError):
        ad_text.septets("50%")


def test_of_a_huge_text_only_the_beginning_is_checked():
    text = "á" * 100_000

    problems = ad_text.check(text)

    assert sum(p.code == "accent" for p in problems) == ad_text.READ_LIMIT
    assert ad_text.fix(text).changes == []


def test_messages_name_the_sign_and_the_remedy():
    def messages(text):
        return [problem.message for problem in ad_text.check(text)]

    assert messages("Ya: hoy") == ["«:» (dos puntos) no se puede enviar. Cámbialo por coma."]
    assert messages("año") == [
        "«año» sin ñ cambia de significado. Prueba: 12 meses, 2027 o aniversario."
    ]
    assert messages("x" * 94) == ["Te sobran 4 caracteres. Quita 4 para poder enviarlo."]
    assert messages("x" * 91) == ["Te sobra 1 carácter. Quita 1 para poder enviarlo."]
    assert messages("mañana") == [
        "«mañana» lleva ñ, que no se puede enviar. Se entiende igual como «manana»."
    ]
    assert messages("55-1234-5678") == [
        (
            "El teléfono va corrido, sin espacios ni signos: 5512345678. "
            "Si no es un teléfono, separa los números con comas."
        )
    ]


def test_the_law_exports_as_json():
    data = ad_text.as_data()

    assert json.loads(json.dumps(data)) == data
    assert data["limit"] == 90
    assert data["maxLimit"] == 110


def test_the_law_is_the_same_in_every_process():
    """Its URL is a digest: no part may be in the order of a set, which differs by process."""
    forms: dict[str, list[str]] = {}
    for form, character in ad_text.as_data()["repairs"].items():
        forms.setdefault(character, []).append(form)

    plain = {c: found for c, found in forms.items() if ord(c) >= 0xA0 and c != "”"}
    assert len(plain) > 100
    assert all(found == sorted(found) for found in plain.values())


@pytest.mark.parametrize(
    "text",
    [
        "Fax 722 213https://2027.DIGITAL?a=1 56",
        "Fax 722 2132027.digital?a=1",
        "Fax 722 2132027.digital 56",
        "Tel 55 1234 5678.mx/hoy",
    ],
)
def test_a_telephone_that_runs_into_a_link_loses_nothing_of_it(text):
    """Both would be changed at once, and the end of the link would be gone."""
    fixed = ad_text.fix(text, limit=90).text

    assert [c for c in fixed if c.isalnum()] == [
        c for c in text.replace("https://", "") if c.isalnum()
    ]
