"""What goes wrong during a round: every fault of the gateway, and every process killed.

The deck has each of them once, in the order of a seed. A kill at a moment waits for a state that
shows from outside: a lease that is taken, an event that is stored and not applied.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from random import Random
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from campaigns.gateway.sandbox.faults import EVENT_ONLY, NAMED_ONLY, OPERATIONS, FaultKind
from campaigns.models import AdOrder, InboxEvent, MarkedDay
from core.advisory_locks import Key
from core.wake import wake
from tests.faults.world import PROGRAMS, World

EVENTS = "events"
OPTIONS: Mapping[FaultKind, Mapping[str, Any]] = {
    FaultKind.LATENCY: {"milliseconds": 900},
    FaultKind.CLOCK_SKEW: {"milliseconds": 400_000},
    FaultKind.REORDER_EVENTS: {"milliseconds": 700},
}
STATUSES = (403, 409, 500, 503)
OF_EVENTS = (
    *EVENT_ONLY,
    FaultKind.LATENCY,
    FaultKind.DROP_BEFORE_COMMIT,
    FaultKind.DROP_AFTER_COMMIT,
    FaultKind.CONNECTION_RESET,
)
_HOLDER = """
    SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objid = %s
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Trouble(NamedTuple):
    """`play` returns False if the moment that it waits for has not come.

    `faults` of the gateway are switched on before the step, so that the moment lasts longer.
    """

    name: str
    play: Callable[[World], bool]
    faults: tuple[Mapping[str, Any], ...] = ()

    def prepare(self, world: World) -> None:
        if "sandbox" in world.up:
            for fault in self.faults:
                world.sandbox.inject_fault(**fault)


def deck(random: Random) -> list[Trouble]:
    """Return every trouble once, shuffled."""
    cards = [*_request_faults(random), *_event_faults(random), *_kills(), *_kills_at_moments()]
    cards += [Trouble("loss of orders", _lose_orders)]
    cards += [Trouble("database", _end_database)] * 2 + [Trouble("redis", _flush_redis)] * 2
    random.shuffle(cards)
    return cards


def _request_faults(random: Random) -> Iterator[Trouble]:
    for operation in OPERATIONS:
        if operation == EVENTS:
            continue
        for kind in FaultKind:
            if kind in EVENT_ONLY or (kind is FaultKind.EXPIRE_TOKENS and operation in NAMED_ONLY):
                continue
            options = dict(OPTIONS.get(kind, {}))
            if kind is FaultKind.STATUS:
                options["status"] = random.choice(STATUSES)
            yield _fault(kind, operation, times=random.randint(1, 3), **options)


def _event_faults(random: Random) -> Iterator[Trouble]:
    for kind in OF_EVENTS:
        yield _fault(kind, EVENTS, times=random.randint(2, 6), **OPTIONS.get(kind, {}))


def _fault(kind: FaultKind, operation: str, **options: Any) -> Trouble:
    def inject(world: World) -> bool:
        if "sandbox" not in world.up:
            return False
        world.sandbox.inject_fault(kind.value, operation=operation, **options)
        return True

    return Trouble(f"{kind.value} of {operation}", inject)


def _kills() -> Iterator[Trouble]:
    for program in (*PROGRAMS, "web", "sandbox"):
        yield Trouble(f"kill {program}", partial(_kill_at, program, lambda world: True))


def _kills_at_moments() -> Iterator[Trouble]:
    for name, (moment, faults) in MOMENTS.items():
        for program in ("worker", "second-worker"):
            play = partial(_kill_at, program, moment)
            yield Trouble(f"kill {program} while {name}", play, faults)
    for program in ("web", "sandbox"):
        play = partial(_kill_at, program, _is_pushing)
        yield Trouble(f"kill {program} while events are pushed", play, (SLOW_EVENTS,))
    play = partial(_kill_at, "sandbox", _is_inserting)
    yield Trouble("kill sandbox while it inserts", play)
    play = partial(_stall_at, "worker", _is_sending)
    yield Trouble("stall worker while an order is sent", play, (SLOW_PUT,))


def _kill_at(program: str, moment: Callable[[World], bool], world: World) -> bool:
    if not {program, "sandbox"} <= world.up:
        return False
    return world.when(partial(moment, world), partial(world.kill, program))


def _stall_at(program: str, moment: Callable[[World], bool], world: World) -> bool:
    if program not in world.up:
        return False
    return world.when(partial(moment, world), partial(world.stall, program))


def _lose_orders(world: World) -> bool:
    return world.lose_orders()


def _end_database(world: World) -> bool:
    world.end_database()
    return True


def _flush_redis(world: World) -> bool:
    world.flush_redis()
    return True


def _is_sending(world: World) -> bool:
    return AdOrder.objects.pending().filter(lease_until__gt=timezone.now()).exists()


def _is_taken(world: World) -> bool:
    """Return whether the gateway has a generation of which the portal does not know that."""
    confirmed = dict(AdOrder.objects.values_list("pk", "acknowledged_generation"))
    there = {row["order_id"]: row["generation"] for row in world.sandbox.ledger()}
    return any(there.get(str(order), 0) > generation for order, generation in confirmed.items())


def _holds(key: Key, world: World) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_HOLDER, [int(key)])
        return cursor.fetchone() is not None


def _is_pulling(world: World) -> bool:
    wake("campaigns.tasks.pull_reports")
    return _holds(Key.REPORT_PULLS, world)


def _is_pushing(world: World) -> bool:
    return bool(world.sandbox.events()["pending"])


def _is_inserting(world: World) -> bool:
    return bool(world.sandbox.advance_status()["running"])


SLOW_PUT = {"kind": "latency", "operation": "putAdOrder", "milliseconds": 700, "times": 1}
NO_ANSWER = {"kind": "drop_after_commit", "operation": "putAdOrder", "times": 1}
SLOW_EVENTS = {"kind": "latency", "operation": EVENTS, "milliseconds": 400, "times": 4}
LOST_EVENT = {"kind": "lose_event", "operation": EVENTS, "times": 1}
MOMENTS: Mapping[str, tuple[Callable[[World], bool], tuple[Mapping[str, Any], ...]]] = {
    "an order is sent": (_is_sending, (SLOW_PUT,)),
    "the gateway has taken an order": (_is_taken, (NO_ANSWER,)),
    "events are stored and not applied": (lambda world: InboxEvent.objects.due().exists(), ()),
    "events are applied and not marked": (partial(_holds, Key.REPORTS), ()),
    "days are not summed": (lambda world: MarkedDay.objects.exists(), ()),
    "missing events are asked for": (_is_pulling, (LOST_EVENT,)),
}
