"""The API returns exactly what the text law finds."""

import json

import pytest
from django.conf import settings

from campaigns import ad_text
from campaigns.api.ad_texts import MAX_CHARACTERS, MAX_PROBLEMS, MAX_TEXTS, MAX_TOGETHER
from tests import sizes
from tests.campaigns.ad_text.strings import VECTORS, strings

STRINGS = sizes.pick(400, 10_000)
SEED = 2026


def is_encodable(text):
    """Return whether a text can be encoded as UTF-8: it has no unpaired surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def expected(text):
    """Return what the law finds as the API represents it."""
    limit = settings.AD_TEXT_LIMIT
    normalised, fixed = ad_text.normalise(text), ad_text.fix(text, limit=limit)
    problems = ad_text.check(text, limit=limit)
    return {
        "valid": problems == [],
        "length": len(normalised),
        "limit": limit,
        "remaining": limit - len(normalised),
        "normalizedText": normalised,
        "problems": [represent(problem) for problem in problems[:MAX_PROBLEMS]],
        "advice": [represent(advice) for advice in ad_text.advice(text)[:MAX_PROBLEMS]],
        "fixedText": fixed.text,
        "fixedValid": not ad_text.check(fixed.text, limit=limit),
    }


def represent(problem):
    return {
        "code": problem.code,
        "position": problem.position,
        "offending": problem.offending,
        "message": problem.message,
        "fix": problem.fix,
    }


@pytest.fixture(autouse=True)
def _without_limit(settings):
    settings.API_REQUESTS_A_MINUTE = 1_000_000


def batches(texts):
    """Yield lists of as many texts as one request may have."""
    batch = []
    for text in texts:
        if len(batch) == MAX_TEXTS or sum(map(len, batch)) + len(text) > MAX_TOGETHER:
            yield batch
            batch = []
        batch.append(text)
    yield batch


def assert_equal_to_law(program, texts):
    """Compare all texts and return how many are valid."""
    valid = 0
    for batch in batches(texts):
        response = program.post("/ad-texts/check-many", {"adTexts": batch})
        assert response.status_code == 200, response.content
        results = response.json()["results"]
        assert len(results) == len(batch)
        for text, result in zip(batch, results, strict=True):
            assert result == expected(text), ascii(text)
            valid += result["valid"]
    return valid


def test_the_vectors_get_the_same_result(program):
    vectors = [json.loads(line) for line in VECTORS.read_text("utf-8").splitlines()]
    texts = [vector["text"] for vector in vectors if is_encodable(vector["text"])]
    assert len(vectors) >= 300
    assert len(texts) > 0.95 * len(vectors)

    assert_equal_to_law(program, texts)

    for vector in vectors[:20]:
        if is_encodable(vector["text"]):
            result = program.post("/ad-texts/check", {"adText": vector["text"]}).json()
            assert result["valid"] is vector["accepted"]
            assert result == expected(vector["text"])


def test_random_strings_get_the_same_result(program):
    texts = [text[:MAX_CHARACTERS] for text in strings(SEED, STRINGS, broken=False)]
    assert len(texts) == STRINGS
    assert any("\0" in text for text in texts)

    valid = assert_equal_to_law(program, texts)

    assert STRINGS // 100 < valid < STRINGS - STRINGS // 100


@pytest.mark.parametrize("text", ["\ud83d", "a\udc00b", "\udfff\ud800"])
def test_an_unpaired_surrogate_is_refused_before_the_check(program, text):
    response = program.post("/ad-texts/check", {"adText": text})

    assert response.status_code == 400
    assert response.json()["details"][0]["code"] == "HALF_CHARACTER"
