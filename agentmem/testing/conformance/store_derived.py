"""What is derived from memories and kept beside them: vectors and the followers' cursors."""

from __future__ import annotations

import numpy as np

from agentmem.protocols import Cursor, IntArray, Selection, Store, VectorBatch
from agentmem.testing.conformance.store_base import HOUR, MINE, NOW, YOURS, StoreSuite, add, memory, run, told
from agentmem.testing.conformance.vector_index import unit_vectors
from agentmem.types import Scope

_MODEL, _OTHER = "model-a", "model-b"


class DerivedData(StoreSuite):
    """See the module's docstring."""

    def test_vectors_come_back_bit_by_bit(self, store: Store) -> None:
        rows = np.array(add(store, memory("a"), memory("b"), memory("c")))
        vectors = unit_vectors(3, 7)
        assert put(store, rows, vectors) == 3
        with store.read(MINE) as reader:
            (batch,) = reader.vectors_since(_MODEL, 0)
            some = reader.vectors_of(_MODEL, "bare", rows[[2, 0]])
        order = np.argsort(batch.rows)
        assert batch.view == "bare" and batch.rows[order].tolist() == rows.tolist()
        assert batch.vectors.dtype == np.float32
        assert batch.vectors[order].tobytes() == vectors.tobytes()
        assert some.rows.tolist() == rows[[0, 2]].tolist()
        assert some.vectors.tobytes() == vectors[[0, 2]].tobytes()

    def test_vectors_that_are_not_there_are_left_out(self, store: Store) -> None:
        (row,) = add(store, memory("a"))
        put(store, np.array([row]), unit_vectors(1))
        with store.read(MINE) as reader:
            assert reader.vectors_of(_MODEL, "bare", np.array([row, row + 50])).rows.tolist() == [row]
            assert len(reader.vectors_of(_MODEL, "spoken", np.array([row])).rows) == 0
            assert len(reader.vectors_of(_OTHER, "bare", np.array([row])).rows) == 0

    def test_vectors_of_memories_that_are_gone_are_not_stored(self, store: Store) -> None:
        (row,) = add(store, memory("a"))
        (foreign,) = add(store, memory("b"), scope=YOURS)
        assert put(store, np.array([row, foreign, 9_999]), unit_vectors(3)) == 1
        with store.read(MINE) as reader:
            assert reader.vector_counts(_MODEL) == {"bare": 1}

    def test_only_new_vectors_are_fed(self, store: Store) -> None:
        first, second = add(store, memory("a"), memory("b"))
        put(store, np.array([first]), unit_vectors(1))
        with store.read(MINE) as reader:
            position = reader.head()
            assert list(reader.vectors_since(_MODEL, position)) == []
        put(store, np.array([second]), unit_vectors(1))
        with store.read(MINE) as reader:
            assert reader.head() > position
            assert [batch.rows.tolist() for batch in reader.vectors_since(_MODEL, position)] == [[second]]

    def test_views_and_models_are_kept_apart(self, store: Store) -> None:
        rows = np.array(add(store, memory("a"), memory("b")))
        with store.write(MINE) as writer:
            batches = [VectorBatch("bare", rows, unit_vectors(2)), VectorBatch("spoken", rows[:1], unit_vectors(1))]
            writer.put_vectors("embed", _MODEL, batches)
            writer.put_vectors("embed", _OTHER, [VectorBatch("bare", rows[:1], unit_vectors(1, 5))])
        with store.read(MINE) as reader:
            assert reader.vector_counts(_MODEL) == {"bare": 2, "spoken": 1}
            assert reader.vector_counts(_OTHER) == {"bare": 1}
            assert {batch.view: len(batch.rows) for batch in reader.vectors_since(_MODEL, 0)} == {
                "bare": 2,
                "spoken": 1,
            }
            assert reader.stats(_MODEL).vectors == 3
        with store.read(YOURS) as reader:
            assert reader.vector_counts(_MODEL) == {} and list(reader.vectors_since(_MODEL, 0)) == []

    def test_what_lacks_vectors_is_listed_oldest_first(self, store: Store) -> None:
        rows = add(store, memory("a"), memory("b"), memory("c"))
        put(store, np.array(rows[1:2]), unit_vectors(1))
        with store.read(MINE) as reader:
            assert [row.row for row in reader.unembedded(_MODEL, 0, 10)] == [rows[0], rows[2]]
            assert [row.row for row in reader.unembedded(_MODEL, 0, 1)] == [rows[0]]
            assert [row.row for row in reader.unembedded(_MODEL, rows[0], 10)] == [rows[2]]
            assert len(reader.unembedded(_OTHER, 0, 10)) == 3

    def test_the_model_is_switched_once_nothing_is_missing(self, store: Store) -> None:
        rows = np.array(add(store, memory("a"), memory("b")))
        put(store, rows, unit_vectors(2))
        put(store, rows[:1], unit_vectors(1, 5), model=_OTHER)
        assert store.has_vectors()
        assert not store.switch_model(_OTHER, "embedder", "b|bare", "embed")
        assert store.get_meta("embedder") is None
        put(store, rows[1:], unit_vectors(1, 5), model=_OTHER)
        assert store.switch_model(_OTHER, "embedder", "b|bare", "embed")
        assert store.get_meta("embedder") == "b|bare"
        with store.read(MINE) as reader:
            assert (reader.vector_counts(_MODEL), reader.vector_counts(_OTHER)) == ({}, {"bare": 2})

    def test_switching_the_model_moves_no_other_follower(self, store: Store) -> None:
        rows = np.array(add(store, memory("a")))
        working = Cursor(0, "worker", NOW + HOUR)
        with store.write(MINE) as writer:
            writer.set_cursor("structure:x", working)
            writer.set_cursor("embed", working)
        put(store, rows, unit_vectors(1), model=_OTHER)
        assert store.switch_model(_OTHER, "embedder", "b|bare", "embed")
        with store.read(MINE) as reader:
            assert reader.cursor("structure:x") == working
            assert reader.cursor("embed") == Cursor(reader.head())

    def test_vectors_of_texts_that_were_read_before_something_was_forgotten_are_not_stored(self, store: Store) -> None:
        kept, _lost = add(store, memory("a"), memory("b", session="s"))
        rows = np.array([kept])
        with store.write(MINE) as writer:
            position = writer.head()
            writer.apply(run("run_2"), told(memory("c")))  # adding changes nothing of what was read
            assert writer.put_vectors("embed", _MODEL, [VectorBatch("bare", rows, unit_vectors(1))], position) == 1
        with store.write(MINE) as writer:
            writer.erase(run("run_forget"), Selection(session="s"), {})
            batches = [VectorBatch("spoken", rows, unit_vectors(1))]
            assert writer.put_vectors("embed", _MODEL, batches, position) == 0
            assert writer.put_vectors("embed", _MODEL, batches, writer.head()) == 1
        with store.read(MINE) as reader:
            assert reader.vector_counts(_MODEL) == {"bare": 1, "spoken": 1}

    def test_a_new_store_has_no_vectors(self, store: Store) -> None:
        add(store, memory("a"))
        assert not store.has_vectors()

    def test_cursors_are_kept_for_each_follower_and_scope(self, store: Store) -> None:
        moved = Cursor(7, "me", NOW + HOUR, 3, "it failed", NOW + 2 * HOUR)
        with store.write(MINE) as writer:
            assert writer.cursor("embed") == Cursor()
            writer.set_cursor("embed", Cursor(1))
            writer.set_cursor("embed", moved)
        with store.read(MINE) as reader:
            assert (reader.cursor("embed"), reader.cursor("other")) == (moved, Cursor())
        with store.read(YOURS) as reader:
            assert reader.cursor("embed") == Cursor()

    def test_files_have_a_size_and_can_be_compacted(self, store: Store) -> None:
        add(store, memory("a"))
        assert store.bytes_on_disk() >= 0
        assert store.compact() is True


def put(store: Store, rows: IntArray, vectors: object, *, model: str = _MODEL, scope: Scope = MINE) -> int:
    """Store vectors of one view; returns how many were."""
    with store.write(scope) as writer:
        return writer.put_vectors("embed", model, [VectorBatch("bare", rows, np.asarray(vectors))])
