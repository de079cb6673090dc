"""A block for a prompt tells things in the order in which they happened, and what came at once as it was added."""

from __future__ import annotations

import pytest

from agentmem import AgentMemory, Document, Scope
from agentmem.testing import FakeEmbedder

TALK = (
    {"role": "user", "content": "Shall I cancel the Graz trip?"},
    {"role": "assistant", "content": "Do you mean the Graz trip in May?"},
    {"role": "user", "content": "Yes, cancel the Graz trip."},
    {"role": "assistant", "content": "The Graz trip is cancelled."},
)


@pytest.fixture
def memory(tmp_path, clock):
    with AgentMemory.open(tmp_path / "memory.db", embedder=FakeEmbedder(), clock=clock) as store:
        yield store.scope("acme", "ana")


def test_turns_that_are_added_at_once_keep_their_order(memory):
    said = [turn["content"] for turn in TALK] + [f"The Graz trip costs {number} euros." for number in range(20)]
    memory.add([*TALK, *({"role": "user", "content": text} for text in said[len(TALK) :])], session="monday")
    block = memory.context("Graz trip", tokens=2_000, k=50)
    assert [hit.text for hit in block.hits] == said
    reworded = memory.update(block.hits[0].id, text="Should I cancel the Graz trip?")
    assert memory.context("Graz trip", tokens=2_000, k=50).hits[0].id == reworded.id


def test_documents_that_are_added_at_once_are_not_mixed(memory):
    memory.add(
        [
            Document(
                "\n\n".join(f"{title} part {part}: the harbour. {'word ' * 200}" for part in range(4)), title=title
            )
            for title in ("Alpha", "Beta")
        ]
    )
    hits = memory.context("harbour part", tokens=9_000, k=50).hits
    places = [(hit.title, hit.sources[0].start) for hit in hits]
    assert places == sorted(places) and {title for title, _start in places} == {"Alpha", "Beta"}


def test_of_several_scopes_time_decides(tmp_path, clock):
    with AgentMemory.open(tmp_path / "memory.db", embedder=FakeEmbedder(), clock=clock) as store:
        for name in ("ana", "bo", "ana"):
            store.scope(name).add(f"{name.title()} saw an otter.")
            clock.advance(minutes=1)
        block = store.scope("ana").reading(Scope("bo")).context("otter", tokens=500)
        assert [hit.at for hit in block.hits] == sorted(hit.at for hit in block.hits)
        assert len(block.hits) >= 2
