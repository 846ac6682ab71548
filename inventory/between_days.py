"""Which day carries how much of each promise, so that all of them fit.

Pure: arrays in, arrays out. Whether promises fit together does not depend on
which of its LADAs a notification goes to, so LADAs that nobody tells apart are
one node, and the network is small:

    source → promise → its days → groups of LADAs → classes of LADAs → sink

It starts from the present plan. What flows against that moves a promise aside:
within a day for nothing, to another day at a price.
"""

from typing import NamedTuple

import numpy as np

from inventory.book import Book
from inventory.flow import Counts, Flags, Network
from inventory.groups import Rows

ANY = 2**60  # more than a day can carry


class Bound(NamedTuple):
    """What keeps a promise from being larger: columns of the book, ascending."""

    full: list[int]  # nothing is free in its LADAs, and nothing there can give way
    paced: list[int]  # the promise is at its own ceiling


class _Days(NamedTuple):
    """The days of one promise that may change, and what stands for them in the network."""

    columns: range  # of the book
    used: Counts  # (M,) what is planned on each
    nodes: range
    edges: slice  # from each day to the promise's hub; empty where days keep their totals
    entry: int  # the edge from the source to the hub; -1 where nothing is missing


class _Edges(NamedTuple):
    """E edges of the network, each (E,)."""

    tail: Rows
    head: Rows
    up: Counts
    down: Counts
    price: Counts


class _Lead(NamedTuple):
    """What M nodes in a row, one a day, send through G places."""

    cells: Rows  # (G,) of the first day; those of the days after it follow
    node: int  # of the first day
    flows: Counts  # (G, M)


class DayTotals:
    """The network of a book, and what a flow on it says of the promises."""

    def __init__(self, book: Book, *, between_days: bool) -> None:
        """Lay it out; without `between_days` only what is missing may change a day's total."""
        self._book = book
        self.moves_between = between_days
        self._width = book.capacity.shape[1]
        doors = [book.groups.doors(promise.ladas) for promise in book.promises]
        self._class_of = self._classes(doors)
        places = len(book.groups) + int(self._class_of.max(initial=-1)) + 1
        self._source = places * self._width
        self._sink = self._source + 1
        self._nodes = self._sink + 1
        self._edges: list[_Edges] = []
        self._count = 0
        self._leads: list[_Lead] = []
        self._within = np.zeros((int(book.groups.pair.max(initial=-1)) + 1, self._width), np.int64)
        self._days = [self._add_promise(number, door) for number, door in enumerate(doors)]
        self._add_groups()
        self._add_cells()
        self._add_leads()
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
                promise.missing - (int(flow[days.entry]) if days.entry >= 0 else 0)
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

    def _classes(self, doors: list[Rows]) -> Rows:
        """Number the LADAs (L,) so that those with the same ways in share a number."""
        direct = np.zeros((len(doors), len(self._book.capacity)), dtype=bool)
        for row, promise, door in zip(direct, self._book.promises, doors, strict=True):
            row[promise.ladas[door < 0]] = True
        ways = np.packbits(np.concatenate([direct, self._book.groups.leaf]), axis=0)
        signature = np.ascontiguousarray(ways.T)
        keys = signature.view(np.dtype((np.void, signature.shape[1])))[:, 0]
        return np.unique(keys, return_inverse=True)[1].ravel()

    def _add(self, tail: Rows, head: Rows, up: Counts, down: Counts, price: int = 0) -> slice:
        self._edges.append(_Edges(tail, head, up, down, np.full(len(up), price)))
        self._count += len(up)
        return slice(self._count - len(up), self._count)

    def _add_promise(self, number: int, door: Rows) -> _Days:
        promise = self._book.promises[number]
        columns = self._book.movable(promise)
        lines = promise.lines[:, columns.start - promise.first :]
        used = lines.sum(axis=0)
        nodes = range(self._nodes, self._nodes + len(columns))
        if not columns:
            return _Days(columns, used, nodes, slice(0), -1)
        hub = nodes.stop
        self._nodes = hub + 1
        grouped = door >= 0
        if grouped.any():
            pairs = self._book.groups.pair[door[grouped], promise.ladas[grouped]]
            self._within[pairs, columns.start : columns.stop] += lines[grouped]
        classes = len(self._book.groups) + self._class_of[promise.ladas]
        self._lead(np.where(grouped, door, classes), nodes.start, lines, columns.start)
        edges, entry = slice(0), -1
        if self.moves_between or promise.missing:
            slack = np.maximum(promise.ceilings[columns.start - promise.first :] - used, 0)
            ends = np.arange(nodes.start, nodes.stop), np.full(len(nodes), hub)
            edges = self._add(*ends, used, slack, 0 if promise.new else 1)
        if promise.missing:
            ends = np.array([self._source]), np.array([hub])
            entry = self._add(*ends, np.array([promise.missing]), np.array([0])).start
        return _Days(columns, used, nodes, edges, entry)

    def _add_groups(self) -> None:
        """Lead from each group to smaller ones and to classes, the largest group first."""
        groups = self._book.groups
        for number in range(len(groups)):
            ladas = np.flatnonzero(groups.member[number])
            lines = self._within[groups.pair[number, ladas]]
            door = groups.inner[number, ladas]
            inner = door >= 0
            self._within[groups.pair[door[inner], ladas[inner]]] += lines[inner]
            places = np.where(inner, door, len(groups) + self._class_of[ladas])
            self._lead(places, number * self._width, lines, 0)

    def _lead(self, places: Rows, node: int, lines: Counts, column: int) -> None:
        """Let M nodes, one a day, send through places (K,) what lines (K, M) say they do now."""
        through, flows = _add_up(places, lines)
        self._leads.append(_Lead(through * self._width + column, node, flows))

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
        self._add(cells + day, nodes + day, flows, np.full(len(flows), ANY))

    def _add_cells(self) -> None:
        classes, free = _add_up(self._class_of, self._book.free)
        places = len(self._book.groups) + classes
        cells = (places[:, None] * self._width + np.arange(self._width)).ravel()
        self._add(cells, np.full(len(cells), self._sink), free.ravel(), np.zeros_like(cells))


def _add_up(keys: Rows, rows: Counts) -> tuple[Rows, Counts]:
    """Add up the rows (K, M) that share a key; give the keys (G,) in order, and the sums (G, M)."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    if len(starts) == len(keys):
        return ordered, rows[order]
    return ordered[starts], np.add.reduceat(rows[order], starts, axis=0)
