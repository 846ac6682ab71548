"""Each check finds what is planted for it, and nothing where all is well."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from campaigns.gateway.contract import content_hash
from tests.faults import invariants
from tests.faults.invariants import Counts, Inserted, OurOrder, Record, TheirOrder, Written

ORDER = "5f0c"
HOUR = datetime(2026, 12, 1, 5, tzinfo=UTC)  # of 30 November at the channel
LATER = datetime(2026, 12, 1, 7, tzinfo=UTC)
TEXT = "Recarga $100"
COUNTS = Counts(40, 30, 2, 1)


def document(state, *, text=TEXT, total=40, generation=1):
    return {
        "generation": generation,
        "adText": text,
        "desiredState": state,
        "goal": {"total": total},
    }


FIRST, SECOND = document("ACTIVE"), document("CANCELLED", generation=2)


def good():
    """Return the record of an order that was inserted for an hour and then cancelled."""
    hour, day = (ORDER, HOUR, "55"), (ORDER, date(2026, 11, 30), "55")
    second = content_hash(SECOND)
    return Record(
        ours={ORDER: OurOrder("cancelled", 2, 2, second, "CANCELLED", SECOND)},
        theirs={ORDER: TheirOrder(2, second, "CANCELLED")},
        requested={(ORDER, 1): [FIRST], (ORDER, 2): [SECOND]},
        approved={ORDER: {TEXT}},
        written=[
            Written(ORDER, 1, "ACTIVE", content_hash(FIRST), HOUR, 1),
            Written(ORDER, 2, "CANCELLED", second, LATER, 1),
        ],
        insertions=[Inserted(ORDER, 1, content_hash(FIRST), LATER, 40)],
        our_hours={hour: COUNTS},
        their_hours={hour: COUNTS},
        our_days={day: COUNTS},
        our_totals={ORDER: COUNTS},
        their_totals={ORDER: COUNTS},
    )


def ours(**fields):
    return lambda record: record.ours.update({ORDER: record.ours[ORDER]._replace(**fields)})


def theirs(**fields):
    return lambda record: record.theirs.update({ORDER: record.theirs[ORDER]._replace(**fields)})


def inserted(**fields):
    return lambda record: record.insertions.append(record.insertions[0]._replace(**fields))


def requested(generation, *documents):
    return lambda record: record.requested.update({(ORDER, generation): list(documents)})


PLANTED = [
    ("same_orders", lambda record: record.theirs.clear()),
    ("same_orders", lambda record: record.theirs.update({"other": record.theirs[ORDER]})),
    ("same_orders", theirs(generation=1)),
    ("same_orders", theirs(content_hash="0")),
    ("same_orders", theirs(state="ACTIVE")),
    ("same_orders", ours(acknowledged=1)),
    ("same_orders", ours(content_hash="0")),
    ("same_orders", ours(gateway_state="ACTIVE")),
    ("same_orders", ours(status="paused")),
    ("same_orders", ours(status="approved")),
    ("one_effect", lambda record: record.written.append(record.written[0])),
    ("one_effect", lambda record: record.written.append(record.written[1])),
    ("one_effect", requested(2, SECOND, FIRST)),
    ("one_effect", requested(2, document("CANCELLED", total=41))),
    ("only_approved_texts", inserted(content_hash="0", inserted=0)),
    ("only_approved_texts", lambda record: record.approved.update({ORDER: {"Otro texto"}})),
    ("nothing_after_a_stop", inserted(generation=2, inserted=0)),
    ("nothing_after_a_stop", inserted(last_at=datetime(2026, 12, 1, 8, tzinfo=UTC), inserted=0)),
    ("no_order_above_its_goal", inserted(inserted=1)),
    ("no_order_above_its_goal", requested(1, document("ACTIVE", total=39))),
    ("same_counts", lambda record: record.our_hours.clear()),
    ("same_counts", lambda record: record.our_days.clear()),
    ("same_counts", lambda record: record.our_totals.update({ORDER: Counts(40, 31, 2, 1)})),
    ("same_counts", lambda record: record.insertions.clear()),
]


def found(record):
    return {text.partition(":")[0] for text in invariants.violations(record)}


def test_nothing_is_found_where_both_sides_agree():
    assert invariants.violations(good()) == []


@pytest.mark.parametrize(("check", "plant"), PLANTED)
def test_what_is_planted_is_found_by_its_check(check, plant):
    record = good()

    plant(record)

    assert check in found(record)


def test_the_channel_work_that_is_left_and_breaches_are_found():
    assert found(replace(good(), channel=("ON", "OFF"))) == {"same_orders"}
    assert found(replace(good(), left=["3 events to apply"])) == {"nothing_left"}
    assert found(replace(good(), breaches=["cell_sum"])) == {"nothing_left"}


def test_a_gateway_that_lost_its_orders_takes_a_generation_again():
    record = good()
    record.written.append(record.written[1]._replace(epoch=2))

    assert invariants.violations(record) == []


def test_every_check_has_something_planted():
    planted = {check for check, _plant in PLANTED} | {"nothing_left"}

    assert planted == {check.__name__ for check in invariants.CHECKS}
