"""``retrieve`` and ``context``: from a query to the memories that answer it.

The way of a query: catch up with the journal → analyse the query → candidates by words and by vectors → signals →
one score → the best, read from the database (which enforces the scope once more) → hits with sources and reasons.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agentmem.clock import to_micros
from agentmem.engine import embed_worker
from agentmem.engine.filters import Filters, mask, matches
from agentmem.engine.follow import Mirror
from agentmem.engine.parts import Parts
from agentmem.errors import EmbedderError, InvalidInput, StoreBusy, StoreFull, StoreReadOnly
from agentmem.protocols import BoolArray, FloatArray, IntArray, Reader, Space
from agentmem.retrieval.context import ContextBlock, line, render
from agentmem.retrieval.explain import reasons
from agentmem.retrieval.fuse import fuse
from agentmem.retrieval.pack import pack
from agentmem.retrieval.query import Query, analyse
from agentmem.retrieval.scene import Scene
from agentmem.retrieval.signals import CANDIDATES, candidates, measure
from agentmem.types import Hit, Memory, Scope

logger = logging.getLogger(__name__)

_SPARE = 8
"""Candidates read beyond ``k`` with ``as_of``, where several versions of a memory may have been true at a moment."""


@dataclass(frozen=True, slots=True)
class Request:
    """What ``retrieve`` was asked."""

    query: str
    k: int
    filters: Filters
    tokens: int | None = None
    explain: bool = False

    def checked(self) -> Request:
        """The same with filters in UTC.

        Raises:
            InvalidInput: an empty query, ``k`` or ``tokens`` below 1.
        """
        if not isinstance(self.query, str) or not self.query.strip():
            raise InvalidInput("The query is empty: ask something.")
        if self.k < 1:
            raise InvalidInput(f"k must be at least 1, not {self.k}.")
        if self.tokens is not None and self.tokens < 1:
            raise InvalidInput(f"tokens must be at least 1, not {self.tokens}.")
        return Request(self.query, self.k, self.filters.checked(), self.tokens, self.explain)


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate: a memory version's row, its score, and the signals behind it."""

    row: int
    score: float
    signals: Mapping[str, float]


def retrieve(parts: Parts, scopes: Sequence[Scope], request: Request) -> list[Hit]:
    """The best hits of all scopes, best first."""
    request = request.checked()
    found = [hit for scope in scopes for hit in _in_scope(parts, scope, request)]
    found.sort(key=lambda hit: -hit.score)
    if request.tokens is not None:
        found = pack(found, lambda hit: parts.count_tokens(line(hit) + "\n"), request.tokens)
    return found[: request.k]


def context(parts: Parts, scopes: Sequence[Scope], request: Request, tokens: int) -> ContextBlock:
    """The best hits that fit into a block for a prompt."""
    if tokens < 1:
        raise InvalidInput(f"tokens must be at least 1, not {tokens}.")
    return render(retrieve(parts, scopes, request), tokens, parts.count_tokens)


def _in_scope(parts: Parts, scope: Scope, request: Request) -> list[Hit]:
    with parts.store.read(scope) as reader:
        head = reader.head()
        if _is_embedded(parts, reader, head):
            return _search(parts, scope, reader, head, request)
    caught = _catch_up(parts, scope)
    with parts.store.read(scope) as reader:
        if caught.upto is not None:
            parts.followers.mirror(reader.scope_id).embedded = caught.upto
        return _search(parts, scope, reader, reader.head(), request)


def _catch_up(parts: Parts, scope: Scope) -> embed_worker.Caught:
    """Make the vectors that are missing; where nothing can be written now, reading goes on without them."""
    try:
        return embed_worker.catch_up(parts, scope)
    except (StoreReadOnly, StoreFull, StoreBusy) as error:
        logger.warning("vectors of scope %s are pending: %s", scope.path, error)
        return embed_worker.Caught(None)


def _is_embedded(parts: Parts, reader: Reader, head: int) -> bool:
    """Whether nothing was written since every memory of the scope was seen to have its vectors."""
    if parts.embedder is None or not reader.scope_id:
        return True
    return parts.followers.mirror(reader.scope_id).embedded == head


