"""Pre-compression: of each text, the share of words that tells most.

LightMem (arXiv 2510.18866, section 3.1) keeps the tokens whose probability of being retained, by LLMLingua-2, is above
the percentile that ``r`` sets, and names words of high surprisal as the alternative. This is the alternative, without a
model: a word's surprisal by how often it stands in the session, with function words known to be frequent everywhere.
Names, numbers, times and negations are always kept, for a text without them says something else.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agentmem.errors import InvalidInput
from agentmem.text.entities import entities
from agentmem.text.moments import expressions
from agentmem.text.words import STOP_WORDS, tokens

RATE = 0.8
"""The share of words that is kept: ``r`` is the rate of *retention*. 0.8 is the paper's best on LoCoMo."""
MOST_TOKENS = 512
"""A text is compressed again and again until it has fewer tokens than this."""
_WORD = re.compile(r"\S+")
_ENDS = (".", "!", "?", "…")
_NEGATIONS = frozenset("not no never none nobody nothing neither nor nowhere cannot without hardly barely".split())
_COUNTS = frozenset(
    """two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand million
    dozen half twice first second third""".split()
)
_FUNCTION_SHARE = 1 / 300
"""How often a function word is expected: some 150 of them make half of all English words."""
_OTHER_SHARE = 1 / 100_000
_EXPECTED = 5_000
"""How many words of English in general the session's own words are held against."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """How often words stand in some texts.

    Attributes:
        counts: of case-folded words.
        total: of all words.
    """

    counts: Mapping[str, int]
    total: int

    @classmethod
    def of(cls, texts: Iterable[str]) -> Rarity:
        """Count."""
        counts = Counter(word for text in texts for word in tokens(text))
        return cls(counts, counts.total())

    def surprisal(self, word: str) -> float:
        """The information of a case-folded word in bits, ``-log2 p``; the texts are one sample of English."""
        share = _FUNCTION_SHARE if word in STOP_WORDS else _OTHER_SHARE
        seen = self.counts.get(word, 0) + share * _EXPECTED
        return -math.log2(seen / (self.total + _EXPECTED))


def compressed(
    text: str,
    rarity: Rarity,
    at: datetime,
    count_tokens: Callable[[str], int],
    *,
    rate: float = RATE,
    most_tokens: int = MOST_TOKENS,
) -> str:
    """The most telling words of a text in their order, with single spaces between.

    Of ``n`` words ``round(rate * n)`` are kept, at least one, and more where more must be kept; the same share of these
    again while there are ``most_tokens`` or more. A sentence that loses its last word keeps its full stop. What stands
    between white space is one word, so a script without spaces is hardly compressed.

    Args:
        text: what was said.
        rarity: of the session's words.
        at: when it was said, with its time zone; from there times are read.
        count_tokens: how tokens are counted.
        rate: the share of words to *keep*, in (0, 1]; 1 changes nothing but white space.
        most_tokens: see above.

    Raises:
        InvalidInput: ``rate`` is not in (0, 1], or ``at`` has no time zone.
    """
    if not 0 < rate <= 1:
        raise InvalidInput(f"The rate is the share of words that is kept, above 0 and at most 1, not {rate}.")
    words = list(_WORD.finditer(text))
    if rate == 1 or not words:
        return " ".join(word[0] for word in words)
    needed = _needed(text, words, at)
    order = sorted(range(len(words)), key=lambda place: _rank(words[place][0], place, rarity, place in needed))
    kept = len(words)
    while True:
        fewer = max(1, len(needed), math.floor(rate * kept + 0.5))
        shorter = _joined(words, set(order[:fewer]))
        if fewer == kept or count_tokens(shorter) < most_tokens:
            return shorter
        kept = fewer


def _rank(word: str, place: int, rarity: Rarity, needed: bool) -> tuple[bool, float, int, int]:
    """What must be kept first, then by information, then the longer word (it is the rarer one in general)."""
    information = max((rarity.surprisal(part) for part in tokens(word)), default=0.0)
    return not needed, -information, -len(word), place


def _needed(text: str, words: Sequence[re.Match[str]], at: datetime) -> set[int]:
    """The places of words that are, or touch, a name, a number, a time or a negation."""
    starts = [word.start() for word in words]
    found = {place for place, word in enumerate(words) if any(map(_is_needed, tokens(word[0])))}
    for start, end in _spans(text, at):
        found.update(range(max(0, bisect_right(starts, start) - 1), bisect_left(starts, end)))
    return found


def _spans(text: str, at: datetime) -> Iterator[tuple[int, int]]:
    for entity in entities(text):
        if entity.kind != "noun-phrase":
            yield entity.start, entity.end
    for told in expressions(text, at):
        yield told.start, told.end


def _is_needed(word: str) -> bool:
    return word in _NEGATIONS or word in _COUNTS or word.endswith(("n't", "n’t")) or any(map(str.isdigit, word))


def _joined(words: Sequence[re.Match[str]], kept: set[int]) -> str:
    found: list[str] = []
    for place, word in enumerate(words):
        if place in kept:
            found.append(word[0])
        elif word[0].endswith(_ENDS) and found and found[-1][-1].isalnum():
            found[-1] += word[0][-1]
    return " ".join(found)
