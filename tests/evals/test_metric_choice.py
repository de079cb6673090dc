"""Which option a reply names, and the accuracy that comes of it."""

from __future__ import annotations

import pytest
from agentmem_evals.errors import DataFormatError
from agentmem_evals.metrics.choice import choice
from agentmem_evals.metrics.gold import Gold
from agentmem_evals.metrics.option_replies import chosen_option
from hypothesis import given
from hypothesis import strategies as st

FOUR = ("The red house", "A green house", "The red house by the sea", "Nobody knows")
TWO = ("It rained all night on the roof.", "He sold the horse for ten crowns.")


@pytest.mark.parametrize(
    ("said", "index"),
    [
        ("B", 1),
        ("b", 1),
        ("(b)", 1),
        ("b)", 1),
        ("2", 1),
        ("**D**", 3),
        ("Answer: C", 2),
        ("answer: (c).", 2),
        ("The answer is D.", 3),
        ("the answer is d", 3),
        ("I think the correct answer is option 2, of course", 1),
        ("Option 3", 2),
        ("choice A", 0),
        ("B. A green house", 1),
        ("2) A green house", 1),
        ("B: because of the grass.\nThat is all.", 1),
        ("It is a green house.", 1),
        ("THE RED HOUSE", 0),
        ("the red house by the sea, I believe", 2),
        ("Surely the answer is nobody knows", 3),
    ],
)
def test_an_option_named_by_letter_number_or_text(said: str, index: int) -> None:
    assert chosen_option(said, FOUR) == index


@pytest.mark.parametrize(
    "said",
    [
        "",
        "I cannot say",
        "A or B",
        "Option A or B",
        "Options A and B are both right",
        "(A) or (B)",
        "A) or B)",
        "The answer is A/B",
        "The answer is A, B",
        "E",
        "7",
        "0",
        "Answer: B. The red house",  # the letter says one, the text another
        "The red house or a green house",
        "After all, Bob did Cry",  # capitals are no labels
        "A house",
        "the answer is a house",
        "The answer is not B",
        "1. first I look\n2. then I think",
    ],
)
def test_what_names_no_option_or_more_than_one(said: str) -> None:
    assert chosen_option(said, FOUR) is None


@pytest.mark.parametrize(("letter", "index"), [("A", 0), ("B", 1)])
@pytest.mark.parametrize("form", ["Segment {}", "Segment {} came first.", "{}", "({})", "The answer is Segment {}"])
def test_both_letters_are_read_alike(form: str, letter: str, index: int) -> None:
    assert chosen_option(form.format(letter), TWO) == index


@pytest.mark.parametrize("letter", ["A", "B"])
@pytest.mark.parametrize("form", ["{} comes first", "I would say {} is it", "Segment A comes before segment B, so {}"])
def test_no_letter_is_read_where_the_other_would_not_be(form: str, letter: str) -> None:
    assert chosen_option(form.format(letter), TWO) is None


def test_texts_that_look_like_labels_are_texts_first() -> None:
    assert chosen_option("2", ("3", "1", "2")) == 2
    assert chosen_option("A", ("B", "A")) == 1
    assert chosen_option("(B)", ("B", "A")) is None  # the label of one, the text of the other


def test_labels_within_an_option_are_its_words() -> None:
    options = ("We see (a) a light and (b) a shadow.", "Nothing is seen.")
    assert chosen_option("A) We see (a) a light and (b) a shadow.", options) == 0
    assert chosen_option("It says: We see (a) a light and (b) a shadow.", options) == 0


def test_equal_texts_are_named_by_label_only() -> None:
    assert chosen_option("same", ("same", "same")) is None
    assert chosen_option("B", ("same", "same")) == 1
    assert chosen_option("B. same", ("same", "same")) == 1


def test_accuracy() -> None:
    gold = Gold(FOUR[1], options=FOUR)
    assert choice("B", gold) == 1.0 and choice("A", gold) == 0.0 and choice("A or B", gold) == 0.0
    assert choice("B", Gold("x")) is None and choice("B", Gold(None, options=FOUR)) is None
    with pytest.raises(DataFormatError, match="options"):
        choice("B", Gold("something else", options=FOUR))


@given(st.text(max_size=80))
def test_any_reply_is_read(said: str) -> None:
    assert chosen_option(said, FOUR) in {None, 0, 1, 2, 3}


@given(st.integers(0, 25), st.integers(2, 26))
def test_bare_letters_and_numbers_name_their_place(index: int, count: int) -> None:
    options = [f"word{number} text" for number in range(count)]
    expected = index if index < count else None
    assert chosen_option(chr(ord("A") + index), options) == expected
    assert chosen_option(str(index + 1), options) == expected
