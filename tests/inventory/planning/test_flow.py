"""Flows against linear programmes, which do not use augmenting paths."""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from inventory.planning import flow
from inventory.planning.flow import Network
from tests.sizes import pick

BLOCKS = range(pick(2, 8))
PER_BLOCK = 60
EVERYTHING = 10**6  # more than any network here carries


class Edge(NamedTuple):
    tail: int
    head: int
    forward: int
    backward: int = 0
    cost: int = 0


def network(nodes: int, *edges: Edge) -> Network:
    """Return a network from node 0 to the last one."""
    columns = (np.array(column) for column in zip(*edges, strict=True))
    return Network(nodes, 0, nodes - 1, *columns)


def random_network(seed: int) -> Network:
    """Return random edges in any order and direction, some closed, many priced, with cycles."""
    rng = np.random.default_rng(seed)
    nodes = int(rng.integers(2, 12))
    low, high = np.triu_indices(nodes, 1)
    kept = rng.permutation(len(low))[: max(int(len(low) * rng.uniform(0.2, 1)), 1)]
    turned = rng.random(len(kept)) < 0.5
    tail = np.where(turned, high[kept], low[kept])
    head = np.where(turned, low[kept], high[kept])
    most = int(rng.choice([1, 5, 100]))
    up, down = rng.integers(0, most + 1, (2, len(kept)))
    down[rng.random(len(kept)) < 0.4] = 0
    up[0] += 1
    price = rng.integers(0, int(rng.choice([2, 8])), len(kept))
    source, sink = rng.choice(nodes, 2, replace=False).tolist()
    return Network(nodes, source, sink, tail, head, up, down, price)


def priced(net: Network, flows: np.ndarray) -> int:
    return int((net.cost * np.maximum(flows, 0)).sum())


def by_programme(net: Network, value: int | None = None) -> int:
    """Return the value of a largest flow, or the least cost of a flow with a value."""
    edges = len(net.tail)
    ends = np.concatenate([net.tail, net.head, net.head, net.tail])
    signs = np.repeat([1.0, -1.0], 2 * edges)
    table = csc_array((signs, (ends, np.tile(np.arange(2 * edges), 2))), (net.nodes, 2 * edges))
    low, high = np.zeros(net.nodes), np.zeros(net.nodes)
    if value is None:
        leaves = table[[net.source], :].toarray()[0]
        cost = -leaves
        low[[net.source, net.sink]], high[[net.source, net.sink]] = -np.inf, np.inf
    else:
        cost = np.concatenate([net.cost, np.zeros(edges)])
        low[[net.source, net.sink]] = high[[net.source, net.sink]] = value, -value
    bounds_of_edges = Bounds(0, np.concatenate([net.forward, net.backward]))
    found = milp(cost, constraints=LinearConstraint(table, low, high), bounds=bounds_of_edges)
    assert found.success, found.message
    whole = round(abs(found.fun))
    assert abs(abs(found.fun) - whole) < 1e-6
    return whole


def assert_flows(net: Network, flows: np.ndarray, value: int) -> None:
    """Assert that edges stay within their capacity, and flow is conserved."""
    assert (flows <= net.forward).all()
    assert (flows >= -net.backward).all()
    balance = np.zeros(net.nodes, dtype=np.int64)
    np.add.at(balance, net.tail, flows)
    np.subtract.at(balance, net.head, flows)
    expected = np.zeros(net.nodes, dtype=np.int64)
    expected[net.source], expected[net.sink] = value, -value
    assert balance.tolist() == expected.tolist()
    assert net.value(flows) == value


