"""One layer of a scope in memory: its catalog, its words, and where its memories come from.

The texts themselves are one layer; every derived kind is another (:mod:`agentmem.kinds`). *Pointers* lead from a
derived memory to the texts that its source spans touch: by them a fact that was found counts for its turn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agentmem.index.catalog import Catalog
from agentmem.index.growing import Growing
from agentmem.index.lexical import LexicalIndex
from agentmem.protocols import CatalogRow, IntArray, Reader
from agentmem.retrieval.pointers import Pointers
from agentmem.retrieval.scene import Surroundings
from agentmem.text.words import terms

SPAN = np.dtype([("row", np.int64), ("episode", np.int64), ("start", np.int64), ("end", np.int64)])


class Layer:
    """See the module's docstring. ``version`` grows with every change, ``upheavals`` with what is more than new."""

    def __init__(self) -> None:
        self.catalog = Catalog()
        self.lexical = LexicalIndex()
        self.spans = Growing(SPAN)
        self.version = 0
        self.upheavals = 0
        self.dead = 0
        self._surroundings: tuple[int, Surroundings] | None = None
        self._pointers: tuple[tuple[int, int], Pointers] | None = None

    def surroundings(self) -> Surroundings:
        """Neighbours and windows, computed when first asked for after a change."""
        if self._surroundings is None or self._surroundings[0] != self.version:
            self._surroundings = (self.version, Surroundings(self.catalog.columns, self.lexical.lengths))
        return self._surroundings[1]

    def pointers(self, texts: Layer) -> Pointers:
        """From this layer's slots to those of the texts they come from; computed anew after a change of either."""
        versions = (self.version, texts.version)
        if self._pointers is None or self._pointers[0] != versions:
            self._pointers = (versions, Pointers.between(self.catalog, self.spans.view(), texts.catalog))
        return self._pointers[1]

    def kill(self, rows: IntArray) -> None:
        """Drop what was forgotten."""
        slots = self.catalog.kill(rows)
        if len(slots):
            self.lexical.set_alive(slots, np.zeros(len(slots), np.bool_))
            self.dead += len(slots)
            self.version += 1
            self.upheavals += 1

    def take(self, rows: Sequence[CatalogRow], reader: Reader, *, derived: bool) -> None:
        """Take in new and changed versions, in order of ``row``."""
        known = len(self.catalog)
        slots = self.catalog.upsert(rows)
        fresh = [row for row, slot in zip(rows, slots, strict=True) if slot >= known]
        self.lexical.add([terms(indexed_text(row)) for row in fresh])
        columns = self.catalog.columns
        self.lexical.set_alive(slots, columns["active"][slots])  # former versions too: ``as_of`` finds them by words
        if derived and fresh:
            spans = reader.spans([row.row for row in fresh])
            self.spans.extend(np.array([tuple(span) for span in spans.tolist()], dtype=SPAN))
        self.version += 1
        self.upheavals += len(fresh) < len(rows)


def indexed_text(row: CatalogRow) -> str:
    """What of a memory is searched by words."""
    return f"{row.title} {row.text}" if row.title else row.text
