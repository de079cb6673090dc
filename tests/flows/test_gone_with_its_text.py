"""What was drawn from a text alone goes and returns with it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder
from agentmem.types import Message

SAID = ("I live in Rome with my brother Paul.", "I work at the harbour in Ostia.")


@pytest.fixture
def memory(database, clock):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="mixed") as store:
        yield store.scope("ana")


def add(memory):
    receipt = memory.add([Message(text, speaker="Ana", session="s") for text in SAID])
    memory.consolidate()
    return receipt


def derived(memory):
    return {(found.kind, found.text) for found in memory.list(kinds=["fact", "triple"])}


def of_home(found):
    return {(kind, text) for kind, text in found if any(word in text for word in ("Rome", "Paul", "brother"))}


def test_a_retired_text_takes_its_facts_along_and_brings_them_back(memory):
    home, work = add(memory).ids
    before = derived(memory)
    assert any("Rome" in text for _kind, text in before) and any("Ostia" in text for _kind, text in before)
    memory.retire(home)
    assert derived(memory) == before - of_home(before)
    assert all("Rome" not in hit.text for hit in memory.retrieve("Where does Ana live?", recipe="facts"))
    memory.consolidate()
    assert all("Rome" not in text for _kind, text in derived(memory))
    memory.retire(work)
    assert derived(memory) == set()
    memory.restore(home)
    assert derived(memory) == of_home(before)
    memory.restore(work)
    assert derived(memory) == before


def test_a_fact_that_was_retired_by_itself_stays_so(memory):
    home, _work = add(memory).ids
    (fact,) = [found for found in memory.list(kinds=["fact"]) if "Rome" in found.text]
    before = derived(memory)
    memory.retire(fact.id)
    assert derived(memory) == before - {("fact", fact.text)}  # its sisters from the sentence stay
    memory.retire(home)
    memory.restore(home)
    assert derived(memory) == before - {("fact", fact.text)}


def test_retiring_can_be_undone_as_a_whole(memory):
    home, _work = add(memory).ids
    before = derived(memory)
    memory.retire(home)
    memory.undo(memory.history(home)[-1].changes[-1].run)
    assert derived(memory) == before


def test_an_add_that_is_undone_takes_what_was_drawn_along(memory):
    receipt = add(memory)
    before = derived(memory)
    undone = memory.undo(receipt.run)
    assert derived(memory) == set() and memory.retrieve("Where does Ana live?", recipe="facts") == []
    memory.undo(undone)
    assert derived(memory) == before


def test_facts_expire_with_their_text(memory, clock):
    home, _work = add(memory).ids
    before = derived(memory)
    memory.expires_at(home, clock() + timedelta(days=1))
    clock.advance(days=2)
    assert derived(memory) == before - of_home(before)
    memory.expires_at(home, None)
    assert derived(memory) == before


def test_rewording_a_fact_leaves_its_sisters_alone(memory):
    add(memory)
    (fact,) = [found for found in memory.list(kinds=["fact"]) if "Rome" in found.text]
    others = [found for found in memory.list(kinds=["fact", "triple"]) if found.id != fact.id]
    memory.update(fact.id, text="Ana lives in Rome, in Trastevere.")
    now = {found.id: found for found in memory.list(kinds=["fact", "triple"])}
    assert all(now[other.id].valid_to is None for other in others) and now[fact.id].valid_to is None
