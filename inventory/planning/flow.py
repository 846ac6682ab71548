"""Maximum and minimum-cost flows on a network whose edges carry flow in both directions.

An edge carries up to `forward` units from tail to head, each at its `cost`, and up to
`backward` units from head to tail at no cost. Its flow is the difference and lies in
-backward…forward. In the networks of the inventory, forward flow takes planned
notifications off a place, and backward flow brings some there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

MAX_STEP = 2**30 - 1  # units at once: scipy has 32 bits, and adds both directions of an edge
UNREACHED = np.iinfo(np.int64).max


def sum_by_key(keys: Counts, rows: Counts) -> tuple[Counts, Counts]:
    """Return the distinct keys (G,) in order, and the sum of the rows (K, M) of each (G, M)."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    if len(starts) == len(keys):
        return ordered, rows[order]
    return ordered[starts], np.add.reduceat(rows[order], starts, axis=0)


@dataclass(frozen=True, eq=False)
class Network:
    """E edges between nodes 0…nodes-1, at most one between two nodes; each array is (E,)."""

    nodes: int
    source: int
    sink: int
    tail: Counts
    head: Counts
    forward: Counts
    backward: Counts
    cost: Counts

    def max_flow(self, limit: int) -> Counts:
        """Return a largest flow (E,) from source to sink of at most `limit` units, at any cost.

        Dinic's algorithm.
        """
        return self._max_flow(self.forward, self.backward, limit)

    def min_cost_flow(self, limit: int, *, max_unit_cost: int | None = None) -> Counts:
        """Return a largest flow (E,) of at most `limit` units, of least cost for its size.

        No path of it costs more than `max_unit_cost` a unit.

        Primal-dual: each round sends a largest flow along the shortest residual paths.
        Source: Ahuja, Magnanti, Orlin, "Network Flows", 1993, section 9.8.
        """
        flow = np.zeros_like(self.forward)
        potential = np.zeros(self.nodes, dtype=np.int64)
        rest = limit
        while rest > 0:
            forward, backward, ahead, back = self._residual(flow, potential)
            distance = self._distances(forward, backward, ahead, back)
            nearest = int(distance[self.sink])
            if nearest == UNREACHED:
                break
            if max_unit_cost is not None and potential[self.sink] + nearest > max_unit_cost:
                break
            # Nodes beyond the sink get its distance: no path through them is used this round.
            potential += np.minimum(distance, nearest)
            forward, backward, ahead, back = self._residual(flow, potential)
            step = self._max_flow(
                np.where(ahead == 0, forward, 0), np.where(back == 0, backward, 0), rest
            )
            flow = flow + step
            rest -= self.value(step)
        return flow

    def value(self, flow: Counts) -> int:
        """Return the units of a flow that leave the source."""
        return int(flow[self.tail == self.source].sum() - flow[self.head == self.source].sum())

    def reachable(self, flow: Counts) -> Flags:
        """Mark the nodes (nodes,) that the source can still send to in the residual network.

        Of a largest flow these are the source's side of a minimum cut.
        """
        marks = np.zeros(self.nodes, dtype=bool)
        source = np.array([self.source])
        is_open = self.forward - flow > 0, self.backward + flow > 0
        marks[self._reachable_from(source, *is_open)] = True
        return marks

    def _residual(self, flow: Counts, potential: Counts) -> tuple[Counts, Counts, Counts, Counts]:
        """Return the residual capacity of each edge, both ways, and its reduced unit costs.

        A unit sent backward where flow went forward only cancels it, and refunds its cost.
        """
        is_backward, is_forward = flow < 0, flow > 0
        difference = potential[self.tail] - potential[self.head]
        has_cost = self.cost > 0
        forward = np.where(has_cost & is_backward, -flow, self.forward - flow)
        backward = np.where(has_cost & is_forward, flow, self.backward + flow)
        ahead = np.where(is_backward, 0, self.cost) + difference
        back = np.where(is_forward, -self.cost, 0) - difference
        return forward, backward, ahead, back

    def _distances(self, forward: Counts, backward: Counts, ahead: Counts, back: Counts) -> Counts:
        """Return the least reduced cost (nodes,) to each node no farther than the sink.

        Dijkstra by levels of equal distance; of the other nodes it is UNREACHED.
        """
        rows = np.concatenate([self.tail[forward > 0], self.head[backward > 0]])
        columns = np.concatenate([self.head[forward > 0], self.tail[backward > 0]])
        costs = np.concatenate([ahead[forward > 0], back[backward > 0]])
        distance = np.full(self.nodes, UNREACHED)
        is_free = (forward > 0) & (ahead == 0), (backward > 0) & (back == 0)
        seeds, level = np.array([self.source]), 0
        while len(seeds):
            done = distance < UNREACHED
            distance[self._reachable_from(seeds, *is_free, without=done)] = level
            if distance[self.sink] < UNREACHED:
                break
            outgoing = (distance[rows] < UNREACHED) & (distance[columns] == UNREACHED)
            if not outgoing.any():
                break
            candidates = distance[rows[outgoing]] + costs[outgoing]
            level = int(candidates.min())
            seeds = np.unique(columns[outgoing][candidates == level])
        return distance

    def _reachable_from(
        self, seeds: Counts, forward: Flags, backward: Flags, *, without: Flags | None = None
    ) -> Counts:
        """Return the nodes reachable from `seeds` by open edges that do not end in `without`.

        `forward` and `backward` (E,) mark the edges that are open in each direction.
        """
        start = self.nodes
        rows = np.concatenate([self.tail[forward], self.head[backward]])
        columns = np.concatenate([self.head[forward], self.tail[backward]])
        if without is not None:
            kept = ~without[columns]
            rows, columns = rows[kept], columns[kept]
        rows = np.concatenate([rows, np.full(len(seeds), start)])
        columns = np.concatenate([columns, seeds])
        arcs = csr_array(
            (np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(start + 1,) * 2
        )
        found = breadth_first_order(arcs, start, return_predecessors=False)
        return found[1:]

    def _max_flow(self, forward: Counts, backward: Counts, limit: int) -> Counts:
        """Return a largest flow of at most `limit` units over edges with these capacities."""
        flow = np.zeros_like(self.forward)
        while limit > 0:
            size = min(limit, MAX_STEP)
            step = self._dinic(forward - flow, backward + flow, size)
            flow += step
            if self.value(step) < size:
                break
            limit -= size
        return flow

    def _dinic(self, forward: Counts, backward: Counts, limit: int) -> Counts:
        start = self.nodes  # a node before the source, whose edge limits the flow
        forward, backward = np.minimum(forward, limit), np.minimum(backward, limit)
        flow = np.zeros_like(self.forward)
        is_open = (forward > 0) | (backward > 0)
        if not is_open.any():
            return flow
        tail, head = self.tail[is_open], self.head[is_open]
        rows = np.concatenate([tail, head, [start, self.source]])
        columns = np.concatenate([head, tail, [self.source, start]])
        data = np.concatenate([forward[is_open], backward[is_open], [limit, 0]]).astype(np.int32)
        matrix = csr_array((data, (rows, columns)), shape=(start + 1,) * 2)
        flow[is_open] = maximum_flow(matrix, start, self.sink, method="dinic").flow[tail, head]
        return flow
