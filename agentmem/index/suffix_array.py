"""Where a run of words stands in a long sequence of words, by a suffix array: all suffixes, in sorted order.

Manber & Myers (1993), "Suffix Arrays: A New Method for On-Line String Searches". It does what an FM-index does for
SEAL; uncompressed it takes 8 bytes a word and is quicker to build and to ask.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentmem.errors import MissingExtra
from agentmem.protocols import IntArray


@dataclass(frozen=True, slots=True)
class SuffixArray:
    """A sequence of numbers and the places of its suffixes, in lexicographic order of the suffixes.

    Attributes:
        sequence: shape ``(n,)``.
        suffixes: a permutation of ``0 .. n - 1``.
    """

    sequence: NDArray[np.uint32]
    suffixes: NDArray[np.int32]

    @classmethod
    def of(cls, sequence: NDArray[np.uint32]) -> SuffixArray:
        """Sort the suffixes of a sequence (libdivsufsort).

        Raises:
            MissingExtra: the package ``pydivsufsort`` is not installed.
        """
        try:
            from pydivsufsort import divsufsort
        except ImportError as error:
            raise MissingExtra("pydivsufsort", "seal", "Looking n-grams up in a suffix array") from error
        if not len(sequence):
            return cls(sequence, np.empty(0, np.int32))
        return cls(sequence, np.ascontiguousarray(divsufsort(sequence), dtype=np.int32))

    def __len__(self) -> int:
        return len(self.sequence)

    def prefixes(self, pattern: list[int]) -> list[IntArray]:
        """Where each prefix of a pattern begins, unordered: of length 1, 2, ... while it occurs at all.

        A prefix is a range of the sorted suffixes; one more word is a range within it, found by bisection.
        """
        found: list[IntArray] = []
        low, high, sequence, suffixes = 0, len(self), self.sequence, self.suffixes
        for depth, wanted in enumerate(pattern):

            def word(place: int, depth: int = depth) -> int:
                at = int(suffixes[place]) + depth
                return int(sequence[at]) if at < len(sequence) else -1

            places = range(low, high)
            low, high = (
                low + bisect_left(places, wanted, key=word),
                low + bisect_right(places, wanted, key=word),
            )
            if low == high:
                break
            found.append(suffixes[low:high].astype(np.int64))
        return found
