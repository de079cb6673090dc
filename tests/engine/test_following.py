"""What each process keeps in memory follows the journal, and can be dropped at any time."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from agentmem import AgentMemory, Message
from agentmem.engine import follow
from agentmem.index.exact import ExactIndex
from agentmem.testing import FakeEmbedder


def answers(handle, *questions):
    return [[(hit.id, round(hit.score, 5)) for hit in handle.retrieve(question, k=20)] for question in questions]


def test_what_was_followed_step_by_step_equals_what_is_read_at_once(store, handle, database, clock):
    """Adds, late history, updates, retirements, restorations and forgetting, asked after each."""
    ids = list(handle.add([Message(f"otter {i} swims", session=f"s{i % 3}", speaker="Ana") for i in range(12)]).ids)
    steps = [
        lambda: ids.extend(handle.add(Message("late otter", session="s1", at=clock() - timedelta(days=9))).ids),
        lambda: handle.update(ids[2], text="walrus two sleeps"),
        lambda: handle.retire(ids[4]),
        lambda: handle.forget(ids=[ids[5]], compact=False),
        lambda: handle.restore(ids[4]),
        lambda: handle.update(ids[2], metadata={"a": 1}),
        lambda: handle.forget(ids=ids[6:11], compact=False),
        lambda: ids.extend(handle.add("otter again").ids),
    ]
    for step in steps:
        step()
        followed = answers(handle, "otter", "walrus sleeps", "late otter")
        with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as fresh:
            assert answers(fresh.scope("acme", "ana"), "otter", "walrus sleeps", "late otter") == followed


def test_mirrors_beyond_the_bound_are_dropped_and_filled_again(store, monkeypatch):
    monkeypatch.setattr(follow, "MAX_SLOTS", 5)
    for name in "abc":
        store.scope(name).add([f"otter {name} {i}" for i in range(4)])
    for _ in range(2):
        for name in "abc":
            assert len(store.scope(name).retrieve("otter")) == 4


def test_mirrors_that_grow_beyond_the_bound_are_dropped_in_time(store, monkeypatch):
    """No scope is new here, so nothing but the count every so often can tell."""
    handles = [store.scope(name) for name in "ab"]
    for handle in handles:
        handle.add("otter")
        handle.retrieve("otter")
    monkeypatch.setattr(follow, "MAX_SLOTS", 5)
    monkeypatch.setattr(follow, "_COUNT_EVERY", 2)
    for handle in handles:
        handle.add([f"otter {i}" for i in range(4)])
    for _ in range(2):
        for handle in handles:
            assert len(handle.retrieve("otter")) == 5
    assert len(store.parts.followers._mirrors) == 1


def test_an_index_that_lost_vectors_is_filled_again(database, clock):
    index = ExactIndex()
    with AgentMemory.open(database, embedder=FakeEmbedder(), index=index, clock=clock) as store:
        handle = store.scope("a")
        handle.add(["otter one", "otter two"])
        index.clear()
        assert handle.retrieve("otter")[0].signals["dense"] > 0


def test_an_index_that_keeps_losing_vectors_is_told_and_words_still_find(database, clock, caplog):
    class Leaking(ExactIndex):
        def upsert(self, space, rows, vectors):
            super().upsert(space, rows[:-1], vectors[:-1])

    with AgentMemory.open(database, embedder=FakeEmbedder(), index=Leaking(), clock=clock) as store:
        handle = store.scope("a")
        handle.add(["otter one", "otter two"])
        assert len(handle.retrieve("otter")) == 2
    assert "safe in the database" in caplog.text


def test_an_index_that_cannot_tell_all_scores_finds_the_same(database, clock):
    class Searching(ExactIndex):
        def scores(self, space, query, rows):
            return None

    questions = ("otter", "walrus sleeps", "zzz")
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as store:
        store.scope("a").add([f"otter {i} swims" for i in range(30)] + ["walrus sleeps"])
        expected = answers(store.scope("a"), *questions)
    with AgentMemory.open(database, embedder=FakeEmbedder(), index=Searching(), clock=clock) as store:
        assert answers(store.scope("a"), *questions) == expected


def test_a_filter_that_leaves_few_finds_them_all_in_an_index_that_only_searches(database, clock):
    class Searching(ExactIndex):
        def scores(self, space, query, rows):
            return None

    with AgentMemory.open(database, embedder=FakeEmbedder(), index=Searching(), clock=clock) as store:
        handle = store.scope("a")
        handle.add([f"otter {i}" for i in range(300)])
        handle.add([Message(f"unlike anything {i}", session="rare") for i in range(3)])
        assert len(handle.retrieve("otter", session="rare")) == 3


def test_vectors_of_the_index_are_those_of_the_database(store, handle):
    handle.add(["otter one", "otter two"])
    handle.retrieve("otter")
    model = store.parts.model
    with store.parts.store.read(handle.scope) as reader:
        (batch,) = reader.vectors_since(model, 0)
        lengths = np.linalg.norm(batch.vectors, axis=1)
        counts = reader.vector_counts(model)
    assert lengths == pytest.approx(1.0, abs=1e-5) and counts == {"bare": 2}
