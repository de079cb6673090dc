"""The graph against one rebuilt from nothing, in whatever order it was changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem.errors import InvalidInput, NotFound
from agentmem.index.graph import changing_edges
from agentmem.index.graph.memory_graph import EdgeWeights, MemoryGraph
from agentmem.index.graph.pagerank import personalised_pagerank

PHRASES = ["ada", "babbage", "engine", "london", "byron", "loom"]
COSINES = {("ada", "byron"): 0.9, ("engine", "loom"): 0.85, ("ada", "babbage"): 0.8}  # the last two also related
TRIPLES = st.tuples(st.sampled_from(PHRASES), st.sampled_from(["knew", "built"]), st.sampled_from(PHRASES))
PASSAGES = st.lists(st.lists(TRIPLES, max_size=4), min_size=1, max_size=6)


def similar(one: str, other: str) -> float:
    return COSINES.get((one, other), COSINES.get((other, one), 0.0))


def insert(graph: MemoryGraph, key: int, triples) -> None:
    """As whoever drives the graph does it: synonyms are looked up for what is new, among all that is there."""
    for phrase in graph.add_passage(key, triples):
        graph.set_synonyms(
            phrase, {other: similar(phrase, other) for other in graph.entities if similar(phrase, other)}
        )


def naive_edges(passages, weights: EdgeWeights) -> dict:
    """From the definition: {(node, node): weight}."""
    found: dict = {}
    there = {phrase for triples in passages.values() for s, _, o in triples for phrase in (s, o)}
    for key, triples in passages.items():
        for s, _, o in set(triples):
            for phrase in (s, o):
                found[phrase, key] = weights.passage
            if s != o:
                pair = (min(s, o), max(s, o))
                found[pair] = found.get(pair, 0.0) + weights.relation
    for (one, other), cosine in COSINES.items():
        if one in there and other in there:
            found[one, other] = found.get((one, other), 0.0) + weights.synonym * cosine
    return found


def edges_of(graph: MemoryGraph) -> dict:
    return {(edge.one, edge.other): edge.weight for edge in graph.edges()}


def matrix_of(graph: MemoryGraph) -> dict:
    """The same, as PageRank sees it: both layers of the matrix, through names."""
    adjacency = graph.adjacency()
    dense = np.array([adjacency.multiply(row) for row in np.eye(len(adjacency), dtype=adjacency.base.dtype)])
    np.testing.assert_allclose(dense, dense.T, atol=1e-6)
    np.testing.assert_allclose(dense.sum(axis=1), adjacency.degrees, atol=1e-5)
    names = [graph.name(node) for node in adjacency.nodes(np.arange(len(adjacency))).tolist()]
    found = {}
    for i, j in zip(*np.nonzero(np.abs(dense) > 1e-5), strict=True):
        one, other = names[i], names[j]
        if isinstance(one, str) and (isinstance(other, int) or one < other):
            found[one, other] = float(dense[i, j])
    return found


@settings(max_examples=200)
@given(PASSAGES, st.sampled_from([0, 4, 256]), st.data())
def test_the_order_of_changes_leaves_no_trace(passages, least_patch, data) -> None:
    with pytest.MonkeyPatch.context() as patch:  # a new base at every reading, at some, at none
        patch.setattr(changing_edges, "_LEAST_PATCH", least_patch)
        change_and_compare(passages, data)


def change_and_compare(passages, data) -> None:
    wanted = dict(enumerate(passages))
    graph = MemoryGraph()
    for key in data.draw(st.permutations(list(wanted))):
        insert(graph, key, wanted[key])
        if data.draw(st.booleans()):  # reading in between makes a base and patches
            graph.adjacency()
        for gone in data.draw(st.lists(st.sampled_from(sorted(graph.passages()[0].tolist())), max_size=2, unique=True)):
            graph.remove_passage(gone)
            insert(graph, gone, data.draw(st.permutations(wanted[gone])))
    expected = naive_edges(wanted, graph.weights)
    assert edges_of(graph) == pytest.approx(expected)
    assert matrix_of(graph) == pytest.approx(expected, abs=1e-5)
    assert graph.entities == tuple(sorted({node for edge in expected for node in edge if isinstance(node, str)}))
    assert graph.passages()[0].tolist() == sorted(wanted)


@settings(max_examples=100)
@given(PASSAGES, st.data())
def test_removing_passages_leaves_the_graph_of_the_others(passages, data) -> None:
    graph = MemoryGraph(EdgeWeights(1.0, 0.5, 3.0))
    for key, triples in enumerate(passages):
        insert(graph, key, triples)
    graph.adjacency()
    removed = data.draw(st.lists(st.integers(0, len(passages) - 1), unique=True))
    for key in removed:
        graph.remove_passage(key)
    expected = naive_edges({k: t for k, t in enumerate(passages) if k not in removed}, graph.weights)
    assert edges_of(graph) == pytest.approx(expected)
    assert matrix_of(graph) == pytest.approx(expected, abs=1e-5)
    if len(removed) == len(passages):
        assert len(graph) == 0 and not graph.adjacency().degrees.any()


def test_many_changes_go_through_several_bases() -> None:
    random = np.random.default_rng(0)
    passages: dict[int, list] = {}
    graph = MemoryGraph()
    for step in range(400):
        key = int(random.integers(0, 150))
        if key in passages:
            graph.remove_passage(key)
            del passages[key]
        else:
            passages[key] = [(f"e{a}", "r", f"e{b}") for a, b in random.integers(0, 80, (8, 2))]
            graph.add_passage(key, passages[key])
        if step % 7 == 0:
            graph.adjacency()
    expected = naive_edges(passages, graph.weights)
    assert edges_of(graph) == pytest.approx(expected)
    assert matrix_of(graph) == pytest.approx(expected, abs=1e-4)


def test_removing_a_passage_leaves_shared_entities() -> None:
    graph = MemoryGraph()
    graph.add_passage(1, [("Ada", "knew", "Babbage"), ("Ada", "lived in", "London")])
    graph.add_passage(2, [("ada", "knew", "Babbage!")])
    assert edges_of(graph)["ada", "babbage"] == 4.0
    assert graph.remove_passage(1) == ("london",)
    assert graph.entities == ("ada", "babbage")
    assert edges_of(graph) == {("ada", "babbage"): 2.0, ("ada", 2): 1.0, ("babbage", 2): 1.0}
    assert graph.passage_count("Ada") == 1


def test_indexing_twice_doubles_no_synonym() -> None:
    graph = MemoryGraph()
    graph.add_passage(1, [("ada", "knew", "byron")])
    for _ in range(2):
        graph.set_synonyms("ada", {"byron": 0.9})
        graph.set_synonyms("byron", {"ada": 0.9})
        assert edges_of(graph)["ada", "byron"] == pytest.approx(2.0 + 2 * 0.9)
    assert matrix_of(graph)["ada", "byron"] == pytest.approx(3.8)


def test_two_sides_of_a_synonymy_keep_the_higher_cosine() -> None:
    graph = MemoryGraph(EdgeWeights(relation=0.0, synonym=1.0))
    graph.add_passage(1, [("ada", "knew", "byron")])
    graph.set_synonyms("ada", {"byron": 0.8, "nobody": 0.9, "ada": 1.0})
    graph.set_synonyms("byron", {"ada": 0.9})
    assert edges_of(graph)["ada", "byron"] == 0.9
    graph.set_synonyms("byron", {})
    assert edges_of(graph)["ada", "byron"] == 0.8
    graph.set_synonyms("ada", {})
    assert next(e for e in graph.edges() if e.other == "byron").cosine == 0.0
    assert ("ada", "byron") not in matrix_of(graph)


def test_a_triple_stated_twice_in_a_passage_counts_once() -> None:
    graph = MemoryGraph()
    assert graph.add_passage(1, [("Ada", "knew", "Byron"), ("ada", "Knew", "byron."), ("ada", "met", "byron")]) == (
        "ada",
        "byron",
    )
    assert next(edge for edge in graph.edges() if edge.other == "byron").relations == 2


def test_a_triple_without_a_subject_and_one_about_itself() -> None:
    graph = MemoryGraph()
    assert graph.add_passage(1, [("...", "is", "ada"), ("loom", "is", "Loom"), ("ada", "", "!")]) == ("loom",)
    assert edges_of(graph) == {("loom", 1): 1.0}


def test_a_passage_without_triples_is_a_lone_node() -> None:
    graph = MemoryGraph()
    assert graph.add_passage(5, []) == ()
    keys, nodes = graph.passages()
    assert keys.tolist() == [5] and graph.name(int(nodes[0])) == 5
    assert personalised_pagerank(graph.adjacency(), np.ones(1)).tolist() == [1.0]


def test_nodes_keep_their_numbers_and_freed_ones_are_used_again() -> None:
    graph = MemoryGraph()
    graph.add_passage(1, [("ada", "knew", "byron")])
    ada, byron = graph.node("Ada"), graph.node("byron")
    graph.add_passage(2, [("ada", "built", "engine")])
    graph.remove_passage(1)
    graph.adjacency()
    assert (graph.node("ada"), graph.node("byron")) == (ada, None)
    graph.add_passage(3, [("loom", "was in", "london")])
    assert len(graph.adjacency()) == len(graph) and byron in {graph.node("loom"), graph.node("london")} | {
        int(node) for node in graph.passages()[1]
    }
    assert matrix_of(graph) == pytest.approx(edges_of(graph), abs=1e-5)


def test_a_snapshot_stays_as_it_was() -> None:
    graph = MemoryGraph()
    graph.add_passage(1, [("ada", "knew", "byron")])
    before = graph.adjacency()
    degrees = before.degrees.copy()
    graph.add_passage(2, [("ada", "built", "engine")])
    assert len(graph.adjacency()) == 5 and len(before) == 3
    assert before.degrees.tolist() == degrees.tolist()
    assert graph.adjacency() is graph.adjacency()


def test_mentions_count_triples() -> None:
    graph = MemoryGraph(EdgeWeights(passage=0.0))
    graph.add_passage(7, [("ada", "knew", "byron"), ("ada", "built", "engine")])
    graph.add_passage(3, [("byron", "wrote", "byron")])
    mentions = graph.mentions()
    assert mentions.passages.tolist() == [3, 7]
    counts = mentions.counts.toarray()
    assert [counts[1, graph.node(p)] for p in ("ada", "byron", "engine")] == [2, 1, 1]
    assert [counts[0, graph.node(p)] for p in ("ada", "byron", "engine")] == [0, 1, 0]
    assert not graph.adjacency().degrees[graph.adjacency().places(graph.passages()[1])].any()


def test_refusals() -> None:
    graph = MemoryGraph()
    graph.add_passage(1, [("ada", "knew", "byron")])
    with pytest.raises(InvalidInput, match=r"remove_passage\(1\) first"):
        graph.add_passage(1, [])
    with pytest.raises(NotFound, match="no passage 9"):
        graph.remove_passage(9)
    with pytest.raises(NotFound, match="no entity 'loom'"):
        graph.set_synonyms("loom", {})
    with pytest.raises(InvalidInput, match="cosine"):
        graph.set_synonyms("ada", {"byron": 0.0})
    for weight in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InvalidInput, match="relation"):
            EdgeWeights(relation=weight)


def test_an_empty_graph() -> None:
    graph = MemoryGraph()
    assert len(graph) == 0 and graph.entities == () and list(graph.edges()) == []
    assert len(graph.adjacency()) == 0 and graph.mentions().counts.shape == (0, 0)
    assert "ada" not in graph and graph.passage_count("ada") == 0 and graph.name(0) is None