@pytest.mark.parametrize("block", BLOCKS)
def test_a_flow_is_as_large_as_possible_up_to_the_limit(block):
    for seed in range(block * PER_BLOCK, (block + 1) * PER_BLOCK):
        net = random_network(seed)
        largest = by_programme(net)

        for wanted in {1, largest // 2 + 1, max(largest, 1), EVERYTHING}:
            assert_flows(net, net.max_flow(wanted), min(largest, wanted))


@pytest.mark.parametrize("block", BLOCKS)
def test_a_min_cost_flow_has_the_least_cost_of_its_size(block):
    for seed in range(block * PER_BLOCK, (block + 1) * PER_BLOCK):
        net = random_network(seed)
        largest = by_programme(net)

        for wanted in {1, largest // 2 + 1, EVERYTHING}:
            flows = net.min_cost_flow(wanted)

            assert_flows(net, flows, min(largest, wanted))
            assert priced(net, flows) == by_programme(net, min(largest, wanted)), seed


@pytest.mark.parametrize("block", BLOCKS)
def test_no_path_costs_more_than_the_maximum(block):
    for seed in range(block * PER_BLOCK, (block + 1) * PER_BLOCK):
        net = random_network(seed)
        max_unit_cost = seed % 4

        flows = net.min_cost_flow(EVERYTHING, max_unit_cost=max_unit_cost)

        value = net.value(flows)
        assert_flows(net, flows, value)
        assert priced(net, flows) == by_programme(net, value)
        if value > 0:
            last = priced(net, flows) - by_programme(net, value - 1)
            assert last <= max_unit_cost
        if value < by_programme(net):
            following = by_programme(net, value + 1) - priced(net, flows)
            assert following > max_unit_cost


def test_a_max_flow_often_costs_more_than_needed():
    nets = [random_network(seed) for seed in range(PER_BLOCK)]

    dearer = [net for net in nets if priced(net, net.max_flow(EVERYTHING)) > _least(net)]

    assert len(dearer) > PER_BLOCK / 10


def _least(net: Network) -> int:
    return priced(net, net.min_cost_flow(EVERYTHING))


@pytest.mark.parametrize("block", BLOCKS)
def test_the_reachable_nodes_are_the_near_side_of_a_minimum_cut(block):
    for seed in range(block * PER_BLOCK, (block + 1) * PER_BLOCK):
        net = random_network(seed)

        for flows in (net.max_flow(EVERYTHING), net.min_cost_flow(EVERYTHING)):
            source_side = net.reachable(flows)

            assert source_side[net.source]
            assert not source_side[net.sink]
            across = net.forward[source_side[net.tail] & ~source_side[net.head]].sum()
            back = net.backward[~source_side[net.tail] & source_side[net.head]].sum()
            assert across + back == by_programme(net), seed


@pytest.mark.parametrize("method", ["max_flow", "min_cost_flow"])
def test_closed_edges_carry_nothing(method):
    net = network(3, Edge(0, 1, 0), Edge(1, 2, 0))

    assert getattr(net, method)(5).tolist() == [0, 0]


@pytest.mark.parametrize("method", ["max_flow", "min_cost_flow"])
def test_a_limit_of_zero_is_no_flow(method):
    net = network(3, Edge(0, 1, 5), Edge(1, 2, 5))

    assert getattr(net, method)(0).tolist() == [0, 0]


def test_the_sink_is_reachable_while_more_can_be_sent():
    net = network(3, Edge(0, 1, 5), Edge(1, 2, 5))

    assert net.reachable(net.max_flow(4)).tolist() == [True, True, True]
    assert net.reachable(net.max_flow(5)).tolist() == [True, False, False]


def test_no_path_to_the_sink_is_no_flow():
    net = network(4, Edge(0, 1, 5), Edge(2, 3, 5), Edge(2, 1, 5))

    assert net.max_flow(10).tolist() == [0, 0, 0]
    assert net.min_cost_flow(10).tolist() == [0, 0, 0]
    assert net.reachable(net.max_flow(10)).tolist() == [True, True, False, False]


def test_backward_flow_is_free_and_forward_flow_has_its_cost():
    net = network(4, Edge(0, 1, 9), Edge(1, 2, 9, 9, cost=3), Edge(2, 3, 9))
    against = network(4, Edge(0, 1, 9), Edge(2, 1, 9, 9, cost=3), Edge(2, 3, 9))

    assert net.min_cost_flow(4).tolist() == [4, 4, 4]
    assert priced(net, net.min_cost_flow(4)) == 12
    assert against.min_cost_flow(4).tolist() == [4, -4, 4]
    assert priced(against, against.min_cost_flow(4)) == 0


def test_the_free_path_is_used_before_the_one_with_a_cost():
    net = network(4, Edge(0, 1, 9), Edge(1, 3, 9, cost=1), Edge(1, 2, 2), Edge(3, 2, 0, 9))

    assert net.min_cost_flow(5).tolist() == [5, 3, 2, -2]


def test_a_unit_that_is_rerouted_gets_its_cost_back():
    # The cheapest first unit takes 0-1-2-3; the second pushes it off the edge in the middle.
    net = network(
        4,
        Edge(0, 1, 1, cost=1),
        Edge(0, 2, 1, cost=4),
        Edge(1, 2, 1, cost=1),
        Edge(1, 3, 1, cost=4),
        Edge(2, 3, 1, cost=1),
    )

    assert net.min_cost_flow(1).tolist() == [1, 0, 1, 0, 1]
    assert net.min_cost_flow(2).tolist() == [1, 1, 0, 1, 1]


@pytest.mark.parametrize("method", ["max_flow", "min_cost_flow"])
class TestLargeCounts:
    def test_flows_of_31_bits_are_exact(self, method):
        net = network(3, Edge(0, 1, 2**40), Edge(1, 2, 2**31 - 1))

        flows = getattr(net, method)(2**31 - 1)

        assert flows.tolist() == [2**31 - 1, 2**31 - 1]

    @pytest.mark.parametrize("wanted", [2**31, 2**32 + 1, 2**33])
    def test_a_flow_beyond_31_bits_is_sent_in_steps(self, method, wanted):
        net = network(3, Edge(0, 1, 2**40), Edge(1, 2, 2**33 - 5))

        flows = min(wanted, 2**33 - 5)
        assert getattr(net, method)(wanted).tolist() == [flows, flows]

    def test_flow_of_one_step_may_be_undone_by_the_next(self, method):
        large = 2**31
        net = network(
            4, Edge(0, 1, large), Edge(0, 2, large), Edge(1, 2, large, large), Edge(2, 3, large),
            Edge(1, 3, large),
        )  # fmt: skip

        assert net.value(getattr(net, method)(2 * large)) == 2 * large

    def test_both_directions_of_an_edge_beyond_31_bits_together_are_exact(self, method):
        net = network(3, Edge(0, 1, 2**30, 2**30), Edge(1, 2, 2**30))

        assert getattr(net, method)(2**30).tolist() == [2**30, 2**30]

    def test_capacity_beyond_31_bits_harms_no_smaller_flow(self, method):
        net = network(3, Edge(0, 1, 2**62, 2**61), Edge(1, 2, 2**62))

        assert getattr(net, method)(7).tolist() == [7, 7]


@pytest.mark.parametrize("most", [1, 2, 5, 30])
def test_a_flow_sent_in_many_steps_is_as_large_and_as_cheap(monkeypatch, most):
    monkeypatch.setattr(flow, "MAX_STEP", most)

    for seed in range(PER_BLOCK):
        net = random_network(seed)
        largest = by_programme(net)

        for wanted in (largest // 2 + 1, EVERYTHING):
            assert_flows(net, net.max_flow(wanted), min(largest, wanted))
            cheapest = net.min_cost_flow(wanted)
            assert_flows(net, cheapest, min(largest, wanted))
            assert priced(net, cheapest) == by_programme(net, min(largest, wanted))


def test_large_parallel_paths_are_exact():
    half = 2**30 - 1
    net = network(
        4, Edge(0, 1, half, half), Edge(0, 2, half, half), Edge(1, 3, 2**31, 0), Edge(2, 3, half)
    )

    assert net.max_flow(2**31 - 1).tolist() == [half, half, half, half]
    assert net.value(net.min_cost_flow(2**31 - 1)) == 2 * half
