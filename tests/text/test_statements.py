from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.statements import dates_meant, statements

AT = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)  # a Monday


def said(text: str, speaker: str = "Caroline", at: datetime | None = AT) -> list[str]:
    return [statement.text for statement in statements(text, speaker, at)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I went to a choir yesterday.", ["Caroline went to a choir yesterday (7 May 2023)."]),
        ("I'm a nurse.", ["Caroline is a nurse."]),
        ("I am a nurse in Oslo.", ["Caroline is a nurse in Oslo."]),
        ("I've bought a red bike.", ["Caroline has bought a red bike."]),
        ("I'll visit my aunt in Rome.", ["Caroline will visit Caroline's aunt in Rome."]),
        ("I was born in Turin.", ["Caroline was born in Turin."]),
        ("I do not like cheese soup.", ["Caroline does not like cheese soup."]),
        ("I don't like cheese soup.", ["Caroline doesn't like cheese soup."]),
        ("I really love hiking trips.", ["Caroline really loves hiking trips."]),
        ("I study Greek at night school.", ["Caroline studies Greek at night school."]),
        ("I go swimming in winter.", ["Caroline goes swimming in winter."]),
        ("We were stuck in Milan.", ["Caroline was stuck in Milan."]),
        ("My sister gave me a violin.", ["Caroline's sister gave Caroline a violin."]),
        ("I bought myself a violin.", ["Caroline bought themselves a violin."]),
        ("The red house is mine.", ["The red house is Caroline's."]),
        ("I can play the violin.", ["Caroline can play the violin."]),
        ("The museum opens on Sunday.", ["The museum opens on Sunday."]),
    ],
)
def test_statements_stand_on_their_own(text: str, expected: list[str]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Hey Mel! Good to see you!",
        "How have you been?",
        "Thanks, Melanie!",
        "Wow, that's cool, Caroline!",
        "That's great!",
        "Sounds like fun!",
        "I'm so glad to hear that.",
        "You've got guts.",
        "Your house is lovely, Mel.",
        "Take care!",
        "Can't wait to see it.",
        "She seemed so sad.",
        "Yes.",
        "",
        "?!",
    ],
)
def test_what_states_nothing_is_left_out(text: str) -> None:
    assert said(text) == []


def test_interjections_are_cut_off_and_clauses_parted() -> None:
    text = "Thanks, Mel! Yeah, I painted that lake last year, and I sold it to my uncle."
    first, second = statements(text, "Ada", AT)
    assert (first.text, text[first.start : first.end]) == (
        "Ada painted that lake last year (2022)",
        "I painted that lake last year",
    )
    assert (second.text, text[second.start : second.end]) == ("Ada sold it to Ada's uncle.", "I sold it to my uncle.")


def test_a_name_that_ends_with_s_has_an_apostrophe() -> None:
    assert said("My dog is called Rex.", "James") == ["James' dog is called Rex."]


def test_subject_and_keys() -> None:
    mine, other = statements("I adopted a grey cat in Oslo. Melanie plays the violin.", "Ada", AT)
    assert (mine.subject, mine.keys) == ("Ada", ("Ada", "grey cat", "Oslo"))
    assert (other.subject, other.keys) == ("Melanie", ("Melanie", "violin"))
    (nobody,) = statements("The colours blend nicely on the wall.", "Ada", AT)
    assert nobody.subject is None


@pytest.mark.parametrize(
    ("phrase", "date"),
    [
        ("yesterday", "7 May 2023"),
        ("last night", "7 May 2023"),
        ("today", "8 May 2023"),
        ("this morning", "8 May 2023"),
        ("tomorrow", "9 May 2023"),
        ("last Friday", "5 May 2023"),
        ("last Monday", "1 May 2023"),
        ("next Friday", "12 May 2023"),
        ("last week", "the week of 1 May 2023"),
        ("next week", "the week of 15 May 2023"),
        ("last weekend", "the weekend of 6 May 2023"),
        ("last month", "April 2023"),
        ("next month", "June 2023"),
        ("last year", "2022"),
        ("next year", "2024"),
        ("3 days ago", "5 May 2023"),
        ("two weeks ago", "about 24 April 2023"),
        ("two years ago", "about 2021"),
        ("two weekends ago", "the weekend of 29 April 2023"),
        ("the day before yesterday", "6 May 2023"),
        ("last Fri", "5 May 2023"),
        ("last summer", "2022"),
        ("last winter", "2022 to 2023"),
        ("last August", "August 2022"),
        ("in the past week", "since 1 May 2023"),
        ("this past year", "since May 2022"),
    ],
)
def test_relative_times_get_their_date(phrase: str, date: str) -> None:
    assert dates_meant(f"I moved house {phrase}.", AT) == (date,)
    assert said(f"I moved house {phrase}.") == [f"Caroline moved house {phrase} ({date})."]


@pytest.mark.parametrize(
    "phrase", ["on Friday", "in May 2023", "a few days ago", "an hour ago", "at yesterday's party"]
)
def test_what_is_dated_already_or_vague_gets_no_date(phrase: str) -> None:
    assert said(f"I moved house {phrase}.") == [f"Caroline moved house {phrase}."]


def test_no_date_without_a_moment_or_beyond_the_calendar() -> None:
    assert said("I moved house yesterday.", at=None) == ["Caroline moved house yesterday."]
    assert dates_meant("yesterday, next year, last month", datetime(1, 1, 1, tzinfo=UTC))[-1:] != ("",)
    assert dates_meant("tomorrow", datetime(9999, 12, 31, tzinfo=UTC)) == ()


@given(
    st.text(max_size=120)
    | st.lists(
        st.sampled_from(
            ["I", "I'm", "my", "we", "went", "to", "Oslo", ".", "!", "?", "and", "but", "Wow,", "Hey Mel!", ";", "-",
             "yesterday", "a grey cat", "because", "\n\n", '"', "you", "that's", "myself"]
        ),
        max_size=30,
    ).map(" ".join)
)  # fmt: skip
def test_spans_are_in_order_and_apart(text: str) -> None:
    found = statements(text, "Ada", AT)
    end = 0
    for statement in found:
        assert end <= statement.start < statement.end <= len(text)
        assert statement.text
        end = statement.end
    assert found == statements(text, "Ada", AT)
