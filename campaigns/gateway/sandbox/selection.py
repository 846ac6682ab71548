"""The choice of an ad for each notification, by High Water Mark. Numbers in, numbers out.

Each order first gets its own share of the groups of LADAs that its goal is split by. What is then
left to an order takes free supply. Chen et al., "Ad Serving Using a Compact Allocation Plan" (arXiv
1203.3593): orders take shares one after another, each the same share of every LADA, as far as it is
free there. The shares are the whole plan; no count of a single notification is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from campaigns.gateway.sandbox.traffic import Counts, Reals


@dataclass(frozen=True, slots=True)
class Demand:
    """Insertions that an order wants in an interval, in LADAs given by their places.

    `groups` has the group of each LADA, and `wanted_by_group` what is wanted there. LADAs of no
    group are together one where nothing is wanted. The sum may be less than `wanted`.
    """

    ladas: NDArray[np.intp]
    wanted: float
    groups: NDArray[np.intp]
    wanted_by_group: Reals


def shares(supply: Reals, demands: Sequence[Demand]) -> Reals:
    """Return the share (O, L) of each LADA's notifications that each order gets.

    `supply` is (L,) expected notifications. Where groups ask for more than a LADA has, all get
    less in proportion. What orders want besides is served in their order. The shares of a LADA
    add up to at most 1.
    """
    result = np.zeros((len(demands), len(supply)))
    for row, demand in zip(result, demands, strict=True):
        row[demand.ladas] = _group_shares(supply[demand.ladas], demand)
    result /= np.maximum(result.sum(axis=0), 1.0)
    free = np.maximum(1.0 - result.sum(axis=0), 0.0)
    for row, demand in zip(result, demands, strict=True):
        rest, here = free[demand.ladas], supply[demand.ladas]
        wanted = demand.wanted - float(here @ row[demand.ladas])
        taken = np.minimum(rest, water_mark(here, rest, wanted))
        row[demand.ladas] += taken
        free[demand.ladas] = rest - taken
    return result


def _group_shares(supply: Reals, demand: Demand) -> Reals:
    """Return the share of each of an order's LADAs that its groups want, the same in a group."""
    if not demand.wanted_by_group.any():
        return np.zeros(len(supply))
    wanted = demand.wanted_by_group
    by_group = np.bincount(demand.groups, weights=supply, minlength=len(wanted))
    level = np.divide(wanted, by_group, out=np.zeros(len(wanted)), where=by_group > 0)
    return np.minimum(level, 1.0)[demand.groups]


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
