"""Differences between two versions, as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import differences, lifecycle
from campaigns.differences import Fragment


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("a b c", "a b c", [("same", "a b c")]),
        ("a b c", "a x c", [("same", "a"), ("out", "b"), ("in", "x"), ("same", "c")]),
        ("a b", "a b c", [("same", "a b"), ("in", "c")]),
        ("a b c", "c", [("out", "a b"), ("same", "c")]),
        ("Recarga $100", "recarga $100", [("out", "Recarga"), ("in", "recarga"), ("same", "$100")]),
    ],
)
def test_a_text_is_compared_word_by_word(before, after, found):
    assert differences.compare_words(before, after) == [Fragment(*part) for part in found]


TEXTS = st.lists(st.sampled_from(["a", "b", "c", "$100", "", "GB"]), min_size=1).map(" ".join)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_back_from_what_differs(before, after):
    parts = differences.compare_words(before, after)

    assert " ".join(words for kind, words in parts if kind != "in") == before
    assert " ".join(words for kind, words in parts if kind != "out") == after


@pytest.mark.django_db
def test_the_other_terms_are_written_for_people(campaign_in_review, editor):
    before = campaign_in_review.version
    lifecycle.withdraw(campaign_in_review.pk, by=editor)
    lifecycle.edit(
        campaign_in_review.pk,
        {
            "volume": 50_000,
            "daily_cap": 20_000,
            "area": {"states": ["14"]},
            "use": "promotion",
            "promotion_ends_on": before.ends_on,
        },
        revision=campaign_in_review.revision,
        by=editor,
    )
    campaign_in_review.refresh_from_db()

    found = differences.between(before, campaign_in_review)

    values = {
        difference.label: [part.words for part in difference.fragments] for difference in found
    }
    assert values["Volumen"] == ["60,000", "50,000"]
    assert values["Tope diario"] == ["sin valor", "20,000"]
    assert values["Uso"] == ["Difusión", "Promoción"]
    assert values["Zona"][1] == "Jalisco (47 LADA) · 47 LADA"
    assert values.keys() == {
        "Volumen",
        "Tope diario",
        "Uso",
        "Zona",
        "Vigencia de la promoción",
    }
    assert differences.between(before, before) == []


@pytest.mark.django_db
@pytest.mark.parametrize("area", [{"odd": 1}, {"ladas": ["999"]}, {}])
def test_a_zone_that_cannot_be_resolved_is_still_described(campaign_in_review, area):
    draft = campaign_in_review
    before = draft.version
    draft.area = area

    [difference] = differences.between(before, draft)

    assert difference.fragments[1].words
