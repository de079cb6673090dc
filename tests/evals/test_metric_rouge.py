"""ROUGE by hand and by the figures of the ``rouge-score`` package, and F1 over facts."""

from __future__ import annotations

import pytest
from agentmem_evals.metrics.facts import FactScores, fact_scores
from agentmem_evals.metrics.rouge import longest_common_subsequence, rouge, rouge_n, rouge_tokens
from hypothesis import given
from hypothesis import strategies as st


def test_by_hand() -> None:
    # the cat sat on the mat (6) and the cat lay on a mat (6): shared the, cat, on, mat = 4; F1 = 2 * 4 / 12
    # bigrams, 5 each: "the cat" is shared; F1 = 2 * 1 / 10
    # subsequence the cat on mat = 4; F1 = 2 * 4 / 12
    scores = rouge("The cat sat on the mat.", "the cat lay on a mat")
    assert (scores.rouge1, scores.rouge2, scores.rouge_l) == pytest.approx((8 / 12, 2 / 10, 8 / 12))


def test_order_matters_to_the_subsequence_and_not_to_words() -> None:
    # police kill the gunman / the gunman kill police: all 4 words; bigram "the gunman" of 3 and 3: 2 * 1 / 6;
    # subsequence "the gunman" = 2: 2 * 2 / 8 (Lin 2004, section 3)
    scores = rouge("the gunman kill police", "police kill the gunman")
    assert (scores.rouge1, scores.rouge2, scores.rouge_l) == pytest.approx((1.0, 1 / 3, 1 / 2))


def test_grams_are_clipped() -> None:
    # yes x3 and yes x1: shared 1; F1 = 2 / 4
    assert rouge_n(["yes"] * 3, ["yes"], 1) == 0.5
    assert rouge_n(["yes"], ["yes"], 2) == 0.0


def test_tokens() -> None:
    # Words of up to three characters are not stemmed: "was" would become "wa".
    assert rouge_tokens("It was Raining, running-dogs' 2nd!") == ["it", "was", "rain", "run", "dog", "2nd"]
    assert rouge_tokens("raining dogs", stem=False) == ["raining", "dogs"]
    assert rouge_tokens("Café") == ["caf"]  # ASCII only, as in rouge-score


def test_empty_texts() -> None:
    for said, reference in (("", ""), ("a", ""), ("", "a"), ("!", "?")):
        scores = rouge(said, reference)
        assert (scores.rouge1, scores.rouge2, scores.rouge_l) == (0.0, 0.0, 0.0)


SAID = "Caroline went hiking with her friends on 7 May, and later she painted sunsets; Melanie's kids loved it."
REFERENCE = "On May 7 Caroline hikes with friends. She paints a sunset that Melanie and the kids love."


@pytest.mark.parametrize(("stem", "expected"), [(True, (14 / 18, 3 / 17, 10 / 18)), (False, (10 / 18, 0.0, 6 / 18))])
def test_the_figures_of_rouge_score(stem: bool, expected: tuple[float, float, float]) -> None:
    # rouge-score 0.1.2: RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=stem).score(REFERENCE, SAID)
    scores = rouge(SAID, REFERENCE, stem=stem)
    assert (scores.rouge1, scores.rouge2, scores.rouge_l) == pytest.approx(expected)


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_the_subsequence_is_common_to_both_ways(first: list[str], second: list[str]) -> None:
    length = longest_common_subsequence(first, second)
    assert length == longest_common_subsequence(second, first) <= min(len(first), len(second))
    assert longest_common_subsequence(first, first) == len(first)
    assert length <= longest_common_subsequence([*first, "x"], [*second, "x"]) - 1


@given(st.text(max_size=60), st.text(max_size=60))
def test_scores_are_fractions_and_symmetric(said: str, reference: str) -> None:
    scores, back = rouge(said, reference), rouge(reference, said)
    assert scores == back
    assert 0.0 <= scores.rouge2 <= scores.rouge1 <= 1.0 or scores.rouge2 <= 1.0
    assert scores.rouge_l <= scores.rouge1


def test_facts_by_hand() -> None:
    # 3 of 4 facts of the summary are supported, 2 of 5 of the reference covered: F1 = 2 * 0.75 * 0.4 / 1.15
    scores = fact_scores([True, True, False, True], [True, False, False, True, False])
    assert (scores.precision, scores.recall) == (0.75, 0.4)
    assert scores.f1 == pytest.approx(0.6 / 1.15)


def test_facts_that_are_not_there() -> None:
    assert fact_scores([], [True, False]) == FactScores(None, 0.5, 0.0)
    assert fact_scores([True], []) == FactScores(1.0, None, 0.0)
    assert fact_scores([False], [False]) == FactScores(0.0, 0.0, 0.0)
    assert fact_scores([], []) == FactScores(None, None, None)
