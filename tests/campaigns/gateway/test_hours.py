"""What the conformance suite finds in the hours of the two hourly streams."""

from typing import Any

import pytest

from campaigns.gateway.conformance import hours

Changes = dict[str, Any]
NOON = "2026-12-01T12:00:00Z"
ONE_PM = "2026-12-01T13:00:00Z"


def row(order_id: str = "a", lada: str = "55", inserted: int = 10, **counts: int) -> Changes:
    counts = {"delivered": 0, "failed": 0, "noReceipt": 0} | counts
    return {"adOrderId": order_id, "lada": lada, "inserted": inserted} | counts


def traffic(lada: str = "55", with_ad: int = 10, **changes: int) -> Changes:
    counts = {"notifications": 100, "eligible": 97, "suppressedConsent": 3, "suppressedLength": 0}
    return {"lada": lada, "withAd": with_ad, "unsold": 97 - with_ad} | counts | changes


def events(*parts: Changes, first: int = 1) -> list[Changes]:
    """Return events of one stream: by default whole revisions 1 of noon, sent at 15:00."""
    default = {
        "hourStart": NOON,
        "revision": 1,
        "final": False,
        "part": 1,
        "parts": 1,
        "rows": [],
    }
    return [
        {
            "sequence": sequence,
            "time": part.get("time", "2026-12-04T15:00:00Z"),
            "data": {name: part.get(name, value) for name, value in default.items()},
        }
        for sequence, part in enumerate(parts, start=first)
    ]


RIGHT: dict[str, list[Changes]] = {
    "one hour": [{}],
    "two revisions": [{}, {"revision": 2}, {"revision": 3, "final": True}],
    "parts in any order": [{"part": 2, "parts": 2}, {"part": 1, "parts": 2}, {"hourStart": ONE_PM}],
    "the last may lack parts": [{}, {"hourStart": ONE_PM, "part": 1, "parts": 2}],
}
WRONG: dict[str, tuple[list[Changes], str]] = {
    "a revision is missing": ([{}, {"revision": 3}], "follows revision 1"),
    "a revision goes back": ([{}, {"revision": 2}, {"part": 2}], "follows revision 2"),
    "after the final": ([{"final": True}, {"revision": 2}], "follows the final revision"),
    "a part twice": ([{"parts": 2}, {"parts": 2}], "has part 1 twice"),
    "a part too many": ([{"part": 3, "parts": 2}], "has part 3 of 2"),
    "parts differ": ([{"parts": 2}, {"part": 2, "parts": 3}], "differ in `parts` or `final`"),
    "final differs": (
        [{"parts": 2}, {"part": 2, "parts": 2, "final": True}],
        "differ in `parts` or `final`",
    ),
    "a part is missing": (
        [{"part": 1, "parts": 2}, {"hourStart": ONE_PM}],
        "has 1 of 2 parts",
    ),
    "a row twice": ([{"rows": [row(), row()]}], "two rows of one key"),
    "a row in two parts": (
        [{"rows": [row()], "parts": 2}, {"rows": [row()], "part": 2, "parts": 2}],
        "two rows of one key",
    ),
    "half past": ([{"hourStart": "2026-12-01T12:30:00Z"}], "not the start of an hour"),
    "another zone": ([{"hourStart": "2026-12-01T12:00:00-06:00"}], "not the start of an hour"),
    "too early": ([{"time": "2026-12-01T12:59:59Z"}], "before the hour ended"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_revisions_have_no_errors(name: str):
    assert list(hours.revision_errors(events(*RIGHT[name]))) == []


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_revision_is_found(name: str):
    parts, message = WRONG[name]

    assert [error for error in hours.revision_errors(events(*parts)) if message in error]


def test_the_first_revision_that_is_read_may_lack_what_is_deleted():
    parts: list[Changes] = [{"revision": 4, "part": 2, "parts": 2}, {"hourStart": ONE_PM}]

    assert list(hours.revision_errors(events(*parts, first=9))) == []
    assert list(hours.revision_errors(events(*parts))) != []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (row(delivered=9, failed=1, noReceipt=1), row(delivered=9, failed=1)),
        (traffic(notifications=101), traffic()),
        (traffic(unsold=0), traffic()),
    ],
)
def test_counts_that_contradict_each_other_are_found(wrong: Changes, right: Changes):
    assert len(list(hours.row_errors(*events({"rows": [wrong]})))) == 1
    assert list(hours.row_errors(*events({"rows": [right]}))) == []


def test_insertions_are_compared_with_ads_after_every_revision():
    counts = events(
        {"rows": [row("a"), row("b", inserted=4)], "parts": 2},
        {"rows": [row("a", "33", 5)], "part": 2, "parts": 2},
        {"rows": [row("b", inserted=6)], "revision": 2},
    )
    ads = events({"rows": [traffic(with_ad=16), traffic("33", 5)]})

    assert hours.sum_errors(counts, ads) == (1, [])
    assert hours.sum_errors(counts[:2], ads) == (
        1,
        [f"hour {NOON}, LADA 55: 14 inserted and withAd 16"],
    )


def test_an_hour_that_is_not_whole_is_not_compared():
    counts = events({"rows": [row()], "parts": 2})
    ads = events({"rows": [traffic(with_ad=90)]})

    assert hours.sum_errors(counts, ads) == (0, [])
    late = events({"rows": [row()], "revision": 2})
    assert hours.sum_errors(late, ads) == (0, [])
