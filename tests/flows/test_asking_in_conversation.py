"""A question that points back is understood by the turns before it."""

from __future__ import annotations

import json

import pytest

from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder, ScriptedChat

TURNS = ["We talked about the pottery course in Lisbon.", "Yes, Maria liked it."]


@pytest.fixture
def handle():
    with AgentMemory.open(":memory:", embedder=FakeEmbedder()) as store:
        handle = store.scope("me")
        handle.add(["The pottery course in Lisbon begins in May.", "The bakery opens at six.", "It rained all week."])
        yield handle


def test_by_rules_the_telling_words_of_the_last_turns_are_added(handle):
    (best, *_) = handle.retrieve("When does it begin?", k=1, conversation=TURNS)
    assert "pottery" in best.text


def test_a_question_that_stands_alone_is_asked_as_it_is(handle):
    question = "When does the bakery open?"
    assert handle.retrieve(question, conversation=TURNS) == handle.retrieve(question)


def test_a_model_rewrites_it_and_a_failing_one_does_not_hide_anything():
    rewritten = json.dumps({"reasoning": "it is the course", "text": "When does the pottery course begin?"})
    chat = ScriptedChat({"decontextualise": [rewritten, "no JSON", "no JSON"]})
    with AgentMemory.open(":memory:", embedder=FakeEmbedder(), llm=chat) as store:
        handle = store.scope("me")
        handle.add(["The pottery course begins in May.", "The bakery opens at six."])
        assert "pottery" in handle.retrieve("When does it begin?", k=1, conversation=TURNS)[0].text
        assert handle.retrieve("When does it really begin?", k=1, conversation=TURNS)
        assert [request.prompt.id for request in chat.requests] == ["decontextualise"] * 3


def test_the_block_for_a_prompt_is_asked_the_same_way(handle):
    assert "pottery" in str(handle.context("When does it begin?", k=1, conversation=TURNS))
