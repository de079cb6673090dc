"""Exact match and F1 with aliases, as HippoRAG and MRQA have them, worked by hand."""

from __future__ import annotations

import pytest
from agentmem_evals.metrics.gold import Gold
from agentmem_evals.metrics.hipporag_answers import hipporag_em, hipporag_f1
from agentmem_evals.metrics.overlap import squad_normalised
from hypothesis import given
from hypothesis import strategies as st


def test_normalising_keeps_and() -> None:
    assert squad_normalised("The  Cat and an Owl's (nest)") == "cat and owls nest"


def test_the_best_accepted_answer_counts() -> None:
    gold = Gold("United States of America", aliases=("USA", "the United States"))
    assert hipporag_em("the U.S.A.", gold) == 1.0 and hipporag_f1("the U.S.A.", gold) == 1.0
    assert hipporag_em("United States now", gold) == 0.0
    # {united, states, now} with {united, states, of, america}: P 2/3, R 2/4, F1 4/7;
    # with {united, states}: P 2/3, R 1, F1 4/5, the best
    assert hipporag_f1("United States now", gold) == pytest.approx(4 / 5)


def test_words_are_not_stemmed_and_count_as_often_as_both_have_them() -> None:
    assert hipporag_f1("dogs", Gold("dog")) == 0.0
    # {new, york, new, york} with {new, york}: shared 2, P 2/4, R 1, F1 2/3
    assert hipporag_f1("New York, New York", Gold("New York")) == pytest.approx(2 / 3)


def test_aliases_alone_are_answers_and_none_is_no_question() -> None:
    assert hipporag_em("x", Gold(None, aliases=("y", "X"))) == 1.0
    assert hipporag_em("x", Gold(None)) is None and hipporag_f1("x", Gold(None)) is None


def test_what_normalises_to_nothing() -> None:
    # As in the official code: equal, but with no word in common.
    assert hipporag_em("The", Gold("a")) == 1.0 and hipporag_f1("The", Gold("a")) == 0.0


@given(st.text(max_size=40), st.text(max_size=40), st.lists(st.text(max_size=20), max_size=3))
def test_aliases_never_lower_a_score(said: str, answer: str, aliases: list[str]) -> None:
    alone, more = Gold(answer), Gold(answer, aliases=tuple(aliases))
    for metric in (hipporag_em, hipporag_f1):
        few, many = metric(said, alone), metric(said, more)
        assert few is not None and many is not None and 0.0 <= few <= many <= 1.0
