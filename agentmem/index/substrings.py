"""Every run of words of many texts, and where it stands: what SEAL looks its n-grams up in.

Texts are *slots*, numbered from 0 in order of arrival. All words of all texts stand in one sequence, with a break after
each field, so that no run goes over from one to the next; a *place* is a position in it. The sequence is indexed in
parts, each by a suffix array. A part that has grown to half of the one before is merged with it (Bentley & Saxe 1980,
"Decomposable Searching Problems"), so that there are few parts, and a text is sorted anew only a few times.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agentmem.index.growing import Growing
from agentmem.index.suffix_array import SuffixArray
from agentmem.protocols import IntArray
from agentmem.text.words import tokens

_BREAK = 0
_SIZES = 2
"""A part is at least so many times as long as the next."""


def spelled(text: str) -> list[str]:
    """The words of a text in order, case-folded, stop words included, without a possessive's ending."""
    return [word[:-2] if word.endswith(("'s", "\u2019s")) else word for word in tokens(text)]


class SubstringIndex:
    """See the module's docstring. It keeps words and places; which texts count is for others to say."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._parts: list[SuffixArray] = []
        self._starts = Growing(np.int64)
        self._lengths = Growing(np.int64)
        self._size = 0

    def __len__(self) -> int:
        """How many texts there are."""
        return len(self._starts)

    @property
    def size(self) -> int:
        """How many places there are, breaks included."""
        return self._size

    @property
    def parts(self) -> int:
        """How many suffix arrays are looked at for one run."""
        return len(self._parts)

    @property
    def lengths(self) -> IntArray:
        """How many words each text has, shape ``(len(self),)``."""
        return self._lengths.view()

    def add(self, texts: Sequence[Sequence[Sequence[str]]]) -> None:
        """Append texts, each given as fields (such as title and text), each field as its words.

        Raises:
            MissingExtra: the package ``pydivsufsort`` is not installed.
        """
        if not texts:
            return
        numbers = self._numbers
        added: list[int] = []
        starts, lengths = [], []
        for fields in texts:
            starts.append(self._size + len(added))
            lengths.append(sum(map(len, fields)))
            for field in fields:
                added += [numbers.setdefault(word, len(numbers) + 1) for word in field]
                added.append(_BREAK)
        part = np.array(added, dtype=np.uint32)
        while self._parts and len(self._parts[-1]) < _SIZES * len(part):
            part = np.concatenate([self._parts.pop().sequence, part])
        self._parts.append(SuffixArray.of(part))
        self._size += len(added)
        self._starts.extend(starts)
        self._lengths.extend(lengths)

    def prefixes(self, words: Sequence[str]) -> list[IntArray]:
        """Where the first word stands, the first two, ...: places, ascending, for as many as occur in a row."""
        pattern = []
        for word in words:
            if (number := self._numbers.get(word)) is None:
                break
            pattern.append(number)
        first, found = 0, []
        for part in self._parts:
            found.append([places + first for places in part.prefixes(pattern)])
            first += len(part)
        longest = max((len(of_part) for of_part in found), default=0)
        return [
            np.sort(np.concatenate([of_part[depth] for of_part in found if depth < len(of_part)]))
            for depth in range(longest)
        ]

    def texts_of(self, places: IntArray) -> IntArray:
        """The slot of the text at each place, ascending as places do."""
        return np.searchsorted(self._starts.view(), places, side="right").astype(np.int64) - 1
