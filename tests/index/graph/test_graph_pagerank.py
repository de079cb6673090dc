"""Personalised PageRank against networkx, and local push against both."""

from __future__ import annotations

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array, csr_array

from agentmem.errors import InvalidInput
from agentmem.index.graph.adjacency import Adjacency
from agentmem.index.graph.changing_edges import ChangingEdges
from agentmem.index.graph.pagerank import local_push, personalised_pagerank

DAMPINGS = st.sampled_from([0.0, 0.1, 0.5, 0.85])


@st.composite
def graphs(draw):
    """Edges with weights over n nodes, of which some stay alone, and seeds, of which some may be alone."""
    n = draw(st.integers(1, 25))
    ends = st.integers(0, n - 1)
    edges = draw(st.dictionaries(st.tuples(ends, ends), st.floats(0.01, 20), max_size=60))
    pairs = {(min(u, v), max(u, v)): weight for (u, v), weight in edges.items() if u != v}
    seeds = draw(st.lists(st.one_of(st.just(0.0), st.floats(0.001, 5)), min_size=n, max_size=n))
    seeds[draw(ends)] += 1.0
    return n, pairs, np.array(seeds)


def matrix(n: int, pairs, dtype=np.float64):
    u, v = (np.array([pair[i] for pair in pairs], dtype=np.int64) for i in (0, 1))
    weights = np.array(list(pairs.values()), dtype=dtype)
    upper = coo_array((weights, (u, v)), shape=(n, n)).tocsr()
    return csr_array(upper + upper.T)


def changing(n: int, pairs, cut: int) -> Adjacency:
    """A base of some edges, a patch that corrects it to all of them."""
    edges = ChangingEdges()
    listed = list(pairs.items())
    for i in range(300):  # enough for a base
        edges.put(n + i, n + i + 1, 1.0)
    for (u, v), weight in listed[:cut]:
        edges.put(u, v, weight * 2)
    edges.adjacency(n + 301)
    for i in range(300):
        edges.put(n + i, n + i + 1, 0.0)
    edges.adjacency(n + 301)
    for (u, v), weight in listed:
        edges.put(v, u, 7.0)
        edges.put(u, v, weight)
    return edges.adjacency(n + 301)


def networkx_pagerank(n: int, pairs, seeds, damping: float) -> list[float]:
    graph = networkx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from((u, v, weight) for (u, v), weight in pairs.items())
    found = networkx.pagerank(
        graph, alpha=damping, personalization=dict(enumerate(seeds)), weight="weight", tol=1e-13, max_iter=2000
    )
    return [found[node] for node in range(n)]


@settings(max_examples=300)
@given(graphs(), DAMPINGS)
def test_agrees_with_networkx(graph, damping) -> None:
    n, pairs, seeds = graph
    found = personalised_pagerank(matrix(n, pairs), seeds, damping, tolerance=1e-10)
    np.testing.assert_allclose(found, networkx_pagerank(n, pairs, seeds, damping), atol=1e-9)


@settings(max_examples=150)
@given(graphs(), DAMPINGS, st.integers(0, 60))
def test_agrees_with_networkx_in_single_precision_and_patched(graph, damping, cut) -> None:
    n, pairs, seeds = graph
    padded = np.concatenate([seeds, np.zeros(301)])
    found = personalised_pagerank(changing(n, pairs, cut), padded, damping, tolerance=1e-6)
    np.testing.assert_allclose(found[:n], networkx_pagerank(n, pairs, seeds, damping), atol=1e-6)
    assert not found[n:].any()


@settings(max_examples=100)
@given(graphs(), DAMPINGS)
def test_the_tolerance_bounds_the_relative_error(graph, damping) -> None:
    n, pairs, seeds = graph
    adjacency = Adjacency.of(matrix(n, pairs))
    exact = np.array(networkx_pagerank(n, pairs, seeds, damping))
    linked = adjacency.degrees > 0

    def norm(values) -> float:
        return float(np.sqrt((values[linked] ** 2 / adjacency.degrees[linked]).sum()))

    for tolerance in (0.3, 1e-2, 1e-4):
        found = personalised_pagerank(adjacency, seeds, damping, tolerance=tolerance)
        assert norm(found - exact) <= 2 * tolerance * norm(exact) + 1e-9  # twice: the result is scaled to a sum of 1
        assert found.sum() == pytest.approx(1.0) and (found >= -1e-6).all() | (tolerance > 1e-3)


@settings(max_examples=200)
@given(graphs(), DAMPINGS, st.sampled_from([1e-2, 1e-4, 1e-7]), st.integers(0, 60), st.booleans())
def test_local_push_falls_short_by_no_more_than_its_bound(graph, damping, epsilon, cut, patched) -> None:
    n, pairs, seeds = graph
    adjacency = changing(n, pairs, cut) if patched else Adjacency.of(matrix(n, pairs))
    exact = np.array(networkx_pagerank(n, pairs, seeds, damping))
    nodes = np.flatnonzero(seeds)
    push = local_push(adjacency, nodes, seeds[nodes], damping, epsilon)
    found = np.zeros(len(adjacency))
    found[push.nodes] = push.scores
    assert push.nodes.tolist() == sorted(set(push.nodes.tolist()))
    degrees = adjacency.at_nodes(adjacency.degrees)[:n]
    alone = float(seeds[degrees <= 0].sum() / seeds.sum())
    slack = 1e-6 if patched else 1e-9
    assert (exact - found[:n] <= epsilon * degrees / (1 - damping * alone) + slack).all()
    assert (exact - found[:n] >= -slack).all()
    assert push.missing == pytest.approx(1 - found.sum(), abs=1e-9)


