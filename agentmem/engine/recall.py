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
from agentmem.engine.dense import DenseScores, query_vector
from agentmem.engine.filters import Filters, mask, matches
from agentmem.engine.follow import Mirror
from agentmem.engine.parts import Parts
from agentmem.errors import IndexFailure, InvalidInput, StoreBusy, StoreFull, StoreReadOnly
from agentmem.protocols import BoolArray, FloatArray, IntArray, Reader
from agentmem.retrieval.context import ContextBlock, line, render
from agentmem.retrieval.diversify import diversify
from agentmem.retrieval.explain import reasons
from agentmem.retrieval.fuse import fuse
from agentmem.retrieval.pack import pack
from agentmem.retrieval.query import Query, analyse
from agentmem.retrieval.scene import Scene
from agentmem.retrieval.signals import candidates, expand, measure
from agentmem.types import Hit, Memory, Scope, State

logger = logging.getLogger(__name__)

_SPARE = 8
"""Candidates read beyond ``k`` with ``as_of``, where several versions of a memory may have been true at a moment."""
_POOL = 4
"""How many candidates diversification may choose from, for each hit wanted."""


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
    if len(scopes) > 1:
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
    mirror = _prepare(parts, scope)
    if mirror is None:
        return []
    query = analyse(request.query, tuple(mirror.catalog.speakers.values), parts.clock())
    vector = query_vector(parts, query.spoken if parts.retrieval.first_person else query.text)
    # The snapshot is taken under the lock, so that none is older than what another thread has put into the mirror.
    with mirror.lock, parts.store.read(scope) as reader:
        _follow(parts, reader, mirror)
        scored = _rank(parts, reader, mirror, request, query, vector)
        memories = reader.hydrate([candidate.row for candidate in scored])
        if request.filters.as_of is not None:  # a former version of what was retired since stays out
            active = reader.present([memory.id for memory in memories.values()], state=State.ACTIVE)
            memories = {row: memory for row, memory in memories.items() if memory.id in active}
    return _hits(scope, scored, memories, request)


def _prepare(parts: Parts, scope: Scope) -> Mirror | None:
    """Catch up with the journal, finish embedding what was left undone; returns the mirror, ``None`` of an empty scope.

    It comes before the query is embedded, so that no model runs while a snapshot or a lock is held.
    """
    with parts.store.read(scope) as reader:
        if not reader.scope_id:
            return None
        mirror, head = parts.followers.mirror(reader.scope_id), reader.head()
        embedded = parts.embedder is None or mirror.embedded == head
    if not embedded:
        caught = _catch_up(parts, scope)
        if caught.upto is not None:
            mirror.embedded = caught.upto
    if mirror.position != head:
        with mirror.lock, parts.store.read(scope) as reader:
            _follow(parts, reader, mirror)
    return mirror


def _catch_up(parts: Parts, scope: Scope) -> embed_worker.Caught:
    """Make the vectors that are missing; where nothing can be written now, reading goes on without them."""
    try:
        return embed_worker.catch_up(parts, scope)
    except (StoreReadOnly, StoreFull, StoreBusy) as error:
        logger.warning("vectors of scope %s are pending: %s", scope.path, error)
        return embed_worker.Caught(None)


def _follow(parts: Parts, reader: Reader, mirror: Mirror) -> None:
    head = reader.head()
    mirror.follow(reader, head)
    if parts.model is not None:
        try:
            parts.followers.follow_vectors(reader, mirror, head, parts.model)
        except IndexFailure as error:  # the stored vectors still serve what words find
            logger.warning("the vector index does not answer: %s", error)


def _rank(
    parts: Parts, reader: Reader, mirror: Mirror, request: Request, query: Query, vector: FloatArray | None
) -> list[Scored]:
    settings = parts.retrieval
    scene, dense = _scene(parts, reader, mirror, request, query, vector)
    slots = candidates(scene, settings.candidates)
    if settings.expand:
        slots = expand(scene, slots)
    if not len(slots):
        return []
    signals = measure(scene, slots)
    scores = fuse(signals, scene.columns["spoken"][slots], settings.without)
    best = np.lexsort((slots, -scores))
    wanted = request.k if request.filters.as_of is None else request.k + _SPARE
    if settings.diversity:
        best = best[: wanted * _POOL]
        vectors = dense.vectors(slots[best])
        if vectors is not None:
            best = best[diversify(scores[best], vectors, wanted, settings.diversity)]
    return [
        Scored(
            row=int(scene.columns["row"][slots[place]]),
            score=float(scores[place]),
            signals={name: float(values[place]) for name, values in signals.items()},
        )
        for place in best[:wanted]
    ]


def _scene(
    parts: Parts, reader: Reader, mirror: Mirror, request: Request, query: Query, vector: FloatArray | None
) -> tuple[Scene, DenseScores]:
    catalog = mirror.catalog
    columns = catalog.columns
    around = mirror.surroundings()
    passing = mask(catalog, around, request.filters, to_micros(parts.clock()))
    if request.filters.where:
        passing &= _where(reader, around.rows, passing, request.filters.where)
    dense = DenseScores(parts, reader, around.rows, passing, vector)
    scene = Scene(
        query=query,
        columns=columns,
        lexical=mirror.lexical,
        around=around,
        passing=passing,
        assistant_role=catalog.roles.find("assistant"),
        dense=dense.by_view,
        complete=dense.complete,
    )
    return scene, dense


def _where(reader: Reader, rows: IntArray, passing: BoolArray, where: Mapping[str, object]) -> BoolArray:
    metadata = reader.metadata_of()
    kept = [passes and matches(metadata.get(int(row), {}), where) for row, passes in zip(rows, passing, strict=True)]
    return np.array(kept, dtype=np.bool_)


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
