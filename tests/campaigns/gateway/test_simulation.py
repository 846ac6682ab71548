"""The sandbox's traffic, insertions and reports, in its own process."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.gateway import errors
from campaigns.gateway.ad_order_document import (
    DailyGoal,
    Daypart,
    DeliveryPeriod,
    Goal,
    GroupGoal,
    Pacing,
    Target,
)
from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import ChannelState, DesiredState, PacingMode, Scope, Weekday
from campaigns.gateway.events import Stream
from campaigns.gateway.sandbox import traffic
from tests.campaigns.gateway.conformance import ConformanceClient
from tests.campaigns.gateway.documents import ad_order_json
from tests.campaigns.gateway.reports import (
    apply_hours,
    ledger_hours,
    list_events,
    list_page,
    set_to_midnight,
    traffic_rows,
)
from tests.processes import ROOT, Sandbox, wait_until

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PER_DAY = 40_000
CATALOGUE = ROOT / "segments" / "data" / "lada.csv"


@pytest.fixture
def midnight(sandbox: Sandbox) -> datetime:
    """The beginning of tomorrow, at which the sandbox's clock stands, with traffic on."""
    moment = set_to_midnight(sandbox)
    sandbox.set_traffic(PER_DAY, seed=1)
    return moment


def inserted(sandbox: Sandbox, order_id: str = "o-1") -> int:
    return sum(row["inserted"] for row in sandbox.counts(order_id))


def put(client: GatewayClient, order_id: str = "o-1", **changes) -> None:
    client.put_ad_order(order_id, ad_order_json(**{"starts_in": 1, "days": 1} | changes))


# Goals and limits


def test_a_days_goals_are_met_and_not_exceeded(
    client: GatewayClient, sandbox: Sandbox, midnight: datetime
):
    cities = Target(scope="LADAS", ladas=frozenset({"55", "33", "81"}))
    put(client, total=2_000, target=cities)
    put(client, "o-2", total=12_000)
    put(client, "o-3", total=4_000, days=2)

    status = sandbox.advance(midnight + DAY)

    assert [inserted(sandbox, name) for name in ("o-1", "o-2", "o-3")] == [2_000, 12_000, 2_000]
    assert status["inserted"] == 16_000
    assert {row["lada"] for row in sandbox.hour_counts("o-1")} == cities.ladas
    assert [order.state for order in client.list_ad_orders()] == ["COMPLETED"] * 2 + ["ACTIVE"]


def test_an_even_pace_follows_the_day_and_asap_does_not(
    client: GatewayClient, sandbox: Sandbox, midnight: datetime
):
    put(client, total=2_000, pacing=Pacing(ahead_percent=0))
    put(client, "o-2", total=2_000, pacing=Pacing(mode=PacingMode.ASAP))

    sandbox.advance(midnight + 12 * HOUR)

    assert 600 < inserted(sandbox, "o-1") <= 752  # 37.6 % of a day has passed
    assert inserted(sandbox, "o-2") == 2_000


def test_nothing_is_inserted_outside_dayparts(
    client: GatewayClient, sandbox: Sandbox, midnight: datetime
):
    morning = Daypart(days=frozenset(Weekday), from_="09:10", to="10:20")
    put(client, total=300, dayparts=(morning,))

    sandbox.advance(midnight + 9 * HOUR + timedelta(minutes=10))
    before = inserted(sandbox)
    sandbox.advance(midnight + 10 * HOUR + timedelta(minutes=20))
    during = inserted(sandbox)
    sandbox.advance(midnight + 12 * HOUR)

    assert (before, during, inserted(sandbox)) == (0, 300, 300)


