"""The document of an ad order: equal content gives equal JSON and an equal hash."""

import json
import string
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.gateway.ad_order_document import (
    AdOrderDocument,
    DailyGoal,
    Daypart,
    DeliveryPeriod,
    FrequencyCap,
    Goal,
    GroupGoal,
    Pacing,
    Target,
)
from campaigns.gateway.conformance.contract_file import schema_errors
from campaigns.gateway.contract import (
    ALPHABET,
    DesiredState,
    PacingMode,
    Weekday,
    canonical_json,
    content_hash,
)
from campaigns.gateway.contract_model import ContractMismatch
from campaigns.gateway.responses import ChannelStatus
from tests.campaigns.gateway.documents import ad_order_document, ad_order_json

SCHEMA = {"$ref": "#/components/schemas/AdOrderDocument"}
TIMES = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
LADA_SETS = st.frozensets(st.integers(10, 999).map(str), max_size=413)
TARGETS = LADA_SETS.map(lambda ladas: Target(scope="LADAS", ladas=ladas) if ladas else Target())
DAYPARTS = st.builds(
    Daypart,
    days=st.frozensets(st.sampled_from(Weekday), min_size=1),
    from_=TIMES,
    to=TIMES,
)
FREQUENCY_CAPS = st.tuples(st.integers(1, 100), st.integers(1, 720)).map(
    lambda cap: FrequencyCap(max_per_recipient=cap[0], period_hours=cap[1])
)
slow_to_generate = settings(suppress_health_check=[HealthCheck.too_slow])


def lada_target(*ladas: str) -> Target:
    return Target(scope="LADAS", ladas=frozenset(ladas))


@st.composite
def splits(draw: st.DrawFn, count: int) -> tuple[GroupGoal, ...]:
    """Return none, or two groups that add up to a count."""
    first = draw(st.none() | st.integers(0, count))
    if first is None:
        return ()
    ladas = frozenset({"33", "656"}), frozenset({"55"})
    return tuple(
        GroupGoal(ladas=some, count=part)
        for some, part in zip(ladas, (first, count - first), strict=True)
    )


@st.composite
def goals(draw: st.DrawFn) -> tuple[DeliveryPeriod, Goal]:
    start = draw(st.dates(date(2026, 1, 1), date(2030, 1, 1)))
    counts = draw(st.lists(st.integers(1, 10**7), min_size=1, max_size=40))
    daily = tuple(
        DailyGoal(date=start + timedelta(days=day), count=count, split=draw(splits(count)))
        for day, count in enumerate(counts)
    )
    period = DeliveryPeriod(start_date=start, end_date=daily[-1].date)
    return period, Goal(total=sum(counts), daily=daily)


@st.composite
def documents(draw: st.DrawFn) -> AdOrderDocument:
    text = draw(st.text(ALPHABET, min_size=1, max_size=110))
    period, goal = draw(goals())
    return AdOrderDocument(
        generation=draw(st.integers(1, 2**63 - 1)),
        external_reference=draw(st.text(string.ascii_letters, min_size=1, max_size=64)),
        ad_text=text,
        ad_text_septets=len(text),
        desired_state=draw(st.sampled_from(DesiredState)),
        delivery_period=period,
        target=draw(TARGETS),
        goal=goal,
        content_category=draw(st.sampled_from(["FOOD", "IAB8-5"])),
        pacing=Pacing(
            mode=draw(st.sampled_from(PacingMode)), ahead_percent=draw(st.integers(0, 20))
        ),
        priority=draw(st.integers(1, 9)),
        dayparts=tuple(draw(st.lists(DAYPARTS, max_size=14))),
        frequency_cap=draw(st.none() | FREQUENCY_CAPS),
        audience_restrictions=draw(st.frozensets(st.sampled_from(["ADULTS_ONLY", "OTHER"]))),
    )


@slow_to_generate
@given(documents())
def test_a_document_keeps_the_contract_and_is_read_back_the_same(document: AdOrderDocument):
    content = canonical_json(document.to_json())
    received = json.loads(content)

    assert schema_errors(SCHEMA, received) == []
    assert AdOrderDocument.from_json(content) == document
    assert content_hash(received) == document.content_hash


