"""What the API says of a text is what the law says, letter by letter."""

import json

import pytest
from django.conf import settings

from campaigns import ad_text
from campaigns.api.ad_texts import MAX_CHARACTERS, MAX_TEXTS
from tests import sizes
from tests.campaigns.ad_text.strings import VECTORS, strings

STRINGS = sizes.pick(1_000, 10_000)
SEED = 2026


def can_be_said(text):
    """Say whether UTF-8 carries it: half of a surrogate pair is no text."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def law(text):
    """Write what the law says as the API shows it."""
    limit = settings.AD_TEXT_LIMIT
    normal, fixed = ad_text.normalise(text), ad_text.fix(text, limit=limit)
    problems = ad_text.check(text, limit=limit)
    return {
        "valid": problems == [],
        "length": len(normal),
        "limit": limit,
        "remaining": limit - len(normal),
        "normalizedText": normal,
        "problems": [shown(problem) for problem in problems],
        "advice": [shown(advice) for advice in ad_text.advice(text)],
        "fixedText": fixed.text,
        "fixedValid": not ad_text.check(fixed.text, limit=limit),
    }


def shown(problem):
    return {
        "code": problem.code,
        "position": problem.position,
        "offending": problem.offending,
        "message": problem.message,
        "fix": problem.fix,
    }


def assert_alike(program, texts):
    """Compare all; give how many may be sent."""
    valid = 0
    for start in range(0, len(texts), MAX_TEXTS):
        some = texts[start : start + MAX_TEXTS]
        answer = program.post("/ad-texts/check-many", {"adTexts": some})
        assert answer.status_code == 200, answer.content
        results = answer.json()["results"]
        assert len(results) == len(some)
        for text, told in zip(some, results, strict=True):
            assert told == law(text), ascii(text)
            valid += told["valid"]
    return valid


def test_the_vectors_are_judged_alike(program):
    vectors = [json.loads(line) for line in VECTORS.read_text("utf-8").splitlines()]
    texts = [vector["text"] for vector in vectors if can_be_said(vector["text"])]
    assert len(vectors) >= 300
    assert len(texts) > 0.95 * len(vectors)

    assert_alike(program, texts)

    for vector in vectors[:20]:
        if can_be_said(vector["text"]):
            told = program.post("/ad-texts/check", {"adText": vector["text"]}).json()
            assert told["valid"] is vector["accepted"]
            assert told == law(vector["text"])


def test_random_strings_are_judged_alike(program):
    texts = [text[:MAX_CHARACTERS] for text in strings(SEED, STRINGS, broken=False)]
    assert len(texts) == STRINGS
    assert any("\0" in text for text in texts)

    valid = assert_alike(program, texts)

    assert STRINGS // 100 < valid < STRINGS - STRINGS // 100


@pytest.mark.parametrize("text", ["\ud83d", "a\udc00b", "\udfff\ud800"])
def test_half_a_character_is_refused_before_it_is_judged(program, text):
    answer = program.post("/ad-texts/check", {"adText": text})

    assert answer.status_code == 400
    assert answer.json()["details"][0]["code"] == "HALF_CHARACTER"
