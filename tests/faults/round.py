"""A round: some sequences and troubles, then quiet, after which nothing may be violated."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from random import Random

from django.db import transaction
from django.utils import timezone

from campaigns import channel, outbox
from campaigns.errors import ChannelUnchanged
from campaigns.models import AdOrder
from core.wake import wake
from inventory import capacity
from portal.accounts.models import User
from tests.faults import collect, sequences, trouble
from tests.faults.actors import REASON, Actors
from tests.faults.invariants import violations
from tests.faults.world import PROGRAMS, World

BEFORE = timedelta(days=4)  # the gateway's first day: some hours become final in a round
DAYS_ON_SALE = 18
PER_DAY = 60_000  # notifications
REPORTED = timedelta(minutes=10)  # after an hour: all of it has been reported
TROUBLE = 0.55  # of the turns
BY_STAFF = 0.04  # of the turns: the channel is switched, orders are compared
QUIET = 240  # seconds in which all work must be done once faults are off
TASKS = (
    *("send_urgent", "send_due", "send_channel_state", "follow_plan", "reconcile_all"),
    *("apply_reports", "pull_reports", "advance_due"),
)


@dataclass
class Result:
    """What happened in a round, and what was violated after it."""

    seed: int
    sequences: int
    steps: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)  # that came
    missed: Counter[str] = field(default_factory=Counter)  # whose moment did not come
    killed: Counter[str] = field(default_factory=Counter)
    inserted: int = 0
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0


def play(
    folder: Path,
    *,
    seed: int,
    count: int,
    owns_server: bool = False,
    report: Callable[[str], None] = lambda text: None,
) -> Result:
    """Play the sequences of a seed and those that follow it, on an empty database."""
    began = time.monotonic()
    with World(folder, owns_server=owns_server) as world:
        result = Round(world, seed, count, report).play()
        result.killed = world.killed
    result.seconds = time.monotonic() - began
    return result


class Round:
    """The state of one round."""

    def __init__(self, world: World, seed: int, count: int, report: Callable[[str], None]) -> None:
        zone = timezone.get_default_timezone()
        self._world, self._report = world, report
        self._random = Random(seed)
        self._deck: list[trouble.Trouble] = []
        self._result = Result(seed, count)
        first = timezone.localdate() - BEFORE
        self._start = datetime.combine(first, clock_time(6), zone)
        hour = (timezone.now() - REPORTED).replace(minute=0, second=0, microsecond=0)
        self._end = hour
        self._staff = User.objects.create_superuser("fallas@telefonica.mx")
        capacity.open_days(DAYS_ON_SALE, first=first)
        self._actors = [
            Actors(sequences.draw(seed + number), world, first, self._staff)
            for number in range(count)
        ]

    def play(self) -> Result:
        self._world.stand_at(self._start)
        self._world.sandbox.set_traffic(PER_DAY, seed=self._result.seed)
        turns = sum(len(actors.sequence.steps) for actors in self._actors)
        slice_ = (self._end - self._start) / max(turns, 1)
        turn = 0
        while waiting := [actors for actors in self._actors if not actors.are_done]:
            turn += 1
            self._turn(self._random.choice(waiting), min(self._start + turn * slice_, self._end))
            if turn % 20 == 0:
                self._report(f"{turn:>5} turns, {len(waiting)} sequences, {self._world.moment}")
        self._kill_the_rest()
        self._calm_down()
        record = collect.record(self._world.sandbox, lost_orders=self._world.lost_orders)
        self._result.inserted = sum(counts.inserted for counts in record.their_totals.values())
        self._result.violations = violations(record)
        return self._result

    def _turn(self, actors: Actors, until: datetime) -> None:
        """Make a step, let the gateway go on until a moment, and let something go wrong."""
        self._world.revive(now=False)
        card = self._draw()
        if card:
            card.prepare(self._world)
        step = actors.act()
        self._result.steps[step] += 1
        if step == "too early":
            time.sleep(0.2)
        if self._random.random() < BY_STAFF:
            self._switch_channel()
        if self._random.random() < BY_STAFF:
            wake("campaigns.tasks.reconcile")
        self._world.advance(until)
        if card:
            came = card.play(self._world)
            (self._result.troubles if came else self._result.missed)[card.name] += 1

    def _draw(self) -> trouble.Trouble | None:
        """Return the next trouble of the deck, or none in some turns."""
        if self._random.random() > TROUBLE:
            return None
        self._deck = self._deck or trouble.deck(self._random)
        return self._deck.pop()

    def _switch_channel(self) -> None:
        try:
            channel.stop(reason=REASON, by=self._staff)
        except ChannelUnchanged:
            channel.start(reason=REASON, by=self._staff)

    def _kill_the_rest(self) -> None:
        """Kill the processes that no trouble has killed: a round may end before their turn."""
        self._world.revive()
        for program in (*PROGRAMS, "web", "sandbox"):
            if program not in self._world.killed:
                self._world.kill(program)

    def _calm_down(self) -> None:
        """End all faults, let the gateway reach the present, and wait until all work is done."""
        world = self._world
        world.revive()
        world.sandbox.clear_faults()
        with suppress(ChannelUnchanged):
            channel.start(reason=REASON, by=self._staff)
        self._advance(self._end)
        world.sandbox.set_traffic(on=False)
        self._advance(self._end + REPORTED)
        deadline = time.monotonic() + QUIET
        while list(collect.work_left(world.sandbox)) and time.monotonic() < deadline:
            for order in AdOrder.objects.troubled().filter(refused_generation__isnull=False):
                outbox.resend(order.pk)  # as staff do once the cause is removed
            world.sandbox.heartbeat()
            with transaction.atomic():
                for task in TASKS:
                    wake(f"campaigns.tasks.{task}")
            time.sleep(1)

    def _advance(self, to: datetime) -> None:
        while not self._world.advance(to) and self._world.moment < to:
            time.sleep(0.1)
        while self._world.sandbox.advance_status()["running"]:
            time.sleep(0.1)
