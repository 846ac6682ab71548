"""Sets of LADAs that are often chosen whole, such as states: they keep networks small.

Pure: arrays in, arrays out. A choice of LADAs is reached through doors: as few
groups as cover it, and the LADAs themselves where no group lies inside the
choice. Answers never depend on the groups, only the time they take.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from inventory.planning.flow import Flags

Rows = NDArray[np.intp]

REMEMBERED = 10_000  # choices whose doors are kept


class Groups:
    """The groups over L LADAs, the largest first; each leads to smaller ones and to LADAs.

    Beside those given there are all LADAs together, and the atoms: LADAs that the given
    groups do not tell apart. So a choice of states, or of all but some states, is a
    union of groups even where a LADA belongs to two states.
    """

    def __init__(self, ladas: int, given: Iterable[Rows] = ()) -> None:
        sets = [np.arange(ladas), *given]
        member = np.zeros((len(sets), ladas), dtype=bool)
        for number, rows in enumerate(sets):
            member[number, rows] = True
        atom = np.unique(member, axis=1, return_inverse=True)[1].ravel()
        member = np.concatenate([member, np.arange(atom.max(initial=-1) + 1)[:, None] == atom])
        member = np.unique(member[member.sum(axis=1) > 1], axis=0)
        sizes = member.sum(axis=1)
        self.member: Flags = member[np.argsort(-sizes, kind="stable")]  # (G, L)
        self._weights = self.member.astype(np.float32)
        self._sizes = self.member.sum(axis=1)
        # Where each group leads on to, (G, L): a smaller group, or -1 for the LADA itself.
        self.inner = np.array(
            [self._cover(row, number + 1) for number, row in enumerate(self.member)]
        ).reshape(self.member.shape)
        # Which LADAs a group leads to itself, (G, L).
        self.leaf: Flags = self.member & (self.inner < 0)
        # A number for each pair of a group and a LADA in it, (G, L); -1 for no pair.
        self.pair = np.full(self.member.shape, -1)
        self.pair[self.member] = np.arange(self.member.sum())
        # The atom that each LADA is in, (L,), which is the smallest group; -1 where it is alone.
        places, rows = np.nonzero(self.member)
        self.home = np.full(ladas, -1)
        self.home[rows] = places  # the smallest comes last
        self.home[np.bincount(atom, minlength=1)[atom] == 1] = -1
        self.pairs = int(self.member.sum())
        self._doors: dict[bytes, Rows] = {}

    def __len__(self) -> int:
        return len(self.member)

    def doors(self, ladas: Rows) -> Rows:
        """Give the door (K,) by which each LADA of a choice is reached: a group, or -1 for none."""
        key = ladas.tobytes()
        if key not in self._doors:
            if len(self._doors) >= REMEMBERED:
                self._doors.clear()
            chosen = np.zeros(self.member.shape[1], dtype=bool)
            chosen[ladas] = True
            self._doors[key] = self._cover(chosen, 0)[ladas]
        return self._doors[key]

    def _cover(self, chosen: Flags, since: int) -> Rows:
        """Cover a choice (L,) by groups, from number `since` on, that lie inside it."""
        inside = self._weights[since:] @ chosen.astype(np.float32) == self._sizes[since:]
        door = np.full(len(chosen), -1)
        open_ = chosen.copy()
        for group in np.flatnonzero(inside) + since:
            if not open_.any():
                break
            door[open_ & self.member[group]] = group
            open_ &= ~self.member[group]
        return door