@slow_to_generate
@given(documents(), st.integers(1, 2**63 - 1))
def test_the_generation_is_not_part_of_the_content(document: AdOrderDocument, generation: int):
    newer = document.model_copy(update={"generation": generation})

    assert newer.content_hash == document.content_hash


def test_the_hash_of_a_document_never_changes():
    """The gateway compares hashes, so a new version of the portal must not write other JSON."""
    document = AdOrderDocument(
        generation=7,
        external_reference="LP-2026-000123",
        ad_text="Cafe 2x1 hoy",
        ad_text_septets=12,
        desired_state=DesiredState.PAUSED,
        delivery_period=DeliveryPeriod(start_date=date(2026, 3, 1), end_date=date(2026, 3, 2)),
        target=lada_target("55", "33"),
        goal=Goal(
            total=30,
            daily=(
                DailyGoal(date=date(2026, 3, 2), count=20),
                DailyGoal(date=date(2026, 3, 1), count=10),
            ),
        ),
        content_category="FOOD",
        dayparts=(Daypart(days=frozenset({Weekday.SUN, Weekday.MON}), from_="08:00", to="24:00"),),
        frequency_cap=FrequencyCap(max_per_recipient=1, period_hours=24),
        audience_restrictions=frozenset({"ADULTS_ONLY"}),
    )

    assert canonical_json(document.to_json()) == (
        b'{"adText":"Cafe 2x1 hoy","adTextSeptets":12,"audienceRestrictions":["ADULTS_ONLY"],'
        b'"contentCategory":"FOOD","dayparts":[{"days":["MON","SUN"],"from":"08:00",'
        b'"to":"24:00"}],"deliveryPeriod":{"endDate":"2026-03-02","startDate":"2026-03-01"},'
        b'"desiredState":"PAUSED","externalReference":"LP-2026-000123",'
        b'"frequencyCap":{"maxPerRecipient":1,"periodHours":24},"generation":7,'
        b'"goal":{"daily":[{"count":10,"date":"2026-03-01"},{"count":20,"date":"2026-03-02"}],'
        b'"total":30,"unit":"NOTIFICATIONS"},"pacing":{"aheadPercent":5,"mode":"EVEN"},'
        b'"priority":5,"target":{"ladas":["33","55"],"scope":"LADAS"}}'
    )


