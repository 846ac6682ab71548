"""The network of day totals: which day carries how much of each reservation.

Whether reservations fit together does not depend on which of its LADAs a notification
goes to. So LADAs that no reservation distinguishes on a day share a node, and the network
is small:

    source → reservation → its days → groups of LADAs → LADAs → sink

It starts from the present plan. Flow against the plan moves a reservation: within a day
at no cost, to another day at a cost of 1 a notification.
"""

from typing import NamedTuple

import numpy as np

from inventory.planning.flow import Counts, Flags, Network, sum_by_key
from inventory.planning.groups import Indices
from inventory.planning.snapshot import Snapshot

UNBOUNDED = 2**60  # more than a day can carry


class Bound(NamedTuple):
    """The days that limit the quantity of a reservation: columns of the snapshot, ascending."""

    full: list[int]  # nothing is free in its LADAs, and nothing there can be moved
    paced: list[int]  # the reservation is at its own ceiling


class _ReservationDays(NamedTuple):
    """The M days of one reservation that may change, and their nodes and edges."""

    columns: range  # of the snapshot
    totals: Counts  # (M,) planned on each
    nodes: range  # a node a day; the reservation's own node, its hub, follows them
    edges: slice  # from each day to the hub; empty where day totals may not change


class _EdgeRows(NamedTuple):
    """Edges from W nodes to a node a day, on M days in a row.

    The nodes of a day's successor are numbered one higher.
    """

    tails: Indices  # (W,) on the first day
    head: int  # on the first day
    flows: Counts  # (W, M) planned, which may flow back


