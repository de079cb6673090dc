"""Where events begin."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from agentmem.structures.surprise.boundaries import boundaries, surprises
from agentmem.structures.surprise.refinement import adjacency, conductance, modularity, refined

X, Y = [1.0, 0.0], [0.0, 1.0]


def test_surprise_is_one_minus_the_cosine_with_the_weighted_past():
    # The past of the third unit is 0.5 * x + 1 * x: its cosine with y is 0. That of the fourth is 0.25 x + 0.5 x + 1 y:
    # (0.75, 1), of length 1.25; its cosine with y is 1 / 1.25 = 0.8.
    found = surprises(np.array([X, X, Y, Y], dtype=np.float32), window=20, decay=0.5)
    assert found.tolist() == pytest.approx([0.0, 0.0, 1.0, 0.2])


def test_the_window_forgets():
    # With a window of 1 the past of the fourth unit is the third alone.
    assert surprises(np.array([X, X, Y, Y], dtype=np.float32), window=1)[3] == pytest.approx(0.0)


def test_what_has_no_vector_does_not_surprise():
    assert surprises(np.zeros((3, 2), dtype=np.float32)).tolist() == [0.0, 0.0, 0.0]


def test_an_event_begins_above_the_mean_plus_gamma_standard_deviations():
    # Before the last: 1, 2, 3, 2 (the first unit's own 9 does not count): mean 2, deviation sqrt(2 / 4) = 0.7071.
    usual = [9.0, 1.0, 2.0, 3.0, 2.0]
    limit = 2.0 + math.sqrt(0.5)
    assert boundaries([*usual, limit - 0.01], fewest=3) == [0, 3]  # 3 > 1.5 + 0.5
    assert boundaries([*usual, limit + 0.01], fewest=5) == [0, 5]
    assert boundaries([*usual, limit - 0.01], fewest=5) == [0]
    assert boundaries([*usual, limit + 0.01], fewest=5, gamma=1.1) == [0]


def test_events_are_neither_shorter_nor_longer_than_told():
    assert boundaries([0.0] * 10, fewest=2, most=4) == [0, 4, 8]
    assert boundaries([0, 0, 9, 99, 999, 9999], fewest=2) == [0, 2, 4]
    assert boundaries([]) == []


def test_modularity_by_hand():
    # Two pairs: weights 1 on the diagonal and within pairs, 0 between. Every degree is 2, the sum of A is 8, m = 4.
    # Q = (1/16) * sum over equal communities of (A_ij - 4/8) = (1/16) * (8 * 0.5) = 0.25.
    pairs = adjacency(np.array([X, X, Y, Y], dtype=np.float32))
    assert modularity(pairs, 2) == pytest.approx(0.25)
    # Cut after the first: {0} and {1, 2, 3}: (1 - 0.5) + (1 + 4 - 9 * 0.5) = 1.
    assert modularity(pairs, 1) == pytest.approx(1 / 16)


def test_modularity_is_that_of_networkx():
    networkx = pytest.importorskip("networkx")
    rng = np.random.default_rng(7)
    weights = rng.random((6, 6))
    weights = weights + weights.T
    np.fill_diagonal(weights, 0.0)
    graph = networkx.from_numpy_array(weights)
    for place in range(1, 6):
        parts = [set(range(place)), set(range(place, 6))]
        # The authors' factor is 1/4m where the usual one is 1/2m.
        assert modularity(weights, place) == pytest.approx(networkx.community.modularity(graph, parts) / 2)
        assert -conductance(weights, place) == pytest.approx(
            networkx.conductance(graph, parts[0], parts[1], weight="weight")
        )


@pytest.mark.parametrize("measure", [modularity, conductance])
def test_a_beginning_moves_to_where_the_subject_changes(measure):
    vectors = np.array([X, X, X, Y, Y, Y], dtype=np.float32)
    assert refined([0, 5], vectors, measure) == [0, 3]
    assert refined([0, 3], vectors, measure) == [0, 3]


def test_nothing_alike_is_moved_nowhere():
    assert refined([0, 2], np.zeros((4, 2), dtype=np.float32)) == [0, 2]


@given(
    arrays.arrays(np.float32, st.tuples(st.integers(1, 30), st.just(3)), elements=st.floats(-1, 1, width=32)),
    st.sampled_from([modularity, conductance]),
)
def test_order_and_number_stay(vectors, measure):
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = (vectors / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    found = boundaries(surprises(vectors).tolist(), most=8)
    moved = refined(found, vectors, measure)
    assert len(moved) == len(found) and moved[0] == 0
    assert all(before < after for before, after in pairwise(moved))
    assert all(after <= before for before, after in zip(found, moved, strict=True))
