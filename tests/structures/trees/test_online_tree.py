"""Where leaves go, worked out by hand, and what holds of every tree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_world import directions

from agentmem.structures.trees.online import ROOT, OnlineTree
from agentmem.structures.trees.threshold import Threshold

X, Y, Z = np.eye(3, dtype=np.float32)


def towards(angle: float) -> np.ndarray:
    """A unit vector in the plane of X and Y, at so many degrees from X."""
    return (np.cos(np.radians(angle)) * X + np.sin(np.radians(angle)) * Y).astype(np.float32)


def test_the_first_leaf_and_unlike_ones_hang_from_the_root() -> None:
    tree = OnlineTree(3)
    for number, vector in enumerate((X, Y, Z), 1):
        path = tree.place(vector)
        assert (path.node, path.inner, path.split) == (number, (), None)
    assert tree.children(ROOT) == (1, 2, 3)
    assert tree.deepest == 1


def test_a_leaf_that_matches_gets_a_node_above_it_and_the_new_one() -> None:
    tree = OnlineTree(3)
    old = tree.place(X).node
    path = tree.place(towards(60))  # cosine 0.5, threshold 0.4
    assert path.split == old
    assert path.inner == (tree.parent(old),) == (tree.parent(path.node),)
    [node] = path.inner
    assert tree.children(ROOT) == (node,)
    assert [tree.depth(n) for n in (node, old, path.node)] == [1, 2, 2]
    assert tree.size(node) == 2
    np.testing.assert_allclose(tree.vector(node), towards(30), atol=1e-6)


def test_deeper_down_more_likeness_is_asked_for() -> None:
    tree = OnlineTree(3)
    first = tree.place(X).node
    [node] = tree.place(towards(60)).inner  # stands at 30 degrees, deepest = 2
    # At 85 degrees: 55 from the node, cosine 0.57 >= 0.4. There the threshold is 0.4 * exp(0.5 * 1 / 2) = 0.514, and
    # the nearest child, at 60 degrees, has cosine 0.91: it is split.
    path = tree.place(towards(85))
    assert path.inner[0] == node
    assert tree.depth(path.node) == 3
    # At -30 degrees: the node, at about 48, has cosine 0.2 < 0.4: it stays at the top.
    assert tree.place(towards(-30)).inner == ()
    assert tree.children(node)[0] == first


def test_below_the_threshold_of_its_depth_a_leaf_stays_under_the_node() -> None:
    tree = OnlineTree(3, Threshold(0.4, 5.0))  # at depth 1 of 2: 0.4 * exp(2.5), so 1
    tree.place(X)
    [node] = tree.place(towards(40)).inner
    path = tree.place(towards(20))
    assert path.inner == (node,) and path.split is None
    assert len(tree.children(node)) == 3
    np.testing.assert_allclose(tree.vector(node), towards(20), atol=1e-6)


def test_a_zero_vector_is_like_nothing() -> None:
    tree = OnlineTree(3)
    tree.place(X)
    assert tree.place(np.zeros(3, dtype=np.float32)).inner == ()
    assert tree.place(np.zeros(3, dtype=np.float32)).inner == ()


def test_without_an_embedding_model_all_hang_from_the_root() -> None:
    tree = OnlineTree(0)
    for _ in range(10):
        assert tree.place(np.zeros(0, dtype=np.float32)).inner == ()
    assert tree.restless() == ()


def test_a_vector_that_was_set_decides_from_then_on() -> None:
    tree = OnlineTree(3)
    tree.place(X)
    [node] = tree.place(X).inner
    tree.set_vector(node, Z)
    assert tree.place(X).inner == ()
    assert tree.place(Z).inner[0] == node
    np.testing.assert_allclose(tree.vector(node), Z, atol=1e-6)  # (2 Z + Z) / 3


def test_what_lost_its_parent_settles_again_with_all_below_it() -> None:
    tree = OnlineTree(3)
    for angle in (0, 10, 12, 80):
        tree.place(towards(angle))
    tree.remove(tree.parent(1))
    top = tree.children(ROOT)
    for node in tree.restless():
        if tree.fits(node):
            tree.settle(node)
    assert len(tree.children(ROOT)) < len(top)
    check(tree)


def test_an_inner_node_that_lost_its_children_takes_new_ones() -> None:
    tree = OnlineTree.load([0], [True], X[None, :], keep=np.array([True]))
    assert not tree.is_leaf(1)
    path = tree.place(X)
    assert path.inner == (1,) and path.split is None
    check(tree)


def test_a_copy_is_independent() -> None:
    tree = grown(directions(40, 1))
    before = shape(tree)
    other = tree.copy()
    for vector in directions(40, 2):
        other.place(vector)
    assert shape(tree) == before
    check(tree)
    check(other)


def test_a_tree_that_is_loaded_places_as_the_one_it_was_read_from() -> None:
    vectors = directions(300, 3)
    tree = grown(vectors[:200])
    nodes = list(tree.nodes())
    read = np.stack([tree.vector(n) if tree.is_leaf(n) else np.zeros(32, np.float32) for n in nodes])
    loaded = OnlineTree.load([tree.parent(n) for n in nodes], [not tree.is_leaf(n) for n in nodes], read)
    check(loaded)
    for vector in vectors[200:]:
        assert tree.place(vector) == loaded.place(vector)
    assert [tree.parent(n) for n in tree.nodes()] == [loaded.parent(n) for n in loaded.nodes()]


@pytest.mark.parametrize("parents", [[1], [2, 1], [0, 3, 4, 2, 3]])
def test_a_circle_in_what_was_stored_is_cut(parents: list[int]) -> None:
    tree = OnlineTree.load(parents, [False] * len(parents), directions(len(parents), 4))
    check(tree, means=False)
    tree.place(directions(1, 5)[0])
    check(tree, means=False)


def test_most_nodes_are_never_looked_at() -> None:
    """What a placement costs goes by the children on its way, not by the size of the tree."""
    tree = grown(directions(2_000, 6, groups=40))
    path = tree.place(directions(1, 7, groups=40)[0])
    looked_at = sum(len(tree.children(node)) for node in (ROOT, *path.inner))
    assert looked_at < len(tree) / 4


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    steps=st.lists(st.one_of(st.just("place"), st.just("place"), st.just("remove"), st.just("settle")), max_size=60),
    start=st.floats(0.1, 0.9),
)
def test_whatever_is_placed_and_removed_it_stays_a_tree(seed: int, steps: list[str], start: float) -> None:
    random = np.random.default_rng(seed)
    vectors = iter(directions(len(steps), seed, groups=3))
    tree = OnlineTree(32, Threshold(start, 0.5))
    leaves: set[int] = set()
    for step in steps:
        nodes = list(tree.nodes())
        if step == "place":
            leaves.add(tree.place(next(vectors)).node)
        elif nodes and step == "remove":
            node = int(random.choice(nodes))
            leaves.discard(node)
            tree.remove(node)
        elif nodes:
            tree.settle(int(random.choice(tree.children(ROOT))))
        assert {node for node in tree.nodes() if tree.is_leaf(node)} == leaves
        check(tree)


def grown(vectors: np.ndarray) -> OnlineTree:
    tree = OnlineTree(vectors.shape[1])
    for vector in vectors:
        tree.place(vector)
    return tree


def shape(tree: OnlineTree) -> list[tuple[int, int, tuple[float, ...]]]:
    return [(node, tree.parent(node), tuple(tree.vector(node))) for node in tree.nodes()]


def check(tree: OnlineTree, *, means: bool = True) -> None:
    """Every node stands in one place, depths and sizes are right, and inner nodes stand where their leaves do."""
    seen: dict[int, int] = {}
    leaves: dict[int, list[int]] = {}

    def walk(node: int, depth: int) -> list[int]:
        assert tree.depth(node) == depth
        children = tree.children(node)
        assert not (children and tree.is_leaf(node))
        found = [node] if node != ROOT and tree.is_leaf(node) else []
        for child in children:
            assert tree.parent(child) == node
            assert child not in seen, "in two places"
            seen[child] = node
            found += walk(child, depth + 1)
        leaves[node] = found
        return found

    walk(ROOT, 0)
    assert set(seen) == set(tree.nodes()) and len(tree) == len(seen)
    assert tree.deepest == max((tree.depth(node) for node in seen), default=0)
    for node in seen:
        assert tree.size(node) == len(leaves[node])
        if means and leaves[node]:
            total = np.sum([tree.vector(leaf) for leaf in leaves[node]], axis=0)
            norm = np.linalg.norm(total)
            if norm > 1e-3:
                np.testing.assert_allclose(tree.vector(node), total / norm, atol=1e-3)
