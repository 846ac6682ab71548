"""Groups of LADAs that are often chosen together, such as states: they keep networks small.

A set of LADAs is covered by as few groups as fit inside it, and by single LADAs where no
group does. Groups never change a result, only the time that it takes.
"""

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inventory.planning.flow import Flags

Indices = NDArray[np.intp]

MAX_CACHED_COVERS = 10_000


class Groups:
    """G groups over L LADAs, the largest first; each contains smaller groups and LADAs.

    The given sets are joined by the set of all LADAs and by the atoms: maximal sets of
    LADAs that belong to the same given sets. So states, or all but some states, are a
    union of groups even where a LADA belongs to two states.
    """

    def __init__(self, ladas: int, given: Iterable[Indices] = ()) -> None:
        """Build the groups over LADAs 0…ladas-1 from sets of row indices."""
        sets = [np.arange(ladas), *given]
        member = np.zeros((len(sets), ladas), dtype=bool)
        for number, rows in enumerate(sets):
            member[number, rows] = True
        atom = np.unique(member, axis=1, return_inverse=True)[1].ravel()
        member = np.concatenate([member, np.arange(atom.max(initial=-1) + 1)[:, None] == atom])
        member = np.unique(member[member.sum(axis=1) > 1], axis=0)
        sizes = member.sum(axis=1)
        self.member: Flags = member[np.argsort(-sizes, kind="stable")]  # (G, L)
        # The next smaller group that covers each LADA of a group, (G, L); -1 for none.
        self.child = np.array(
            [self._find_cover(row, number + 1) for number, row in enumerate(self.member)]
        ).reshape(self.member.shape)
        # The LADAs of a group that no smaller group covers, (G, L).
        self.leaf: Flags = self.member & (self.child < 0)
        # An index for each pair of a group and a LADA in it, (G, L); -1 for no pair.
        self.pair = np.full(self.member.shape, -1)
        self.pair[self.member] = np.arange(self.member.sum())
        # The atom of each LADA, its smallest group, (L,); -1 where the LADA is alone in it.
        groups, rows = np.nonzero(self.member)
        self.atom = np.full(ladas, -1)
        self.atom[rows] = groups  # the smallest group is assigned last
        self.atom[np.bincount(atom, minlength=1)[atom] == 1] = -1
        self.pair_count = int(self.member.sum())
        self._covers: dict[bytes, Indices] = {}

    def __len__(self) -> int:
        return len(self.member)

    @cached_property
    def with_one_more_lada(self) -> "Groups":
        """The same groups over one more LADA, which is in none of them."""
        ladas = self.member.shape[1]
        return Groups(ladas + 1, [np.flatnonzero(row) for row in self.member])

    def cover(self, ladas: Indices) -> Indices:
        """Return the group (K,) that covers each LADA of a set, or -1 for none. Cached."""
        key = ladas.tobytes()
        if key not in self._covers:
            if len(self._covers) >= MAX_CACHED_COVERS:
                self._covers.clear()
            chosen = np.zeros(self.member.shape[1], dtype=bool)
            chosen[ladas] = True
            self._covers[key] = self._find_cover(chosen, 0)[ladas]
        return self._covers[key]

    def _find_cover(self, chosen: Flags, first_group: int) -> Indices:
        """Cover a set (L,) greedily by groups inside it, the largest first; return (L,)."""
        rows = slice(first_group, None)
        is_inside = ~(self.member[rows] & ~chosen).any(axis=1)
        cover = np.full(len(chosen), -1)
        uncovered = chosen.copy()
        for group in np.flatnonzero(is_inside) + first_group:
            if not uncovered.any():
                break
            cover[uncovered & self.member[group]] = group
            uncovered &= ~self.member[group]
        return cover