def test_a_pause_a_stop_of_the_channel_and_a_cancellation_act_at_once(
    client: GatewayClient, sandbox: Sandbox, midnight: datetime
):
    put(client, total=2_000)
    moment, counts = midnight + 8 * HOUR, []

    def let_an_hour_pass() -> None:
        nonlocal moment
        moment += HOUR
        sandbox.advance(moment)
        counts.append(inserted(sandbox))

    sandbox.advance(moment)
    let_an_hour_pass()
    client.set_desired_state("o-1", DesiredState.PAUSED, generation=2, reason="prueba")
    let_an_hour_pass()
    client.set_desired_state("o-1", DesiredState.ACTIVE, generation=3, reason="prueba")
    let_an_hour_pass()
    client.set_channel_state(ChannelState.OFF, reason="prueba")
    let_an_hour_pass()
    client.set_channel_state(ChannelState.ON, reason="prueba")
    let_an_hour_pass()
    client.set_desired_state("o-1", DesiredState.CANCELLED, generation=4, reason="prueba")
    let_an_hour_pass()

    first, paused, resumed, stopped, on_again, cancelled = counts
    assert 0 < first == paused < resumed == stopped < on_again == cancelled
    generations = {row["generation"]: row for row in sandbox.insertions()}
    assert set(generations) == {1, 3}
    cancelled_at = sandbox.ledger("o-1")[-1]["at"]
    assert max(row["last_at"] for row in generations.values()) <= cancelled_at


def test_insertions_are_counted_by_the_text_that_was_inserted(
    client: GatewayClient, sandbox: Sandbox, midnight: datetime
):
    put(client, total=2_000)
    sandbox.advance(midnight + 8 * HOUR)
    client.set_desired_state("o-1", DesiredState.PAUSED, generation=2, reason="prueba")
    put(client, total=2_000, generation=3, text="Otro texto")
    changed_at = sandbox.now()
    sandbox.advance(midnight + 10 * HOUR)

    hashes = {row["generation"]: row["content_hash"] for row in sandbox.ledger("o-1")}
    rows = {row["generation"]: row for row in sandbox.insertions()}
    assert {number: row["content_hash"] for number, row in rows.items()} == {
        1: hashes[1],
        3: hashes[3],
    }
    assert sum(row["inserted"] for row in rows.values()) == inserted(sandbox)
    assert datetime.fromisoformat(rows[1]["last_at"]) <= changed_at
    assert datetime.fromisoformat(rows[3]["first_at"]) >= changed_at


@pytest.mark.parametrize("is_split", [True, False])
def test_two_orders_fit_together_only_where_they_are_planned(
    client: GatewayClient, sandbox: Sandbox, midnight: datetime, is_split: bool
):
    """Both may use 899. Without a split the one that goes first takes too much of it."""
    shares = traffic.read_catalogue(CATALOGUE)
    per_day, day = 1_000_000, midnight.date()
    supply = {
        lada: per_day * traffic.day_factor(day) * shares.shares[shares.codes.index(lada)]
        for lada in ("477", "871", "899")
    }
    goals = {}
    for order_id, own in (("o-1", "871"), ("o-2", "477")):
        planned = {own: int(0.93 * supply[own]), "899": int(0.46 * supply["899"])}
        groups = [
            GroupGoal(ladas=frozenset({lada}), count=count) for lada, count in planned.items()
        ]
        goals[order_id] = sum(planned.values())
        daily = DailyGoal(date=day, count=goals[order_id], split=tuple(groups) if is_split else ())
        put(
            client,
            order_id,
            target=Target(scope="LADAS", ladas=frozenset(planned)),
            goal=Goal(total=goals[order_id], daily=(daily,)),
        )
    sandbox.set_traffic(per_day, seed=1)

    sandbox.advance(midnight + DAY)

    reached = {name: inserted(sandbox, name) / goal for name, goal in goals.items()}
    assert reached["o-1"] == 1
    assert (reached["o-2"] == 1) if is_split else (reached["o-2"] < 0.97)


