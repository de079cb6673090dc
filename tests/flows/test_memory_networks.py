"""Supporting facts among other texts, through the public API: by both recipes, within filters, in order of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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


@pytest.mark.parametrize("recipe", ["default", "memory-networks"])
def test_a_thing_is_where_its_last_holder_went(told, recipe):
    hits = told.retrieve("Where is the ladder?", k=5, recipe=recipe, explain=True)
    assert texts(hits[:3]) == ["Bo took the ladder.", "Bo went to the attic.", "Bo went to the shed."]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].signals["supporting"] == 1.0 and hits[1].signals["supporting"] == 0.5
    assert len(hits) == 5 and all(0.0 <= hit.score <= 1.0 for hit in hits)
    assert all("supporting" not in hit.signals for hit in hits[3:])


def test_order_is_that_of_time_and_not_of_telling(told):
    told.add("Bo went to the cellar.", at=MORNING - timedelta(hours=1))
    hits = told.retrieve("Where is Bo?", k=4)
    assert texts(hits) == [
        "Bo went to the attic.",
        "Bo took the ladder.",
        "Bo went to the shed.",
        "Bo went to the cellar.",
    ]


def test_filters_hold_for_every_hop(told):
    before = MORNING + timedelta(minutes=20)  # Bo was not in the attic yet
    hits = told.retrieve("Where is the ladder?", k=3, until=before)
    assert texts(hits[:2]) == ["Bo took the ladder.", "Bo went to the shed."]
    assert "Bo went to the attic." not in texts(hits)


def test_what_is_retired_or_forgotten_leads_nowhere(told):
    (took,) = told.retrieve("Where is the ladder?", k=1)
    told.retire(took.id)
    assert "supporting" not in told.retrieve("Where is the ladder?", k=1)[0].signals
    told.restore(took.id)
    assert texts(told.retrieve("Where is the ladder?", k=1)) == ["Bo took the ladder."]
    told.forget(ids=[took.id])
    assert "supporting" not in told.retrieve("Where is the ladder?", k=1)[0].signals


def test_the_default_hops_only_for_questions_of_state(told):
    question = "What did Bo do with the ladder?"
    assert all("supporting" not in hit.signals for hit in told.retrieve(question, k=5))
    assert "supporting" in told.retrieve(question, k=5, recipe="memory-networks")[0].signals


def test_it_works_by_words_alone(tmp_path, clock):
    with AgentMemory.open(tmp_path / "words.db", embedder="none", recipe="memory-networks", clock=clock) as store:
        memory = store.scope("acme", "log")
        memory.add(list(STORY))
        assert texts(memory.retrieve("Where is the rake?", k=2)) == [
            "Chiara took the rake.",
            "Chiara went to the garage.",
        ]
        assert texts(memory.retrieve("ladder", k=1)) == ["Bo took the ladder."]
