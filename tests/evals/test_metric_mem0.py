"""mem0's F1 and BLEU-1, worked by hand; where they differ from LoCoMo's."""

from __future__ import annotations

import math

import pytest
from agentmem_evals.metrics.gold import Gold
from agentmem_evals.metrics.locomo_answers import locomo_f1
from agentmem_evals.metrics.mem0_answers import mem0_bleu1, mem0_f1
from hypothesis import given
from hypothesis import strategies as st


def test_f1_is_over_sets_without_stems_and_with_articles() -> None:
    # sets {the, dog, ran} and {a, dog, runs}: shared {dog}; P = R = F1 = 1/3
    assert mem0_f1("The dog, the dog ran!", Gold("a dog runs", "4")) == pytest.approx(1 / 3)
    # LoCoMo's: {dog, dog, ran} and {dog, run}: shared 1, P 1/3, R 1/2, F1 2/5
    assert locomo_f1("The dog, the dog ran!", Gold("a dog runs", "4")) == pytest.approx(2 / 5)


def test_only_four_marks_are_spaces() -> None:
    # {well-known, "quoted"} keeps hyphen and quotes; 7,000 falls apart into {7, 000}
    assert mem0_f1('well-known "yes"', Gold("well known yes", "1")) == 0.0
    # {7, 000} with {7}: P 1/2, R 1, F1 2/3
    assert mem0_f1("7,000", Gold("7", "1")) == pytest.approx(2 / 3)


@pytest.mark.parametrize("metric", [mem0_f1, mem0_bleu1])
def test_category_5_and_questions_without_an_answer_are_skipped(metric) -> None:
    assert metric("not mentioned", Gold("x", "5")) is None
    assert metric("x", Gold(None, "4")) is None
    assert metric("", Gold("x", "4")) == metric("x", Gold("", "4")) == metric("...", Gold("x", "4")) == 0.0


def test_bleu1_is_clipped_precision_times_brevity() -> None:
    # 4 tokens, all shared, reference has 4: 1 * 1
    assert mem0_bleu1("She went to Rome", Gold("she went to rome", "4")) == pytest.approx(1.0)
    # 2 tokens of 2 shared, the reference has 4: brevity exp(1 - 4/2) = 1/e
    assert mem0_bleu1("she went", Gold("she went to rome", "4")) == pytest.approx(math.exp(-1))
    # "yes yes yes": clipped to 1 of 3; longer than the reference: no brevity penalty. Not the 1.0 of sets.
    assert mem0_bleu1("yes yes yes", Gold("yes", "4")) == pytest.approx(1 / 3)
    assert mem0_bleu1("rome", Gold("paris", "4")) == 0.0


def test_bleu1_counts_punctuation_marks_and_contractions_as_tokens() -> None:
    # she did n't go . (5) and she did n't (3): 3 of 5 shared
    assert mem0_bleu1("She didn't go.", Gold("she didn't", "4")) == pytest.approx(3 / 5)
    # Full stops are tokens at the end of every sentence: "he ran . she ran ." (6) and "he ran ." (3):
    # shared he, ran, . once each: 3/6
    assert mem0_bleu1("He ran. She ran.", Gold("he ran.", "4")) == pytest.approx(1 / 2)
    # ... but not that of an abbreviation: "dr." is one token, and "dr" none of it; smith and . of 3
    assert mem0_bleu1("Dr. Smith.", Gold("dr smith.", "4")) == pytest.approx(2 / 3)


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_are_fractions(said: str, answer: str) -> None:
    for metric in (mem0_f1, mem0_bleu1):
        score = metric(said, Gold(answer, "1"))
        assert score is not None and 0.0 <= score <= 1.0 + 1e-12
