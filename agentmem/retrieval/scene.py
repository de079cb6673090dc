"""All that scoring may look at for one query in one scope, as arrays over slots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agentmem.index.catalog import FOREVER, NONE, live_at
from agentmem.index.lexical import Bm25, LexicalIndex, Matches, Windows
from agentmem.protocols import BoolArray, FloatArray, IntArray
from agentmem.retrieval.layer_view import LayerView
from agentmem.retrieval.query import Query

OFFSETS = (-3, -2, -1, 1, 2, 3)
WINDOW = {-3: 0.15, -2: 0.3, -1: 0.6, 1: 0.3, 2: 0.15}
"""What the words of a neighbour count in a memory's window: what was said before explains more than what follows."""


WINDOW_BM25 = Bm25(k1=0.8, b=0.75)
"""A window repeats words more than a single turn does, so repetition counts less."""


CONTEXT = {-2: 0.25, -1: 0.5, 1: 0.5, 2: 0.25}
"""What a neighbour's vector counts in the context of a memory; its own counts 1."""
_CONTEXT_WEIGHTS = np.array(list(CONTEXT.values()), dtype=np.float32)[:, None]
NOTE = 24
"""Words of the longest note; a passage, of which multi-hop questions are asked, has more."""
_NEIGHBOUR_COSINE = 0.3
"""About how similar neighbouring turns are; gives the length of their weighted sum without looking at the vectors."""


class Surroundings:
    """What follows from who stands where, and stays the same until the scope changes.

    Attributes:
        rows: the row of every slot.
        neighbours: by offset, the slot that stands there, or ``NONE``.
        windows: each memory with its neighbours' words.
    """

    def __init__(self, columns: NDArray[np.void], lengths: FloatArray) -> None:
        self._columns = columns
        self._live: tuple[int, int, BoolArray] | None = None
        self.rows: IntArray = columns["row"].astype(np.int64)
        self.threads: IntArray = columns["thread"].astype(np.int64)
        before, after = columns["before"].astype(np.int64), columns["after"].astype(np.int64)
        self.neighbours: dict[int, IntArray] = {-1: before, 1: after}
        for step in (2, 3):
            self.neighbours[-step] = _follow(before, self.neighbours[1 - step])
            self.neighbours[step] = _follow(after, self.neighbours[step - 1])
        self.windows = Windows(self.neighbours, WINDOW, lengths)

    @cached_property
    def of_notes(self) -> bool:
        """Whether most documents are notes of a sentence or two."""
        documents = self._columns["words"][~self._columns["spoken"]]
        return bool(len(documents)) and float(np.median(documents)) < NOTE

    def live(self, now: int) -> BoolArray:
        """Current versions that neither ended nor expired; computed anew only when one did since."""
        if self._live is None or not self._live[0] <= now < self._live[1]:
            ends = np.minimum(self._columns["valid_to"], self._columns["expires_at"])
            mask = live_at(self._columns, now)
            self._live = (now, int(ends[mask].min(initial=FOREVER)), mask)
        return self._live[2].copy()

    def context(self, cosines: FloatArray, slots: IntArray) -> FloatArray:
        """The cosine of a memory's vector smoothed with its neighbours': the turn in its place.

        The weighted sum of cosines over the length that the weighted sum of such vectors has.
        NaN where the memory's own cosine is not known; neighbours that are not known are left out.
        """
        padded = np.append(cosines, np.float32(np.nan))  # where NONE (-1) points to
        beside = padded[np.stack([self.neighbours[offset][slots] for offset in CONTEXT])]
        known = ~np.isnan(beside)
        total = cosines[slots] + (_CONTEXT_WEIGHTS * np.where(known, beside, np.float32(0.0))).sum(axis=0)
        weights = 1 + (_CONTEXT_WEIGHTS * known).sum(axis=0)
        squares = 1 + (_CONTEXT_WEIGHTS**2 * known).sum(axis=0)
        length = np.sqrt(np.float32(1 - _NEIGHBOUR_COSINE) * squares + np.float32(_NEIGHBOUR_COSINE) * weights**2)
        return np.asarray(total / length, dtype=np.float32)


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
        above: derived layers whose findings count for the texts they come from, by name.
        walk: gives the share of every slot in a walk on the graph of triples; ``None`` where there is no graph.
    """

    query: Query
    columns: NDArray[np.void]
    lexical: LexicalIndex
    around: Surroundings
    passing: BoolArray
    assistant_role: int
    dense: Mapping[str, FloatArray]
    complete: Callable[[IntArray], None]
    above: Mapping[str, LayerView] = field(default_factory=dict)
    walk: Callable[[], FloatArray] | None = None

    @cached_property
    def pagerank(self) -> FloatArray:
        """The share of every slot in a walk on the graph, over the largest; zeros where there is no graph."""
        shares = np.zeros(len(self.columns), dtype=np.float32) if self.walk is None else self.walk()
        return np.asarray(shares / max(float(shares.max(initial=0.0)), 1e-12), dtype=np.float32)

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
        return self.lexical.group_scores(self.matches, self.around.threads)
