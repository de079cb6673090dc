"""SirLLM: what is kept in view whatever is asked."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agentmem import AgentMemory, Message
from agentmem.index.lexical import LexicalIndex
from agentmem.retrieval.salient import priorities


def test_information_is_the_mean_surprisal_of_words_by_hand():
    # Six words in all: a stands 3 times, b 2, c once. "a b": (log2(6/3) + log2(6/2)) / 2; "c": log2(6).
    index = LexicalIndex()
    index.add([["a", "b"], ["a", "a", "b"], ["c"], []])
    expected = [(1 + math.log2(3)) / 2, (2 + math.log2(3)) / 3, math.log2(6), 0.0]
    assert index.surprisal().tolist() == pytest.approx(expected, rel=1e-6)


def test_information_follows_what_lives():
    index = LexicalIndex()
    index.add([["a"], ["b"]])
    assert index.surprisal().tolist() == [1.0, 1.0]
    index.set_alive(np.array([1]), np.array([False]))
    assert index.surprisal().tolist() == [0.0, 0.0]
    index.add([["c", "d"]])
    assert index.surprisal().tolist() == pytest.approx([math.log2(3), 0.0, math.log2(3)])


def test_priority_is_information_that_decays_with_age_by_hand():
    # 8 * 0.5^2, 4 * 0.5, 1 * 1
    assert priorities(np.array([8.0, 4.0, 1.0]), decay=0.5).tolist() == [2.0, 2.0, 1.0]


def test_a_decay_of_one_never_fades():
    assert priorities(np.array([8.0, 4.0]), decay=1.0).tolist() == [8.0, 4.0]


@pytest.fixture
def stream(database, clock):
    with AgentMemory.open(database, embedder="none", clock=clock, recipe="sirllm") as store:
        yield store.scope("acme")


def said(handle, *texts):
    for text in texts:
        handle.add(Message(text, speaker="Ana", session="s"))


def test_the_first_turns_and_the_telling_ones_are_kept_whatever_is_asked(stream):
    said(stream, "hello", "hello hello", *["hello there"] * 5, "quokka marsupial zeppelin", *["hello there"] * 3)
    for question in ("quokka", "anything else"):
        hits = [hit.text for hit in stream.retrieve(question, k=3)]
        assert set(hits[:2]) == {"hello", "hello hello"}
        assert hits[2] == "quokka marsupial zeppelin"


def test_what_is_old_fades(stream):
    said(stream, "one", "two", "quokka", *["hello there"] * 60, "yes")
    assert "quokka" not in [hit.text for hit in stream.retrieve("quokka", k=3)]


def test_an_empty_scope_has_nothing_to_keep(stream):
    assert stream.retrieve("anything", k=3) == []
