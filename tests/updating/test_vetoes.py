"""Why texts that look alike are not merged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_facts import fact

from agentmem.updating import vetoes
from agentmem.updating.dates import Dates, dates
from agentmem.updating.decision import Pair
from agentmem.updating.quantities import Quantity, quantities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana has two cats", {("2", "")}),
        ("Ana has 2 cats", {("2", "")}),
        ("Ana has twenty-five cats", {("25", "")}),
        ("a dozen eggs", {("12", "")}),
        ("5 km", {("5000", "m")}),
        ("5km", {("5000", "m")}),
        ("5 miles", {("5", "mile")}),
        ("two hundred euros", {("200", "euro")}),
        ("€200", {("200", "euro")}),
        ("1,900 people", {("1900", "")}),
        ("2.50 dollars", {("2.5", "dollar")}),
        ("half an hour", {("30", "min")}),
        ("30 minutes", {("30", "min")}),
        ("the third floor", {("3st", "")}),
        ("the 3rd floor", {("3st", "")}),
        ("one of them, no one, this one", set()),
        ("version 3.11", {("3.11", "")}),
        ("on 7 May 2023 at 17:30", set()),
        ("", set()),
    ],
)
def test_numbers_have_one_notation(text, expected):
    assert quantities(text) == {Quantity(*item) for item in expected}


@pytest.mark.parametrize(
    ("text", "expected", "rest"),
    [
        ("Ana left on 7 May 2023.", Dates(frozenset({2023}), frozenset({5}), frozenset({7})), "Ana left ."),
        ("Ana left on May 7th, 2023", Dates(frozenset({2023}), frozenset({5}), frozenset({7})), "Ana left"),
        ("Ana left on 2023-05-07", Dates(frozenset({2023}), frozenset({5}), frozenset({7})), "Ana left"),
        ("on Mondays at 5:30 pm", Dates(weekdays=frozenset({"mon"}), clock=frozenset({1050})), ""),
        ("at 17:30", Dates(clock=frozenset({1050})), ""),
        ("Ana may march", Dates(), "Ana may march"),
        ("Ana ran yesterday", Dates(others=frozenset({"yesterday"})), "Ana ran"),
        ("Ana ran (7 May)", Dates(months=frozenset({5}), days=frozenset({7})), "Ana ran"),
    ],
)  # fmt: skip
def test_dates_are_read_part_by_part(text, expected, rest):
    assert dates(text) == (expected, rest)


APART = [
    (vetoes.numbers, "Ana has 2 cats", "Ana has three cats"),
    (vetoes.numbers, "Ana ran 5 km", "Ana ran 5 miles"),
    (vetoes.numbers, "It costs 3.7 euros", "It costs 37 euros"),
    (vetoes.negation, "Ana eats meat", "Ana doesn't eat meat"),
    (vetoes.negation, "Ana has a dog", "Ana has no dog"),
    (vetoes.modality, "Ana moved to Lyon", "Ana plans to move to Lyon"),
    (vetoes.modality, "Ana lives in Lyon", "Ana used to live in Lyon"),
    (vetoes.dates, "Ana left on 7 May", "Ana left on 8 May"),
    (vetoes.dates, "The lesson is on Monday", "The lesson is on Tuesday"),
    (vetoes.dates, "The lesson is at 10:00", "The lesson is at 11:00"),
    (vetoes.names, "Ana met Ben in Porto", "Ana met Luis in Porto"),
    (vetoes.names, "Mr Novak teaches", "Mrs Novak teaches"),
    (vetoes.subjects, "Ana is afraid of spiders", "Ana's sister is afraid of spiders"),
    (vetoes.subjects, "Tom gave Ana the book", "Ana gave Tom the book"),
]
TOGETHER = [
    ("Ana has two cats", "Ana has 2 cats"),
    ("Ana moved to Lyon", "Ana moved to Lyon in May 2023"),
    ("Ana left on 7 May 2023", "Ana left on May 7th"),
    ("Ana has a dog", "Ana has a dog called Rex"),
    ("It takes half an hour", "It takes 30 minutes"),
    ("Ana is angry", "Ana is angry because he left without asking"),
    ("Ana can't wait to see Rome", "Ana looks forward to Rome"),
    ("Luis is Ana's brother", "Ana's brother is Luis"),
]


@pytest.mark.parametrize(("rule", "first", "second"), APART)
def test_what_differs_is_vetoed_both_ways_round(rule, first, second):
    assert rule(first, second) and rule(second, first)
    assert vetoes.veto(first, second) and vetoes.veto(second, first)


@pytest.mark.parametrize(("first", "second"), TOGETHER)
def test_what_only_says_more_or_says_it_otherwise_is_not(first, second):
    assert vetoes.veto(first, second) is None and vetoes.veto(second, first) is None


@given(st.text(max_size=60))
def test_nothing_is_vetoed_against_itself(text):
    assert vetoes.veto(text, text) is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_veto_does_not_depend_on_the_order_and_quotes_nothing(first, second):
    reason = vetoes.veto(first, second)
    assert (reason is None) == (vetoes.veto(second, first) is None)
    assert reason is None or reason in {
        "differing numbers", "negation on one side only", "a wish or possibility on one side only", "differing dates",
        "differing names", "differing subjects", "subject and object change places",
    }  # fmt: skip


def test_whom_a_memory_is_known_to_be_about_counts():
    assert vetoes.veto_of(Pair(fact("Likes tea", subject="Ana"), fact("Likes tea", 1, subject="Ben")))
    assert vetoes.veto_of(Pair(fact("I like tea", speaker="Ana"), fact("I like tea", 1, speaker="Ben")))
    assert vetoes.veto_of(Pair(fact("Likes tea", subject="Ana"), fact("Likes tea", 1, subject="ana silva"))) is None


def test_yesterday_is_another_day_when_it_is_said_on_another():
    told = "Ana ran home yesterday"
    assert vetoes.moments(Pair(fact(told, 0), fact(told, 1))) == "differing dates"
    assert vetoes.moments(Pair(fact(told, 0), fact(told, 0.1))) is None
