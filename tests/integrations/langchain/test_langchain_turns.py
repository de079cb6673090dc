"""What of a conversation is remembered, on messages written by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")

from langchain_agentmem.scoping import scope_of, thread_of
from langchain_agentmem.turns import before_question, question, ref_of, said, shown_until, this_turn
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langgraph.runtime import Runtime
from scripted_agents import Context, calling

from agentmem import Scope
from agentmem.errors import InvalidInput

AT = datetime(2026, 1, 1, tzinfo=UTC)


def human(text, **fields):
    return HumanMessage(text, **fields)


def texts(messages):
    return [str(message.text) for message in messages]


SUMMARY = human("Summary: otters.", additional_kwargs={"lc_source": "summarization"})
UNMARKED = human("Here is a summary of the conversation to date:\n\nOtters.")
RESULT = ToolMessage("42", tool_call_id="call-1", name="count")

CALL = calling("x")

TURNS = {
    "the first": ([human("a"), AIMessage("b")], ["a", "b"]),
    "the last of two": ([human("a"), AIMessage("b"), human("c"), AIMessage("d")], ["c", "d"]),
    "with tools": (
        [human("a"), AIMessage("b"), human("c"), CALL, RESULT, AIMessage("d")],
        ["c", "", "42", "d"],
    ),
    "one that broke off goes along": ([human("a"), CALL, human("c"), AIMessage("d")], ["a", "", "c", "d"]),
    "the results of tools may be the answer": (
        [human("a"), CALL, RESULT, human("c"), CALL, RESULT, human("d"), human("e"), CALL, RESULT],
        ["d", "e", "", "42"],
    ),
    "several messages at once": ([human("a"), AIMessage("b"), human("c"), human("d"), AIMessage("e")], ["c", "d", "e"]),
    "a greeting was before it": ([AIMessage("hello"), human("a"), AIMessage("b")], ["a", "b"]),
    "a summary is no turn": ([SUMMARY, CALL, RESULT, AIMessage("d")], ["Summary: otters.", "", "42", "d"]),
    "an unmarked summary is none either": ([UNMARKED, human("a"), AIMessage("b"), human("c")], ["c"]),
    "nothing": ([], []),
}


@pytest.mark.parametrize("name", TURNS)
def test_a_turn(name):
    messages, expected = TURNS[name]
    assert texts(this_turn(messages)) == expected


kinds = st.sampled_from([human("q"), AIMessage("a"), CALL, RESULT, SUMMARY, SystemMessage("s")])


@given(st.lists(kinds, max_size=12))
def test_a_turn_is_the_end_of_the_conversation_and_holds_its_last_question(messages):
    turn = list(this_turn(messages))
    assert turn == messages[len(messages) - len(turn) :]
    if human("q") in messages:
        assert human("q") in turn
    captured = said(messages, thread=None, speaker=None, at=AT)
    assert {message.text for message in captured} <= {"q", "a"}


def test_what_is_said_of_a_turn():
    messages = [
        SystemMessage("Be brief."),
        SUMMARY,
        UNMARKED,
        human("How many otters?", id="h", name="Ana"),
        calling("count").model_copy(update={"content": "I count.", "id": "a1"}),
        RESULT,
        AIMessage([{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "Forty-two."}], id="a2"),
    ]
    kept = said(messages, thread="t", speaker="User", at=AT)
    assert [(m.text, m.role, m.speaker, m.session, m.index) for m in kept] == [
        ("How many otters?", "user", "Ana", "t", None),
        ("I count.", "assistant", None, "t", False),
        ("Forty-two.", "assistant", None, "t", None),
    ]
    assert all(m.metadata == {"message": m.ref} and m.at == AT for m in kept)
    assert len({m.ref for m in kept}) == 3 and not any("t/" in m.ref for m in kept)


def test_a_ref_goes_with_thread_id_and_content():
    one = human("a", id="1")
    refs = {ref_of(one, "t"), ref_of(one, "u"), ref_of(one, None), ref_of(human("b", id="1"), "t")}
    assert len(refs) == 4 and None not in refs
    assert ref_of(one, "t") == ref_of(human("a", id="1", name="Ana"), "t")
    assert ref_of(human("a"), "t") is None
    assert said([human("a")], thread=None, speaker=None, at=AT)[0].ref is None


def test_the_question_is_the_last_thing_a_person_said():
    messages = [human("Who is Olga?"), AIMessage("An otter."), human(" And where? "), CALL, RESULT, SUMMARY]
    assert question(messages) == "And where?"
    assert before_question(messages, 1) == ["An otter."]
    assert before_question(messages, 5) == ["Who is Olga?", "An otter."]
    assert before_question(messages, 0) == [] and question([AIMessage("a")]) == ""


def test_what_a_reply_was_shown_comes_from_its_mark_and_from_recall():
    line = '[2026-01-01 00:00 | user | mem_{}] "Otters."'
    recalled = ToolMessage(line.format("a"), tool_call_id="1", name="recall")
    other = ToolMessage(line.format("b"), tool_call_id="2", name="web")
    reply = AIMessage("x", response_metadata={"agentmem": {"recalled": ["mem_c"]}})
    assert shown_until([recalled, other, reply]) == ["mem_a", "mem_c"]
    assert shown_until([reply, AIMessage("y")]) == [] == shown_until([])


@pytest.mark.parametrize("found", ["acme", ("acme",), ["acme"], Scope("acme")])
def test_a_string_is_one_name_and_not_its_letters(found):
    assert scope_of(lambda runtime: found, Runtime(context=None)) == Scope("acme")


def test_a_context_can_be_a_mapping_or_an_object():
    assert scope_of("user_id", Runtime(context={"user_id": "a"})) == Scope("a")
    assert scope_of("user_id", Runtime(context=Context("a"))) == Scope("a")


@pytest.mark.parametrize("name", [7, ["a", 7], b"ana", "a\n"])
def test_a_name_that_cannot_be_one_is_refused(name):
    with pytest.raises(InvalidInput):
        scope_of("user_id", Runtime(context={"user_id": name}))


def test_there_is_no_thread_outside_a_graph():
    assert thread_of() is None and thread_of({}) is None
    assert thread_of({"configurable": {"thread_id": 7}}) == "7"