class DayTotalsNetwork:
    """The network of a snapshot; translates its flows to day totals."""

    def __init__(self, snapshot: Snapshot, *, between_days: bool) -> None:
        """Build the network.

        Without `between_days`, day totals change only of reservations with something unplaced.
        """
        self._snapshot = snapshot
        self.moves_between_days = between_days
        ladas, self._width = snapshot.capacity.shape
        self._source = (len(snapshot.groups) + ladas) * self._width
        self._sink = self._source + 1
        self._edges: list[tuple[Counts, ...]] = []  # tail, head, forward, backward, cost
        self._edge_rows: list[_EdgeRows] = []
        self._days = self._number_days()
        self._has_own_node = self._find_cells_with_own_node()
        self._add_hubs()
        self._add_groups()
        self._add_edge_rows()
        self._add_free()
        columns = (np.concatenate(column) for column in zip(*self._edges, strict=True))
        self.network = Network(self._nodes, self._source, self._sink, *columns)

    def totals(self, flow: Counts) -> dict[int, tuple[range, Counts]]:
        """Return, by reservation that changes, its columns and the new total of each."""
        found = {}
        for number, days in enumerate(self._days):
            change = flow[days.edges]
            if change.any():
                found[number] = (days.columns, days.totals - change)
        return found

    def unplaced(self, flow: Counts) -> Counts:
        """Return the notifications of each reservation (R,) that a flow leaves unplaced."""
        return np.array(
            [
                reservation.unplaced - int(flow[self._entry_edge[days.nodes.stop]])
                if days.nodes.stop in self._entry_edge
                else reservation.unplaced
                for reservation, days in zip(self._snapshot.reservations, self._days, strict=True)
            ],
            dtype=np.int64,
        )

    def bound(self, flow: Counts, number: int) -> Bound:
        """Return what limits a reservation that a largest flow leaves partly unplaced.

        Its full days are on the source's side of the minimum cut, its paced days are not.
        """
        reachable: Flags = self.network.reachable(flow)
        days = self._days[number]
        full = [c for c, node in zip(days.columns, days.nodes, strict=True) if reachable[node]]
        return Bound(full, [column for column in days.columns if column not in full])

    def _number_days(self) -> list[_ReservationDays]:
        """Number the nodes of each reservation's days, their hub, and the edges between them."""
        snapshot, node, edge, found = self._snapshot, self._sink + 1, 0, []
        for reservation in snapshot.reservations:
            columns = snapshot.movable_columns(reservation)
            grouped = reservation.by_group(snapshot.groups)
            nodes = range(node, node + len(columns))
            node += len(columns) + 1
            since = columns.start - reservation.first
            may_change = self.moves_between_days or reservation.unplaced > 0
            edges = slice(edge, edge + len(columns) * may_change)
            edge = edges.stop
            found.append(_ReservationDays(columns, grouped.totals[since:], nodes, edges))
            if columns:
                tails = grouped.nodes * self._width + columns.start
                rows = _EdgeRows(tails, nodes.start, grouped.by_day[:, since:])
                self._edge_rows.append(rows)
        self._nodes = node
        return found

    def _find_cells_with_own_node(self) -> Flags:
        """Mark the cells (L, D) with a node of their own; the others share that of their atom."""
        groups = self._snapshot.groups
        has_own_node = np.repeat((groups.atom < 0)[:, None], self._width, axis=1)
        for reservation in self._snapshot.reservations:
            nodes = reservation.by_group(groups).nodes
            if len(ladas := nodes[nodes >= len(groups)] - len(groups)):
                has_own_node[ladas, reservation.first : reservation.stop] = True
        return has_own_node

    def _add(
        self, tail: Indices, head: Indices, forward: Counts, backward: Counts | int = 0
    ) -> None:
        backward = np.broadcast_to(backward, forward.shape)
        self._edges.append((tail, head, forward, backward, np.zeros_like(forward)))

    def _add_hubs(self) -> None:
        """Add the edges by which day totals change, and those by which the unplaced enter.

        They are the first edges, as `_ReservationDays.edges` expects.
        """
        pairs = list(zip(self._snapshot.reservations, self._days, strict=True))
        changing = [(r, days) for r, days in pairs if days.edges.stop > days.edges.start]
        if changing:
            counts = [len(days.nodes) for _reservation, days in changing]
            tail = np.concatenate([np.asarray(days.nodes) for _reservation, days in changing])
            hub = np.repeat([days.nodes.stop for _reservation, days in changing], counts)
            totals = np.concatenate([days.totals for _reservation, days in changing])
            ceilings = np.concatenate([r.ceilings[-len(days.nodes) :] for r, days in changing])
            cost = np.repeat([0 if r.new else 1 for r, _days in changing], counts)
            self._edges.append((tail, hub, totals, np.maximum(ceilings - totals, 0), cost))
        entering = [(r, days) for r, days in pairs if r.unplaced and days.nodes]
        hubs = np.array([days.nodes.stop for _reservation, days in entering], dtype=np.int64)
        unplaced = np.array([r.unplaced for r, _days in entering], dtype=np.int64)
        self._entry_edge = {int(hub): self._edge_count() + n for n, hub in enumerate(hubs)}
        self._add(np.full(len(hubs), self._source), hubs, unplaced)

    def _edge_count(self) -> int:
        return sum(len(edges[0]) for edges in self._edges)

    def _add_groups(self) -> None:
        """Add the edges from each group to smaller ones and to LADAs, the largest group first."""
        groups, quantities = self._snapshot.groups, self._snapshot.movable_by_pair.copy()
        for number in range(len(groups)):
            ladas = np.flatnonzero(groups.member[number])
            carried, child = quantities[groups.pair[number, ladas]], groups.child[number, ladas]
            has_child = child >= 0
            if has_child.any():
                inner = groups.pair[child[has_child], ladas[has_child]]
                quantities[inner] += carried[has_child]
                children, flows = sum_by_key(child[has_child], carried[has_child])
                tails, head = children * self._width, number * self._width
                self._edge_rows.append(_EdgeRows(tails, head, flows))
            row, day = np.nonzero(self._has_own_node[ladas] & ~has_child[:, None])
            cells = (len(groups) + ladas[row]) * self._width + day
            self._add(cells, number * self._width + day, carried[row, day], UNBOUNDED)

    def _add_edge_rows(self) -> None:
        """Add the edges of `_edge_rows`: row by row, an edge for each day."""
        if not self._edge_rows:
            return
        counts = [len(rows.tails) for rows in self._edge_rows]
        widths = np.repeat([rows.flows.shape[1] for rows in self._edge_rows], counts)
        flows = np.concatenate([rows.flows.ravel() for rows in self._edge_rows])
        day = np.arange(len(flows)) - np.repeat(np.cumsum(widths) - widths, widths)
        tails = np.repeat(np.concatenate([rows.tails for rows in self._edge_rows]), widths)
        heads = np.repeat(np.repeat([rows.head for rows in self._edge_rows], counts), widths)
        self._add(tails + day, heads + day, flows, UNBOUNDED)

    def _add_free(self) -> None:
        """Add the edges of free notifications to the sink, from LADAs or from their atoms."""
        groups, free = self._snapshot.groups, self._snapshot.free
        row, day = np.nonzero(self._has_own_node)
        cells = (len(groups) + row) * self._width + day
        self._add(cells, np.full(len(cells), self._sink), free[row, day])
        in_atom = groups.atom >= 0
        shared = np.where(self._has_own_node, 0, free)[in_atom]
        atoms, rest = sum_by_key(groups.atom[in_atom], shared)
        cells = (atoms[:, None] * self._width + np.arange(self._width)).ravel()
        self._add(cells, np.full(len(cells), self._sink), rest.ravel())
