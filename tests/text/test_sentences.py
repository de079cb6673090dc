from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.sentences import pieces, sentences

TEXTS = st.one_of(
    st.text(max_size=120),
    st.text(alphabet="aB .!?。\n\t\"')…é\u00a0\u2003", max_size=160),
    st.lists(st.sampled_from(["Hello.", "Dr. Who", "e.g. this", "A. Smith", "Why?", "\n\n", "word" * 9, "。"])).map(
        " ".join
    ),
)


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Who met Mrs. Smith. They left.", ["Dr. Who met Mrs. Smith.", "They left."]),
        ("J. Smith, e.g. the son, came.", ["J. Smith, e.g. the son, came."]),
        ('She said "Stop!" Then she left.', ['She said "Stop!"', "Then she left."]),
        ("今天下雨。我在家。", ["今天下雨。", "我在家。"]),
        ("A title\n\nThe body. Its end", ["A title", "The body.", "Its end"]),
        ("It costs 3.50 now.", ["It costs 3.50 now."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_texts_are_cut_at_the_ends_of_sentences(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def _covers(text: str, spans: list[tuple[int, int]]) -> bool:
    inside = {place for start, end in spans for place in range(start, end)}
    return all(place in inside for place, character in enumerate(text) if not character.isspace())


@given(TEXTS)
def test_sentences_cover_the_text_in_order_and_are_trimmed(text: str) -> None:
    spans = sentences(text)
    assert _covers(text, spans)
    assert all(start < end for start, end in spans)
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


@given(TEXTS, st.integers(1, 60))
def test_pieces_cover_the_text_in_order_and_keep_to_the_limit(text: str, limit: int) -> None:
    spans = pieces(text, limit)
    assert _covers(text, spans)
    assert all(0 < end - start <= limit for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


@given(TEXTS)
def test_a_text_within_the_limit_is_one_piece(text: str) -> None:
    assert len(pieces(text, max(1, len(text)))) == (1 if text.strip() else 0)


def test_pieces_are_whole_sentences_and_whole_words_where_they_fit() -> None:
    text = "First sentence. Second sentence. A third one that is much too long for the limit. End."
    shown = [text[start:end] for start, end in pieces(text, 33)]
    assert shown == ["First sentence. Second sentence.", "A third one that is much too long", "for the limit. End."]


def test_a_long_text_is_cut_quickly() -> None:
    text = "word " * 200_000
    assert len(pieces(text, 1_000)) == 1_000
