"""Which day carries how much of each promise, so that all of them fit.

Pure: arrays in, arrays out. Whether promises fit together does not depend on
which of its LADAs a notification goes to, so LADAs that nobody tells apart on a day
are one node, and the network is small:

    source → promise → its days → groups of LADAs → LADAs → sink

It starts from the present plan. What flows against that moves a promise aside:
within a day for nothing, to another day at a price.
"""

from typing import NamedTuple

import numpy as np

from inventory.planning.book import Book
from inventory.planning.flow import Counts, Flags, Network, add_up
from inventory.planning.groups import Rows

ANY = 2**60  # more than a day can carry


class Bound(NamedTuple):
    """What keeps a promise from being larger: columns of the book, ascending."""

    full: list[int]  # nothing is free in its LADAs, and nothing there can give way
    paced: list[int]  # the promise is at its own ceiling


class _Days(NamedTuple):
    """The days of one promise that may change, and what stands for them in the network."""

    columns: range  # of the book
    used: Counts  # (M,) what is planned on each
    nodes: range  # its hub is the one after them
    edges: slice  # from each day to the hub; empty where days keep their totals


class _Lead(NamedTuple):
    """What W places send to a node a day, on M days in a row."""

    cells: Rows  # (W,) of the first day; those of the days after it follow
    node: int  # of the first day; those of the days after it follow
    flows: Counts  # (W, M)