def test_what_a_split_cannot_have_is_taken_elsewhere_and_no_goal_is_exceeded(
    client: GatewayClient, sandbox: Sandbox, midnight: datetime
):
    """A city without its share of traffic, and an order that lacks all of the day before."""
    first = midnight.date()
    in_one_city = (GroupGoal(ladas=frozenset({"868"}), count=2_000),)
    daily = (
        DailyGoal(date=first, count=2_000, split=in_one_city),
        DailyGoal(date=first + DAY, count=2_000, split=in_one_city),
    )
    cities = Target(scope="LADAS", ladas=frozenset({"55", "868"}))
    period = DeliveryPeriod(start_date=first, end_date=first + DAY)
    goal = Goal(total=4_000, daily=daily)
    put(client, target=cities, goal=goal, delivery_period=period)
    client.set_desired_state("o-1", DesiredState.PAUSED, generation=2, reason="prueba")
    sandbox.advance(midnight + DAY)
    before = inserted(sandbox)
    client.set_desired_state("o-1", DesiredState.ACTIVE, generation=3, reason="prueba")

    sandbox.advance(midnight + 2 * DAY)

    by_lada: dict[str, int] = defaultdict(int)
    for row in sandbox.hour_counts("o-1"):
        by_lada[row["lada"]] += row["inserted"]
    assert before == 0
    assert inserted(sandbox) == sum(by_lada.values()) == 4_000
    assert 0 < by_lada["868"] < 1_000  # all it has: 1.3 % of the traffic
    assert by_lada["55"] > 3_000


def test_what_was_inserted_before_counts_in_its_group_of_a_new_split(
    client: GatewayClient, sandbox: Sandbox, midnight: datetime
):
    sandbox.set_traffic(PER_DAY * 10)

    def put_split(generation: int, **counts: int) -> None:
        groups = tuple(
            GroupGoal(ladas=frozenset({lada.removeprefix("in_")}), count=count)
            for lada, count in counts.items()
        )
        daily = DailyGoal(date=midnight.date(), count=2_000, split=groups)
        cities = Target(scope="LADAS", ladas=frozenset({"55", "81"}))
        goal = Goal(total=2_000, daily=(daily,))
        put(client, generation=generation, target=cities, goal=goal)

    put_split(1, in_55=2_000)
    sandbox.advance(midnight + 12 * HOUR)
    before = inserted(sandbox)
    put_split(2, in_55=1_000, in_81=1_000)

    sandbox.advance(midnight + DAY)

    by_lada: dict[str, int] = defaultdict(int)
    for row in sandbox.hour_counts("o-1"):
        by_lada[row["lada"]] += row["inserted"]
    assert 600 < before < 900
    assert by_lada == {"55": pytest.approx(1_000, abs=50), "81": pytest.approx(1_000, abs=50)}
    assert inserted(sandbox) == 2_000


def test_a_text_that_has_become_too_long_is_not_inserted_and_is_counted(
    own_sandbox: Sandbox, own_api: ConformanceClient
):
    midnight = set_to_midnight(own_sandbox)
    own_sandbox.set_traffic(PER_DAY)
    with own_sandbox.client() as client:
        put(client, text="a" * 100, total=2_000)
    own_sandbox.stop()
    own_sandbox.start(options=(*Sandbox.NO_RATE_LIMIT, "--max-ad-septets", "90"))
    own_sandbox.advance(midnight + 9 * HOUR)

    rows = traffic_rows(list_events(own_api, Stream.LADA_TRAFFIC)).values()
    assert own_sandbox.counts() == []
    assert sum(row["withAd"] for row in rows) == 0
    assert sum(row["suppressedLength"] for row in rows) > 100


# Reports


