"""The reasons of a hit, one signal at a time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agentmem.retrieval.explain import reasons
from agentmem.retrieval.signals import SIGNALS
from agentmem.types import Memory

AT = datetime(2023, 5, 8, tzinfo=UTC)


def told(memory: dict[str, object] | None = None, **signals: float) -> tuple[str, ...]:
    values = dict.fromkeys(SIGNALS, 0.0) | signals
    fields = {"id": "mem_1", "version": 1, "kind": "chunk", "text": "tea", "speaker": "Ana"} | (memory or {})
    return reasons(values, Memory(at=AT, valid_from=AT, valid_to=None, recorded_at=AT, **fields))


@pytest.mark.parametrize(
    ("signals", "words"),
    [
        ({"bm25_share": 0.5}, "shares the query's words (BM25 share 0.50)"),
        ({"bm25_window": 0.5}, "its neighbours share the query's words (BM25 0.50)"),
        ({"dense": 0.5}, "similar in meaning (cosine 0.50)"),
        ({"context": 0.5}, "the talk around it is similar in meaning (cosine 0.50)"),
        ({"speaker": 1.0}, "said by Ana, whom the query asks about"),
        ({"date": 1.0}, "from 08 May 2023, a time the query names"),
        ({"answers": 1.0}, "follows a question"),
        ({"cues": 1.0}, "an event that meets every cue of the question"),
        ({"ngrams": 0.84}, "holds runs of words that are rare here (weight 0.84)"),
        ({"linked": 1.0}, "linked to a note that was found"),
        ({"beside": 1.0}, "a note beside the text before it"),
        ({"short_term": 1.0}, "the short-term memory, which is shown whatever is asked"),
        ({"co_fired": 0.5}, "was on the mind together with what was found (P 0.50)"),
        ({"importance": 8.0}, "matters much (importance 8 of 10)"),
        ({"recency": 0.99}, "happened, or was found, lately (recency 0.99)"),
        ({"day": 1.0}, "tells of the day that the query names"),
        ({"weight": 1.5}, "was found useful before (weight 1.50)"),
        ({"information": 6.5}, "tells much, and has not faded yet (information 6.50)"),
    ],
)
def test_each_signal_has_its_words(signals: dict[str, float], words: str) -> None:
    assert told(**signals) == (words,)


@pytest.mark.parametrize(
    "weak",
    [
        {"bm25_share": 0.1},
        {"dense": 0.2},
        {"speaker": -1.0},
        {"opens": 1.0},
        {"ngrams": 0.0, "linked": 0.0},
        {"importance": 3.0, "recency": 0.5},
        {"information": 0.1},
        {"weight": 1.0},
        {},
    ],
)
def test_without_a_strong_signal_it_is_the_best_there_is(weak: dict[str, float]) -> None:
    assert told(**weak) == ("the best of what is there",)


def test_own_words_stand_before_those_of_neighbours() -> None:
    assert len(told(bm25_share=0.5, bm25_window=0.9)) == 1


def test_own_meaning_stands_before_that_of_the_talk_around() -> None:
    assert told(dense=0.5, context=0.9) == ("similar in meaning (cosine 0.50)",)


def test_a_role_speaks_where_there_is_no_name() -> None:
    assert told({"speaker": None, "role": "assistant"}, speaker=1.0) == (
        "said by the assistant, whom the query asks about",
    )


def test_all_that_holds_is_told() -> None:
    assert len(told(bm25_share=0.5, dense=0.5, speaker=1.0, date=1.0, answers=1.0)) == 5
