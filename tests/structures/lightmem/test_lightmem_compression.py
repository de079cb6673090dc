"""Pre-compression keeps the words that tell most, and never what a text cannot do without."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import InvalidInput
from agentmem.structures.lightmem.compression import Rarity, compressed
from agentmem.text.budget import estimate_tokens

AT = datetime(2025, 5, 1, 9, tzinfo=UTC)
PLAIN = "walls doors lamps chairs tables shelves carpets curtains mirrors cushions".split()
words = st.lists(st.sampled_from([*PLAIN, "the", "of", "very", "Misty", "not", "17", "Lisbon,", "and."]), max_size=40)
rates = st.floats(0.05, 1.0)


def shorten(text, rate=0.6, *, session=(), most_tokens=10_000):
    return compressed(text, Rarity.of([text, *session]), AT, estimate_tokens, rate=rate, most_tokens=most_tokens)


@pytest.mark.parametrize(("rate", "kept"), [(0.2, 2), (0.4, 4), (0.6, 6), (0.8, 8), (1.0, 10)])
def test_the_rate_is_the_share_that_is_kept(rate, kept):
    assert len(shorten(" ".join(PLAIN), rate).split()) == kept


def test_function_words_go_first():
    text = "I have been thinking about the lamps of the old theatre for a while"
    assert shorten(text, 0.3) == "thinking lamps old theatre"


def test_a_word_of_the_whole_session_tells_less_than_one_of_this_turn():
    session = ["pottery studio pottery wheel pottery kiln"] * 20
    assert shorten("pottery glazes", 0.5, session=session) == "glazes"


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("well you know the weather around here was so terribly bad when Ana arrived", ["Ana"]),
        ("well you know there were maybe some 17 terribly noisy people around the house", ["17"]),
        ("well you know terribly noisy people around the house did not see anybody else", ["not"]),
        ("well you know terribly noisy people around the house couldn't see anybody else", ["couldn't"]),
        ("well you know yesterday terribly noisy people were around the house", ["yesterday"]),
        ("well you know last week terribly noisy people were around the house", ["last", "week"]),
        ("well you know on 7 May 2023 terribly noisy people were around the house", ["7", "May", "2023"]),
        ("well you know terribly noisy people had two dogs around the house", ["two"]),
    ],
)
def test_names_numbers_times_and_negations_are_always_kept(text, needed):
    assert set(needed) <= set(re.findall(r"[\w']+", shorten(text, 0.05)))


def test_a_long_text_is_compressed_again_until_it_is_short_enough():
    text = " ".join(f"{word}{letter}" for letter in "abcdefgh" for word in PLAIN)
    once, often = shorten(text, 0.8), shorten(text, 0.8, most_tokens=40)
    assert len(once.split()) == 64
    assert estimate_tokens(often) < 40 <= estimate_tokens(once)


def test_a_sentence_that_loses_its_end_keeps_its_full_stop():
    assert shorten("Lamps flicker so. Ana left Lisbon.", 0.8) == "Lamps flicker. Ana left Lisbon."


@pytest.mark.parametrize("text", ["", "   ", "?!", "hm", "窗外下着很大的雨", "\u2028 \n\t"])
@pytest.mark.parametrize("rate", [0.1, 1.0])
def test_texts_without_much_in_them(text, rate):
    assert shorten(text, rate) == " ".join(text.split())


@given(words, rates)
def test_what_is_kept_is_a_part_of_the_text_in_its_order_and_as_long_as_the_rate_says(some, rate):
    text = " ".join(some)
    kept = [word.rstrip(".") for word in shorten(text, rate).split()]
    left = iter([word.rstrip(".") for word in some])
    assert all(word in left for word in kept)
    needed = sum(word in ("Misty", "not", "17", "Lisbon,") for word in some)
    if some:
        assert len(kept) >= max(1, needed, math.floor(rate * len(some)))


@given(words, rates, rates)
def test_a_higher_rate_keeps_all_that_a_lower_one_keeps(some, one, other):
    low, high = sorted((one, other))
    text = " ".join(some)
    few = [word.rstrip(".") for word in shorten(text, low).split()]
    many = iter([word.rstrip(".") for word in shorten(text, high).split()])
    assert all(word in many for word in few)


@given(st.text(max_size=80), rates)
def test_any_text_becomes_one_line(text, rate):
    assert len(shorten(text, rate).splitlines()) <= 1


@pytest.mark.parametrize("rate", [0, -0.5, 1.2])
def test_a_rate_that_is_no_share_is_refused(rate):
    with pytest.raises(InvalidInput, match="share of words that is kept"):
        shorten("Lamps flicker.", rate)
