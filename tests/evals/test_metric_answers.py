"""The registry of answer measures, and how the protocols come apart on one and the same answer."""

from __future__ import annotations

import pytest
from agentmem_evals.metrics.answers import ANSWER_METRICS
from agentmem_evals.metrics.gold import Gold
from hypothesis import given
from hypothesis import strategies as st


def test_the_agreed_names_are_there() -> None:
    agreed = "locomo_f1 hipporag_em hipporag_f1 mem0_f1 mem0_bleu1 exact choice epbench_f1 epbench_chronology"
    assert set(agreed.split()) <= set(ANSWER_METRICS)


def test_one_answer_is_worth_different_things() -> None:
    # said: "The dogs and the dog", gold: "a dog"
    # LoCoMo: {dog, dog} / {dog}: P 1/2, R 1, F1 2/3. HippoRAG: {dogs, and, dog} / {dog}: P 1/3, R 1, F1 1/2.
    # mem0: {the, dogs, and, dog} / {a, dog}: P 1/4, R 1/2, F1 1/3; BLEU-1: 1 of 5 tokens.
    gold = Gold("a dog", "4")
    values = {name: metric("The dogs and the dog", gold) for name, metric in ANSWER_METRICS.items()}
    assert values["locomo_f1"] == pytest.approx(2 / 3)
    assert values["hipporag_f1"] == pytest.approx(1 / 2) and values["hipporag_em"] == 0.0
    assert values["mem0_f1"] == pytest.approx(1 / 3) and values["mem0_bleu1"] == pytest.approx(1 / 5)
    assert values["exact"] == 0.0
    assert values["choice"] is values["epbench_f1"] is values["epbench_chronology"] is None


@pytest.mark.parametrize("name", sorted(ANSWER_METRICS))
def test_a_question_that_holds_nothing_has_no_score(name: str) -> None:
    assert ANSWER_METRICS[name]("anything", Gold(None)) is None


@given(
    st.text(max_size=40),
    st.text(max_size=20),
    st.sampled_from(["1", "3", "5", "chronological"]),
    st.lists(st.text(max_size=10), max_size=3),
    st.booleans(),
)
def test_any_reply_to_any_question_has_a_score_or_none(
    said: str, answer: str, category: str, more: list[str], unanswerable: bool
) -> None:
    gold = Gold(answer, category, tuple(more), tuple(more), (answer, *more), unanswerable)
    for metric in ANSWER_METRICS.values():
        value = metric(said, gold)
        assert value is None or (type(value) is float and -1.0 <= value <= 1.0 + 1e-12)
