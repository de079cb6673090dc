"""Recall and order of events, worked by hand; what is read from replies without a language model."""

from __future__ import annotations

import pytest
from agentmem_evals.metrics.epbench import (
    epbench_all_in_order,
    epbench_chronology,
    epbench_chronology_of_found,
    epbench_f1,
    epbench_f1_harsh,
    epbench_recall,
    kendall_tau,
    order_recalled,
    recalled,
)
from agentmem_evals.metrics.epbench_summary import chronological_awareness, simple_recall
from agentmem_evals.metrics.gold import Gold
from agentmem_evals.metrics.listings import is_negative, listed_items
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

ORDERED = "chronological"


def gold(*parts: str, category: str = "all", unanswerable: bool = False) -> Gold:
    return Gold(None, category, parts=parts, unanswerable=unanswerable)


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ("Jazz Night, Tech Hackathon and Ice Talk", ("Jazz Night", "Tech Hackathon and Ice Talk")),
        ("Jazz Night, Tech Hackathon, and Ice Talk", ("Jazz Night", "Tech Hackathon", "Ice Talk")),
        ("May 5, 2024, June 1, 2025", ("May 5, 2024", "June 1, 2025")),
        ("1,000 candles, a cake", ("1,000 candles", "a cake")),
        ("May 5, 2024; June 1, 2025", ("May 5, 2024", "June 1, 2025")),
        ("The events were:\n1. Jazz Night\n2) Ice Talk, with snow\n", ("Jazz Night", "Ice Talk, with snow")),
        ("- a\n* b\n• c", ("a", "b", "c")),
        ('["Jazz Night", "Ice, Talk"]', ("Jazz Night", "Ice, Talk")),
        ("Jazz Night", ("Jazz Night",)),
        ("12:30 concert", ("12:30 concert",)),
        ("[]", ()),
        ("None.", ()),
        ("There were no such events in the book.", ()),
        ("The text doesn't mention it, but perhaps Jazz Night", ()),
        ("I cannot determine this", ()),
        ("", ()),
    ],
)
def test_items_of_a_reply(said: str, items: tuple[str, ...]) -> None:
    assert listed_items(said) == items


@pytest.mark.parametrize("said", ["Nora Jones", "Unknown Pleasures Tour", "Notting Hill", "Noon Concert", "No. 5 Hall"])
def test_what_only_looks_negative(said: str) -> None:
    assert not is_negative(said)


def test_f1_forgives_too_many_items_and_its_harsh_sister_does_not() -> None:
    # 2 wanted, both met, 4 listed. Lenient: P = 2/min(4, 2) = 1, R = 1. Harsh: P = 2/4, R = 1, F1 = 2/3.
    reply, two = "Jazz Night, Ice Talk, Tea Party, Chess Cup", gold("Jazz Night", "Ice Talk")
    assert epbench_f1(reply, two) == 1.0
    assert epbench_f1_harsh(reply, two) == pytest.approx(2 / 3)
    # 3 wanted, 1 met, 2 listed: P = 1/2, R = 1/3, F1 = 2 * (1/6) / (5/6) = 2/5, both ways
    three = gold("Jazz Night", "Ice Talk", "Chess Cup")
    assert epbench_f1("Jazz Night, Tea Party", three) == pytest.approx(2 / 5)
    assert epbench_f1_harsh("Jazz Night, Tea Party", three) == pytest.approx(2 / 5)
    assert epbench_recall("Jazz Night, Tea Party", three) == pytest.approx(1 / 3)
    # Few are listed, all right: P = 1, R = 1/3, F1 = 1/2
    assert epbench_f1("Jazz Night", three) == pytest.approx(1 / 2)
    assert epbench_f1("Tea Party", three) == epbench_f1("none", three) == epbench_recall("", three) == 0.0


def test_parts_are_met_by_their_words_within_an_item() -> None:
    # Case, punctuation and articles do not matter; an item of two parts meets both and is never a precision over 1.
    assert epbench_f1("THE jazz-night!", gold("Jazznight")) == 1.0
    assert recalled("Jazz Night and Ice Talk", ("Jazz Night", "Ice Talk")).listed == 2
    assert epbench_f1_harsh("Jazz Night and Ice Talk", gold("Jazz Night", "Ice Talk")) == 1.0
    # Words across items, half words and shorter parts inside longer ones are not met.
    assert epbench_f1("Jazz, Night", gold("Jazz Night")) == 0.0
    assert epbench_f1("Jazz Nights", gold("Jazz Night")) == 0.0
    assert recalled("Theatre Performance", ("Theatre", "Theatre Performance")).met == 1
    assert order_recalled("Theatre Performance", ("Theatre", "Theatre Performance")) == (1,)
    assert epbench_f1("on May 5, 2024 at noon", gold("May 5, 2024")) == 1.0


def test_parts_and_items_that_come_twice_count_once() -> None:
    twice = gold("Jazz Night", "jazz night", "Ice Talk")
    # 2 different parts, 1 met, 1 different item: P = 1, R = 1/2, F1 = 2/3
    assert epbench_f1_harsh("Jazz Night, Jazz Night", twice) == pytest.approx(2 / 3)


