"""What the memory stream of generative agents is made of: marks of importance, and reflections when enough gathers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from agentmem import AgentMemory, Message
from agentmem.errors import InvalidInput, LLMUnavailable
from agentmem.kinds import IMPORTANCE
from agentmem.models.chat.budget import Budget
from agentmem.recipes.recipe import Recipe
from agentmem.retrieval.memory_stream import rank_memory_stream
from agentmem.structures.memory_stream import MemoryStream
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat

MAY = datetime(2025, 5, 1, 9, tzinfo=UTC)
TEXTS = ("I paint every morning.", "I sold a painting in Porto.", "Thanks!", "I bought new brushes for painting.")


def marks(*values):
    return json.dumps({"marks": [{"line": line, "importance": mark} for line, mark in enumerate(values)]})


def insight(*lines, text="Ana paints and sold a painting in Porto."):
    return json.dumps({"insights": [{"facts": list(lines), "text": text}]})


def chat(**other):
    words = {
        "importance": marks(4, 8, 1, 3),
        "reflect_questions": json.dumps({"questions": ["What does Ana care for?"]}),
        "reflect": insight(0, 1),
    }
    return ScriptedChat({**words, **other})


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(llm=None, **settings):
        settings.setdefault("threshold", 16)
        recipe = Recipe(
            "stream", "the stream", structures=(partial(MemoryStream, **settings),), rank=rank_memory_stream()
        )
        stores.append(AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe=recipe, llm=llm))
        return stores[-1].scope("acme")

    yield open_it
    for store in stores:
        store.close()


def say(handle, session=1, texts=TEXTS):
    return handle.add(
        [
            Message(text, speaker="Ana", session=f"s{session}", at=MAY + timedelta(days=session, minutes=minute))
            for minute, text in enumerate(texts)
        ]
    ).ids


def importance_of(handle):
    """Marks by text, in order of time; as they stand in an export, too."""
    with handle._parts.store.read(handle.scope) as reader:
        edges = {edge.source: edge.weight for edge in reader.edges_of(IMPORTANCE)}
    return [edges.get(memory.id) for memory in handle.list(kinds=["chunk"])]


def reflections(handle, state="active"):
    return list(handle.list(kinds=["reflection"], state=state))


class TestMarks:
    def test_one_call_marks_a_session(self, opened):
        model = chat()
        handle = opened(model, threshold=150)
        say(handle)
        assert handle.consolidate().done
        assert importance_of(handle) == [4.0, 8.0, 1.0, 3.0]
        assert [request.prompt.id for request in model.requests] == ["importance"]
        assert model.requests[0].prompt.variables["text"].startswith("[0] Ana: I paint every morning.\n[1] Ana:")

    def test_marks_beyond_the_range_are_brought_into_it_and_missing_ones_made_by_rules(self, opened):
        handle = opened(chat(importance=marks(0, 99)), threshold=150)
        say(handle)
        handle.consolidate()
        low, high, *ruled = importance_of(handle)
        assert (low, high) == (1.0, 10.0) and all(1.0 <= mark <= 10.0 for mark in ruled)

    def test_by_rules_a_text_that_says_more_matters_more_and_nothing_is_reflected(self, opened):
        handle = opened(threshold=1)
        say(handle)
        assert handle.consolidate().done
        found = importance_of(handle)
        # Two content words ("paint", "morning"): 1 + 2/3. "Thanks!" says one: 1 + 1/3. The sale names Porto besides.
        assert found[1] > found[0] > found[2] >= 1.0
        assert reflections(handle) == []

    def test_a_second_run_does_nothing_and_new_turns_are_marked(self, opened):
        handle = opened()
        say(handle)
        handle.consolidate()
        assert handle.consolidate().run is None
        say(handle, 2, ["I moved to Lisbon."])
        handle.consolidate()
        assert None not in importance_of(handle)

    def test_a_text_that_is_reworded_is_marked_anew_and_never_changed_by_a_mark(self, opened):
        handle = opened()
        ids = say(handle)
        handle.consolidate()
        before = importance_of(handle)[2]
        handle.update(ids[2], text="My mother Rosa died in Porto on 3 May 2025.")
        handle.consolidate()
        assert importance_of(handle)[2] > before
        assert [handle.get(id).version for id in ids] == [1, 1, 2, 1]

    def test_marks_go_with_an_undo_and_with_the_text(self, opened):
        handle = opened()
        ids = say(handle)
        done = handle.consolidate()
        handle.forget(ids=[ids[0]], compact=False)
        assert len(importance_of(handle)) == 3 and None not in importance_of(handle)
        handle.undo(done.run)
        assert importance_of(handle) == [None] * 3


class TestReflections:
    def test_when_enough_has_gathered_it_reflects_with_evidence(self, opened):
        model = chat()  # 4 + 8 + 1 + 3 = 16
        handle = opened(model)
        ids = say(handle)
        handle.consolidate()
        [reflection] = reflections(handle)
        assert reflection.text == "Ana paints and sold a painting in Porto."
        assert {source.session for source in reflection.sources} == {"s1"} and len(reflection.sources) == 2
        assert reflection.metadata["facts"] == {ids[0]: 1, ids[1]: 1}
        assert [request.prompt.id for request in model.requests] == ["importance", "reflect_questions", "reflect"]
        hits = handle.retrieve("What does Ana paint and sell in Porto?", k=5)
        (hit,) = [hit for hit in hits if hit.kind == "reflection"]
        assert hit.signals["importance"] == 8.0  # that of the most important text it follows from

    def test_below_that_it_does_not(self, opened):
        model = chat(importance=marks(4, 8, 1, 2))
        handle = opened(model)
        say(handle)
        handle.consolidate()
        assert reflections(handle) == [] and len(model.requests) == 1

    def test_the_sum_begins_anew_and_runs_on_over_sessions_and_processes(self, opened):
        model = chat()
        handle = opened(model)
        say(handle)
        handle.consolidate()
        asked = len(model.requests)
        handle = opened(model)  # another process: what the structure kept is gone
        say(handle, 2, TEXTS[:2])  # 4 + 8 = 12
        handle.consolidate()
        assert [request.prompt.id for request in model.requests[asked:]] == ["importance"]
        say(handle, 3, ["I opened a gallery."])  # 12 + 4 = 16
        handle.consolidate()
        assert [request.prompt.id for request in model.requests[asked + 1 :]] == [
            "importance",
            "reflect_questions",
            "reflect",
        ]
        assert len(reflections(handle)) == 1  # it said the same again

    def test_each_time_enough_has_gathered_within_one_run(self, opened):
        model = chat()
        handle = opened(model)
        for session in (1, 2, 3):
            say(handle, session)
        handle.consolidate()
        assert sum(request.prompt.id == "reflect_questions" for request in model.requests) == 3

    def test_what_its_texts_do_not_bear_out_is_put_aside(self, opened):
        handle = opened(chat(reflect=insight(0, 1, text="Zoe owns 77 castles in Peru.")))
        say(handle)
        handle.consolidate()
        assert reflections(handle) == [] and len(reflections(handle, "quarantined")) == 1

    def test_it_goes_with_any_text_it_follows_from(self, opened):
        handle = opened(chat())
        ids = say(handle)
        handle.consolidate()
        handle.forget(ids=[ids[1]], compact=False)
        assert reflections(handle, None) == []
        assert [memory.text for memory in handle.list(kinds=["chunk"])] == [TEXTS[0], *TEXTS[2:]]

    def test_it_goes_with_an_undo(self, opened):
        handle = opened(chat())
        say(handle)
        done = handle.consolidate()
        assert len(reflections(handle)) == 1
        handle.undo(done.run)
        assert reflections(handle) == [] and importance_of(handle) == [None] * 4

    def test_it_is_retired_when_a_text_says_something_else(self, opened):
        handle = opened(chat())
        ids = say(handle)
        handle.consolidate()
        handle.update(ids[1], text="I sold a boat.")
        handle.consolidate()
        assert reflections(handle) == []

    def test_it_expires_if_it_is_to(self, opened, clock):
        handle = opened(chat(), expires=timedelta(days=30))
        say(handle)
        handle.consolidate()
        [reflection] = reflections(handle)
        assert reflection.expires_at == clock() + timedelta(days=30)

    def test_a_model_that_fails_at_it_is_asked_again_and_marks_stay(self, opened, clock):
        model = chat(reflect=LLMUnavailable("away"))
        handle = opened(model)
        say(handle)
        assert handle.consolidate().failures and importance_of(handle) == [4.0, 8.0, 1.0, 3.0]
        clock.advance(days=1)
        handle = opened(chat())
        assert handle.consolidate().done and len(reflections(handle)) == 1

    def test_a_budget_stops_it_before_and_it_goes_on_there(self, opened):
        handle = opened(chat())
        say(handle)
        assert not handle.consolidate(budget=Budget(calls=2)).done
        assert reflections(handle) == [] and handle.consolidate().done and len(reflections(handle)) == 1


@pytest.mark.parametrize("wrong", [{"threshold": 0}, {"questions": 0}, {"expires": timedelta(0)}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InvalidInput):
        MemoryStream(**wrong)
