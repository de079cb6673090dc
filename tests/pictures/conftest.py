"""A scope with texts, a graph of what they say, and trees over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmem import AgentMemory
from agentmem.kinds import ENTITY, TRIPLE
from agentmem.recipes.recipe import Recipe
from agentmem.structures.extraction import ExtractionStructure
from agentmem.structures.hierarchy.layered import Hierarchy
from agentmem.structures.rolling import RollingSummary
from agentmem.structures.trees.memtree import MemTree
from agentmem.structures.trees.memwalker import MemWalkerTree
from agentmem.structures.trees.raptor import RaptorTree
from agentmem.testing import FakeClock, FakeEmbedder
from agentmem.testing.chat import ScriptedChat

SAID = {
    "monday": ["Ana moved to Lisbon.", "Lisbon has an aquarium.", "The aquarium in Lisbon has otters."],
    "friday": [
        "Ana feeds the otters in the aquarium.",
        "Rita has a bakery in Porto.",
        "The bakery is closed.",
    ],
}
REPLY = """{"entities": ["Ana", "Lisbon", "aquarium"], "facts": [], "summary": "", "triples": [
 {"subject": "Ana", "predicate": "moved to", "object": "Lisbon", "source": [0]},
 {"subject": "ana", "predicate": "lives in", "object": "Lisbon", "source": [0]},
 {"subject": "Lisbon", "predicate": "has", "object": "aquarium", "source": [1]}]}"""

TREES = Recipe("trees", "all trees", structures=(MemTree, RaptorTree, MemWalkerTree, RollingSummary, Hierarchy))
GRAPH = Recipe("graph", "triples", structures=(lambda: ExtractionStructure((TRIPLE, ENTITY)),))


def fill(store: AgentMemory) -> None:
    """Add what was said, a session after the other, and build what the store's recipe says."""
    handle = store.scope("acme", "ana")
    for session, texts in SAID.items():
        for text in texts:
            handle.add(text, session=session, speaker="Ana")
        handle.consolidate()


@pytest.fixture
def said() -> list[str]:
    return [text for texts in SAID.values() for text in texts]


@pytest.fixture
def trees(database: Path, clock: FakeClock):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe=TREES) as store:
        fill(store)
        yield store.scope("acme", "ana")


@pytest.fixture
def linked(database: Path, clock: FakeClock):
    llm = ScriptedChat({"extract": REPLY})
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe=GRAPH, llm=llm) as store:
        fill(store)
        yield store.scope("acme", "ana")
