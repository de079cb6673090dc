"""Topic segments: a buffer of turns is cut where the topic changes.

LightMem (arXiv 2510.18866, section 3.1; the constants are its code's). The sensory buffer holds 512 tokens of what
users say. When the next turn would overflow it, it is cut at ``B = B1 and B2``. ``B2`` is where adjacent turns are less
similar than a threshold. ``B1`` is where, in the paper, the attention of LLMLingua-2 from a turn to the one before it
peaks; there is no such model here, so local minima of similarity stand in for it, each side of a gap with the turn
beyond (as Hearst 1997, "TextTiling", compares blocks).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from agentmem.errors import InvalidInput
from agentmem.protocols import FloatArray

BUFFER_TOKENS = 512
THRESHOLDS = tuple(number / 100 for number in range(20, 51, 5))
"""The cosines below which two adjacent turns are apart: the first one that finds a boundary counts."""
NEAR = 3
"""How many turns a boundary of ``B2`` may be from one of ``B1``."""
CONTEXT = 2
"""How many turns on each side of a gap are compared for ``B1``."""


def segments(tokens: Sequence[int], vectors: FloatArray, size: int = BUFFER_TOKENS) -> list[range]:
    """Turns as topic segments.

    What stands before the last boundary of a full buffer is cut off, the tail stays until the next time, and at the end
    all goes: a session is over when it is worked on. A turn that is larger than the buffer is a segment of its own.

    Args:
        tokens: of each turn, in order; what does not count (a reply to a user) has none.
        vectors: of the turns, unit length, or zeros where nothing is known, shape ``(turns, dimension)``.
        size: of the buffer, in tokens.

    Returns:
        Consecutive ranges, none of them empty, that together are all turns.

    Raises:
        InvalidInput: ``size`` is below 1, or there is not one vector for each turn.
    """
    if size < 1 or len(tokens) != len(vectors):
        raise InvalidInput("A sensory buffer holds at least 1 token, and needs a vector for each turn.")
    found: list[range] = []
    start = held = 0
    for turn, cost in enumerate(tokens):
        while start < turn and held + cost > size:
            cuts = boundaries(vectors[start:turn]) or [turn - start]
            found += _between(start, cuts)
            start += cuts[-1]
            held = sum(tokens[start:turn])
        if cost > size:
            found.append(range(turn, turn + 1))
            start = turn + 1
        else:
            held += cost
    if start < len(tokens):
        found += _between(start, [*boundaries(vectors[start:]), len(tokens) - start])
    return found


def boundaries(vectors: FloatArray) -> list[int]:
    """Where a buffer is cut: the numbers of the turns that begin a segment, ascending, never 0.

    Those of ``B2`` that are near one of ``B1``; where none is, all of ``B2``; none where ``B1`` is empty.
    """
    coarse, fine = coarse_boundaries(vectors), fine_boundaries(vectors)
    if not coarse:
        return []
    return [one for one in fine if any(abs(one - other) <= NEAR for other in coarse)] or fine


def coarse_boundaries(vectors: FloatArray) -> list[int]:
    """``B1``: gaps whose sides, each :data:`CONTEXT` turns, are less alike than at the gaps before and after."""
    alike = [
        _cosine(vectors[max(0, gap - CONTEXT) : gap].sum(axis=0), vectors[gap : gap + CONTEXT].sum(axis=0))
        for gap in range(1, len(vectors))
    ]
    inner = range(1, len(alike) - 1)
    return [place + 1 for place in inner if alike[place - 1] > alike[place] <= alike[place + 1]]


def fine_boundaries(vectors: FloatArray) -> list[int]:
    """``B2``: gaps between turns with a cosine below the first threshold that finds one."""
    alike = [_cosine(vectors[gap - 1], vectors[gap]) for gap in range(1, len(vectors))]
    found = ([gap for gap, cosine in enumerate(alike, start=1) if cosine < least] for least in THRESHOLDS)
    return next(filter(None, found), [])


def _between(start: int, cuts: Sequence[int]) -> Iterator[range]:
    before = start
    for cut in cuts:
        yield range(before, start + cut)
        before = start + cut


def _cosine(one: FloatArray, other: FloatArray) -> float:
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / length if length else 0.0
