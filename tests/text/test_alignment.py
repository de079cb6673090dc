"""Where a passage stands in a text: word for word everywhere, else where most of it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.alignment import likeliest, occurrences, placed_words

WORDS = st.lists(st.sampled_from("the boat left at dawn".split()), max_size=12)


def test_words_are_folded_and_keep_their_places():
    assert placed_words("“The Boat,” she said") == [("the", 1), ("boat", 5), ("she", 12), ("said", 16)]
    assert placed_words(" … ") == []


def test_every_occurrence_is_found():
    text = "a b a b a".split()
    assert occurrences(["a", "b"], text) == [0, 2]
    assert occurrences(["a", "b", "a"], text) == [0, 2]  # they may overlap
    assert occurrences(["b", "b"], text) == [] == occurrences([], text)


def test_the_share_counts_runs_in_order():
    # Passage of 6 words; the text has "left at dawn" (3) and before it "the boat" (2): 5 of 6, the longest run at 3.
    passage = "the boat left at dawn today".split()
    assert likeliest(passage, "the boat slowly left at dawn".split()) == (pytest.approx(5 / 6), 3)


def test_single_words_are_chance_unless_the_passage_is_one():
    assert likeliest("boat at night".split(), "night boat".split()) is None
    assert likeliest(["boat"], ["night", "boat"]) == (1.0, 1)
    assert likeliest([], ["night"]) is None


@given(WORDS, WORDS, WORDS)
def test_what_is_put_into_a_text_is_found_in_it(before, passage, after):
    text = [*before, *passage, *after]
    found = occurrences(passage, text)
    if passage:
        assert len(before) in found
        assert all(text[place : place + len(passage)] == passage for place in found)
    aligned = likeliest(passage, text)
    assert aligned is None or 0.0 < aligned.share <= 1.0


@given(WORDS, WORDS)
def test_a_share_of_one_is_an_occurrence_of_all_words(passage, text):
    aligned = likeliest(passage, text)
    if aligned is not None and len(passage) > 1 and occurrences(passage, text):
        assert aligned.share == 1.0