def test_the_reports_add_up_to_the_ledger(
    client: GatewayClient, sandbox: Sandbox, api: ConformanceClient, midnight: datetime
):
    put(client, total=8_000)
    put(client, "o-2", total=3_000, target=Target(scope="LADAS", ladas=frozenset({"55", "81"})))

    status = sandbox.advance(midnight + 10 * HOUR)

    counts, hours = apply_hours(list_events(api, Stream.HOURLY_COUNTS))
    ledger = ledger_hours(sandbox)
    assert len(hours) == 10
    assert counts == ledger
    assert sum(row["inserted"] for row in counts.values()) == status["inserted"] > 1_000
    traffic = traffic_rows(list_events(api, Stream.LADA_TRAFFIC))
    with_ad: dict[tuple[str, str], int] = defaultdict(int)
    for (hour, _order, lada), row in counts.items():
        with_ad[hour, lada] += row["inserted"]
        assert row["delivered"] + row["failed"] + row["no_receipt"] <= row["inserted"]
    for key, row in traffic.items():
        assert row["withAd"] == with_ad[key]
        suppressed = row["suppressedConsent"] + row["suppressedLength"]
        assert row["notifications"] == row["eligible"] + suppressed
        assert row["eligible"] == row["withAd"] + row["unsold"]
    assert sum(row["notifications"] for row in traffic.values()) == status["notifications"]
    progress = {
        row["adOrderId"]: row["inserted"]
        for event in list_events(api, Stream.ORDER_PROGRESS)
        for row in event["data"]["rows"]
    }
    assert progress == {row["order_id"]: row["inserted"] for row in sandbox.counts()}


def test_a_revision_restates_what_has_changed_and_the_last_one_is_final(
    client: GatewayClient, sandbox: Sandbox, api: ConformanceClient, midnight: datetime
):
    put(client, total=8_000)
    sandbox.advance(midnight + 9 * HOUR)
    sandbox.set_traffic(on=False)
    sandbox.advance(midnight + 4 * DAY)

    counts, hours = apply_hours(list_events(api, Stream.HOURLY_COUNTS))
    assert counts == ledger_hours(sandbox)
    assert len(hours) == 9
    for parts in hours.values():
        seen: dict[tuple[str, str], dict] = {}
        revisions = sorted({part["revision"] for part in parts})
        assert revisions == list(range(1, len(revisions) + 1))
        for revision in revisions:
            of_revision = [part for part in parts if part["revision"] == revision]
            numbers = [part["part"] for part in of_revision]
            assert numbers == list(range(1, of_revision[0]["parts"] + 1))
            assert {part["final"] for part in of_revision} == {revision == revisions[-1]}
            for row in (row for part in of_revision for row in part["rows"]):
                key = (row["adOrderId"], row["lada"])
                assert seen.get(key) != row
                seen[key] = row
    for row in counts.values():
        assert row["delivered"] + row["failed"] + row["no_receipt"] == row["inserted"]
    assert max(len({part["revision"] for part in parts}) for parts in hours.values()) >= 3
    traffic = [event["data"] for event in list_events(api, Stream.LADA_TRAFFIC)]
    assert [data["hourStart"] for data in traffic if data["final"]] == list(hours)


def test_the_states_of_orders_are_reported_when_they_change(
    client: GatewayClient, sandbox: Sandbox, api: ConformanceClient, midnight: datetime
):
    put(client, total=500)
    put(client, "o-2", total=100_000, days=2)
    put(client, "o-3", total=100, starts_in=2)
    client.set_desired_state("o-3", DesiredState.PAUSED, generation=2, reason="prueba")

    sandbox.advance(midnight + DAY)
    sandbox.reject("o-2", "Texto no permitido")

    changes = defaultdict(list)
    for event in list_events(api, Stream.STATE_CHANGES):
        data = event["data"]
        changes[data["adOrderId"]].append((data["state"], data["observedGeneration"]))
    assert changes == {
        "o-1": [("ACTIVE", 1), ("COMPLETED", 1)],
        "o-2": [("ACTIVE", 1), ("REJECTED", 1)],
        "o-3": [("SCHEDULED", 1), ("PAUSED", 2)],
    }


