"""The cost of the text law grows with the length of a text, whatever is in it: it is counted."""

import sys

import pytest

from campaigns import ad_text
from campaigns.ad_text import problems
from campaigns.ad_text.links import TOKENS
from campaigns.ad_text.problems import ADVICE, REFUSALS
from campaigns.api.ad_texts import MAX_CHARACTERS
from tests.campaigns.ad_text.steps import steps

#: Texts that lead a careless pattern to look again at what it has looked at.
_SEEDS = r"""
    ñ a Ñ1 ñ. . , $ - -- 1- 1 55 5 33- ! ? ¿ ?a a?b !a A& A&A *1 *11 11*1* # #1 #11* + 1+ A+ ab+
    & &amp; &amp;# &#1 Ã Ã± â â€ %C3 \u00f1 a. a.a a.mx a.mx/ a.mx/a? a.mx?a a@ a@a. @a_ @a. a://
    http:// :// www. hoy.la bit.ly/ ( ) [ 9:00- 9-9 9-18h lun- n° °C º 🎉 ★ (55) +52 01 52 1, ,1
    $1 ¹ 1¹ …a ;a " a" ' ™a 1.1. 1/1/ Дд
"""
SEEDS = (*_SEEDS.split(), " ", "  ", "a ", " .", "1 ", "- ", "55 1234 5678 ", "+ 52 ")
SEEDS = (*SEEDS, "\u0301", "a\u0301", "\u200d", "a\ufffd")
PATTERNS = {
    **{f"refusal {i} {rule.code}": rule.pattern for i, rule in enumerate(REFUSALS)},
    **{f"advice {i} {rule.code}": rule.pattern for i, rule in enumerate(ADVICE)},
    **dict(TOKENS),
}
TIMES = 3


def seeded(seed, length):
    return (seed * length)[:length]


def grows_linearly(cost, length):
    """Return whether three times the length costs at most about three times as much.

    A quadratic cost would be nine times as much.
    """
    return cost(TIMES * length) <= 1.5 * TIMES * cost(length) + 20 * length


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS.keys())
def test_each_pattern_takes_steps_in_proportion_to_the_text(pattern):
    slow = [
        seed
        for seed in SEEDS
        if not grows_linearly(lambda length, seed=seed: steps(pattern, seeded(seed, length)), 20)
    ]

    assert slow == []


@pytest.mark.parametrize(
    ("pattern", "seed"), [(" +x", " "), ("[*](?:[*#][0-9]*)*x", "*"), ("[a-z]*ñ", "a")]
)
def test_a_pattern_that_looks_again_is_found(pattern, seed):
    assert not grows_linearly(lambda length: steps(pattern, seeded(seed, length)), 20)


def calls(function, text):
    """Return how many Python calls a function makes for a text, and how much text it reports."""
    count = 0

    def count_call(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(count_call)
    try:
        result = function(text)
    finally:
        sys.setprofile(None)
    return count, result


def size(found):
    return sum(len(one.message) + len(one.offending) for one in found)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("function", [ad_text.check, ad_text.advice, ad_text.fix])
def test_the_calls_grow_with_the_text(function, seed):
    def cost(length):
        return calls(function, seeded(seed, length))[0]

    assert grows_linearly(cost, ad_text.READ_LIMIT // 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_messages_grow_with_the_text(seed):
    def cost(length):
        text = seeded(seed, length)
        return size(ad_text.check(text)) + size(ad_text.advice(text))

    assert grows_linearly(cost, ad_text.READ_LIMIT // 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_text_is_fixed_in_few_rounds(seed, monkeypatch):
    rounds = []
    read = problems.refusals_in
    monkeypatch.setattr(
        "campaigns.ad_text.fixes.refusals_in", lambda t: rounds.append(t) or read(t)
    )

    ad_text.fix(seeded(seed, ad_text.READ_LIMIT))

    assert len(rounds) <= 12


def test_the_longest_text_of_the_api_costs_no_more_than_what_is_read():
    longest, _ = calls(ad_text.check, "ñ" * MAX_CHARACTERS)
    read, _ = calls(ad_text.check, "ñ" * ad_text.READ_LIMIT)

    assert longest <= read + 50