def test_local_push_nears_the_exact_as_epsilon_shrinks() -> None:
    adjacency = Adjacency.of(ring_of_cliques(20))
    exact = personalised_pagerank(adjacency, np.eye(1, len(adjacency))[0], tolerance=1e-12)
    errors = []
    for epsilon in (1e-2, 1e-3, 1e-4, 1e-6, 1e-9):
        push = local_push(adjacency, np.array([0]), np.ones(1), epsilon=epsilon)
        found = np.zeros(len(adjacency))
        found[push.nodes] = push.scores
        errors.append(float(np.abs(exact - found).sum()))
    assert errors == sorted(errors, reverse=True) and errors[-1] < 1e-6


def test_local_push_costs_the_same_in_a_graph_ten_times_as_large() -> None:
    small, large = Adjacency.of(ring_of_cliques(50)), Adjacency.of(ring_of_cliques(500))
    pushes = [local_push(graph, np.array([3]), np.ones(1), epsilon=1e-5) for graph in (small, large)]
    assert pushes[0].touched == pushes[1].touched > 0
    assert pushes[0].nodes.max() > len(small) // 2  # around the ring to both sides
    assert len(pushes[0].nodes) == len(pushes[1].nodes)
    for epsilon in (1e-3, 1e-4, 1e-5):
        push = local_push(large, np.array([3]), np.ones(1), epsilon=epsilon)
        assert push.touched <= 1 / (0.5 * epsilon)  # weights are 1, so degrees count entries


def ring_of_cliques(cliques: int, size: int = 8):
    pairs = {}
    for clique in range(cliques):
        first = clique * size
        pairs |= {(first + i, first + j): 1.0 for i in range(size) for j in range(i + 1, size)}
        pairs[first, (first + size) % (cliques * size)] = 1.0
    return matrix(cliques * size, {(min(p), max(p)): w for p, w in pairs.items()})


def test_a_hub_of_thousands_keeps_its_precision_in_single_precision() -> None:
    n = 20_000
    star = matrix(n, {(0, i): 1.0 for i in range(1, n)}, np.float32)
    seeds = np.ones(n)
    single = personalised_pagerank(star, seeds)
    double = personalised_pagerank(star.astype(np.float64), seeds, tolerance=1e-12)
    np.testing.assert_allclose(single, double, rtol=1e-4)


def test_all_nodes_alone_keep_their_seeds() -> None:
    empty = csr_array((3, 3))
    assert personalised_pagerank(empty, np.array([1, 3, 0])).tolist() == [0.25, 0.75, 0.0]
    push = local_push(Adjacency.of(empty), np.array([1, 1, 0]), np.array([1.0, 2.0, 1.0]))
    assert push.nodes.tolist() == [0, 1] and push.scores.tolist() == pytest.approx([0.25, 0.75])


def test_a_link_to_itself_counts_as_in_networkx() -> None:
    graph = networkx.Graph([(0, 0), (0, 1), (1, 2)])
    found = personalised_pagerank(networkx.to_scipy_sparse_array(graph), np.array([0, 0, 1.0]), tolerance=1e-10)
    expected = networkx.pagerank(graph, alpha=0.5, personalization={2: 1.0}, tol=1e-13)
    np.testing.assert_allclose(found, [expected[i] for i in range(3)], atol=1e-9)


@pytest.mark.parametrize(
    ("reset", "options", "message"),
    [
        ([0.0, 0.0], {}, "nowhere to start"),
        ([1.0], {}, "2, not"),
        ([1.0, -1.0], {}, "not negative"),
        ([1.0, float("nan")], {}, "finite"),
        ([1.0, 0.0], {"damping": 1.0}, "Damping"),
        ([1.0, 0.0], {"tolerance": 0.0}, "tolerance"),
        ([1.0, 0.0], {"max_iterations": 0}, "more than 0 steps"),
    ],
)
def test_refusals(reset, options, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        personalised_pagerank(matrix(2, {(0, 1): 1.0}), np.array(reset), **options)


def test_an_empty_graph_has_nowhere_to_start() -> None:
    with pytest.raises(InvalidInput, match="nowhere to start"):
        personalised_pagerank(csr_array((0, 0)), np.empty(0))
    with pytest.raises(InvalidInput, match="nowhere to start"):
        local_push(Adjacency.of(csr_array((0, 0))), np.empty(0, np.int64), np.empty(0))


def test_local_push_refusals() -> None:
    adjacency = Adjacency.of(matrix(2, {(0, 1): 1.0}))
    for seeds, options, message in (([2], {}, "0 to 1"), ([-1], {}, "0 to 1"), ([0], {"epsilon": 0.0}, "Epsilon")):
        with pytest.raises(InvalidInput, match=message):
            local_push(adjacency, np.array(seeds), np.ones(1), **options)


@pytest.mark.parametrize(
    ("entries", "message"),
    [([[0, 1], [2, 0]], "symmetric"), ([[0, -1], [-1, 0]], "negative"), ([[0, 1]], "square")],
)
def test_matrices_that_are_no_graph(entries, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        Adjacency.of(csr_array(np.array(entries)))
