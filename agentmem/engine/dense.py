"""Cosines of a query with the memories of a scope, from whatever index there is."""

from __future__ import annotations

import logging

import numpy as np

from agentmem.engine import embed_worker
from agentmem.engine.parts import Parts
from agentmem.errors import EmbedderError, IndexFailure
from agentmem.protocols import BoolArray, FloatArray, IntArray, Reader, Space
from agentmem.structures.views import BARE

logger = logging.getLogger(__name__)


def query_vector(parts: Parts, text: str) -> FloatArray | None:
    """The query's vector; ``None`` when there is no model, or it failed (then retrieval goes by words, and says so)."""
    if parts.embedder is None:
        return None
    try:
        return embed_worker.embed_query(parts.embedder, text)
    except EmbedderError as error:
        logger.warning("searching by words only: %s", error)
        return None


class DenseScores:
    """Cosines by view and slot; NaN where not known (yet).

    An index that can tell all scores at once is asked for all; of another, the best are asked, and what else is needed
    is computed from the stored vectors.

    Args:
        parts: gives the index and the views.
        reader: gives the stored vectors.
        rows: the rows of all slots, ascending.
        passing: which slots may be found.
        vector: the query's; ``None`` leaves everything unknown.
    """

    def __init__(
        self, parts: Parts, reader: Reader, rows: IntArray, passing: BoolArray, vector: FloatArray | None
    ) -> None:
        self._reader = reader
        self._rows = rows
        self._model = parts.model
        self._vector = vector
        self.by_view: dict[str, FloatArray] = {}
        if vector is None or not len(rows):
            return
        index = parts.followers.index
        for view in parts.views:
            space = Space(reader.scope_id, view)
            try:
                scores = index.scores(space, vector, self._rows)
                if scores is None:
                    best = index.search(space, vector, parts.retrieval.candidates, self._rows[passing])
                    scores = np.full(len(rows), np.nan, dtype=np.float32)
                    scores[np.searchsorted(self._rows, best.rows)] = best.scores
            except IndexFailure as error:  # candidates come from words; their cosines from the database
                logger.warning("searching without the vector index: %s", error)
                scores = np.full(len(rows), np.nan, dtype=np.float32)
            self.by_view[view] = 2.0 * scores - 1.0

    def complete(self, slots: IntArray) -> None:
        """Fill in the cosines of these slots."""
        if self._vector is None or self._model is None:
            return
        for view, cosines in self.by_view.items():
            missing = slots[np.isnan(cosines[slots])]
            if len(missing):
                stored = self._reader.vectors_of(self._model, view, self._rows[missing])
                if len(stored.rows):
                    cosines[np.searchsorted(self._rows, stored.rows)] = stored.vectors @ self._vector

    def vectors(self, slots: IntArray) -> FloatArray | None:
        """The bare vectors of these slots, zeros where there is none; ``None`` without a query vector."""
        if self._vector is None or self._model is None:
            return None
        rows = self._rows[slots]
        order = np.argsort(rows)
        stored = self._reader.vectors_of(self._model, BARE, rows[order])
        found = np.zeros((len(slots), len(self._vector)), dtype=np.float32)
        found[order[np.searchsorted(rows[order], stored.rows)]] = stored.vectors
        return found