def test_reports_are_read_in_pages(
    client: GatewayClient, sandbox: Sandbox, api: ConformanceClient, midnight: datetime
):
    put(client, total=8_000)
    sandbox.advance(midnight + 2 * HOUR)

    whole = list_events(api, Stream.ORDER_PROGRESS)
    assert [event["sequence"] for event in whole] == list(range(1, len(whole) + 1))
    assert len(whole) > 7
    assert list_events(api, Stream.ORDER_PROGRESS, per_page=3) == whole
    page = list_page(api, "stream=order-progress&sequence.gt=4&perPage=2").json()
    assert page == {"items": whole[4:6], "lastSequence": len(whole)}


def test_reports_are_kept_for_seven_days(
    client: GatewayClient, sandbox: Sandbox, api: ConformanceClient, midnight: datetime
):
    sandbox.set_traffic(on=False)
    put(client)
    [event] = list_events(api, Stream.STATE_CHANGES)

    sandbox.advance(midnight + 7 * DAY)
    assert list_events(api, Stream.STATE_CHANGES)[0] == event

    sandbox.advance(midnight + 7 * DAY + HOUR)
    later = list_events(api, Stream.STATE_CHANGES)
    assert [change["data"]["state"] for change in later] == ["EXPIRED"]
    assert later[0]["sequence"] == 2


@pytest.mark.parametrize(
    ("query", "scope", "status", "code"),
    [
        ("", Scope.READ_REPORTS, 400, "INVALID_ARGUMENT"),
        ("stream=heartbeat", Scope.READ_REPORTS, 400, "INVALID_ARGUMENT"),
        ("stream=order-progress&perPage=201", Scope.READ_REPORTS, 400, "OUT_OF_RANGE"),
        ("stream=order-progress&sequence.gt=-1", Scope.READ_REPORTS, 400, "OUT_OF_RANGE"),
        ("stream=order-progress&sequence.gt=x", Scope.READ_REPORTS, 400, "INVALID_ARGUMENT"),
        ("stream=order-progress", Scope.READ_ORDERS, 403, "PERMISSION_DENIED"),
    ],
)
def test_a_wrong_request_for_reports_is_refused(
    api: ConformanceClient, query: str, scope: Scope, status: int, code: str
):
    response = list_page(api, query, scope)

    assert (response.status_code, response.json()["code"]) == (status, code)


# State


def test_sigkill_during_an_advance_loses_and_doubles_nothing(
    own_sandbox: Sandbox, own_api: ConformanceClient
):
    """It ends in the same counts, traffic and reports as a run that is not interrupted.

    Where the machine is busy, the advance may be over before it is killed.
    """

    def begin() -> datetime:
        midnight = set_to_midnight(own_sandbox)
        own_sandbox.set_traffic(PER_DAY)
        with own_sandbox.client() as client:
            put(client, total=20_000)
        return midnight

    def finish() -> tuple[dict, dict]:
        own_sandbox.advance(midnight + DAY)
        own_api.forget_tokens()
        counts, _hours = apply_hours(list_events(own_api, Stream.HOURLY_COUNTS))
        assert counts == ledger_hours(own_sandbox)
        total = sum(row["inserted"] for row in counts.values())
        assert total == inserted(own_sandbox) == own_sandbox.insertions()[0]["inserted"]
        return counts, traffic_rows(list_events(own_api, Stream.LADA_TRAFFIC))

    midnight = begin()
    for hours in (8, 12):
        own_sandbox.begin_advance(midnight + 20 * HOUR)
        target = midnight + hours * HOUR
        wait_until(
            lambda: datetime.fromisoformat(own_sandbox.advance_status()["now"]) >= target,  # noqa: B023
            timeout=60,
        )
        own_sandbox.kill()
        own_sandbox.start()
        assert target <= own_sandbox.now() <= midnight + 21 * HOUR
    interrupted = finish()

    own_sandbox.reset()
    begin()
    assert interrupted == finish()


