"""Where a passage stands in a text, word for word or nearly: what a quotation is traced back with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_WORD = re.compile(r"\w+")
_RUN = 2
"""Fewer words in a row than this are chance, in a passage that has more."""


class PlacedWord(NamedTuple):
    """A word, case-folded, and where it begins, in code points."""

    word: str
    start: int


class Alignment(NamedTuple):
    """A passage's likeliest place in a text.

    Attributes:
        share: how much of the passage's words was found there, in runs, in order; in (0, 1].
        first: the index of the text's word at which the longest run begins.
    """

    share: float
    first: int


def placed_words(text: str) -> list[PlacedWord]:
    """The words of a text, in order; punctuation and case do not count."""
    return [PlacedWord(match[0].casefold(), match.start()) for match in _WORD.finditer(text)]


def occurrences(passage: Sequence[str], text: Sequence[str]) -> list[int]:
    """Where a passage stands in a text word for word: the indices of its first word, ascending. Both are words."""
    wanted, count = list(passage), len(passage)
    if not wanted:
        return []
    begins = (n for n in range(len(text) - count + 1) if text[n] == wanted[0])
    return [n for n in begins if list(text[n : n + count]) == wanted]


def likeliest(passage: Sequence[str], text: Sequence[str]) -> Alignment | None:
    """The place that has most of a passage; ``None`` where not even two words in a row are there. Both are words.

    Runs are those of Ratcliff and Obershelp (1988, "Pattern matching: the gestalt approach"), as
    :class:`difflib.SequenceMatcher` finds them: the longest, then the longest before and after it.
    """
    least = min(_RUN, len(passage))
    blocks = SequenceMatcher(None, list(passage), list(text), autojunk=False).get_matching_blocks()
    runs = [block for block in blocks if block.size >= max(least, 1)]
    if not runs:
        return None
    longest = max(runs, key=lambda block: block.size)
    return Alignment(sum(block.size for block in runs) / len(passage), longest.b)
