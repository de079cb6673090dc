"""EM-LLM through the public API: events of what was said, found with what stands beside them."""

from __future__ import annotations

import numpy as np
import pytest

from agentmem import AgentMemory, Message
from agentmem.errors import InvalidInput
from agentmem.retrieval.groups import budgeted
from agentmem.structures.surprise.events import SurpriseEvents, central

TALK = (
    "My cat Misty sleeps all day.",
    "The cat wakes up when the cat food comes.",
    "Misty the cat is grey.",
    "On Monday I flew to Lisbon by plane.",
    "The plane to Lisbon was late, the plane was full.",
    "Lisbon was sunny when the plane landed.",
    "I cooked soup with carrots for dinner.",
    "The soup needed salt, so I put salt in the soup.",
)


class Topics:
    """Texts about one subject have one direction."""

    fingerprint, dimension = "topics", 4
    WORDS = ("cat", "plane", "soup")

    def _vector(self, text):
        found = [float(word in text.lower()) for word in self.WORDS]
        return [*found, 0.1]

    def embed_documents(self, texts):
        vectors = np.array([self._vector(text) for text in texts], dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_query(self, text):
        return self.embed_documents([text])[0]


@pytest.fixture
def talk(database, clock):
    with AgentMemory.open(database, embedder=Topics(), clock=clock, recipe="em-llm") as store:
        handle = store.scope("acme")
        handle.add([Message(text, speaker="Ana", session="s1") for text in TALK])
        yield handle


def events(handle):
    return [
        [handle.episode(source.episode).text for source in handle.get(memory.id).sources]
        for memory in handle.list(kinds=["surprise-event"])
    ]


def test_events_are_the_subjects(talk):
    talk.consolidate()
    assert sorted(events(talk)) == sorted([list(TALK[:3]), list(TALK[3:6]), list(TALK[6:])])


def test_a_question_finds_an_event_and_then_its_neighbours(talk):
    talk.consolidate()
    hits = [hit.text for hit in talk.retrieve("the plane", k=5)]
    assert set(hits[:3]) == set(TALK[3:6])  # 70 % of 5 is more than 3: a fourth comes by likeness
    assert hits[-1] in TALK[6:]  # the buffer: what came after, before what came before


def test_before_anything_is_built_turns_are_found_by_themselves(talk):
    assert talk.retrieve("the plane", k=3)[0].text in TALK[3:6]


def test_later_turns_become_events_of_their_own_and_nothing_is_made_twice(talk):
    talk.consolidate()
    before = events(talk)
    talk.consolidate()
    assert events(talk) == before
    talk.add(Message("The soup was good.", speaker="Ana", session="s1"))
    talk.consolidate()
    assert sorted(events(talk)) == sorted([*before, ["The soup was good."]])


def test_a_forgotten_turn_takes_its_event_along(talk):
    talk.consolidate()
    talk.forget(about="Misty")
    assert not any("cat" in text for event in events(talk) for text in event)


def test_the_budget_is_parted_into_likeness_and_neighbours():
    # Budget 10: 7 for likeness. The best event has 4 units, the next 5: 3 of them, the best, then the neighbours of
    # both: what follows event 1 (event 2), what precedes it (event 0), three units in all.
    units = {0: [0, 1], 1: [2, 3, 4, 5], 2: [6, 7], 3: [8, 9, 10, 11, 12]}
    alike = np.array([0.0, 0.1, 0.9, 0.8, 0.7, 0.6, 0.2, 0.3, 0.5, 0.55, 0.4, 0.35, 0.3], dtype=np.float32)
    beside = {0: (1, None), 1: (2, 0), 2: (3, 1), 3: (None, 2)}
    assert budgeted([1, 3, 2, 0], beside, units, alike, 10, 3) == [2, 3, 4, 5, 9, 8, 10, 7, 6, 1]


def test_a_budget_larger_than_the_memory_takes_everything_once():
    units = {0: [0, 1], 1: [2]}
    alike = np.array([0.1, 0.2, 0.3], dtype=np.float32)
    assert budgeted([1, 0], {0: (1, None), 1: (None, 0)}, units, alike, 50, 15) == [2, 1, 0]


def test_the_units_that_stand_for_an_event_are_the_central_ones():
    vectors = np.array([[1, 0], [0.8, 0.6], [0.8, 0.6], [0, 1], [0.8, -0.6]], dtype=np.float32)
    # Their sum is (3.4, 1.6): 3.4, 3.68, 3.68, 1.6 and 1.76.
    assert central(vectors, 3) == [0, 1, 2]


def test_a_model_that_tells_surprise_is_asked():
    structure = SurpriseEvents(surprisal=lambda texts: [9.0 if "!" in text else 1.0 for text in texts], measure=None)
    assert structure.begins(["a", "b", "c!", "d"], np.zeros((4, 2), dtype=np.float32)) == [0, 2]


def test_numbers_that_make_no_sense_are_refused():
    with pytest.raises(InvalidInput, match="window"):
        SurpriseEvents(window=0)
    with pytest.raises(InvalidInput, match="fewest"):
        SurpriseEvents(fewest=5, most=4)
