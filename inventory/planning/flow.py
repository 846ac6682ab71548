"""Flows on a network whose edges can be used in both directions. Pure: arrays in, arrays out.

An edge carries up to `up` units from tail to head, each at its `price`, and up to
`down` units from head to tail for nothing. Its flow is the difference and lies in
-down…up. In the networks of the inventory the way up takes planned notifications
off a place, and the way down brings some there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST = 2**30 - 1  # sent at once: scipy counts in 32 bits, and adds both ways of an edge
FAR = np.iinfo(np.int64).max


def add_up(keys: Counts, rows: Counts) -> tuple[Counts, Counts]:
    """Add up the rows (K, M) that share a key; give the keys (G,) in order, and the sums (G, M)."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    if len(starts) == len(keys):
        return ordered, rows[order]
    return ordered[starts], np.add.reduceat(rows[order], starts, axis=0)


@dataclass(frozen=True, eq=False)
class Network:
    """E edges between nodes 0…nodes-1, no two between the same pair; each array is (E,)."""

    nodes: int
    source: int
    sink: int
    tail: Counts
    head: Counts
    up: Counts
    down: Counts
    price: Counts

    def most(self, wanted: int) -> Counts:
        """Give a flow (E,) from source to sink as large as can be, up to `wanted`, at any price.

        Dinic's algorithm.
        """
        return self._largest(self.up, self.down, wanted)

    def cheapest(self, wanted: int, *, dearest: int | None = None) -> Counts:
        """Give a flow (E,) as large as can be, up to `wanted`, at the least price it can have.

        It uses no way that is dearer than `dearest` for a unit.

        Primal-dual: each round sends what it can along the cheapest ways left. Source:
        Ahuja, Magnanti, Orlin, "Network Flows", 1993, section 9.8.
        """
        flow = np.zeros_like(self.up)
        potential = np.zeros(self.nodes, dtype=np.int64)
        rest = wanted
        while rest > 0:
            up, down, ahead, behind = self._left(flow, potential)
            distance = self._distances(up, down, ahead, behind)
            nearest = int(distance[self.sink])
            if nearest == FAR or (dearest is not None and potential[self.sink] + nearest > dearest):
                break
            # Nodes beyond the sink are as far as it: their ways are not used in this round.
            potential += np.minimum(distance, nearest)
            up, down, ahead, behind = self._left(flow, potential)
            step = self._largest(np.where(ahead == 0, up, 0), np.where(behind == 0, down, 0), rest)
            flow = flow + step
            rest -= self.value(step)
        return flow

    def value(self, flow: Counts) -> int:
        """Say how much of a flow leaves the source."""
        return int(flow[self.tail == self.source].sum() - flow[self.head == self.source].sum())

    def reached(self, flow: Counts) -> Flags:
        """Mark the nodes (nodes,) to which the source could still send something.

        Of a largest flow this is the source's side of a smallest cut.
        """
        marks = np.zeros(self.nodes, dtype=bool)
        source = np.array([self.source])
        marks[self._walk(source, self.up - flow > 0, self.down + flow > 0)] = True
        return marks

    def _left(self, flow: Counts, potential: Counts) -> tuple[Counts, Counts, Counts, Counts]:
        """Give what each edge can carry more, up and down, and the reduced price of a unit of it.

        Where a unit on its way down only takes back one that went up, its price comes back.
        """
        back, gone = flow < 0, flow > 0
        lead = potential[self.tail] - potential[self.head]
        priced = self.price > 0
        up = np.where(priced & back, -flow, self.up - flow)
        down = np.where(priced & gone, flow, self.down + flow)
        ahead = np.where(back, 0, self.price) + lead
        behind = np.where(gone, -self.price, 0) - lead
        return up, down, ahead, behind

    def _distances(self, up: Counts, down: Counts, ahead: Counts, behind: Counts) -> Counts:
        """Give the least reduced price (nodes,) to each node no farther than the sink; else FAR."""
        rows = np.concatenate([self.tail[up > 0], self.head[down > 0]])
        columns = np.concatenate([self.head[up > 0], self.tail[down > 0]])
        prices = np.concatenate([ahead[up > 0], behind[down > 0]])
        distance = np.full(self.nodes, FAR)
        free_up, free_down = (up > 0) & (ahead == 0), (down > 0) & (behind == 0)
        seeds, here = np.array([self.source]), 0
        while len(seeds):
            distance[self._walk(seeds, free_up, free_down, past=distance < FAR)] = here
            if distance[self.sink] < FAR:
                break
            edge = (distance[rows] < FAR) & (distance[columns] == FAR)
            if not edge.any():
                break
            reach = distance[rows[edge]] + prices[edge]
            here = int(reach.min())
            seeds = np.unique(columns[edge][reach == here])
        return distance

    def _walk(
        self, seeds: Counts, up_open: Flags, down_open: Flags, *, past: Flags | None = None
    ) -> Counts:
        """Give the nodes that can be reached from some by open edges, and not by those `past`."""
        start = self.nodes
        rows = np.concatenate([self.tail[up_open], self.head[down_open]])
        columns = np.concatenate([self.head[up_open], self.tail[down_open]])
        if past is not None:
            fresh = ~past[columns]
            rows, columns = rows[fresh], columns[fresh]
        rows = np.concatenate([rows, np.full(len(seeds), start)])
        columns = np.concatenate([columns, seeds])
        arcs = csr_array(
            (np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(start + 1,) * 2
        )
        found = breadth_first_order(arcs, start, return_predecessors=False)
        return found[1:]

    def _largest(self, up: Counts, down: Counts, wanted: int) -> Counts:
        """Give the largest flow, up to `wanted`, over edges with these capacities."""
        flow = np.zeros_like(self.up)
        while wanted > 0:
            part = min(wanted, MOST)
            step = self._dinic(up - flow, down + flow, part)
            flow += step
            if self.value(step) < part:
                break
            wanted -= part
        return flow

    def _dinic(self, up: Counts, down: Counts, wanted: int) -> Counts:
        start = self.nodes  # stands before the source, to limit what leaves it
        up, down = np.minimum(up, wanted), np.minimum(down, wanted)
        flow = np.zeros_like(self.up)
        open_ = (up > 0) | (down > 0)
        if not open_.any():
            return flow
        tail, head = self.tail[open_], self.head[open_]
        rows = np.concatenate([tail, head, [start, self.source]])
        columns = np.concatenate([head, tail, [self.source, start]])
        data = np.concatenate([up[open_], down[open_], [wanted, 0]]).astype(np.int32)
        matrix = csr_array((data, (rows, columns)), shape=(start + 1,) * 2)
        flow[open_] = maximum_flow(matrix, start, self.sink, method="dinic").flow[tail, head]
        return flow
