"""What happens to one campaign, drawn by a seed. Pure: nothing here touches a database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

LADAS = ("222", "33", "442", "55", "664", "81", "998")
MAX_STEPS = 9  # after the approval

# From each state of an approved campaign: the steps, their frequency, and the state they lead to.
# Those that begin with `both_` are made by two people at once.
WALK: Mapping[str, Mapping[str, tuple[int, str]]] = {
    "running": {
        "pause": (5, "paused"),
        "staff_pause": (2, "paused by staff"),
        "both_pause": (2, "paused by staff"),
        "move_goals": (5, "running"),
        "resend": (2, "running"),
        "cancel": (2, "over"),
        "staff_cancel": (1, "over"),
        "both_cancel": (1, "over"),
    },
    "paused": {
        "resume": (6, "running"),
        "staff_resume": (2, "running"),
        "both_resume": (2, "running"),
        "staff_pause": (1, "paused by staff"),
        "move_goals": (1, "paused"),
        "cancel": (1, "over"),
        "both_cancel": (1, "over"),
    },
    "paused by staff": {
        "staff_resume": (6, "running"),
        "resend": (1, "paused by staff"),
        "cancel": (1, "over"),
        "staff_cancel": (1, "over"),
    },
    "over": {},
}


@dataclass(frozen=True)
class Sequence:
    """The terms of a campaign and its steps.

    One on air has its days where the gateway's clock is, so that its ad is inserted between the
    steps; it is made at once. Of another, whose days are to come, each step is one of its own.
    `starts` counts days from the first that is possible.
    """

    seed: int
    is_on_air: bool
    starts: int
    days: int
    ladas: tuple[str, ...]
    volume: int
    corrections: int  # times that a reviewer asks for another text
    steps: tuple[str, ...]


def draw(seed: int) -> Sequence:
    """Return the sequence of a seed: two of three are on air."""
    random = Random(seed)
    is_on_air = random.random() < 2 / 3
    corrections = random.choice([0, 0, 1, 2])
    begin = ["make"] if is_on_air else list(_begin(random, corrections))
    return Sequence(
        seed=seed,
        is_on_air=is_on_air,
        starts=random.randint(0, 2),
        days=random.randint(5, 7),
        ladas=tuple(sorted(random.sample(LADAS, random.randint(1, 3)))),
        volume=random.randint(100, 4_000),
        corrections=corrections,
        steps=(*begin, *_walk(random)),
    )


def _begin(random: Random, corrections: int) -> Iterator[str]:
    """Yield the steps up to the approval."""
    yield "draft"
    if random.random() < 0.5:
        yield "edit"
    yield "submit"
    for _number in range(corrections):
        yield "request_changes"
        yield "edit"
        yield "submit"
    yield "approve"


def _walk(random: Random) -> Iterator[str]:
    """Yield the steps of an approved campaign."""
    state = "running"
    for _number in range(random.randint(1, MAX_STEPS)):
        steps = WALK[state]
        if not steps:
            return
        [step] = random.choices(list(steps), [weight for weight, _state in steps.values()])
        state = steps[step][1]
        yield step
