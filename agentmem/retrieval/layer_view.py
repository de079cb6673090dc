"""One layer of a scope as a query sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentmem.protocols import BoolArray, FloatArray
from agentmem.retrieval.pointers import Pointers


@dataclass(frozen=True, slots=True)
class LayerView:
    """One layer at one moment.

    Attributes:
        name: the layer's.
        columns: the catalog, shape ``(n,)``.
        passing: which slots may be returned.
        cosines: with the query, shape ``(n,)``; NaN where not known.
        bm25: with the query's words, shape ``(n,)``.
        pointers: to the texts' slots.
        returnable: which slots may be hits themselves, shape ``(n,)``; ``None``: all that are passing. A fact may
            count for its turn where facts are not asked for.
    """

    name: str
    columns: NDArray[np.void]
    passing: BoolArray
    cosines: FloatArray
    bm25: FloatArray
    pointers: Pointers
    returnable: BoolArray | None = None

    @property
    def open(self) -> BoolArray:
        """Which slots may be hits themselves."""
        return self.passing if self.returnable is None else self.returnable

    def known(self) -> FloatArray:
        """The cosines of what may be returned, minus infinity elsewhere."""
        usable = self.passing & ~np.isnan(self.cosines)
        return np.where(usable, self.cosines, np.float32(-np.inf)).astype(np.float32)

    def dense(self) -> FloatArray:
        """The cosines, 0 where no vector is known: what a hit's signal ``dense`` says."""
        return np.nan_to_num(self.cosines, nan=0.0).astype(np.float32)


def similarity(view: LayerView) -> FloatArray:
    """How like the query each memory of a layer is, in [0, 1]: by vector; by words where no vector is known at all."""
    if len(view.cosines) and np.isnan(view.cosines).all():
        return np.asarray(view.bm25 / max(float(view.bm25.max(initial=0.0)), 1e-9), dtype=np.float32)
    return np.asarray((1.0 + np.nan_to_num(view.cosines, nan=-1.0)) / 2.0, dtype=np.float32)
