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
    """

    name: str
    columns: NDArray[np.void]
    passing: BoolArray
    cosines: FloatArray
    bm25: FloatArray
    pointers: Pointers

    def known(self) -> FloatArray:
        """The cosines of what may be returned, minus infinity elsewhere."""
        usable = self.passing & ~np.isnan(self.cosines)
        return np.where(usable, self.cosines, np.float32(-np.inf)).astype(np.float32)
