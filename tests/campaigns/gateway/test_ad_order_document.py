"""The types of the contract: the same wish is the same JSON and the same hash."""

import json
import string
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.gateway.contract import (
    ALPHABET,
    AdOrderDocument,
    DailyGoal,
    Daypart,
    DesiredState,
    FrequencyCap,
    Goal,
    Pacing,
    PacingMode,
    Target,
    Weekday,
    canonical_json,
    content_hash,
)
from campaigns.gateway.shape import ContractMismatch
from tests.campaigns.gateway.documents import body, document
from tests.campaigns.gateway.wire import problems

SCHEMA = {"$ref": "#/components/schemas/AdOrderDocument"}
MINUTES = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
LADAS = st.integers(10, 999).map(str)


@st.composite
def goals(draw: st.DrawFn) -> tuple[date, date, Goal]:
    start = draw(st.dates(date(2026, 1, 1), date(2030, 1, 1)))
    counts = draw(st.lists(st.integers(1, 10**7), min_size=1, max_size=40))
    days = [DailyGoal(start + timedelta(days=day), count) for day, count in enumerate(counts)]
    return start, days[-1].on, Goal(sum(counts), tuple(days))


@st.composite
def documents(draw: st.DrawFn) -> AdOrderDocument:
    text = draw(st.text(ALPHABET, min_size=1, max_size=110))
    start, end, goal = draw(goals())
    dayparts = st.builds(
        Daypart, st.frozensets(st.sampled_from(Weekday), min_size=1), MINUTES, MINUTES
    )
    return AdOrderDocument(
        generation=draw(st.integers(1, 2**63 - 1)),
        external_reference=draw(st.text(string.ascii_letters, min_size=1, max_size=64)),
        ad_text=text,
        ad_text_septets=len(text),
        desired_state=draw(st.sampled_from(DesiredState)),
        starts_on=start,
        ends_on=end,
        target=Target(draw(st.frozensets(LADAS, max_size=413))),
        goal=goal,
        content_category=draw(st.sampled_from(["FOOD", "IAB8-5"])),
        pacing=Pacing(draw(st.sampled_from(PacingMode)), draw(st.integers(0, 20))),
        priority=draw(st.integers(1, 9)),
        dayparts=tuple(draw(st.lists(dayparts, max_size=14))),
        frequency_cap=draw(
            st.none() | st.builds(FrequencyCap, st.integers(1, 100), st.integers(1, 720))
        ),
        audience_restrictions=draw(st.frozensets(st.sampled_from(["ADULTS_ONLY", "OTHER"]))),
    )


@given(documents())
def test_what_is_sent_has_the_contracts_shape_and_is_read_back_the_same(wanted: AdOrderDocument):
    sent = json.loads(canonical_json(wanted.to_json()))

    assert problems(SCHEMA, sent) == []
    assert AdOrderDocument.from_json(sent) == wanted
    assert content_hash(sent) == wanted.content_hash


@given(documents(), st.integers(1, 2**63 - 1))
def test_the_generation_is_no_part_of_the_content(wanted: AdOrderDocument, generation: int):
    assert replace(wanted, generation=generation).content_hash == wanted.content_hash


@pytest.mark.parametrize(
    "change",
    [
        {"external_reference": "LP-2"},
        {"ad_text": "Otra"},
        {"ad_text_septets": 1},
        {"desired_state": DesiredState.PAUSED},
        {"starts_on": date(2026, 1, 1)},
        {"ends_on": date(2030, 1, 1)},
        {"target": Target(frozenset({"55"}))},
        {"goal": Goal(1, (DailyGoal(date(2026, 1, 1), 1),))},
        {"content_category": "TRAVEL"},
        {"pacing": Pacing(PacingMode.ASAP)},
        {"pacing": Pacing(ahead_percent=6)},
        {"priority": 6},
        {"dayparts": (Daypart(frozenset({Weekday.MON}), "08:00", "09:00"),)},
        {"frequency_cap": FrequencyCap(1, 24)},
        {"audience_restrictions": frozenset({"ADULTS_ONLY"})},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_other_part_is(change: dict[str, Any]):
    assert replace(document(), **change).content_hash != document().content_hash


def test_sets_and_days_are_written_in_one_order():
    ladas = [str(number) for number in range(200, 300)]
    days = document().goal.daily
    turned = document(
        target=Target(frozenset(ladas)), goal=replace(document().goal, daily=days[::-1])
    ).to_json()

    assert turned["target"]["ladas"] == ladas
    assert turned["goal"] == document().goal.to_json()
    week = Daypart(frozenset(Weekday), "08:00", "09:00").to_json()
    assert week["days"] == ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


def test_canonical_json_is_sorted_bare_and_in_utf_8():
    assert canonical_json({"b": [1, "ñ"], "a": {"d": 1, "c": 2}}) == (
        '{"a":{"c":2,"d":1},"b":[1,"ñ"]}'.encode()
    )


def test_what_a_document_leaves_out_has_the_contracts_default():
    sent = {name: value for name, value in body().items() if name not in {"pacing", "priority"}}

    read = AdOrderDocument.from_json(sent)

    assert (read.pacing, read.priority) == (Pacing(PacingMode.EVEN, 5), 5)


@pytest.mark.parametrize(
    "change",
    [
        {"generation": "1"},
        {"generation": True},
        {"adText": None},
        {"desiredState": "STOPPED"},
        {"deliveryPeriod": {"startDate": "20260101", "endDate": "2026-01-02"}},
        {"deliveryPeriod": {"startDate": "2026-02-30", "endDate": "2026-03-01"}},
        {"target": {"scope": "LADAS"}},
        {"target": {"scope": "LADAS", "ladas": []}},
        {"target": {"scope": "LADAS", "ladas": [55]}},
        {"goal": {"total": 1, "daily": [5]}},
        {"dayparts": [{"days": ["LUN"], "from": "08:00", "to": "09:00"}]},
        {"frequencyCap": 5},
        {"audienceRestrictions": "ADULTS_ONLY"},
        {"pacing": None},
    ],
    ids=str,
)
def test_what_has_another_shape_is_not_read(change: dict[str, Any]):
    with pytest.raises(ContractMismatch):
        AdOrderDocument.from_json(body() | change)


@pytest.mark.parametrize("data", [None, [], "x", 5])
def test_what_is_no_object_is_not_read(data: object):
    with pytest.raises(ContractMismatch):
        AdOrderDocument.from_json(data)
