"""Measuring on a noisy machine: in turns with a reference, several times."""

import math
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

TURN = 0.2  # seconds at least: shorter ones measure the noise

Measure = Callable[[], float]


def medians(rounds: int, measure: Measure, reference: Measure) -> tuple[float, float]:
    """Measure A B A B… and return the median of each.

    One turn of each before is not counted: it fills caches and imports code.
    """
    measure()
    reference()
    pairs = [(measure(), reference()) for _ in range(rounds)]
    return median(own for own, _ in pairs), median(other for _, other in pairs)


def rate(count: int, work: Callable[[], object]) -> float:
    """Return the rate per second of `work`, which does `count` things at a time."""
    times = 0
    began = perf_counter()
    while (passed := perf_counter() - began) < TURN:
        work()
        times += 1
    return times * count / passed


def seconds(work: Callable[[], object]) -> float:
    """Return the mean duration of one call over a turn."""
    return 1 / rate(1, work)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile: the least value that `percent` of them do not exceed."""
    ranked = sorted(values)
    return ranked[max(math.ceil(len(ranked) * percent / 100), 1) - 1]
