"""The normal form of phrases."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem.text.phrases import is_too_short, normalise


@pytest.mark.parametrize(
    ("phrase", "normal"),
    [
        ("Barack  Obama", "barack obama"),
        ("  U.S.A. ", "u s a"),
        ("rock-n-roll_band", "rock n roll band"),
        ("São Paulo's", "são paulo s"),
        ("東京都", "東京都"),
        ("Москва!", "москва"),
        ("हिन्दी", "हिन्दी"),  # vowel signs are marks, not letters
        ("Cafe\u0301", "café"),  # composed or not, one name
        ("1984", "1984"),
        ("...", ""),
        ("", ""),
    ],
)
def test_keeps_letters_digits_and_single_spaces(phrase: str, normal: str) -> None:
    assert normalise(phrase) == normal


@settings(max_examples=300)
@given(st.text(max_size=20))
def test_normalising_twice_changes_nothing(phrase: str) -> None:
    once = normalise(phrase)
    assert normalise(once) == once
    assert once == once.strip() and "  " not in once


@pytest.mark.parametrize("phrase", ["", "a", "ab", "a b", "東"])
def test_short_phrases(phrase: str) -> None:
    assert is_too_short(phrase)


@pytest.mark.parametrize("phrase", ["abc", "a b c", "東京", "x15"])
def test_long_enough_phrases(phrase: str) -> None:
    assert not is_too_short(phrase)
