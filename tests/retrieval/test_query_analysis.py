"""``analyse``: who a query names, and what it asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import NOW

from agentmem.retrieval.query import Query, analyse
from agentmem.text.times import date_cue

SPEAKERS = ("Melanie", "Caroline", "Will")


def asked(text: str, speakers=SPEAKERS) -> Query:
    return analyse(text, speakers, NOW)


def test_a_name_is_its_speakers_code_and_becomes_i() -> None:
    query = asked("What did Caroline paint?")
    assert query.speakers == {1}
    assert query.spoken == "What did I paint?"


@pytest.mark.parametrize("apostrophe", ["'", "\u2019"])
def test_a_possessive_becomes_my(apostrophe: str) -> None:
    query = asked(f"What is Caroline{apostrophe}s dog called?")
    assert (query.speakers, query.spoken) == ({1}, "What is my dog called?")


def test_a_name_that_is_no_common_word_needs_no_capital() -> None:
    assert asked("what did caroline paint").speakers == {1}


def test_a_name_that_is_a_common_word_needs_a_capital() -> None:
    assert asked("When will it rain?").speakers == set()
    assert asked("When did Will call?").speakers == {2}


def test_a_nickname_is_a_beginning_of_the_first_name() -> None:
    query = asked("What does Mel sing?")
    assert (query.speakers, query.spoken) == ({0}, "What does I sing?")


def test_a_nickname_needs_a_capital() -> None:
    assert asked("a mel of cello music").speakers == set()


@pytest.mark.parametrize(("short", "named"), [("Z", set()), ("Ze", set()), ("Zel", {0})])
def test_a_nickname_has_three_letters_or_more(short: str, named: set[int]) -> None:
    assert asked(f"What does {short} sing?", ("Zelda",)).speakers == named


def test_an_ending_of_a_name_is_no_nickname() -> None:
    assert asked("What does Line sing?").speakers == set()


def test_a_nickname_of_two_speakers_is_nobodys() -> None:
    speakers = ("Christine", "Christopher")
    assert asked("What does Chris sing?", speakers).speakers == set()
    assert asked("What does Christo sing?", speakers).speakers == {1}


def test_a_nickname_of_three_speakers_is_nobodys() -> None:
    assert asked("What does Ann sing?", ("Annika", "Annabel", "Annette")).speakers == set()


def test_a_common_word_is_no_nickname_even_capitalised() -> None:
    assert asked("The cat. How is it? Can it sing?", ("Theodora", "Howard", "Candace")).speakers == set()


def test_a_full_name_wins_over_a_nickname() -> None:
    assert asked("What does Chris sing?", ("Christopher", "Chris")).speakers == {1}


def test_any_part_of_a_name_names() -> None:
    assert asked("What did Silva say?", ("Ana Silva", "Bo Chen")).speakers == {0}


def test_a_word_of_a_longer_name_needs_a_capital_where_there_are_capitals() -> None:
    speakers = ("Travel Desk", "Ana Silva")
    assert asked("Who needs a desk?", speakers).speakers == set()
    assert asked("What did Ana tell the travel desk?", speakers).speakers == {0, 1}
    assert asked("what did silva say", speakers).speakers == {1}


def test_a_common_word_that_opens_a_sentence_names_nobody() -> None:
    assert asked("Will Caroline come?").speakers == {1}
    assert asked("Will's dog is ill. Will you come?").spoken == "my dog is ill. Will you come?"


@pytest.mark.parametrize("speaker", ["O'Brien", "O\u2019Brien"])
@pytest.mark.parametrize("text", ["What does O'Brien eat?", "What is O\u2019Brien's dish?", "what does o'brien eat"])
def test_names_with_apostrophes(speaker: str, text: str) -> None:
    assert asked(text, (speaker, "D'Angelo")).speakers == {0}


def test_a_month_that_is_a_speakers_name_is_one_only_in_a_date() -> None:
    speakers = ("June", "Ana")
    named = asked("What does June like to cook?", speakers)
    assert (named.speakers, named.dates) == ({0}, date_cue("", NOW))
    dated = asked("What did Ana cook in June?", speakers)
    assert (dated.speakers, dated.spoken, dated.dates.months) == ({1}, "What did I cook in June?", {6})


def test_a_surname_has_no_nicknames() -> None:
    assert asked("What did Sil say?", ("Ana Silva",)).speakers == set()


def test_a_single_letter_is_no_name() -> None:
    assert asked("What did A say?", ("A", "B")).speakers == set()


def test_several_speakers_are_all_named() -> None:
    query = asked("What did Melanie tell Caroline?")
    assert (query.speakers, query.spoken) == ({0, 1}, "What did I tell I?")


def test_who_is_no_speaker_is_not_named() -> None:
    query = asked("What did Napoleon say?")
    assert (query.speakers, query.spoken) == (set(), "What did Napoleon say?")


def test_without_speakers_nothing_changes() -> None:
    query = asked("What did Caroline say?", ())
    assert (query.speakers, query.spoken) == (set(), query.text)


def test_a_name_inside_a_word_names_nobody() -> None:
    assert asked("Willing carolines", ("Will", "Caroline")).speakers == set()


def test_the_text_stays_as_it_was_asked() -> None:
    assert asked("What did Caroline's dog do?").text == "What did Caroline's dog do?"


def test_terms_come_each_once_in_their_order() -> None:
    assert asked("rain, cats, rain and the cat").terms == ("rain", "cat")


@pytest.mark.parametrize(
    "text",
    [
        "What did the assistant recommend?",
        "Did you find a hotel?",
        "You told me a recipe",
        "you recommended a book",
        "What was your suggestion?",
        "in our previous conversation",
        "the AI said",
    ],
)
def test_the_assistant_is_asked_for(text: str) -> None:
    assert asked(text).asks_assistant


@pytest.mark.parametrize(
    "text",
    [
        "What did I buy?",
        "Where did Ana say she lives?",
        "She is an assistance dog",
        "aid",
        "Can you remind me where my flat is?",
        "Did you know that she sings?",
        "Is AI taught at school?",
    ],
)
def test_the_assistant_is_not_asked_for(text: str) -> None:
    assert not asked(text).asks_assistant


@pytest.mark.parametrize("text", ["in May 2023", "two weeks ago", "whenever"])
def test_the_date_cue_is_handed_through(text: str) -> None:
    assert asked(text).dates == date_cue(text, NOW)


@given(st.text(), st.lists(st.text(max_size=12), max_size=4))
def test_any_text_can_be_analysed(text: str, speakers: list[str]) -> None:
    query = analyse(text, speakers, NOW)
    assert all(0 <= code < len(speakers) for code in query.speakers)


@given(st.text())
def test_a_text_that_names_nobody_is_spoken_as_it_is(text: str) -> None:
    assert analyse(text, (), NOW).spoken == text
