"""What a turn leaves to those before it: found where it is plain, and not guessed where it is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import InvalidInput
from agentmem.text.references import REACH, Turn, references

MONDAY = datetime(2023, 5, 8, 13, tzinfo=UTC)


def found(text, *before, speaker="Ana", at=MONDAY):
    turns = [Turn(*one) for one in before]
    return [(one.question, one.answer, one.back) for one in references(Turn(speaker, text), at, turns)]


def test_a_reply_is_tied_to_the_question_before_it():
    asked = ("Ben", "Nice to see you! Do you have any pets?")
    assert found("Yes, a cat.", asked) == [("What did Ben ask?", "Do you have any pets?", 1)]
    assert found("Yes, a cat.", asked, speaker="Ben") == []  # who asked goes on
    assert found("Yes, a cat.", asked, ("Ben", "I have none.")) == []  # not just before it
    assert found("Fine.", ("Ben", "So? Why?")) == []  # too short to tell anything
    assert found("Yes.", (None, "Is it far from here?"), speaker=None) == []  # nobody else


@pytest.mark.parametrize(
    ("text", "before", "answer"),
    [
        ("She is well.", [("Ben", "My sister Rita has a bakery.")], ('Who is "she"?', "Rita", 1)),
        ("She is well.", [("Ben", "I saw my sister in Porto.")], ('Who is "she"?', "Ben's sister", 1)),
        ("Is he well?", [("Ben", "I saw my old uncle.")], ('Who is "he"?', "Ben's uncle", 1)),
        ("I met her.", [("Ben", "Yesterday I met David."), ("Ana", "Ok.")], ('Who is "her"?', "David", 2)),
        ("I met him.", [("Ben", "Max looks so peaceful.")], ('Who is "him"?', "Max", 1)),
        ("I was there.", [("Ben", "I went to Lisbon.")], ('Where is "there"?', "Lisbon", 1)),
    ],
)
def test_people_and_places_are_the_last_that_were_named(text, before, answer):
    assert answer in found(text, *before)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("He is well.", ("Ben", "I saw my sister in Porto.")),  # not of that gender
        ("She is well.", ("Ben", "I met Rita and Maria.")),  # two could be meant
        ("Rita is well, and she sends regards.", ("Ben", "I met Maria.")),  # its own words say it
        ("I saw a woman, and she sang.", ("Ben", "I met Maria.")),
        ("Her name is Shadow!", ("Ben", "I met Maria.")),  # it is about to be said
        ("She is well.", ("Ben", "Kudos for helping, Ana.")),  # no name: it opens a sentence; Ana is speaking
        ("She is well.", ("Ben", "Books are great, and NASA too.")),
        ("There is a cat.", ("Ben", "I went to Lisbon.")),  # it points nowhere
        ("Is there a cat?", ("Ben", "I went to Lisbon.")),
        ("Hey there!", ("Ben", "I went to Lisbon.")),
        ("It broke, they say.", ("Ben", "I met Maria and saw the vase.")),
    ],
)
def test_nothing_is_guessed(text, before):
    assert found(text, before) == []


def test_a_time_gets_its_date_unless_nobody_knows_when_it_was_said():
    # 8 May 2023 is a Monday, so the day before is 7 May.
    assert found("I left yesterday.") == [('When is "yesterday"?', "7 May 2023", 0)]
    assert found("I left on 3 May 2023.") == []
    assert found("I left yesterday.", at=None) == []
    with pytest.raises(InvalidInput):
        found("I left yesterday.", at=MONDAY.replace(tzinfo=None))


def test_no_further_back_than_the_reach():
    filler = [("Ana", "Ok.")] * (REACH - 1)
    assert found("I met him.", ("Ben", "I saw David."), *filler) == [('Who is "him"?', "David", REACH)]
    assert found("I met him.", ("Ben", "I saw David."), *filler, ("Ana", "Ok.")) == []


@given(
    st.text(max_size=80),
    st.lists(st.tuples(st.sampled_from(["Ana", "Ben", None]), st.text(max_size=80)), max_size=6),
)
def test_an_answer_stands_in_the_turn_that_it_is_said_to_come_from(text, before):
    for question, answer, back in found(text, *before):
        assert question.endswith("?") and answer.strip() and 0 <= back <= min(REACH, len(before))
