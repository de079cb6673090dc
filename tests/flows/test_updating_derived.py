"""What was drawn from a wording is true until the wording is replaced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agentmem import AgentMemory
from agentmem.errors import InvalidInput
from agentmem.testing import FakeEmbedder
from agentmem.types import Message

SPRING = datetime(2025, 3, 1, tzinfo=UTC)
AUTUMN = datetime(2025, 10, 1, tzinfo=UTC)


@pytest.fixture
def handle(database, clock):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="mixed") as store:
        handle = store.scope("ana")
        handle.add(Message("I live in Rome with my brother Paul.", speaker="Ana", session="s", at=SPRING, ref="home"))
        handle.add(Message("I work at the harbour in Ostia.", speaker="Ana", session="s", at=SPRING, ref="work"))
        handle.consolidate()
        yield handle


def home(handle):
    return next(memory for memory in handle.list(kinds=["chunk"]) if "live" in memory.text)


def true_facts(handle, as_of=None):
    return {hit.text for hit in handle.retrieve("Where does Ana live?", recipe="facts", as_of=as_of)}


def test_facts_of_the_old_wording_end_when_the_new_one_begins(handle):
    handle.update(home(handle).id, text="I live in Ghent with my brother Paul.", valid_from=AUTUMN)
    handle.consolidate()
    assert {"Rome" in text for text in true_facts(handle)} == {False}
    assert any("Ghent" in text for text in true_facts(handle))
    assert any("Rome" in text for text in true_facts(handle, as_of=AUTUMN - timedelta(days=1)))
    assert any("harbour" in text for text in true_facts(handle))


@pytest.mark.parametrize("recipe", ["default", "facts", "mixed", "mem0", "keep-me-updated", "lightmem", "fader"])
def test_facts_of_the_new_wording_begin_when_it_does(database, clock, recipe):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe=recipe) as store:
        handle = store.scope("bo")
        (id,) = handle.add(Message("I live in Lisbon.", speaker="Ana", session="s", at=SPRING)).ids
        handle.consolidate()
        handle.update(id, text="I live in Porto.", valid_from=AUTUMN)
        handle.consolidate()
        true = {(fact.text, fact.valid_from, fact.valid_to) for fact in handle.list(kinds=["fact"])}
        assert true == {("Ana lives in Lisbon.", SPRING, AUTUMN), ("Ana lives in Porto.", AUTUMN, None)}


def test_what_has_ended_is_not_reworded_for_later(handle):
    (fact,) = [fact for fact in handle.list(kinds=["fact"]) if "Rome" in fact.text]
    handle.update(home(handle).id, text="I live in Ghent with my brother Paul.", valid_from=AUTUMN)
    with pytest.raises(InvalidInput, match="was true until 2025-10-01"):
        handle.update(fact.id, text="Ana lives in Rome, in Trastevere.", valid_from=AUTUMN + timedelta(days=1))
    earlier = handle.update(fact.id, text="Ana lives in Rome, in Trastevere.", valid_from=SPRING)
    assert earlier.valid_to == AUTUMN


def test_facts_are_true_again_when_the_update_is_undone(handle):
    before = true_facts(handle)
    changed = handle.update(home(handle).id, text="I live in Ghent with my brother Paul.")
    assert true_facts(handle) != before
    handle.undo(handle.history(changed.id)[-1].changes[0].run)
    assert true_facts(handle) == before


def test_changed_metadata_ends_nothing(handle):
    before = true_facts(handle)
    handle.update(home(handle).id, metadata={"seen": True})
    assert true_facts(handle) == before