def _search(parts: Parts, scope: Scope, reader: Reader, head: int, request: Request) -> list[Hit]:
    if not reader.scope_id:
        return []
    mirror = parts.followers.mirror(reader.scope_id)
    with mirror.lock:
        mirror.follow(reader, head)
        if parts.model is not None:
            parts.followers.follow_vectors(reader, mirror, head, parts.model)
        scored = _rank(parts, reader, mirror, request)
    memories = reader.hydrate([candidate.row for candidate in scored])
    return _hits(scope, scored, memories, request)


def _rank(parts: Parts, reader: Reader, mirror: Mirror, request: Request) -> list[Scored]:
    scene = _scene(parts, reader, mirror, request)
    slots = candidates(scene)
    if not len(slots):
        return []
    signals = measure(scene, slots)
    scores = fuse(signals, scene.columns["spoken"][slots])
    wanted = request.k if request.filters.as_of is None else request.k + _SPARE
    best = np.lexsort((slots, -scores))[:wanted]
    return [
        Scored(
            row=int(scene.columns["row"][slots[place]]),
            score=float(scores[place]),
            signals={name: float(values[place]) for name, values in signals.items()},
        )
        for place in best
    ]


def _scene(parts: Parts, reader: Reader, mirror: Mirror, request: Request) -> Scene:
    catalog = mirror.catalog
    columns = catalog.columns
    query = analyse(request.query, catalog.speakers.values, parts.clock())
    passing = mask(catalog, request.filters, to_micros(parts.clock()))
    if request.filters.where:
        passing &= _where(reader, columns["row"], passing, request.filters.where)
    dense = DenseScores(parts, reader, columns["row"], passing, query)
    return Scene(
        query=query,
        columns=columns,
        lexical=mirror.lexical,
        around=mirror.surroundings(),
        passing=passing,
        assistant_role=catalog.roles.find("assistant"),
        dense=dense.by_view,
        complete=dense.complete,
    )


def _where(reader: Reader, rows: IntArray, passing: BoolArray, where: Mapping[str, object]) -> BoolArray:
    metadata = reader.metadata_of()
    kept = [passes and matches(metadata.get(int(row), {}), where) for row, passes in zip(rows, passing, strict=True)]
    return np.array(kept, dtype=np.bool_)


class DenseScores:
    """Cosines of the query with the memories, by view and slot; NaN where not known (yet).

    An index that can tell all scores at once is asked for all; of another, the best are asked, and what else is needed
    is computed from the stored vectors.
    """

    def __init__(self, parts: Parts, reader: Reader, rows: IntArray, passing: BoolArray, query: Query) -> None:
        self._reader = reader
        self._rows = rows
        self._model = parts.model
        self._vector: FloatArray | None = None
        self.by_view: dict[str, FloatArray] = {}
        if parts.embedder is None or not len(rows):
            return
        try:
            self._vector = embed_worker.embed_query(parts.embedder, query.spoken)
        except EmbedderError as error:
            logger.warning("searching by words only: %s", error)
            return
        rows = np.ascontiguousarray(rows)
        for view in parts.views:
            space = Space(reader.scope_id, view)
            scores = parts.followers.index.scores(space, self._vector, rows)
            if scores is None:
                best = parts.followers.index.search(space, self._vector, CANDIDATES, rows[passing])
                scores = np.full(len(rows), np.nan, dtype=np.float32)
                scores[np.searchsorted(rows, best.rows)] = best.scores
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


def _hits(scope: Scope, scored: Sequence[Scored], memories: Mapping[int, Memory], request: Request) -> list[Hit]:
    hits: list[Hit] = []
    seen: set[str] = set()
    for candidate in scored:
        memory = memories.get(candidate.row)
        if memory is None or memory.id in seen:  # forgotten just now, or an older version of one that is there
            continue
        seen.add(memory.id)
        hits.append(
            Hit(
                id=memory.id,
                text=memory.text,
                score=candidate.score,
                kind=memory.kind,
                at=memory.at,
                sources=memory.sources,
                signals=candidate.signals,
                version=memory.version,
                session=memory.session,
                speaker=memory.speaker,
                role=memory.role,
                title=memory.title,
                metadata=memory.metadata,
                scope=scope,
                reasons=reasons(candidate.signals, memory) if request.explain else (),
            )
        )
    return hits[: request.k] if request.tokens is None else hits
