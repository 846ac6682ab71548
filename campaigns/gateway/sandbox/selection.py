"""The choice of an ad for each notification, by High Water Mark. Numbers in, numbers out.

Chen et al., "Ad Serving Using a Compact Allocation Plan" (arXiv 1203.3593): orders take shares
of the supply one after another, each the same share of every LADA, as far as it is free there.
The shares are the whole plan; no count of a single notification is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from campaigns.gateway.sandbox.traffic import Counts, Reals


@dataclass(frozen=True, slots=True)
class Demand:
    """Insertions that an order wants in an interval, in LADAs given by their places."""

    ladas: NDArray[np.intp]
    wanted: float


def shares(supply: Reals, demands: Sequence[Demand]) -> Reals:
    """Return the share (O, L) of each LADA's notifications that each order gets.

    `supply` is (L,) expected notifications. Demands are served in their order; the shares of a
    LADA add up to at most 1.
    """
    free = np.ones(len(supply))
    result = np.zeros((len(demands), len(supply)))
    for row, demand in zip(result, demands, strict=True):
        rest = free[demand.ladas]
        taken = np.minimum(rest, water_mark(supply[demand.ladas], rest, demand.wanted))
        row[demand.ladas] = taken
        free[demand.ladas] = rest - taken
    return result


def water_mark(supply: Reals, rest: Reals, wanted: float) -> float:
    """Return α for which Σ supply·min(rest, α) is what is wanted, or 1 if there is not enough."""
    if wanted <= 0:
        return 0.0
    if supply @ rest <= wanted:
        return 1.0
    ascending = np.argsort(rest)
    rest, supply = rest[ascending], supply[ascending]
    fully_used = np.cumsum(supply * rest) - supply * rest
    partly_used = np.cumsum(supply[::-1])[::-1]
    place = int(np.searchsorted(fully_used + partly_used * rest, wanted))
    return float((wanted - fully_used[place]) / partly_used[place])


def pick(rng: np.random.Generator, plan: Reals, eligible: Counts) -> Counts:
    """Choose an order or none for each notification; return the insertions (O, L).

    `plan` is (O, L) shares and `eligible` is (L,). Each notification draws one number, which is
    searched in the cumulative shares of its LADA; beyond them there is no ad.
    """
    orders, ladas = plan.shape
    if not orders:
        return np.zeros((0, ladas), dtype=np.int64)
    offsets = np.arange(ladas)
    limits = np.minimum(np.cumsum(plan, axis=0), 1.0).T + offsets[:, None]
    lada = np.repeat(offsets, eligible)
    drawn = rng.random(len(lada)) + lada
    order = np.minimum(np.searchsorted(limits.ravel(), drawn, side="right") - lada * orders, orders)
    counts = np.bincount(order * ladas + lada, minlength=(orders + 1) * ladas)
    return counts.reshape(orders + 1, ladas)[:orders]


def limit(rng: np.random.Generator, picks: Counts, most: Counts) -> Counts:
    """Keep of each order's insertions (O, L) at most `most` (O,), any of them alike.

    What is not kept goes out without an ad.
    """
    kept = picks.copy()
    for order in np.flatnonzero(picks.sum(axis=1) > most):
        kept[order] = rng.multivariate_hypergeometric(picks[order], max(int(most[order]), 0))
    return kept
