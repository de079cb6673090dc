"""All that scoring may look at for one query in one scope, as arrays over slots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agentmem.index.catalog import NONE
from agentmem.index.lexical import Bm25, LexicalIndex, Matches, Windows
from agentmem.protocols import BoolArray, FloatArray, IntArray
from agentmem.retrieval.query import Query

OFFSETS = (-3, -2, -1, 1, 2, 3)
WINDOW = {-3: 0.15, -2: 0.3, -1: 0.6, 1: 0.3, 2: 0.15}
"""What the words of a neighbour count in a memory's window: what was said before explains more than what follows."""


WINDOW_BM25 = Bm25(k1=0.8, b=0.75)
"""A window repeats words more than a single turn does, so repetition counts less."""


class Surroundings:
    """Who stands around whom, and the windows that follow from it: the same until the scope changes."""

    def __init__(self, columns: NDArray[np.void], lengths: FloatArray) -> None:
        before, after = columns["before"].astype(np.int64), columns["after"].astype(np.int64)
        self.neighbours: dict[int, IntArray] = {-1: before, 1: after}
        for step in (2, 3):
            self.neighbours[-step] = _follow(before, self.neighbours[1 - step])
            self.neighbours[step] = _follow(after, self.neighbours[step - 1])
        self.windows = Windows(self.neighbours, WINDOW, lengths)


def _follow(links: IntArray, slots: IntArray) -> IntArray:
    """One link further; ``NONE`` stays ``NONE``."""
    if not len(links):
        return slots
    return np.where(slots == NONE, NONE, links[slots])


@dataclass(frozen=True)
class Scene:
    """See the module's docstring.

    Attributes:
        query: the analysed query.
        columns: the catalog, shape ``(n,)``.
        lexical: the lexical index over the same slots.
        around: neighbours and windows.
        passing: which slots may be returned.
        assistant_role: the code of the role "assistant"; ``NONE`` when nobody has it.
        dense: by view, the cosine with the query of every slot that is known, NaN elsewhere.
        complete: fills in the cosines of these slots where they are still NaN.
    """

    query: Query
    columns: NDArray[np.void]
    lexical: LexicalIndex
    around: Surroundings
    passing: BoolArray
    assistant_role: int
    dense: Mapping[str, FloatArray]
    complete: Callable[[IntArray], None]

    @cached_property
    def matches(self) -> Matches:
        """The query's terms in the index."""
        return self.lexical.find(self.query.terms)

    @cached_property
    def bm25(self) -> FloatArray:
        """BM25 of each memory alone."""
        return self.lexical.scores(self.matches)

    @cached_property
    def bm25_window(self) -> FloatArray:
        """BM25 of each memory with its neighbours."""
        return self.lexical.window_scores(self.matches, self.around.windows, WINDOW_BM25)

    @cached_property
    def bm25_thread(self) -> FloatArray:
        """BM25 of every thread (conversation or document), by its code."""
        return self.lexical.group_scores(self.matches, self.columns["thread"].astype(np.int64))
