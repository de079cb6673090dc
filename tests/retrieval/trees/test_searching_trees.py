"""Collapsed search and traversal, against walks written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem.errors import InvalidInput
from agentmem.retrieval.trees.tree import Tree, collapsed, traverse

#        top
#      /     \
#   pets     cars
#   / \      /  \
# cat dog  bmw  taxi   (the taxi driver's dog stands under both)
IDS = ("top", "pets", "cars", "cat", "dog", "bmw", "taxi")
EDGES = [
    ("top", "pets"),
    ("top", "cars"),
    ("pets", "cat"),
    ("pets", "dog"),
    ("cars", "bmw"),
    ("cars", "taxi"),
    ("pets", "taxi"),
]
VECTORS = np.array([[0.7, 0.7], [0.9, 0.4], [0.4, 0.9], [1.0, 0.0], [0.95, 0.3], [0.0, 1.0], [0.6, 0.8]], np.float32)
QUERY = np.array([1.0, 0.0], np.float32)


@pytest.fixture
def tree() -> Tree:
    return Tree.of(IDS, EDGES, VECTORS)


def names(found) -> list[str]:
    return [one.id for one in found]


def test_its_shape_is_read_off_the_edges(tree: Tree) -> None:
    assert [IDS[root] for root in tree.roots] == ["top"]
    assert [IDS[child] for child in tree.children(1)] == ["cat", "dog", "taxi"]
    assert [IDS[leaf] for leaf in np.flatnonzero(tree.leaves)] == ["cat", "dog", "bmw", "taxi"]
    assert len(tree) == 7


def test_collapsed_looks_at_all_nodes_at_once(tree: Tree) -> None:
    found = collapsed(tree, QUERY, 3)
    assert names(found) == ["cat", "dog", "pets"]
    assert found[0].score == 1.0
    assert names(collapsed(tree, QUERY, 10, threshold=0.65)) == ["cat", "dog", "pets", "top"]
    assert collapsed(tree, QUERY, 0) == []


def test_traversal_keeps_so_many_of_each_layer(tree: Tree) -> None:
    found = traverse(tree, QUERY, per_layer=1)
    assert sorted(names(found)) == ["cat", "pets", "top"]
    assert {one.id: one.layer for one in found} == {"top": 0, "pets": 1, "cat": 2}
    assert names(found) == ["cat", "pets", "top"]  # by score
    assert sorted(names(traverse(tree, QUERY, per_layer=5))) == sorted(IDS)


def test_traversal_by_a_threshold(tree: Tree) -> None:
    assert names(traverse(tree, QUERY, threshold=0.65)) == ["cat", "dog", "pets", "top"]
    assert traverse(tree, QUERY, threshold=0.99) == []  # the cat's summaries are less alike than the cat


def test_several_roots_and_leaves_among_them_are_one_layer() -> None:
    tree = Tree.of(IDS[1:], EDGES[2:], VECTORS[1:])
    assert [tree.ids[root] for root in tree.roots] == ["pets", "cars"]
    assert names(traverse(tree, QUERY, per_layer=1)) == ["cat", "pets"]


def test_an_empty_tree_finds_nothing() -> None:
    tree = Tree.of((), [], np.empty((0, 2), np.float32))
    assert collapsed(tree, QUERY, 5) == [] == traverse(tree, QUERY)
    tree = Tree.of((), [], np.empty((0, 0), np.float32))
    assert collapsed(tree, QUERY, 5) == []


def test_edges_to_what_is_gone_and_repeated_ones_are_left_out() -> None:
    edges = [*EDGES, ("top", "pets"), ("gone", "cat"), ("pets", "gone"), ("cat", "cat")]
    again = Tree.of(IDS, edges, VECTORS)
    assert again.below.tolist() == Tree.of(IDS, EDGES, VECTORS).below.tolist()


def test_circles_end() -> None:
    tree = Tree.of(("a", "b", "c"), [("a", "b"), ("b", "a"), ("b", "c")], np.eye(3, 2, dtype=np.float32))
    assert sorted(names(traverse(tree, QUERY))) == ["a", "b", "c"]


def test_as_many_vectors_as_ids() -> None:
    with pytest.raises(InvalidInput, match="3 nodes"):
        Tree.of(("a", "b", "c"), [], VECTORS)


@st.composite
def trees(draw):
    count = draw(st.integers(1, 30))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    parents = [int(random.integers(0, row)) if row and random.random() < 0.85 else None for row in range(count)]
    ids = [f"n{row}" for row in range(count)]
    edges = [(ids[parent], ids[row]) for row, parent in enumerate(parents) if parent is not None]
    vectors = random.standard_normal((count, 4)).astype(np.float32)
    return ids, edges, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(max_examples=60)
@given(trees(), st.integers(1, 6))
def test_against_a_walk_written_out(given_tree, per_layer: int) -> None:
    ids, edges, vectors = given_tree
    scores = {id: float(vector[0]) for id, vector in zip(ids, vectors, strict=True)}
    query = np.array([1, 0, 0, 0], np.float32)
    tree = Tree.of(ids, edges, vectors)

    assert names(collapsed(tree, query, 7)) == sorted(ids, key=lambda one: -scores[one])[:7]

    layer = [id for id in ids if id not in {child for _parent, child in edges}]
    expected = []
    while layer:
        kept = sorted(layer, key=lambda one: -scores[one])[:per_layer]
        expected += kept
        layer = [child for parent, child in edges if parent in kept]
    assert set(names(traverse(tree, query, per_layer))) == set(expected)
    found = [one.score for one in traverse(tree, query, per_layer)]
    assert found == sorted(found, reverse=True)
    assert set(names(traverse(tree, query, threshold=-1.0))) == set(ids)
