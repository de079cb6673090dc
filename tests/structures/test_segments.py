"""SeCom: segments on one topic, found by a compressed key and returned as they were said."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem import AgentMemory, Document, Message
from agentmem.errors import InvalidInput
from agentmem.structures.segments import TopicalSegments, exchanges, partition
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat
from agentmem.types import Memory

TALK = [
    ("Ana", "My cat Misty sleeps all the long day on the old grey sofa."),
    ("Ben", "What does the cat eat?"),
    ("Ana", "Only fish, and only on Fridays."),
    ("Ben", "I flew to Lisbon yesterday."),
    ("Ana", "How was the flight to Lisbon?"),
    ("Ben", "Late."),
]


def segments(*stretches):
    return json.dumps({"segments": [{"first": a, "last": b, "topic": "t"} for a, b in stretches]})


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(llm=None):
        stores.append(AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="secom", llm=llm))
        return stores[-1].scope("acme")

    yield open_it
    for store in stores:
        store.close()


def told(handle):
    units = [handle.get(memory.id).sources for memory in handle.list(kinds=["segment"])]
    return sorted([handle.episode(source.episode).text for source in sources] for sources in units)


def test_a_model_says_where_segments_begin_and_turns_come_back_whole(opened):
    chat = ScriptedChat({"segment": segments((0, 1), (2, 2))})
    handle = opened(chat)
    handle.add([Message(text, speaker=who, session="s1") for who, text in TALK])
    handle.consolidate()
    texts = [text for _who, text in TALK]
    assert told(handle) == sorted([texts[:4], texts[4:]])
    shown = chat.requests[0].prompt.variables["text"]
    assert shown.splitlines()[:3] == ["[0]", "Ana: " + texts[0], "Ben: " + texts[1]]
    hits = handle.retrieve("Misty the cat", k=4)
    assert {hit.text for hit in hits} == set(texts[:4]) and {hit.kind for hit in hits} == {"chunk"}


def test_the_key_is_compressed(opened):
    handle = opened()
    handle.add([Message(text, speaker=who, session="s1") for who, text in TALK])
    handle.consolidate()
    key = handle.list(kinds=["segment"])[0].text
    assert key.startswith("Ana: ") and "Misty" in key
    assert len(key.splitlines()[0].split()) < len(f"Ana: {TALK[0][1]}".split())


def test_a_document_is_cut_as_it_is(opened):
    handle = opened(ScriptedChat({}))
    handle.add(Document("The Tagus flows through Lisbon."))
    assert handle.consolidate().done
    assert told(handle) == [["The Tagus flows through Lisbon."]]


def turn(speaker):
    return Memory("mem_1", 1, "chunk", "x", *[None] * 4, speaker=speaker)  # type: ignore[arg-type]


def test_an_exchange_begins_where_the_first_speaker_speaks_again():
    who = ["a", "a", "b", "a", "b", "c", "a"]
    assert exchanges([turn(one) for one in who]) == [range(3), range(3, 6), range(6, 7)]
    assert exchanges([]) == []


def test_what_is_no_partition_is_put_right():
    assert partition([0, 3, 5], 8) == [0, 3, 5, 8]
    assert partition([2, 2, 99, -1, 5], 8) == [0, 2, 5, 8]  # a gap at the beginning, twice the same, what is not there
    assert partition([], 4) == [0, 4]


@given(st.lists(st.integers(-3, 30)), st.integers(1, 20))
def test_a_partition_holds_every_exchange_once(first, count):
    found = partition(first, count)
    assert found[0] == 0 and found[-1] == count and found == sorted(set(found))


def test_a_rate_that_is_no_share_is_refused():
    with pytest.raises(InvalidInput, match="share"):
        TopicalSegments(rate=0)