class DayTotals:
    """The network of a book, and what a flow on it says of the promises."""

    def __init__(self, book: Book, *, between_days: bool) -> None:
        """Lay it out; without `between_days` only what is missing may change a day's total."""
        self._book = book
        self.moves_between = between_days
        ladas, self._width = book.capacity.shape
        self._source = (len(book.groups) + ladas) * self._width
        self._sink = self._source + 1
        self._edges: list[tuple[Counts, ...]] = []  # tail, head, up, down, price
        self._leads: list[_Lead] = []
        self._days = self._lay_out_days()
        self._apart = self._told_apart()
        self._add_hubs()
        self._add_groups()
        self._add_leads()
        self._add_free()
        columns = (np.concatenate(column) for column in zip(*self._edges, strict=True))
        self.network = Network(self._nodes, self._source, self._sink, *columns)

    def totals(self, flow: Counts) -> dict[int, tuple[range, Counts]]:
        """Give, of each promise whose days change, the columns and what each shall carry."""
        found = {}
        for number, days in enumerate(self._days):
            change = flow[days.edges]
            if change.any():
                found[number] = (days.columns, days.used - change)
        return found

    def missing(self, flow: Counts) -> Counts:
        """Give what of each promise (P,) finds no place."""
        return np.array(
            [
                promise.missing - int(flow[self._entry[days.nodes.stop]])
                if days.nodes.stop in self._entry
                else promise.missing
                for promise, days in zip(self._book.promises, self._days, strict=True)
            ],
            dtype=np.int64,
        )

    def bound(self, flow: Counts, number: int) -> Bound:
        """Say what binds a promise under a largest flow that leaves some of it without a place."""
        reached: Flags = self.network.reached(flow)
        days = self._days[number]
        full = [c for c, n in zip(days.columns, days.nodes, strict=True) if reached[n]]
        return Bound(full, [column for column in days.columns if column not in full])

    def _lay_out_days(self) -> list[_Days]:
        """Give every promise its nodes, the hub after its days, and its places in the edges."""
        book, node, edge, found = self._book, self._sink + 1, 0, []
        for promise in book.promises:
            columns, through = book.movable(promise), promise.through(book.groups)
            nodes = range(node, node + len(columns))
            node += len(columns) + 1
            since = columns.start - promise.first
            can_change = self.moves_between or promise.missing > 0
            edges = slice(edge, edge + len(columns) * can_change)
            edge = edges.stop
            found.append(_Days(columns, through.used[since:], nodes, edges))
            if columns:
                cells = through.places * self._width + columns.start
                self._leads.append(_Lead(cells, nodes.start, through.flows[:, since:]))
        self._nodes = node
        return found

    def _told_apart(self) -> Flags:
        """Mark the cells (L, D) with a node of their own; the others are part of their atom."""
        groups = self._book.groups
        apart = np.repeat((groups.home < 0)[:, None], self._width, axis=1)
        for promise in self._book.promises:
            places = promise.through(groups).places
            if len(ladas := places[places >= len(groups)] - len(groups)):
                apart[ladas, promise.first : promise.stop] = True
        return apart

    def _add(self, tail: Rows, head: Rows, up: Counts, down: Counts | int = 0) -> None:
        self._edges.append((tail, head, up, np.broadcast_to(down, up.shape), np.zeros_like(up)))

    def _add_hubs(self) -> None:
        """Let the days of a promise change their totals, and what is missing come in.

        They come first, so that `_Days` knows where.
        """
        pairs = list(zip(self._book.promises, self._days, strict=True))
        open_ = [(promise, days) for promise, days in pairs if days.edges.stop > days.edges.start]
        if open_:
            counts = [len(days.nodes) for _promise, days in open_]
            tail = np.concatenate([np.asarray(days.nodes) for _promise, days in open_])
            hub = np.repeat([days.nodes.stop for _promise, days in open_], counts)
            used = np.concatenate([days.used for _promise, days in open_])
            tops = np.concatenate([p.ceilings[-len(days.nodes) :] for p, days in open_])
            price = np.repeat([0 if promise.new else 1 for promise, _days in open_], counts)
            self._edges.append((tail, hub, used, np.maximum(tops - used, 0), price))
        lacking = [(promise, days) for promise, days in pairs if promise.missing and days.nodes]
        hubs = np.array([days.nodes.stop for _promise, days in lacking], dtype=np.int64)
        missing = np.array([promise.missing for promise, _days in lacking], dtype=np.int64)
        self._entry = {int(hub): self._count() + n for n, hub in enumerate(hubs)}
        self._add(np.full(len(hubs), self._source), hubs, missing)

    def _count(self) -> int:
        return sum(len(edges[0]) for edges in self._edges)

    def _add_groups(self) -> None:
        """Lead from each group to smaller ones and to LADAs, the largest group first."""
        groups, lines = self._book.groups, self._book.grouped.copy()
        for number in range(len(groups)):
            ladas = np.flatnonzero(groups.member[number])
            through, door = lines[groups.pair[number, ladas]], groups.inner[number, ladas]
            inner = door >= 0
            if inner.any():
                lines[groups.pair[door[inner], ladas[inner]]] += through[inner]
                doors, flows = add_up(door[inner], through[inner])
                self._leads.append(_Lead(doors * self._width, number * self._width, flows))
            row, day = np.nonzero(self._apart[ladas] & ~inner[:, None])
            cells = (len(groups) + ladas[row]) * self._width + day
            self._add(cells, number * self._width + day, through[row, day], ANY)

    def _add_leads(self) -> None:
        """Add the edges of all leads, row by row: from the cell of each day to the day's node."""
        if not self._leads:
            return
        rows = [len(lead.cells) for lead in self._leads]
        widths = np.repeat([lead.flows.shape[1] for lead in self._leads], rows)
        flows = np.concatenate([lead.flows.ravel() for lead in self._leads])
        day = np.arange(len(flows)) - np.repeat(np.cumsum(widths) - widths, widths)
        cells = np.repeat(np.concatenate([lead.cells for lead in self._leads]), widths)
        nodes = np.repeat(np.repeat([lead.node for lead in self._leads], rows), widths)
        self._add(cells + day, nodes + day, flows, ANY)

    def _add_free(self) -> None:
        """Lead what is free to the sink, from the LADA itself or from its atom."""
        groups, free = self._book.groups, self._book.free
        row, day = np.nonzero(self._apart)
        cells = (len(groups) + row) * self._width + day
        self._add(cells, np.full(len(cells), self._sink), free[row, day])
        in_atom = groups.home >= 0
        atoms, rest = add_up(groups.home[in_atom], np.where(self._apart, 0, free)[in_atom])
        cells = (atoms[:, None] * self._width + np.arange(self._width)).ravel()
        self._add(cells, np.full(len(cells), self._sink), rest.ravel())
