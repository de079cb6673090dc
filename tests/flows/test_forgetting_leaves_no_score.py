"""Scores do not depend on what was forgotten: a store that saw it and one that never did give the same."""

from __future__ import annotations

import pytest

from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder


def scores(handle, query):
    return {hit.text: (hit.score, hit.signals) for hit in handle.retrieve(query, k=100)}


@pytest.fixture
def other(store, database, clock):
    """A second process's store on the same file: it follows the journal and keeps dead slots in memory."""
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as opened:
        yield opened.scope("acme", "ana")


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_a_store_opened_after_the_forgetting_gives_equal_scores(handle, other, database, clock, gone):
    for number in range(4):
        handle.add([f"otter {number} swims", f"cat {number} sleeps", "the of"], session=f"s{number}")
    handle.add([f"filler {number} so that the mirror is not rebuilt" for number in range(30)], session="s0")
    for number in range(gone):
        other.retrieve("otter")
        handle.forget(session=f"s{number + 1}", compact=False)
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as fresh:
        for query in ("otter 0 swims", "which cat sleeps?", "the of"):
            found, expected = scores(other, query), scores(fresh.scope("acme", "ana"), query)
            assert found.keys() == expected.keys()
            for text, (score, signals) in found.items():
                assert score == pytest.approx(expected[text][0]) and signals == pytest.approx(expected[text][1]), text


def test_one_conversation_among_forgotten_ones_is_the_only_one(handle, other):
    handle.add(["otter swims", "cat sleeps"] * 3, session="s0")
    handle.add("otter runs", session="s1")
    assert other.retrieve("otter")[0].signals["bm25_thread"] > 0
    handle.forget(session="s1", compact=False)
    assert {hit.signals["bm25_thread"] for hit in other.retrieve("otter")} == {0.0}
