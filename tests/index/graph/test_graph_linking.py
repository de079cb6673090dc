"""Seeding and ranking, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from agentmem.errors import InvalidInput
from agentmem.index.graph.linking import (
    entity_seeds,
    min_max,
    nearest_phrases,
    phrase_weights,
    rank_by_mentions,
    rank_passages,
    reset_vector,
    with_dense,
)
from agentmem.index.graph.memory_graph import EdgeWeights, MemoryGraph
from agentmem.index.graph.pagerank import personalised_pagerank

COUNTS = {"ada": 4, "babbage": 2, "engine": 1, "london": 10}


def count(phrase: str) -> int:
    return COUNTS.get(phrase, 0)


@pytest.mark.parametrize(
    ("scores", "stretched"),
    [
        ([2.0, 4.0, 3.0], [0.0, 1.0, 0.5]),
        ([0.3, 0.3], [1.0, 1.0]),
        ([-1.0], [1.0]),
        ([], []),
        ([float("nan"), 1.0, 3.0], [0.0, 0.0, 1.0]),
        ([float("nan")], [1.0]),
    ],
)
def test_min_max(scores, stretched) -> None:
    assert min_max(np.array(scores)).tolist() == stretched


def test_phrase_weights_are_means_of_scores_over_passages() -> None:
    facts = [("ada", "knew", "babbage"), ("babbage", "built", "engine"), ("ada", "lived in", "london")]
    weights = phrase_weights([1.0, 0.5, 0.2], facts, count)
    # engine: 0.5/1; babbage: (1/2 + 0.5/2)/2; ada: (1/4 + 0.2/4)/2; london: 0.2/10
    assert list(weights.items()) == [
        ("engine", pytest.approx(0.5)),
        ("babbage", pytest.approx(0.375)),
        ("ada", pytest.approx(0.15)),
        ("london", pytest.approx(0.02)),
    ]
    assert list(phrase_weights([1.0, 0.5, 0.2], facts, count, keep=2)) == ["engine", "babbage"]


def test_a_fact_of_score_0_seeds_nothing_instead_of_failing() -> None:
    facts = [("ada", "knew", "babbage"), ("engine", "was in", "london")]
    assert set(phrase_weights([1.0, 0.0], facts, count)) == {"ada", "babbage"}
    assert phrase_weights([0.0, float("nan")], facts, count) == {}
    assert phrase_weights([], [], count) == {}


def test_a_phrase_without_a_node_is_left_out() -> None:
    assert set(phrase_weights([1.0], [("ada", "met", "nobody")], count)) == {"ada"}


def test_equal_weights_are_cut_by_name() -> None:
    facts = [(f"p{i}", "r", f"p{i}") for i in (3, 1, 2)]
    assert list(phrase_weights([1.0] * 3, facts, lambda _: 1, keep=2)) == ["p1", "p2"]


def test_reset_vector() -> None:
    reset = reset_vector(6, {0: 0.5, 2: float("nan"), 3: -1.0}, np.array([5, 4]), np.array([0.1, 0.9]))
    assert reset.tolist() == pytest.approx([0.5, 0, 0, 0, 0.05, 0])
    assert reset_vector(2, {1: 2.0}, np.empty(0, np.int64), np.empty(0)).tolist() == [0.0, 2.0]
    assert reset_vector(2, {}, np.array([0, 1]), np.array([0.4, 0.4])).tolist() == pytest.approx([0.05, 0.05])


def test_rank_passages_best_first_ties_by_key() -> None:
    walk = np.array([0.1, 0.4, 0.2, 0.2, 0.1])
    keys, nodes = np.array([30, 10, 20]), np.array([2, 3, 1])
    assert rank_passages(walk, keys, nodes) == [(20, 0.4), (10, 0.2), (30, 0.2)]
    assert rank_passages(walk, keys, nodes, limit=1) == [(20, 0.4)]
    assert rank_passages(np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64)) == []


def test_nearest_phrases_and_their_seeds() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    linked = nearest_phrases(np.array([[0.8, 0.6], [0.0, 1.0]]), vectors, ["ada", "engine", "babbage"])
    assert linked == [("babbage", pytest.approx(0.96)), ("engine", pytest.approx(1.0))]
    assert entity_seeds([*linked, ("nobody", 1.0)], count) == {"babbage": 0.5, "engine": 1.0}
    assert entity_seeds(linked, count, specificity=False) == {"babbage": 1.0, "engine": 1.0}
    assert nearest_phrases(np.empty((0, 2)), vectors, ["a", "b", "c"]) == []
    assert nearest_phrases(vectors, np.empty((0, 2)), []) == []


def test_with_dense() -> None:
    walk, dense = np.array([1.0, 2.0, 3.0]), np.array([0.9, 0.5, 0.1])
    assert with_dense(walk, dense, 0.95).tolist() == [0.0, 0.5, 1.0]
    assert with_dense(walk, dense, 0.9).tolist() == [0.5, 0.5, 0.5]


def test_refusals() -> None:
    with pytest.raises(InvalidInput, match="One score for each fact"):
        phrase_weights([1.0], [], count)
    with pytest.raises(InvalidInput, match="One score for each passage"):
        reset_vector(3, {}, np.array([0]), np.empty(0))


CHAIN = {
    1: [("Erik Hort", "was born in", "Montebello")],
    2: [("Montebello", "is part of", "Rockland County")],
    3: [("Paris", "is part of", "France")],
}


def test_two_hops_find_the_passage_that_shares_no_word_with_the_question() -> None:
    graph = MemoryGraph()
    for key, triples in CHAIN.items():
        graph.add_passage(key, triples)
    fact = ("erik hort", "was born in", "montebello")
    seeds = {graph.node(p): w for p, w in phrase_weights([1.0], [fact], graph.passage_count).items()}
    keys, nodes = graph.passages()
    adjacency = graph.adjacency()
    reset = reset_vector(len(adjacency), seeds, nodes, np.array([0.9, 0.2, 0.3]))
    ranked = rank_passages(personalised_pagerank(adjacency, reset), keys, nodes)
    assert [key for key, _ in ranked] == [1, 2, 3]


def test_the_first_version_walks_over_entities_only() -> None:
    graph = MemoryGraph(EdgeWeights(passage=0.0))
    for key, triples in CHAIN.items():
        graph.add_passage(key, triples)
    seeds = entity_seeds([("erik hort", 1.0)], graph.passage_count)
    adjacency = graph.adjacency()
    reset = reset_vector(
        len(adjacency), {graph.node(p): w for p, w in seeds.items()}, np.empty(0, np.int64), np.empty(0)
    )
    ranked = rank_by_mentions(personalised_pagerank(adjacency, reset), graph.mentions())
    assert [key for key, _ in ranked] == [1, 2, 3] and ranked[-1][1] == 0.0
    assert rank_by_mentions(np.empty(0), MemoryGraph().mentions()) == []
