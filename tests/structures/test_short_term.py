"""The short-term memory: rewritten at each step with a reason, one for each work, and what forgetting does to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from agentmem import AgentMemory, Document, Message
from agentmem.errors import InvalidInput
from agentmem.structures.short_term import ShortTerm
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat

KIND = "short-term"
NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)
STEPS = ["Ada finds a brass key.", "The key opens a tower.", "A lamp burns in the tower.", "Ada takes the lamp."]


def joined(request):
    memory, text = request.prompt.variables["memory"], request.prompt.variables["text"]
    new = [line for line in text.splitlines() if line not in memory]
    return json.dumps({"reasoning": f"adds {len(new)}", "text": "\n".join([*memory.splitlines(), *new])})


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(chat=None):
        stores.append(AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="recurrentgpt", llm=chat))
        return stores[-1].scope("acme")

    yield open_it
    for store in stores:
        store.close()


def go_on(handle, number, work="tale"):
    receipt = handle.add(Message(STEPS[number], session=work, at=NOON + timedelta(minutes=number)))
    handle.consolidate()
    return receipt.episodes[0]


def memories(handle, state="active"):
    return [(memory.session, memory.text) for memory in handle.list(kinds=[KIND], state=state)]


@pytest.mark.parametrize("chat", [None, ScriptedChat({"recurrent_memory": joined})], ids=["rules", "model"])
def test_each_step_rewrites_it_and_says_why(opened, chat):
    handle = opened(chat)
    for number in range(3):
        go_on(handle, number)
    assert memories(handle) == [("tale", "\n".join(STEPS[:3]))]
    assert memories(handle, "retired") == [("tale", "\n".join(STEPS[: n + 1])) for n in range(2)]
    (memory,) = handle.list(kinds=[KIND])
    told = "adds 1" if chat else "The most telling lines stand: 0 dropped, 1 added."
    assert memory.metadata["reason"] == told and memory.metadata["step"] == 3
    assert handle.consolidate().run is None


def test_a_question_gets_it_first_then_what_is_like_the_question(opened):
    handle = opened()
    go_on(handle, 0, "other")
    for number in range(4):
        go_on(handle, number)
    hits = handle.retrieve("the lamp in the tower", k=3)
    assert [hit.kind for hit in hits] == [KIND, "chunk", "chunk"]
    assert hits[0].session == "tale" and hits[1].text == STEPS[2]
    assert handle.retrieve("key", k=1, session="other")[0].text == STEPS[0]


def test_each_work_has_its_own_and_documents_have_none(opened):
    handle = opened()
    go_on(handle, 0, "one")
    go_on(handle, 1, "two")
    handle.add(Document("The Douro rises in Spain.", title="Douro"))
    handle.consolidate()
    assert memories(handle) == [("one", STEPS[0]), ("two", STEPS[1])]


def test_who_forgets_a_paragraph_finds_it_in_no_memory_since_and_the_rest_is_there(opened):
    handle = opened()
    episodes = [go_on(handle, number) for number in range(4)]
    handle.forget(ids=[episodes[1]])
    assert memories(handle) == [("tale", STEPS[0])]  # the one before it is back
    assert memories(handle, None) == [("tale", STEPS[0])]
    handle.consolidate()
    assert memories(handle) == [("tale", "\n".join([STEPS[0], *STEPS[2:]]))]


def test_who_forgets_the_first_paragraph_has_it_made_from_the_others(opened):
    handle = opened()
    episodes = [go_on(handle, number) for number in range(3)]
    handle.forget(ids=[episodes[0]])
    assert memories(handle, None) == []
    handle.consolidate()
    assert memories(handle) == [("tale", "\n".join(STEPS[1:3]))]


def test_who_forgets_the_newest_has_the_memory_before_it_back(opened):
    handle = opened()
    episodes = [go_on(handle, number) for number in range(3)]
    handle.forget(ids=[episodes[2]])
    assert memories(handle) == [("tale", "\n".join(STEPS[:2]))]
    handle.consolidate()
    assert memories(handle) == [("tale", "\n".join(STEPS[:2]))]


def test_what_is_reworded_at_once_is_taken_in_once(opened):
    handle = opened()
    ids = [
        handle.add(Message(text, session="tale", at=NOON + timedelta(minutes=n))).ids[0] for n, text in enumerate(STEPS)
    ]
    handle.consolidate()
    for id, text in zip(
        ids[:3], ("Ada finds a map.", "The map shows a well.", "A coin lies in the well."), strict=True
    ):
        handle.update(id, text=text)
    assert handle.consolidate().done and handle.consolidate().run is None
    [(_work, text)] = memories(handle)
    assert sorted(text.splitlines()) == sorted({*text.splitlines()}) and "The map shows a well." in text


def test_a_step_can_be_undone(opened):
    handle = opened()
    go_on(handle, 0)
    handle.add(Message(STEPS[1], session="tale", at=NOON + timedelta(minutes=1)))
    handle.undo(handle.consolidate().run)
    assert memories(handle) == [("tale", STEPS[0])]


def test_what_a_model_makes_up_does_not_get_in_and_it_stays_short(opened):
    words = {
        "recurrent_memory": [
            json.dumps({"reasoning": "r", "text": f"{STEPS[0]} Zoe owns 77 castles in Peru."}),
            json.dumps({"reasoning": "r", "text": "Zoe owns 77 castles in Peru."}),
        ]
    }
    handle = opened(ScriptedChat(words))
    go_on(handle, 0)
    assert memories(handle) == [("tale", STEPS[0])]
    go_on(handle, 1)
    assert memories(handle) == [("tale", "\n".join(STEPS[:2]))]  # nothing was left: an extract


def test_long_sessions_are_bounded(opened):
    handle = opened()
    handle.add(
        [Message(f"Room {n} of the tower holds {n * 7} brass lamps and a chair.", session="t") for n in range(60)]
    )
    handle.consolidate()
    [(_session, text)] = memories(handle)
    assert 0 < len(text.split()) <= 300


def test_a_number_below_1_is_refused():
    with pytest.raises(InvalidInput):
        ShortTerm(words=0)
