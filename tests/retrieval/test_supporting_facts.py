"""Hops over plain statements, on stories worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.retrieval.search import Scored
from agentmem.retrieval.state_question import state_question
from agentmem.retrieval.supported import SUPPORTING, put_between, put_first
from agentmem.retrieval.supporting_facts import supporting_facts
from agentmem.text.plain import plain_statement
from agentmem.text.words import terms


class Told:
    """Statements in order of time, known by their places in it."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts

    def about(self, name: Sequence[str]) -> list[int]:
        return [place for place, text in enumerate(self.texts) if set(name) <= set(terms(text))]

    def participants(self, statement: int) -> tuple[str, ...]:
        told = plain_statement(self.texts[statement])
        assert told is not None
        return told.participants

    def is_before(self, one: int, other: int) -> bool:
        return one < other


def facts(question: str, story: Told, limit: int = 10) -> list[str]:
    asked = state_question(question)
    assert asked is not None
    return [story.texts[place] for place in supporting_facts(asked, story, limit)]


LADDER = Told(
    "Bo went to the shed.",
    "Chiara went to the cellar.",
    "Bo took the ladder.",
    "Chiara went to the garage.",
    "Bo went to the attic.",
    "Chiara painted the fence.",
)


def test_of_somebody_the_latest_comes_first():
    assert facts("Where is Chiara?", LADDER) == [
        "Chiara painted the fence.",
        "Chiara went to the garage.",
        "Chiara went to the cellar.",
    ]


def test_the_state_of_a_thing_is_that_of_whom_it_was_last_mentioned_with():
    # Hop 1, by the question: "Bo took the ladder." Hop 2, by Bo: after it the attic, before it the shed.
    assert facts("Where is the ladder?", LADDER) == [
        "Bo took the ladder.",
        "Bo went to the attic.",
        "Bo went to the shed.",
    ]


def test_before_a_place_is_what_stands_before_it_in_the_life_of_who_had_the_thing():
    # The ladder's last mention has Bo; Bo's last statement with the attic; before that he took it, in the shed.
    found = facts("Where was the ladder before the attic?", LADDER)
    assert found[:2] == ["Bo took the ladder.", "Bo went to the attic."]
    assert "Bo went to the shed." in found
    assert not any("Chiara" in one for one in found)


def test_a_thing_that_changed_hands_was_where_the_earlier_holder_was():
    story = Told(
        "Bo took the ladder.",  # 0
        "Bo went to the barn.",  # 1
        "Bo went to the attic.",  # 2
        "Bo dropped the ladder.",  # 3
        "Chiara went to the attic.",  # 4
        "Chiara took the ladder.",  # 5
        "Bo went to the cellar.",  # 6: without the ladder
        "Chiara went to the garage.",  # 7
    )
    # Chiara never had it in the barn; Bo did, until it changed hands.
    found = facts("Where was the ladder before the attic?", story)
    assert {"Chiara took the ladder.", "Bo went to the attic.", "Bo went to the barn."} <= set(found[:6])
    assert found.index("Chiara took the ladder.") == 0


def test_before_and_after_go_in_different_directions():
    story = Told("Bo went to Porto.", "Bo went to Graz.", "Bo went to Lisbon.", "Bo went to Turin.")
    assert facts("Where was Bo before Lisbon?", story, 2) == ["Bo went to Lisbon.", "Bo went to Graz."]
    assert facts("Where was Bo after Graz?", story, 2) == ["Bo went to Graz.", "Bo went to Lisbon."]


def test_what_holds_more_of_the_question_comes_first():
    story = Told("Bo gave the ladder to Chiara.", "Bo gave the rake to Ana.", "Bo went home with Ana.")
    assert facts("What did Bo give to Chiara?", story, 1) == ["Bo gave the ladder to Chiara."]


def test_nothing_is_made_of_what_is_not_mentioned():
    assert facts("Where is the rake?", LADDER) == []
    assert facts("Where was Bo before Lisbon?", LADDER)[0] == "Bo went to the attic."


names = st.sampled_from(["Bo", "Chiara", "Ana"])
things = st.sampled_from(["ladder", "rake", "shed", "attic"])
stories = st.lists(st.builds("{} fetched the {}.".format, names, things), unique=True, max_size=12)


@given(stories, st.sampled_from(["Where is the rake?", "Where was the rake before the shed?", "Where is Bo?"]))
def test_each_fact_comes_once_and_no_more_than_are_wanted(texts, question):
    asked, story = state_question(question), Told(*texts)
    assert asked is not None
    found = supporting_facts(asked, story, 4)
    assert len(found) == len(set(found)) <= 4
    assert supporting_facts(asked, story, 100)[:4] == found
    assert bool(found) == bool(story.about(asked.subject))


def test_facts_stand_between_what_was_found_with_the_scores_of_what_follows():
    found = [Scored(7, 0.6, {"dense": 0.5}), Scored(3, 0.5, {}), Scored(9, 0.2, {})]
    ranked = put_between([8, 9, 4], found, 5)
    assert [one.row for one in ranked] == [7, 8, 3, 9, 4]
    assert [one.score for one in ranked] == [0.6, 0.5, 0.5, 0.2, 0.0]
    assert [one.signals.get(SUPPORTING) for one in ranked] == [None, 1.0, None, 0.5, pytest.approx(1 / 3)]
    assert ranked[0].signals == {"dense": 0.5}
    assert put_between([], found, 2) == found[:2]
    assert put_between([8], [], 5) == [Scored(8, 1.0, {SUPPORTING: 1.0})]


@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 9), unique=True), st.integers(1, 12))
def test_facts_between_lose_nothing_and_never_rise(facts, rows, k):
    found = [Scored(row, 1.0 / (place + 2), {}) for place, row in enumerate(rows)]
    ranked = put_between(facts, found, k)
    everything = dict.fromkeys([*facts, *rows])
    assert len(ranked) == min(k, len(everything)) and {one.row for one in ranked} <= set(everything)
    assert all(one.score >= other.score for one, other in pairwise(ranked))
    assert not found or ranked[0].row == found[0].row


def test_facts_stand_before_what_was_found_and_scores_never_rise():
    found = [Scored(7, 0.6, {"dense": 0.5}), Scored(3, 0.5, {}), Scored(9, 0.2, {})]
    # Two facts over the best of the rest, 0.5: 1 - 0.5 * 0/2 and 1 - 0.5 * 1/2.
    ranked = put_first([8, 7], found, 3)
    assert [one.row for one in ranked] == [8, 7, 3]
    assert [one.score for one in ranked] == pytest.approx([1.0, 0.75, 0.5])
    assert ranked[1].signals == {"dense": 0.5, SUPPORTING: 0.5}
    assert put_first([8], [], 5) == [Scored(8, 1.0, {SUPPORTING: 1.0})]
