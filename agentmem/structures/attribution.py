"""Which lines a statement comes from, when whoever made it did not say."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from agentmem.text.words import terms

_NEAR = 0.75
"""A line counts too if it explains this share of what the best one explains."""
_MOST = 2


def likely_lines(statement: str, lines: Sequence[str]) -> tuple[int, ...]:
    """The one or two lines that share the most telling words with the statement; the first when none shares any.

    A word tells the more the fewer lines hold it.
    """
    if len(lines) <= 1:
        return (0,)
    words = [set(terms(line)) for line in lines]
    frequency = Counter(word for line in words for word in line)
    wanted = set(terms(statement))
    scores = [sum(math.log1p(len(lines) / frequency[word]) for word in wanted & line) for line in words]
    best = max(scores)
    order = sorted(range(len(lines)), key=lambda line: (-scores[line], line))
    return tuple(line for line in order[:_MOST] if scores[line] >= _NEAR * best)
