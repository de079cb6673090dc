"""LoCoMo's F1 by category and its recall of contexts, worked by hand."""

from __future__ import annotations

import pytest
from agentmem_evals.metrics.gold import Gold
from agentmem_evals.metrics.locomo_answers import (
    answer_f1,
    locomo_context_recall,
    locomo_f1,
    multi_answer_f1,
    normalised,
)
from hypothesis import given
from hypothesis import strategies as st


def test_normalising_drops_commas_punctuation_case_and_four_small_words() -> None:
    assert normalised("The  cat, and A dog's bowl!") == "cat dogs bowl"
    # "and" goes, which SQuAD keeps; "or" stays; small words go only where they are whole words.
    assert normalised("Anna and Theo, an andiron or another") == "anna theo andiron or another"
    # Commas vanish without leaving a space, and so do hyphens.
    assert normalised("1,000 well-known") == "1000 wellknown"


def test_f1_is_over_bags_of_stems() -> None:
    # said: {run, dog} - gold: {dog, run, fast} - shared 2; P = 2/2, R = 2/3, F1 = 2 * (2/3) / (5/3) = 4/5
    assert answer_f1("running dogs", "the dog runs fast") == pytest.approx(4 / 5)
    # said: {yes, yes, yes}, gold: {yes, yes}: shared 2 (not 3, not 1); P = 2/3, R = 1, F1 = 4/5
    assert answer_f1("yes yes yes", "yes, yes") == pytest.approx(4 / 5)
    assert answer_f1("", "dog") == answer_f1("dog", "") == answer_f1("the", "and") == 0.0


@pytest.mark.parametrize("category", ["2", "4"])
def test_single_hop_and_temporal_compare_the_whole(category: str) -> None:
    # {7, may, 2023} and {may, 2023}: P = 2/3, R = 1, F1 = 4/5; the comma splits nothing
    assert locomo_f1("7 May, 2023", Gold("May 2023", category)) == pytest.approx(4 / 5)
    # a semicolon splits nothing either: gold is {like, sea, yes}; P = 1, R = 1/3, F1 = 1/2
    assert locomo_f1("yes", Gold("Yes; likes sea", category)) == pytest.approx(1 / 2)


def test_open_domain_compares_with_the_gold_before_the_first_semicolon() -> None:
    gold = Gold("Likely no; she likes the sea; and hills", "3")
    assert locomo_f1("Likely no", gold) == 1.0
    # the reply is not cut: {like(ly), no, she, like, sea}; stems: likely -> like, likes -> like.
    # gold {like, no}; said {like, no, she, like, sea}: shared 2; P = 2/5, R = 1, F1 = 4/7
    assert locomo_f1("Likely no; she likes sea", gold) == pytest.approx(4 / 7)


def test_multi_hop_is_the_mean_over_gold_pieces_of_the_best_reply_piece() -> None:
    gold = Gold("pottery, camping, painting a sunset", "1")
    # pottery: 1 - camping: best of (pottery, sunset) = 0 - painting sunset vs "sunset": P 1, R 1/2, F1 2/3
    # mean = (1 + 0 + 2/3) / 3 = 5/9; one gold piece may be met by a reply piece that met another
    assert locomo_f1("pottery, sunset", gold) == pytest.approx(5 / 9)
    # In the reply more pieces never hurt: (1 + 1 + 1) / 3
    assert locomo_f1("camping, painting sunset, swimming, pottery, running", gold) == 1.0
    # A reply without commas is one piece {pottery, camp, paint, sunset} (painting -> paint, camping -> camp):
    # vs pottery: P 1/4, R 1, F1 2/5 - camping: 2/5 - painting sunset: P 2/4, R 1, F1 2/3; mean 22/45
    assert locomo_f1("pottery and camping and painting sunset", gold) == pytest.approx(22 / 45)
    # An empty gold piece counts, and cannot be met: (1 + 0) / 2
    assert multi_answer_f1("pottery", "pottery,") == 0.5


@pytest.mark.parametrize(
    ("said", "score"),
    [
        ("No information available.", 1.0),
        ("That is NOT MENTIONED in the conversation", 1.0),
        ("Not specified", 0.0),
        ("I do not know", 0.0),
        ("", 0.0),
        ("a hike", 0.0),
    ],
)
def test_adversarial_wants_one_of_two_phrases(said: str, score: float) -> None:
    # 444 of the 446 have no answer in the data, and the score needs none.
    assert locomo_f1(said, Gold(None, "5", unanswerable=True)) == score
    assert locomo_f1(said, Gold("a hike", "5", unanswerable=True)) == score


@pytest.mark.parametrize(
    ("said", "score"), [("a", 0.0), ("(a)", 0.0), (" B ", 1.0), ("(b)", 1.0), ("yes", 1.0), ("option b", 0.0)]
)
def test_a_bare_letter_stands_for_its_option(said: str, score: float) -> None:
    # "yes" has three characters and is not "(a)": the official code takes it for (b).
    options = ("a hike", "Not mentioned in the conversation")
    assert locomo_f1(said, Gold(None, "5", options=options, unanswerable=True)) == score


def test_without_options_a_bare_letter_is_text() -> None:
    assert locomo_f1("b", Gold(None, "5", unanswerable=True)) == 0.0


def test_what_has_no_such_score() -> None:
    assert locomo_f1("x", Gold("x", "2hop")) is None
    assert locomo_f1("x", Gold(None, "4")) is None


def test_context_recall() -> None:
    assert locomo_context_recall(["D1:2", "D3:4"], ["D1:2", "D9:9"]) == 0.5
    assert locomo_context_recall(["D1:2"], []) == locomo_context_recall([], []) == 1.0
    assert locomo_context_recall([], ["D1:2"]) == 0.0
    # Sessions, told by the first id: D3:1 and D3:7 are of S3, D12:1 is not of S1. 2 of 3.
    assert locomo_context_recall(["S3", "S1"], ["D3:1", "D3:7", "D12:1"]) == pytest.approx(2 / 3)
    # Twice the same evidence counts twice: 2 of 3.
    assert locomo_context_recall(["D1:2"], ["D1:2", "D1:2", "D4:1"]) == pytest.approx(2 / 3)
    # A dirty string is one piece that no turn is called by, though both its turns are there.
    assert locomo_context_recall(["D8:6", "D9:17"], ["D8:6; D9:17"]) == 0.0


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from("12345"))
def test_every_score_is_a_fraction(said: str, answer: str, category: str) -> None:
    score = locomo_f1(said, Gold(answer, category))
    assert score is not None and 0.0 <= score <= 1.0


@given(st.lists(st.sampled_from(["dog", "runs", "7", "May", "sea"]), min_size=1, max_size=6))
def test_saying_the_answer_is_worth_one(words: list[str]) -> None:
    answer = " ".join(words)
    assert answer_f1(answer, answer) == pytest.approx(1.0)
    assert multi_answer_f1(answer, answer) == pytest.approx(1.0)
