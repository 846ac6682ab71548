"""The traffic of the simulated channel: how many notifications, where and when.

The weekday curve is that of `inventory.capacity`, so that what is sold can be delivered. The
curve of the day is an assumption. A holiday has the traffic of a quiet day.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Reals = NDArray[np.float64]

WEEKDAY_CURVE = (1040, 1030, 1030, 1040, 1090, 960, 810)
"""Monday first, in thousandths of a mean day."""
HOUR_CURVE = (
    *(9, 5, 4, 3, 4, 8, 18, 34, 48, 57, 62, 64),
    *(64, 63, 61, 60, 61, 64, 67, 66, 60, 51, 42, 25),
)
"""By hour of the channel day, in thousandths of the day."""
HOLIDAY_SHARE = 0.95
CONSENT_SHARE = 0.01
"""Of all notifications, those to people who did not agree to ads."""
DAY_SECONDS = 86_400

_CUMULATIVE = np.concatenate([[0.0], np.cumsum(HOUR_CURVE)]) / sum(HOUR_CURVE)
_HOUR_STARTS = np.arange(25) * 3_600.0


class CatalogueError(Exception):
    """The catalogue of LADAs cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The LADAs in ascending order, and the share of the traffic of each (L,)."""

    codes: tuple[str, ...]
    shares: Reals


@dataclass(frozen=True, slots=True)
class TrafficSettings:
    """Eligible notifications on a mean day, the seed of all draws, and whether there are any."""

    per_day: int
    seed: int
    on: bool


def read_catalogue(path: Path) -> Catalogue:
    """Read a CSV with `lada` and, for unequal shares, `peso_ppm`. Raise CatalogueError."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = sorted((row["lada"], row.get("peso_ppm") or "1") for row in csv.DictReader(file))
        codes = tuple(lada for lada, _weight in rows)
        weights = np.array([float(weight) for _lada, weight in rows])
    except (OSError, KeyError, ValueError) as error:
        raise CatalogueError(f"cannot read the LADAs of {path}: {error}") from error
    if not codes:
        raise CatalogueError(f"there are no LADAs in {path}")
    return Catalogue(codes, weights / weights.sum())


def day_share(second: float) -> float:
    """Return the share of a day's traffic in its first seconds (0 to 86,400), from 0 to 1."""
    return float(np.interp(second, _HOUR_STARTS, _CUMULATIVE))


def day_factor(day: date) -> float:
    """Return the traffic of a day as a multiple of that of a mean day."""
    factor = WEEKDAY_CURVE[day.weekday()] / 1000
    return factor * HOLIDAY_SHARE if day in holidays(day.year) else factor


def holidays(year: int) -> frozenset[date]:
    """Return the days of rest of Mexico's labour law, without those of elections."""
    fixed = [date(year, month, day) for month, day in ((1, 1), (5, 1), (9, 16), (12, 25))]
    mondays = [_monday(year, 2, 1), _monday(year, 3, 3), _monday(year, 11, 3)]
    handover = [date(year, 10, 1)] if (year - 2024) % 6 == 0 else []
    return frozenset(fixed + mondays + handover)


def arrivals(rng: np.random.Generator, expected: Reals) -> tuple[Counts, Counts]:
    """Draw notifications of each LADA; return all, and those without consent.

    `expected` is (L,) eligible notifications.
    """
    notifications = rng.poisson(expected / (1.0 - CONSENT_SHARE))
    return notifications, rng.binomial(notifications, CONSENT_SHARE)


def generator(seed: int, *keys: int) -> np.random.Generator:
    """Return the generator of one draw, which depends on nothing but the seed and its keys."""
    return np.random.default_rng([seed, *keys])


def indices(catalogue: Catalogue, ladas: Sequence[str]) -> NDArray[np.intp]:
    """Return the places of some LADAs in the catalogue; unknown ones are left out."""
    row = {code: number for number, code in enumerate(catalogue.codes)}
    return np.array(sorted(row[lada] for lada in ladas if lada in row), dtype=np.intp)


def _monday(year: int, month: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=-first.weekday() % 7 + 7 * (number - 1))
