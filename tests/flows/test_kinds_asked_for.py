"""``kinds=``: what is asked for is found, whatever the recipe ranks by itself."""

from __future__ import annotations

import pytest

from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder
from agentmem.types import Message

SAID = ("I moved to Lisbon in May.", "My sister Ana works at the aquarium.", "I like green tea.")


@pytest.fixture
def memory(database, clock):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as store:
        memory = store.scope("fay")
        memory.add([Message(text, speaker="Fay", session="s") for text in SAID])
        memory.consolidate()
        yield memory


@pytest.mark.parametrize("recipe", ["default", "facts", "texts", "lightmem", "memtree", "hipporag2"])
@pytest.mark.parametrize("kinds", [["chunk"], ["fact"], ["chunk", "fact"]])
def test_all_that_is_asked_for_is_found(memory, recipe, kinds):
    hits = memory.retrieve("Where did Fay move to?", k=10, kinds=kinds, recipe=recipe)
    assert {hit.kind for hit in hits} == set(kinds)
    assert "Lisbon" in hits[0].text and all(0.0 <= hit.score <= 1.0 for hit in hits)


def test_without_kinds_the_recipe_decides(memory):
    assert {hit.kind for hit in memory.retrieve("Lisbon", recipe="facts")} == {"fact"}
    assert {hit.kind for hit in memory.retrieve("Lisbon")} == {"chunk"}
