"""Supporting facts among other texts, through the public API: by both recipes, within filters, in order of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from agentmem import AgentMemory, Message
from agentmem.testing import FakeEmbedder

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
STORY = (
    "Bo went to the shed.",
    "Bo took the ladder.",
    "Chiara went to the garage.",
    "Bo went to the attic.",
    "Chiara took the rake.",
)
PROSE = tuple(
    f"On day {day} the ladder of the ferry was wet again, and where the shed had been there was nothing but the attic."
    for day in range(30)
)


@pytest.fixture
def told(tmp_path, clock):
    with AgentMemory.open(tmp_path / "memory.db", embedder=FakeEmbedder(), clock=clock) as store:
        memory = store.scope("acme", "log")
        texts = [text for day in range(5) for text in (*PROSE[6 * day : 6 * day + 6], STORY[day])]
        memory.add([Message(text=text, at=MORNING + timedelta(minutes=n)) for n, text in enumerate(texts)])
        yield memory


def texts(hits):
    return [hit.text for hit in hits]


def hopped(hits):
    """What was hopped to, in order."""
    found = [hit for hit in hits if "supporting" in hit.signals]
    return texts(sorted(found, key=lambda hit: -hit.signals["supporting"]))


@pytest.mark.parametrize("recipe", ["default", "memory-networks"])
def test_a_thing_is_where_its_last_holder_went(told, recipe):
    hits = told.retrieve("Where is the ladder?", k=6, recipe=recipe, explain=True)
    assert hopped(hits) == ["Bo took the ladder.", "Bo went to the attic.", "Bo went to the shed."]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert sorted(hit.signals.get("supporting", 0.0) for hit in hits)[3:] == pytest.approx([1 / 3, 1 / 2, 1.0])
    assert len(hits) == 6 and all(0.0 <= hit.score <= 1.0 for hit in hits)
    if recipe != "default":
        assert texts(hits[:3]) == hopped(hits)


def test_order_is_that_of_time_and_not_of_telling(told):
    told.add("Bo went to the cellar.", at=MORNING - timedelta(hours=1))
    hits = told.retrieve("Where is Bo?", k=8)
    assert hopped(hits) == [
        "Bo went to the attic.",
        "Bo took the ladder.",
        "Bo went to the shed.",
        "Bo went to the cellar.",
    ]


def test_filters_hold_for_every_hop(told):
    before = MORNING + timedelta(minutes=20)  # Bo was not in the attic yet
    hits = told.retrieve("Where is the ladder?", k=6, until=before)
    assert hopped(hits) == ["Bo took the ladder.", "Bo went to the shed."]
    assert "Bo went to the attic." not in texts(hits)


def test_what_is_retired_or_forgotten_leads_nowhere(told):
    (took,) = told.retrieve("Where is the ladder?", k=1)
    told.retire(took.id)
    assert "supporting" not in told.retrieve("Where is the ladder?", k=1)[0].signals
    told.restore(took.id)
    assert texts(told.retrieve("Where is the ladder?", k=1)) == ["Bo took the ladder."]
    told.forget(ids=[took.id])
    assert "supporting" not in told.retrieve("Where is the ladder?", k=1)[0].signals


@pytest.mark.parametrize(
    "question", ["What did Bo do with the ladder?", "Is Bo in the attic?", "Where is Bo's ladder?"]
)
def test_the_default_hops_only_for_where_something_is(told, question):
    assert all("supporting" not in hit.signals for hit in told.retrieve(question, k=5))
    assert "supporting" in told.retrieve(question, k=5, recipe="memory-networks")[0].signals


def test_the_default_puts_what_it_hops_to_between_what_it_finds(told):
    hits = told.retrieve("Where is the ladder?", k=5)
    plain = told.retrieve("Where is the ladder?", k=5, recipe="texts")
    assert (hits[0].id, hits[0].score) == (plain[0].id, plain[0].score)
    assert "Bo went to the attic." in texts(hits) and all(a.score >= b.score for a, b in pairwise(hits))


def test_notes_about_one_person_are_found_by_what_is_asked_of_them(tmp_path, clock):
    notes = [
        "Ana's dog is called Bruno.",
        "Ana is allergic to peanuts.",
        "Ana went to the dentist.",
        "Ana went to Graz.",
    ]
    with AgentMemory.open(tmp_path / "notes.db", embedder="none", clock=clock) as store:
        memory = store.scope("acme", "ana")
        memory.add(notes)
        for built in (False, True):
            if built:  # then there is a graph of triples, in which all notes are equally near to Ana
                assert {found.kind for found in memory.list()} == {"chunk"} and memory.consolidate().built
            for question, answer in (("What is Ana's dog called?", notes[0]), ("What is Ana allergic to?", notes[1])):
                assert memory.retrieve(question, k=1)[0].text == answer


def test_it_works_by_words_alone(tmp_path, clock):
    with AgentMemory.open(tmp_path / "words.db", embedder="none", recipe="memory-networks", clock=clock) as store:
        memory = store.scope("acme", "log")
        memory.add(list(STORY))
        assert texts(memory.retrieve("Where is the rake?", k=2)) == [
            "Chiara took the rake.",
            "Chiara went to the garage.",
        ]
        assert texts(memory.retrieve("ladder", k=1)) == ["Bo took the ladder."]
