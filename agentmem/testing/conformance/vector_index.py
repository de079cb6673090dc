"""What every :class:`agentmem.protocols.VectorIndex` does."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from agentmem.protocols import FloatArray, IntArray, Space, VectorIndex

_HERE, _THERE = Space(1, "bare"), Space(2, "bare")
_TOLERANCE = 1e-5


def unit_vectors(count: int, dimension: int = 16, seed: int = 0) -> FloatArray:
    """Random directions, the same for the same seed; shape ``(count, dimension)``."""
    vectors = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    unit: FloatArray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def numbers(*rows: int) -> IntArray:
    """Rows as an array."""
    return np.array(rows, dtype=np.int64)


class VectorIndexConformance:
    """Override the fixture ``make_index``: a function that opens the index, at the same place each time.

    Attributes:
        keeps_content: whether what was put in is still there when it was closed and opened again.
        least_recall: which share of the ten nearest of ``many`` random vectors must be found, on average.
        many: how many vectors the larger tests use; more than a backend takes in one request.
    """

    keeps_content: bool = False
    least_recall: float = 1.0
    many: int = 2_500

    @pytest.fixture
    def make_index(self) -> Callable[[], VectorIndex]:
        """Override me."""
        raise NotImplementedError("Override the fixture make_index: a function that opens your index.")

    @pytest.fixture
    def identity(self) -> str:
        """The database and model of one test."""
        return f"conformance-{uuid.uuid4().hex}"

    @pytest.fixture
    def index(self, make_index: Callable[[], VectorIndex], identity: str) -> Iterator[VectorIndex]:
        """An attached, empty index."""
        opened = make_index()
        opened.attach(identity)
        yield opened
        opened.clear()
        opened.close()

    def test_it_has_the_protocols_methods(self, index: VectorIndex) -> None:
        assert isinstance(index, VectorIndex)
        assert index.name

    def test_a_new_index_holds_nothing(self, index: VectorIndex) -> None:
        assert index.position(1) == 0
        assert index.count(_HERE) == 0
        assert len(index.search(_HERE, unit_vectors(1)[0], 5).rows) == 0

    def test_the_nearest_come_first_with_their_scores(self, index: VectorIndex) -> None:
        vectors, rows = unit_vectors(50), np.arange(100, 150)
        index.upsert(_HERE, rows, vectors)
        query = unit_vectors(1, seed=1)[0]
        found = index.search(_HERE, query, 10)
        expected = np.argsort(-(vectors @ query))[:10]
        assert found.rows.tolist() == rows[expected].tolist()
        assert found.rows.dtype == np.int64 and found.scores.dtype == np.float32
        np.testing.assert_allclose(found.scores, (1 + (vectors @ query)[expected]) / 2, atol=_TOLERANCE)

    def test_scores_reach_from_0_for_the_opposite_to_1_for_the_same(self, index: VectorIndex) -> None:
        query = unit_vectors(1)[0]
        index.upsert(_HERE, numbers(1, 2), np.stack([query, -query]))
        found = index.search(_HERE, query, 2)
        np.testing.assert_allclose(found.scores, [1.0, 0.0], atol=_TOLERANCE)
        assert (found.scores >= 0).all() and (found.scores <= 1).all()

    @pytest.mark.parametrize(("k", "expected"), [(0, 0), (1, 1), (3, 3), (4, 3), (1_000, 3)])
    def test_at_most_k_are_found(self, index: VectorIndex, k: int, expected: int) -> None:
        index.upsert(_HERE, numbers(1, 2, 3), unit_vectors(3))
        found = index.search(_HERE, unit_vectors(1)[0], k)
        assert len(found.rows) == len(found.scores) == expected

    def test_only_allowed_rows_are_found(self, index: VectorIndex) -> None:
        vectors = unit_vectors(30)
        index.upsert(_HERE, np.arange(30), vectors)
        allowed = numbers(3, 7, 20)
        found = index.search(_HERE, vectors[0], 10, allowed)
        assert sorted(found.rows.tolist()) == allowed.tolist()
        assert found.rows.tolist() == allowed[np.argsort(-(vectors[allowed] @ vectors[0]))].tolist()

    def test_allowed_rows_that_are_not_there_are_ignored(self, index: VectorIndex) -> None:
        index.upsert(_HERE, numbers(5, 9), unit_vectors(2))
        index.upsert(_THERE, numbers(6), unit_vectors(1))
        assert sorted(index.search(_HERE, unit_vectors(1)[0], 5, numbers(1, 5, 6, 9, 11)).rows.tolist()) == [5, 9]
        assert len(index.search(_HERE, unit_vectors(1)[0], 5, numbers()).rows) == 0

    def test_the_nearest_of_many_are_found(self, index: VectorIndex) -> None:
        vectors, queries = unit_vectors(self.many, 32), unit_vectors(20, 32, seed=1)
        index.upsert(_HERE, np.arange(self.many), vectors)
        assert index.count(_HERE) == self.many
        assert self._recall(index, vectors, queries, None) >= self.least_recall
        every_third = np.arange(0, self.many, 3)
        assert self._recall(index, vectors, queries, every_third) >= self.least_recall
        assert self._recall(index, vectors, queries, np.arange(10, 110)) == 1.0
        assert len(index.search(_HERE, queries[0], self.many + 5).rows) == self.many

    def test_allowed_rows_far_away_from_the_query_are_found(self, index: VectorIndex) -> None:
        vectors = unit_vectors(1_000, 8)
        index.upsert(_HERE, np.arange(1_000), vectors)
        furthest = np.sort(np.argsort(vectors @ vectors[0])[:600])
        found = index.search(_HERE, vectors[0], 10, furthest)
        assert len(found.rows) == 10
        assert set(found.rows.tolist()) <= set(furthest.tolist())

    @staticmethod
    def _recall(index: VectorIndex, vectors: FloatArray, queries: FloatArray, allowed: IntArray | None) -> float:
        rows = np.arange(len(vectors)) if allowed is None else allowed
        hits = 0
        for query in queries:
            best = rows[np.argsort(-(vectors[rows] @ query))[:10]]
            hits += len(np.intersect1d(best, index.search(_HERE, query, 10, allowed).rows))
        return hits / (10 * len(queries))

    def test_upsert_replaces_the_vector_of_a_row(self, index: VectorIndex) -> None:
        old, new = unit_vectors(2)
        index.upsert(_HERE, numbers(1), old[None])
        index.upsert(_HERE, numbers(1), new[None])
        assert index.count(_HERE) == 1
        np.testing.assert_allclose(index.search(_HERE, new, 1).scores, [1.0], atol=_TOLERANCE)

    def test_rows_may_come_in_any_order(self, index: VectorIndex) -> None:
        vectors = unit_vectors(6)
        index.upsert(_HERE, numbers(50, 10, 40), vectors[[5, 1, 4]])
        index.upsert(_HERE, numbers(30, 0, 20), vectors[[3, 0, 2]])
        for number, vector in enumerate(vectors):
            assert index.search(_HERE, vector, 1).rows.tolist() == [10 * number]
            assert index.search(_HERE, vector, 1, numbers(10 * number)).rows.tolist() == [10 * number]

    def test_nothing_to_upsert_or_remove_does_no_harm(self, index: VectorIndex) -> None:
        index.upsert(_HERE, numbers(), np.empty((0, 16), np.float32))
        index.remove(1, numbers())
        index.remove(1, numbers(4, 5))
        assert index.count(_HERE) == 0

    def test_the_callers_arrays_can_be_reused(self, index: VectorIndex) -> None:
        rows, vectors = numbers(1, 2), unit_vectors(2)
        first = vectors[0].copy()
        index.upsert(_HERE, rows, vectors)
        rows[:], vectors[:] = 7, 0.0
        assert index.search(_HERE, first, 1).rows.tolist() == [1]

    def test_removed_rows_are_gone_from_every_view_of_the_scope_only(self, index: VectorIndex) -> None:
        other_view = Space(1, "spoken")
        for space in (_HERE, other_view, _THERE):
            index.upsert(space, numbers(1, 2, 3), unit_vectors(3))
        index.remove(1, numbers(2, 99))
        query = unit_vectors(1)[0]
        assert sorted(index.search(_HERE, query, 5).rows.tolist()) == [1, 3]
        assert sorted(index.search(other_view, query, 5).rows.tolist()) == [1, 3]
        assert len(index.search(_HERE, query, 5, numbers(2)).rows) == 0
        assert sorted(index.search(_THERE, query, 5).rows.tolist()) == [1, 2, 3]
        assert (index.count(_HERE), index.count(other_view), index.count(_THERE)) == (2, 2, 3)

    def test_a_removed_row_can_come_back(self, index: VectorIndex) -> None:
        old, new = unit_vectors(2)
        index.upsert(_HERE, numbers(1), old[None])
        index.remove(1, numbers(1))
        index.upsert(_HERE, numbers(1), new[None])
        assert index.count(_HERE) == 1
        np.testing.assert_allclose(index.search(_HERE, new, 1).scores, [1.0], atol=_TOLERANCE)

    def test_scopes_and_views_do_not_mix(self, index: VectorIndex) -> None:
        vectors = unit_vectors(3)
        spaces = (_HERE, _THERE, Space(1, "spoken"))
        for number, space in enumerate(spaces):
            index.upsert(space, numbers(number), vectors[number][None])
        for number, space in enumerate(spaces):
            assert index.search(space, vectors[0], 5).rows.tolist() == [number]

    def test_a_position_is_kept_for_each_scope(self, index: VectorIndex) -> None:
        index.commit(1, 7)
        index.commit(2, 3)
        index.commit(1, 12)
        assert (index.position(1), index.position(2), index.position(3)) == (12, 3, 0)

    def test_a_cleared_scope_is_empty_and_at_position_0(self, index: VectorIndex) -> None:
        for space in (_HERE, _THERE):
            index.upsert(space, numbers(1, 2), unit_vectors(2))
            index.commit(space.scope, 5)
        index.clear(1)
        assert (index.count(_HERE), index.position(1)) == (0, 0)
        assert (index.count(_THERE), index.position(2)) == (2, 5)
        index.clear()
        assert (index.count(_THERE), index.position(2)) == (0, 0)

    def test_another_identity_finds_nothing_of_the_first(self, index: VectorIndex, identity: str) -> None:
        index.upsert(_HERE, numbers(1, 2), unit_vectors(2))
        index.commit(1, 5)
        index.attach(identity + "-other")
        assert (index.count(_HERE), index.position(1)) == (0, 0)
        assert len(index.search(_HERE, unit_vectors(1)[0], 5).rows) == 0
        index.upsert(_HERE, numbers(1), unit_vectors(1, 8))  # another model, another dimension
        assert index.count(_HERE) == 1

    def test_the_same_identity_may_be_attached_again(self, index: VectorIndex, identity: str) -> None:
        index.upsert(_HERE, numbers(1, 2), unit_vectors(2))
        index.commit(1, 5)
        index.attach(identity)
        assert (index.position(1), index.count(_HERE)) in ((5, 2), (0, 0))

    def test_after_opening_again_position_and_content_agree(
        self, make_index: Callable[[], VectorIndex], identity: str
    ) -> None:
        first = make_index()
        first.attach(identity)
        first.upsert(_HERE, np.arange(40), unit_vectors(40))
        first.remove(1, numbers(3))
        first.commit(1, 9)
        first.close()
        second = make_index()
        second.attach(identity)
        try:
            expected = (9, 39) if self.keeps_content else (0, 0)
            assert (second.position(1), second.count(_HERE)) == expected
            assert len(second.search(_HERE, unit_vectors(1)[0], 100).rows) == expected[1]
        finally:
            second.clear()
            second.close()

    def test_after_compacting_nothing_removed_comes_back(self, index: VectorIndex) -> None:
        vectors = unit_vectors(4)
        index.upsert(_HERE, np.arange(4), vectors)
        index.commit(1, 5)
        index.remove(1, numbers(2))
        index.compact()
        assert (index.position(1), index.count(_HERE)) in ((5, 3), (0, 0))
        assert 2 not in index.search(_HERE, vectors[2], 4).rows
        index.upsert(_HERE, numbers(0, 1, 3), vectors[[0, 1, 3]])
        assert index.count(_HERE) == 3

    def test_scores_of_given_rows_agree_with_search(self, index: VectorIndex) -> None:
        vectors = unit_vectors(5)
        index.upsert(_HERE, np.arange(5), vectors)
        scores = index.scores(_HERE, vectors[0], numbers(4, 9, 0))
        if scores is not None:  # a backend that cannot tell cheaply says so
            np.testing.assert_allclose(scores[[0, 2]], [(1 + vectors[4] @ vectors[0]) / 2, 1.0], atol=_TOLERANCE)
            assert np.isnan(scores[1])

    def test_threads_can_share_it(self, index: VectorIndex) -> None:
        vectors = unit_vectors(40)
        index.upsert(_HERE, np.arange(40), vectors)
        errors: list[Exception] = []

        def guarded(work: Callable[[int], None]) -> None:
            try:
                for step in range(8):
                    work(step)
            except Exception as error:  # noqa: BLE001 - the test fails on whatever it is, below
                errors.append(error)

        def search(step: int) -> None:
            found = index.search(_HERE, vectors[step], 3, np.arange(20)).rows
            assert step in found and set(found.tolist()) <= set(range(20))

        def write(step: int) -> None:
            index.upsert(Space(3 + step, "bare"), numbers(step), vectors[step][None])
            index.commit(3 + step, 1)

        def remove(step: int) -> None:
            index.remove(1, numbers(20 + step))

        threads = [threading.Thread(target=guarded, args=(work,)) for work in (search, write, remove, search)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert index.count(_HERE) == 32

    def test_closing_twice_does_no_harm(self, make_index: Callable[[], VectorIndex], identity: str) -> None:
        opened = make_index()
        opened.attach(identity)
        opened.close()
        opened.close()