@pytest.mark.parametrize(
    "change",
    [
        {"external_reference": "LP-2"},
        {"ad_text": "Otra"},
        {"ad_text_septets": 1},
        {"desired_state": DesiredState.PAUSED},
        {
            "delivery_period": DeliveryPeriod(
                start_date=date(2026, 1, 1), end_date=ad_order_document().delivery_period.end_date
            )
        },
        {
            "delivery_period": DeliveryPeriod(
                start_date=ad_order_document().delivery_period.start_date, end_date=date(2030, 1, 1)
            )
        },
        {"target": lada_target("55")},
        {"goal": Goal(total=1, daily=(DailyGoal(date=date(2026, 1, 1), count=1),))},
        {"content_category": "TRAVEL"},
        {"pacing": Pacing(mode=PacingMode.ASAP)},
        {"pacing": Pacing(ahead_percent=6)},
        {"priority": 6},
        {"dayparts": (Daypart(days=frozenset({Weekday.MON}), from_="08:00", to="09:00"),)},
        {"frequency_cap": FrequencyCap(max_per_recipient=1, period_hours=24)},
        {"audience_restrictions": frozenset({"ADULTS_ONLY"})},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_other_member_is_part_of_the_content(change: dict[str, Any]):
    assert ad_order_document(**change).content_hash != ad_order_document().content_hash


def test_sets_and_days_are_written_in_one_order():
    ladas = [str(number) for number in range(200, 300)]
    goal = ad_order_document().goal
    reversed_goal = Goal(total=goal.total, daily=goal.daily[::-1])

    document = ad_order_json(target=lada_target(*ladas), goal=reversed_goal)

    assert document["target"]["ladas"] == ladas
    assert document["goal"] == goal.to_json()
    groups = tuple(GroupGoal(ladas=frozenset(some), count=1) for some in (["55"], ["81", "33"]))
    day = DailyGoal(date=date(2026, 3, 1), count=2, split=groups)
    assert day.to_json()["split"] == [
        {"ladas": ["33", "81"], "count": 1},
        {"ladas": ["55"], "count": 1},
    ]
    week = Daypart(days=frozenset(Weekday), from_="08:00", to="09:00").to_json()
    assert week["days"] == ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


def test_canonical_json_is_sorted_without_spaces_and_in_utf_8():
    assert canonical_json({"b": [1, "ñ"], "a": {"d": 1, "c": 2}}) == (
        '{"a":{"c":2,"d":1},"b":[1,"ñ"]}'.encode()
    )


def test_an_absent_member_has_the_contracts_default():
    received = {
        name: value for name, value in ad_order_json().items() if name not in {"pacing", "priority"}
    }

    document = AdOrderDocument.from_json(canonical_json(received))

    assert (document.pacing, document.priority) == (Pacing(mode=PacingMode.EVEN), 5)


def test_an_unknown_member_is_ignored():
    received = ad_order_json() | {"ad_text": "Otra", "addedInVersion2": {"x": 1}}

    assert AdOrderDocument.from_json(canonical_json(received)) == ad_order_document()


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"generation": "1"}, "generation"),
        ({"generation": True}, "generation"),
        ({"generation": 1.0}, "generation"),
        ({"adText": None}, "adText"),
        ({"desiredState": "STOPPED"}, "desiredState"),
        (
            {"deliveryPeriod": {"startDate": "20260101", "endDate": "2026-01-02"}},
            "deliveryPeriod.startDate",
        ),
        (
            {"deliveryPeriod": {"startDate": "1767225600", "endDate": "2026-01-02"}},
            "deliveryPeriod.startDate",
        ),
        (
            {"deliveryPeriod": {"startDate": "2026-02-30", "endDate": "2026-03-01"}},
            "deliveryPeriod.startDate",
        ),
        ({"target": {"scope": "LADAS"}}, "target"),
        ({"target": {"scope": "LADAS", "ladas": []}}, "target"),
        ({"target": {"scope": "LADAS", "ladas": [55]}}, "target.ladas.0"),
        ({"goal": {"total": 1, "daily": [5]}}, "goal.daily.0"),
        (
            {"goal": {"total": 1, "daily": [{"date": "2026-01-01", "count": "1"}]}},
            "goal.daily.0.count",
        ),
        ({"dayparts": [{"days": ["LUN"], "from": "08:00", "to": "09:00"}]}, "dayparts.0.days.0"),
        ({"dayparts": [{"days": ["MON"], "to": "09:00"}]}, "dayparts.0.from"),
        ({"frequencyCap": 5}, "frequencyCap"),
        ({"audienceRestrictions": "ADULTS_ONLY"}, "audienceRestrictions"),
        ({"pacing": None}, "pacing"),
    ],
    ids=str,
)
def test_a_member_of_another_shape_is_refused_by_its_path(change: dict[str, Any], path: str):
    with pytest.raises(ContractMismatch, match=f"^{path}: ") as caught:
        AdOrderDocument.from_json(canonical_json(ad_order_json() | change))

    assert "LP-2026-000123" not in str(caught.value)


@pytest.mark.parametrize("content", [b"null", b"[]", b'"x"', b"5", b"", b"{", b"\xff\xfe"])
def test_what_is_not_a_json_object_is_refused(content: bytes):
    with pytest.raises(ContractMismatch):
        AdOrderDocument.from_json(content)


@pytest.mark.parametrize("changed_at", ["2026-01-01T00:00:00", "1767225600", 1767225600])
def test_a_moment_without_its_zone_is_refused(changed_at: object):
    received = {"state": "ON", "reason": "", "changedAt": changed_at}

    with pytest.raises(ContractMismatch, match=r"^changedAt: "):
        ChannelStatus.from_json(canonical_json(received))
