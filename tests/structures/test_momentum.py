"""Momentum of notes: a share of their words outlasts every revision."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.structures.experience.momentum import Entry, apart, retained, with_momentum

NOTES = ["Misty eats fish", "Ben plays jazz piano", "Rita bakes bread"]
# content words: 3 (misty, eat, fish) + 4 (ben, play, jazz, piano) + 3 (rita, bake, bread) = 10


def same(notes):
    return [Entry(text, (number,)) for number, text in enumerate(notes)]


def test_the_share_is_of_distinct_content_words():
    assert retained(NOTES, NOTES[:2]) == pytest.approx(7 / 10)  # rita, bake and bread are gone
    assert retained(NOTES, ["Ben plays the piano for Misty"]) == pytest.approx(4 / 10)  # ben, play, piano, misty
    assert retained(["the and of"], []) == 1.0  # nothing to lose
    assert retained([], ["new"]) == 1.0


def test_what_was_left_out_comes_back_until_enough_is_kept():
    # Only the first note stays: 3 of 10 words. The second brings 4 back (7 of 10), the third 3 (10 of 10).
    proposed = [Entry(NOTES[0], (0,))]
    assert with_momentum(NOTES, [], proposed, 0.3) == proposed
    assert with_momentum(NOTES, [], proposed, 0.7) == same(NOTES)[:2]  # the one that brings most back
    assert with_momentum(NOTES, [], proposed, 0.71) == same(NOTES)


def test_a_rewording_that_loses_too_much_is_taken_apart():
    insights = ["Ben sold everything he owned"]
    proposed = [Entry("Ben sold everything", (0, 1), (0,)), Entry(NOTES[2], (2,))]
    # kept: ben, rita, bake, bread = 4 of 10
    assert with_momentum(NOTES, insights, proposed, 0.4) == proposed
    assert with_momentum(NOTES, insights, proposed, 0.5) == [*same(NOTES), Entry(insights[0], (), (0,))]


texts = st.lists(st.text("abcdefgh ", min_size=1, max_size=12), max_size=6)


@given(texts, texts, st.floats(0, 1), st.data())
def test_enough_is_always_kept_and_nothing_is_in_two_entries(notes, insights, momentum, data):
    free, fresh = list(range(len(notes))), list(range(len(insights)))
    proposed = []
    for text in data.draw(texts):
        of = tuple(free.pop() for _ in range(data.draw(st.integers(0, len(free)))))
        new = tuple(fresh.pop() for _ in range(data.draw(st.integers(0, len(fresh)))))
        if of or new:
            proposed.append(Entry(text, of, new))
    kept = with_momentum(notes, insights, proposed, momentum)
    assert retained(notes, [entry.text for entry in kept]) >= momentum - 1e-6
    for name in ("notes", "insights"):
        numbers = [number for entry in kept for number in getattr(entry, name)]
        assert len(numbers) == len(set(numbers))
    parts = [one for entry in proposed for one in (entry, *apart(notes, insights, entry))]
    assert all(entry in parts or entry in same(notes) for entry in kept)  # nothing is invented
    if retained(notes, [entry.text for entry in proposed]) >= momentum:
        assert sorted(kept, key=repr) == sorted(proposed, key=repr)  # what is well is left alone
