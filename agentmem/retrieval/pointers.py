"""From derived memories to the texts they were made from: a fact that is found counts for its turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentmem.index.catalog import NONE, Catalog
from agentmem.protocols import FloatArray, IntArray

_SPAN_BITS = 32


@dataclass(frozen=True, slots=True)
class Pointers:
    """Pairs of slots: the derived memory ``derived[i]`` comes from the text ``texts[i]``; shape ``(m,)`` each."""

    derived: IntArray
    texts: IntArray

    @classmethod
    def between(cls, catalog: Catalog, spans: NDArray[np.void], texts: Catalog) -> Pointers:
        """Every live derived memory with every current text that one of its source spans touches.

        ``spans`` has the fields ``row`` (of the derived memory), ``episode``, ``start`` and ``end``.
        """
        columns = texts.columns
        # Texts that are out of use count too: each keeps its stretch, or what comes from it would point beside it.
        keys = _key(columns["position"], columns["start"])
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        slots = catalog.slots(spans["row"])
        alive = slots != NONE
        alive[alive] &= catalog.columns["alive"][slots[alive]]
        spans, slots = spans[alive], slots[alive]
        # The first text that can touch a span is the last one that starts at or before it, in any of its versions.
        first = np.maximum(np.searchsorted(keys, _key(spans["episode"], spans["start"]), side="right") - 1, 0)
        if len(keys):
            first = np.searchsorted(keys, keys[first], side="left")
        last = np.searchsorted(keys, _key(spans["episode"], np.maximum(spans["end"], spans["start"] + 1)), side="left")
        counts = np.maximum(last - first, 0)
        pairs = np.repeat(np.arange(len(spans)), counts)
        offsets = np.arange(len(pairs)) - np.repeat(np.cumsum(counts) - counts, counts)
        found = first[pairs] + offsets
        same = keys[found] >> _SPAN_BITS == spans["episode"][pairs]
        derived, found = slots[pairs[same]], order[found[same]]
        in_use = columns["current"][found] & columns["active"][found]
        return cls(derived[in_use], found[in_use])

    def best(self, scores: FloatArray, texts: int, nothing: float = 0.0) -> FloatArray:
        """For each of so many texts, the best score of the derived memories that point to it; shape ``(texts,)``."""
        found = np.full(texts, nothing, dtype=np.float32)
        np.maximum.at(found, self.texts, scores[self.derived])
        return found

    def of(self, derived: IntArray) -> IntArray:
        """The texts of these derived memories, each once, ascending."""
        return np.unique(self.texts[np.isin(self.derived, derived)])


def _key(episode: NDArray[Any], start: NDArray[Any]) -> IntArray:
    """Orders places by episode, then by offset in it."""
    return np.asarray((episode.astype(np.int64) << _SPAN_BITS) + start, dtype=np.int64)