def test_an_order_that_is_put_again_after_a_loss_goes_on_from_its_counts(
    client: GatewayClient, sandbox: Sandbox, api: ConformanceClient, midnight: datetime
):
    put(client, total=2_000)
    sandbox.advance(midnight + 12 * HOUR)
    before = inserted(sandbox)
    [source] = {event["source"] for event in list_events(api, Stream.HOURLY_COUNTS)}

    sandbox.lose_state()
    api.forget_tokens()
    with pytest.raises(errors.NotFound):
        client.get_ad_order("o-1")
    put(client, total=2_000)

    assert client.get_ad_order("o-1").status.inserted == before > 0
    sandbox.advance(midnight + DAY)
    assert inserted(sandbox) == 2_000
    assert {event["source"] for event in list_events(api, Stream.HOURLY_COUNTS)} == {source}


def test_a_gateway_that_lost_its_counts_is_a_new_source(
    client: GatewayClient, sandbox: Sandbox, api: ConformanceClient
):
    put(client)
    [first] = list_events(api, Stream.STATE_CHANGES)

    sandbox.reset()
    api.forget_tokens()
    put(client)

    [second] = list_events(api, Stream.STATE_CHANGES)
    assert second["sequence"] == first["sequence"] == 1
    assert second["source"] != first["source"]


def test_the_same_seed_makes_the_same_insertions(client: GatewayClient, sandbox: Sandbox):
    def run(seed: int) -> dict:
        sandbox.reset()
        midnight = set_to_midnight(sandbox)
        sandbox.set_traffic(PER_DAY, seed=seed)
        put(client, total=8_000)
        sandbox.advance(midnight + 4 * HOUR)
        return ledger_hours(sandbox)

    first, same, other = run(1), run(1), run(2)

    assert first == same != other


# The clock


def test_traffic_follows_a_clock_that_runs_faster(client: GatewayClient, sandbox: Sandbox):
    noon = set_to_midnight(sandbox) + 12 * HOUR
    sandbox.set_clock(seconds=(noon - datetime.now(UTC)).total_seconds())
    put(client, total=8_000)
    sandbox.set_traffic(PER_DAY)
    assert sandbox.counts() == []

    sandbox.set_speed(600)
    wait_until(lambda: inserted(sandbox) > 10, timeout=30)
    sandbox.set_traffic(on=False)
    sandbox.set_speed(0)
    stopped = sandbox.now()

    assert noon < stopped < noon + 10 * HOUR
    assert sandbox.now() == stopped
    assert sandbox.counts() == sandbox.counts()


def test_a_fast_clock_does_not_go_back_at_a_restart(own_sandbox: Sandbox):
    own_sandbox.stop()
    own_sandbox.start(options=(*Sandbox.NO_RATE_LIMIT, "--speed", "3600"))
    wait_until(lambda: own_sandbox.now() > datetime.now(UTC) + HOUR, timeout=30)
    before = own_sandbox.now()

    own_sandbox.kill()
    own_sandbox.start()

    assert own_sandbox.now() > before
    own_sandbox.reset()
    assert own_sandbox.now() < before
    assert own_sandbox.control_request("GET", "/clock")["speed"] == 3_600


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/advance", {"to": "mañana"}),
        ("/advance", {"to": "2026-12-01T00:00:00"}),
        ("/advance", {"to": "2020-12-01T00:00:00Z"}),
        ("/advance", {}),
        ("/traffic", {"per_day": -1}),
        ("/traffic", {"on": 1}),
        ("/traffic", {"seed": "x"}),
        ("/clock", {"speed": -1}),
        ("/clock", {}),
        ("/faults", {"kind": "hole"}),
    ],
)
def test_a_wrong_request_to_the_control_port_changes_nothing(
    sandbox: Sandbox, path: str, body: dict
):
    sandbox.set_clock(days=1)
    before = [sandbox.control_request("GET", name) for name in ("/advance", "/faults")]

    with pytest.raises(AssertionError, match="INVALID_ARGUMENT"):
        sandbox.control_request("POST", path, body)

    after = [sandbox.control_request("GET", name) for name in ("/advance", "/faults")]
    before[0].pop("now"), after[0].pop("now")
    assert after == before
    assert sandbox.control_request("GET", "/clock")["speed"] == 1.0
