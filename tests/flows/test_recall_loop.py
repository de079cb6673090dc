"""What came from memory is no new evidence when it is captured again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_world import lines_of

from agentmem import AgentMemory, Message
from agentmem.retrieval.recalled import without_recalled
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat

ROUNDS = 12


def every_line_is_a_fact(request):
    facts = [
        {"text": text, "speaker": who, "subject": "Ana", "time": None, "keys": [], "source": [n]}
        for n, who, text in lines_of(request)
    ]
    return json.dumps({"entities": [], "facts": facts, "triples": [], "summary": "They talked."})


@pytest.fixture
def facts(database, clock):
    """A scope whose model makes a fact of every line it is shown: the worst that can be."""
    chat = ScriptedChat({"extract": every_line_is_a_fact})
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="facts", llm=chat) as store:
        yield store.scope("acme", "ana")


def exchange(handle, question, answer, session):
    """As an agent without a framework would: recall, ask, and capture the whole prompt."""
    block = handle.context(question, kinds=["chunk", "fact"])
    prompt = [
        {"role": "user", "content": f"{block}\n\n{question}"},
        {"role": "assistant", "content": answer},
    ]
    return block, handle.add(prompt, session=session)


def test_a_block_in_a_captured_prompt_is_taken_out(handle):
    handle.add("I moved to Lisbon.", speaker="Ana")
    block, receipt = exchange(handle, "Where do I live?", "You live in Lisbon.", "s2")
    asked, answered = (handle.episode(id) for id in receipt.episodes)
    assert asked.text == "Where do I live?"
    assert asked.metadata["recalled"] == [hit.id for hit in block.hits]
    assert answered.text == "You live in Lisbon."
    assert answered.metadata["recalled"] == asked.metadata["recalled"]


def test_a_message_of_memories_alone_is_not_stored(handle):
    handle.add("I moved to Lisbon.", speaker="Ana")
    receipt = handle.add({"role": "user", "content": str(handle.context("Lisbon"))})
    assert (receipt.skipped, receipt.episodes) == (1, ())


def test_memory_does_not_grow_by_talking_about_it(facts):
    facts.add("I moved to Lisbon last week.", speaker="Ana", role="user", session="s0")
    facts.consolidate()
    before = {memory.text for memory in facts.list(kinds=["fact"])}
    for number in range(ROUNDS):
        exchange(facts, "Where do I live?", "You moved to Lisbon last week.", f"s{number + 1}")
        facts.consolidate()
    assert {memory.text for memory in facts.list(kinds=["fact"])} - before == {"Where do I live?"}
    echoes = facts.list(kinds=["fact"], state="quarantined")
    assert {memory.text for memory in echoes} == {"You moved to Lisbon last week."}


def test_an_answer_does_not_bring_back_what_was_changed_since(facts):
    (id,) = facts.add("I live in Lisbon.", speaker="Ana", role="user", session="s0").ids
    block = facts.context("Where do I live?", recipe="chunks")
    facts.update(id, text="I live in Porto.")
    facts.add(
        [
            {"role": "user", "content": f"{block}\nWhere do I live?"},
            {"role": "assistant", "content": "You live in Lisbon."},
        ],
        session="s1",
    )
    facts.consolidate()
    assert not [memory for memory in facts.list(kinds=["fact"]) if "Lisbon" in memory.text]


def test_what_an_answer_adds_of_its_own_is_evidence(facts):
    facts.add("I moved to Lisbon last week.", speaker="Ana", role="user", session="s0")
    exchange(facts, "What shall I see?", "The Gulbenkian museum has free entry on Sundays.", "s1")
    facts.consolidate()
    assert "The Gulbenkian museum has free entry on Sundays." in {memory.text for memory in facts.list(kinds=["fact"])}


def test_what_a_user_says_is_evidence_even_if_it_is_known(facts):
    facts.add("I moved to Lisbon last week.", speaker="Ana", role="user", session="s0")
    block = facts.context("Lisbon", recipe="chunks")
    facts.add({"role": "user", "content": f"{block}\nI moved to Lisbon last week."}, session="s1")
    facts.consolidate()
    assert [memory.text for memory in facts.list(kinds=["fact"])].count("I moved to Lisbon last week.") >= 1
    assert not facts.list(kinds=["fact"], state="quarantined")


def test_whoever_captures_can_say_what_was_recalled(facts):
    (id,) = facts.add("I moved to Lisbon last week.", speaker="Ana", role="user", session="s0").ids
    facts.add(Message("You moved to Lisbon.", role="assistant", session="s1", metadata={"recalled": [id]}))
    facts.consolidate()
    assert [memory.text for memory in facts.list(kinds=["fact"], state="quarantined")] == ["You moved to Lisbon."]


def test_a_forgotten_memory_that_was_recalled_does_no_harm(facts):
    (id,) = facts.add("I moved to Lisbon last week.", speaker="Ana", role="user", session="s0").ids
    facts.add(Message("You moved to Lisbon.", role="assistant", session="s1", metadata={"recalled": [id, 7]}))
    facts.forget(ids=[id])
    assert facts.consolidate().done


@pytest.mark.parametrize(
    "text",
    [
        "<memories>not ours</memories>",
        'I wrote <memories note="mine">\nmem_1\n</memories> in XML.',
        "[2024-01-01 10:00 | mem_1] without quotes",
        '[yesterday | mem_1] "no date"',
        "The id mem_01hzzzzzzzzzzzzzzzzzzzzzzz is a memory.",
    ],
)
def test_a_text_about_blocks_loses_nothing(text):
    assert without_recalled(text) == (text, ())


@given(st.lists(st.text(min_size=1).filter(lambda text: not text.isspace()), min_size=1, max_size=4), st.text())
def test_whatever_a_block_quotes_is_taken_out_and_nothing_else(texts, around):
    texts = [text.encode("utf-8", "ignore").decode() or "x" for text in texts]
    texts = [text if not text.isspace() else "x" for text in texts]
    around = around.encode("utf-8", "ignore").decode()
    with AgentMemory.open(":memory:", embedder="none") as store:
        handle = store.scope("u")
        handle.add([Message(f"{text} cat", speaker="A | b]") for text in texts])
        block = handle.context("cat", tokens=10_000, k=10)
    left, ids = without_recalled(f"{around}\n{block}\n{around}")
    assert set(ids) == {hit.id for hit in block.hits}
    assert left.split() == f"{around} {around}".split()
