from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem.index.exact import ExactIndex, top
from agentmem.protocols import Space
from agentmem.testing.conformance.vector_index import unit_vectors

HERE = Space(1, "bare")


@settings(max_examples=200)
@given(st.lists(st.integers(0, 4), max_size=30), st.integers(1, 35))
def test_the_top_k_of_scores_with_ties_are_the_first_of_a_stable_sort(values: list[int], k: int) -> None:
    scores = np.array(values, dtype=np.float32)
    expected = sorted(range(len(values)), key=lambda place: (-values[place], place))[:k]
    assert top(scores, k).tolist() == expected


def test_equal_vectors_are_found_in_order_of_row() -> None:
    index = ExactIndex()
    index.upsert(HERE, np.array([30, 10, 20]), np.repeat(unit_vectors(1), 3, axis=0))
    assert index.search(HERE, unit_vectors(1)[0], 2).rows.tolist() == [10, 20]


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(["put", "drop"]), st.lists(st.integers(0, 20), unique=True, max_size=6))))
def test_any_order_of_changes_leaves_what_a_dictionary_would_hold(changes) -> None:
    index, model = ExactIndex(), {}
    for number, (verb, rows) in enumerate(changes):
        vectors = unit_vectors(len(rows), 4, seed=number)
        if verb == "put":
            index.upsert(HERE, np.array(rows, dtype=np.int64), vectors)
            model.update(zip(rows, vectors, strict=True))
        else:
            index.remove(1, np.array(rows, dtype=np.int64))
            for row in rows:
                model.pop(row, None)
    query = unit_vectors(1, 4, seed=99)[0]
    found = index.search(HERE, query, 100)
    assert sorted(found.rows.tolist()) == sorted(model)
    assert index.count(HERE) == len(model)
    for row, score in zip(found.rows.tolist(), found.scores, strict=True):
        assert score == pytest.approx((1 + model[row] @ query) / 2, abs=1e-6)


def test_the_scopes_used_longest_ago_make_room() -> None:
    one_scope = 64 * (16 * 4 + 8)  # the first room of a matrix: 64 rows of 16 floats, and their numbers
    index = ExactIndex(max_bytes=2 * one_scope)
    for scope in (1, 2):
        index.upsert(Space(scope, "bare"), np.array([1]), unit_vectors(1))
        index.commit(scope, 5)
    index.search(Space(1, "bare"), unit_vectors(1)[0], 1)  # so scope 2 is the oldest now
    index.upsert(Space(3, "bare"), np.array([1]), unit_vectors(1))
    index.commit(3, 5)
    assert [index.count(Space(scope, "bare")) for scope in (1, 2, 3)] == [1, 0, 1]
    assert [index.position(scope) for scope in (1, 2, 3)] == [5, 0, 5]


def test_a_scope_larger_than_the_bound_is_kept_while_it_is_used() -> None:
    index = ExactIndex(max_bytes=10)
    for view in ("bare", "spoken"):
        index.upsert(Space(1, view), np.array([1]), unit_vectors(1))
    index.commit(1, 5)
    assert (index.count(HERE), index.count(Space(1, "spoken")), index.position(1)) == (1, 1, 5)


def test_removing_leaves_nothing_of_a_vector_in_memory() -> None:
    index = ExactIndex()
    vectors = unit_vectors(3)
    index.upsert(HERE, np.arange(3), vectors.copy())
    index.remove(1, np.array([1]))
    room = index._matrices[HERE].vectors._room.T
    assert vectors[1].tobytes() not in room.tobytes()
    assert vectors[2].tobytes() in room.tobytes()