def test_where_nothing_is_right() -> None:
    assert epbench_f1("No events took place there.", gold(unanswerable=True)) == 1.0
    assert epbench_f1("Jazz Night", gold(unanswerable=True)) == 0.0
    assert epbench_f1("Jazz Night", gold()) is None
    assert epbench_recall("none", gold(unanswerable=True)) is None
    assert epbench_chronology("none", gold(category=ORDERED, unanswerable=True)) is None


def test_order_by_hand() -> None:
    four = gold("A1", "B2", "C3", "D4", category=ORDERED)
    assert epbench_chronology("A1, B2, C3, D4", four) == 1.0
    assert epbench_chronology("D4, C3, B2, A1", four) == -1.0
    # A1 C3 B2 D4: of 6 pairs one is out of order: (5 - 1) / 6
    assert epbench_chronology("A1, C3, B2, D4", four) == pytest.approx(4 / 6)
    # What is no part does not matter, nor what is said again.
    assert epbench_chronology("A1, X9, B2, C3, A1, D4", four) == 1.0
    # One is missing: nothing, though what is there is in order.
    assert epbench_chronology("A1, B2, D4", four) == 0.0
    assert epbench_chronology_of_found("A1, B2, D4", four) == 1.0
    # B2 A1: one pair, out of order
    assert epbench_chronology_of_found("B2, A1", four) == -1.0
    assert epbench_chronology_of_found("B2", four) is None
    assert epbench_all_in_order("A1, B2, C3, D4, X9", four) == 1.0
    assert epbench_all_in_order("A1, C3, B2, D4", four) == epbench_all_in_order("A1, B2, C3", four) == 0.0


def test_order_matters_only_where_it_is_asked_for() -> None:
    for metric in (epbench_chronology, epbench_chronology_of_found, epbench_all_in_order):
        assert metric("A1, B2", gold("A1", "B2")) is None
        assert metric("A1", gold("A1", category=ORDERED)) is None
        assert metric("A1, B2", gold("A1", "B2", category="chronological:2")) == 1.0


def test_a_part_that_comes_twice_is_to_be_met_twice_in_its_places() -> None:
    parts = ("Old Lock", "Harbour", "the old lock", "Harbour")
    # Items take the first part of their words that is left: Harbour is 1, then 3.
    assert order_recalled("Harbour, Old Lock, Harbour, Harbour", parts) == (1, 0, 3)
    assert epbench_chronology("Old Lock, Harbour, Old Lock, Harbour", gold(*parts, category=ORDERED)) == 1.0
    # Said in blocks: 0 2 1 3: of 6 pairs one is out of order.
    blocks = "Old Lock, Old Lock, Harbour, Harbour"
    assert epbench_chronology(blocks, gold(*parts, category=ORDERED)) == pytest.approx(4 / 6)
    assert epbench_chronology("Old Lock, Harbour", gold(*parts, category=ORDERED)) == 0.0
    assert epbench_chronology("A1, A1", gold("A1", "a1", category=ORDERED)) == 1.0


def test_a_whole_event_needs_a_judge() -> None:
    chapter = gold(" ".join(f"word{number}" for number in range(41)))
    assert epbench_f1("word1", chapter) is epbench_recall("word1", chapter) is None


@given(st.permutations(range(6)))
def test_tau_is_scipys(order: list[int]) -> None:
    assert kendall_tau(order) == pytest.approx(kendalltau(range(6), order).statistic)


def test_simple_recall_is_a_mean_of_bins() -> None:
    # bins: 0 -> 1; 1 -> (1 + 0)/2; 3-5 -> (0.4 + 0.6)/2; 6+ -> 0.2; nothing in 2
    # (1 + 0.5 + 0.5 + 0.2) / 4 = 0.55, where the plain mean over questions is 3.2/6
    scored = [(0, 1.0), (1, 1.0), (1, 0.0), (3, 0.4), (5, 0.6), (6, 0.1), (40, 0.3)]
    assert simple_recall(scored) == pytest.approx(0.55)
    assert simple_recall([]) is None


def test_chronological_awareness_is_share_times_tau_beside_the_latest_state() -> None:
    # 4 questions: two complete with tau 1 and 1/3, two incomplete.
    # Share 2/4 times mean tau 2/3 is 1/3, the mean of 1, 1/3, 0, 0. Latest: mean 0.5. Together (1/3 + 1/2) / 2 = 5/12.
    assert chronological_awareness([0.0, 1.0], [1.0, 1 / 3, 0.0, 0.0]) == pytest.approx(5 / 12)
    # A negative product is 0: (0 + 1/2) / 2
    assert chronological_awareness([0.0, 1.0], [-1.0, 0.0]) == 0.25
    assert chronological_awareness([], [1.0]) is None and chronological_awareness([1.0], []) is None


@given(st.text(max_size=80), st.lists(st.text(alphabet="abc ", min_size=1, max_size=5), max_size=4))
def test_bounds(said: str, parts: list[str]) -> None:
    one = gold(*parts, category=ORDERED)
    for metric in (epbench_f1, epbench_f1_harsh, epbench_recall, epbench_all_in_order):
        score = metric(said, one)
        assert score is None or 0.0 <= score <= 1.0
    tau = epbench_chronology(said, one)
    assert tau is None or -1.0 <= tau <= 1.0
    lenient, harsh = epbench_f1(said, one), epbench_f1_harsh(said, one)
    assert lenient is None or harsh is None or lenient >= harsh
