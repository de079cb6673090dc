"""The signals of who speaks, when, and at which place of a conversation."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from scenes import NOW, said, scene, signal

from agentmem.retrieval.signals import measure

TALK = [said("tea", speaker="Ana"), said("coffee", speaker="Bo"), said("water")]
CHAT = [said("tea", role="user"), said("coffee", role="assistant"), said("water")]


def test_the_named_speaker_gets_1_others_minus_1_and_nobody_0() -> None:
    assert signal(scene(TALK, "What did Bo drink?"), "speaker") == [-1.0, 1.0, 0.0]


@pytest.mark.parametrize("query", ["What did they drink?", "What did Ana and Bo drink?"])
def test_no_name_or_two_names_speak_for_nobody(query: str) -> None:
    assert signal(scene(TALK, query), "speaker") == [0.0, 0.0, 0.0]


def test_the_assistant_is_preferred_when_it_is_asked_for() -> None:
    assert signal(scene(CHAT, "What did you recommend?"), "speaker") == [-1.0, 1.0, 0.0]


def test_a_name_counts_more_than_the_assistants_cue() -> None:
    talk = [*TALK, said("a recipe", role="assistant")]
    assert signal(scene(talk, "What did you recommend to Ana?"), "speaker") == [1.0, -1.0, 0.0, 0.0]


def test_where_no_assistant_ever_spoke_its_cue_says_nothing() -> None:
    assert signal(scene(TALK, "What did you recommend?"), "speaker") == [0.0, 0.0, 0.0]


def test_what_happened_at_the_time_named_gets_1() -> None:
    days = [said("a", at=NOW - timedelta(days=back)) for back in (2, 1, 0)]
    assert signal(scene(days, "What was yesterday?"), "date") == [0.0, 1.0, 0.0]


def test_without_a_time_in_the_query_no_date_counts() -> None:
    assert signal(scene(TALK, "What was it?"), "date") == [0.0, 0.0, 0.0]


def test_what_follows_a_question_answers() -> None:
    assert signal(scene(["Tea? I asked.", "Yes.", "Good."], "tea"), "answers") == [0.0, 1.0, 0.0]


def test_a_question_in_another_session_is_not_answered() -> None:
    assert signal(scene([said("Tea?", session="r"), said("Yes.", session="s")], "tea"), "answers") == [0.0, 0.0]


def test_a_question_at_the_very_end_is_not_answered_by_the_first_memory() -> None:
    assert signal(scene(["Hello.", "Tea?"], "tea"), "answers") == [0.0, 0.0]


def test_the_first_of_every_session_opens() -> None:
    talk = [said("a", session="r"), said("b", session="r"), said("c", session="s"), said("d", session="s")]
    assert signal(scene(talk, "a"), "opens") == [1.0, 0.0, 1.0, 0.0]


def test_a_document_opens() -> None:
    assert signal(scene([said("a", session=None), said("b", session=None)], "a"), "opens") == [1.0, 1.0]


def test_asks_looks_at_the_last_sentence() -> None:
    assert signal(scene(["Tea?", "Tea? Yes.", "Yes."], "tea"), "asks") == [1.0, 0.0, 0.0]


def test_asks_ignores_a_remark_in_brackets_at_the_end() -> None:
    texts = ["Tea? [shares a picture of tea]", "Tea. [is it tea?]", "[really] Tea?"]
    assert signal(scene(texts, "tea"), "asks") == [1.0, 0.0, 1.0]


def test_length_is_the_logarithm_of_the_words_up_to_a_bound() -> None:
    found = signal(scene(["one two three", "word " * 60, "word " * 600], "x"), "length")
    assert found == pytest.approx([math.log(4), math.log(61), math.log(61)], abs=1e-6)


def test_every_signal_is_a_finite_number_for_every_candidate() -> None:
    stage = scene([*TALK, "Tea?", said("", session=None)], "What did Ana say of tea yesterday?", bare=[math.nan] * 5)
    for values in measure(stage, stage.columns["row"] - 1).values():
        assert values.shape == (5,) and all(map(math.isfinite, values.tolist()))
