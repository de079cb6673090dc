"""Cosines of a query with the memories of a scope, from whatever index there is."""

from __future__ import annotations

import logging

import numpy as np

from agentmem.engine import embed_worker
from agentmem.engine.parts import Parts
from agentmem.errors import EmbedderError, IndexFailure
from agentmem.protocols import BoolArray, FloatArray, IntArray, Reader, Space
from agentmem.structures.views import view_of

logger = logging.getLogger(__name__)


def query_vector(parts: Parts, text: str) -> FloatArray | None:
    """The query's vector; ``None`` when there is no model, or it failed (then retrieval goes by words, and says so).

    A model that has just failed is not asked: it may take long to fail again.
    """
    if parts.embedder is None:
        return None
    if parts.outage.lasts(parts.clock()):
        logger.info("searching by words only: the embedder failed, and is asked again later")
        return None
    try:
        with parts.outage.watched(parts.clock):
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


def layer_cosines(parts: Parts, reader: Reader, layer: str, rows: IntArray, vector: FloatArray | None) -> FloatArray:
    """Cosines of a query with all memories of a layer, in the order of ``rows`` (ascending); NaN where not known.

    Of an index that cannot tell all scores, only the best are known.
    """
    unknown = np.full(len(rows), np.nan, dtype=np.float32)
    if vector is None or not len(rows):
        return unknown
    index, space = parts.followers.index, Space(reader.scope_id, view_of(layer))
    try:
        scores = index.scores(space, vector, rows)
        if scores is None:
            best = index.search(space, vector, parts.retrieval.candidates)
            places = np.searchsorted(rows, best.rows)
            known = (places < len(rows)) & (rows[np.minimum(places, len(rows) - 1)] == best.rows)
            scores = unknown
            scores[places[known]] = best.scores[known]
    except IndexFailure as error:
        logger.warning("searching without the vector index: %s", error)
        return unknown
    return np.asarray(2.0 * scores - 1.0, dtype=np.float32)


def stored_vectors(parts: Parts, reader: Reader, layer: str, rows: IntArray) -> FloatArray:
    """The vectors of these rows by which their layer is searched, zeros where there is none."""
    if parts.embedder is None or parts.model is None:
        return np.zeros((len(rows), 0), dtype=np.float32)
    found = np.zeros((len(rows), parts.embedder.dimension), dtype=np.float32)
    order = np.argsort(rows)
    stored = reader.vectors_of(parts.model, view_of(layer), rows[order])
    if len(stored.rows):
        found[order[np.searchsorted(rows[order], stored.rows)]] = stored.vectors
    return found
