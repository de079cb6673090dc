"""One question put to one scope: looks at the present moment, each a snapshot under the mirror's lock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar

import numpy as np

from agentmem.clock import to_micros
from agentmem.engine import embed_worker
from agentmem.engine.dense import DenseScores, layer_cosines, query_vector, stored_vectors
from agentmem.engine.filters import Filters, mask, matches
from agentmem.engine.follow import Mirror
from agentmem.engine.layers import Layer
from agentmem.engine.parts import Parts
from agentmem.errors import IndexFailure, StoreBusy, StoreFull, StoreReadOnly
from agentmem.index.graph.memory_graph import MemoryGraph
from agentmem.index.lexical import WeightedTerms
from agentmem.index.substrings import SubstringIndex
from agentmem.kinds import TEXT, TRIPLE, layer_of
from agentmem.llm import LLM
from agentmem.protocols import BoolArray, FloatArray, IntArray, Reader
from agentmem.retrieval.graph import walk
from agentmem.retrieval.layer_view import LayerView, similarity
from agentmem.retrieval.query import Query, analyse
from agentmem.retrieval.scene import Scene
from agentmem.retrieval.search import Found, Moment, Scored, Triples
from agentmem.retrieval.settings import Retrieval
from agentmem.structures.views import view_of
from agentmem.types import Edge, Scope, State

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
_FEW = 1_000
"""How many cosines are computed one by one where a vector index tells only the best."""


@dataclass(frozen=True, slots=True)
class ScopeSearch:
    """See :class:`agentmem.retrieval.search.Search`."""

    parts: Parts
    scope: Scope
    text: str
    filters: Filters
    layers: frozenset[str]
    """The derived layers whose findings count for the texts they come from."""
    llm: LLM | None = None

    @property
    def count_tokens(self) -> Callable[[str], int]:
        """See :class:`agentmem.retrieval.search.Search`."""
        return self.parts.count_tokens

    @property
    def now(self) -> datetime:
        """See :class:`agentmem.retrieval.search.Search`."""
        return self.parts.clock()

    def embed(self, texts: Sequence[str]) -> FloatArray | None:
        """See :class:`agentmem.retrieval.search.Search`."""
        vectors = [query_vector(self.parts, text) for text in texts]
        known = [vector for vector in vectors if vector is not None]
        return np.stack(known) if known and len(known) == len(vectors) else None

    def look(
        self,
        see: Callable[[Moment], _T],
        text: str | None = None,
        vector: FloatArray | None = None,
        words: Mapping[str, float] | None = None,
    ) -> _T:
        """See :class:`agentmem.retrieval.search.Search`."""
        parts, asked = self.parts, self.text if text is None else text
        embedded: dict[str, FloatArray | None] = {}
        mirror, prepared = parts.followers.seen(self.scope), False
        while True:
            if mirror is None:
                mirror, prepared = self._prepare(), True
            query = analyse(asked, tuple(mirror.texts.catalog.speakers.values), parts.clock())
            if words is not None:
                query = replace(query, terms=WeightedTerms(words))
            spoken = query.spoken if parts.retrieval.first_person else query.text
            if vector is None and spoken not in embedded:
                embedded[spoken] = query_vector(parts, spoken)
            found = embedded[spoken] if vector is None else vector
            # The snapshot is taken under the lock, so that none is older than what another thread put into the mirror.
            with mirror.lock, parts.store.read(self.scope) as reader:
                if prepared or self._is_abreast(mirror, reader):
                    follow(parts, reader, mirror)
                    return see(ScopeMoment(parts, reader, mirror, self.filters, query, found, self.layers))
            mirror = None

    def _is_abreast(self, mirror: Mirror, reader: Reader) -> bool:
        """Whether nothing was written since the mirror was last seen: nothing to catch up with, nothing to embed."""
        head = reader.head()
        embedded = self.parts.embedder is None or mirror.embedded == head
        return mirror.position == head and embedded and self.parts.followers.mirror(reader.scope_id) is mirror

    def _prepare(self) -> Mirror:
        """Catch up with the journal, and finish embedding what was left undone.

        It comes before the query is embedded, so that no model runs while a snapshot or a lock is held.
        """
        parts = self.parts
        with parts.store.read(self.scope) as reader:
            if not reader.scope_id:
                return Mirror()
            mirror, head = parts.followers.mirror(reader.scope_id, self.scope), reader.head()
            embedded = parts.embedder is None or mirror.embedded == head
        if not embedded:
            caught = _catch_up(parts, self.scope)
            if caught.upto is not None:
                mirror.embedded = caught.upto
        if mirror.position != head:
            with mirror.lock, parts.store.read(self.scope) as reader:
                follow(parts, reader, mirror)
        return mirror


def _catch_up(parts: Parts, scope: Scope) -> embed_worker.Caught:
    """Make the vectors that are missing; where nothing can be written now, reading goes on without them."""
    try:
        return embed_worker.catch_up(parts, scope)
    except (StoreReadOnly, StoreFull, StoreBusy) as error:
        logger.warning("vectors of scope %s are pending: %s", scope.path, error)
        return embed_worker.Caught(None)


def follow(parts: Parts, reader: Reader, mirror: Mirror) -> None:
    """Bring the mirror and the vector index up to a snapshot."""
    head = reader.head()
    mirror.follow(reader, head)
    if parts.model is not None:
        try:
            parts.followers.follow_vectors(reader, mirror, head, parts.model)
        except IndexFailure as error:  # the stored vectors still serve what words find
            logger.warning("the vector index does not answer: %s", error)


class ScopeMoment:
    """See :class:`agentmem.retrieval.search.Moment`. Lives as long as the snapshot it looks at."""

    def __init__(
        self,
        parts: Parts,
        reader: Reader,
        mirror: Mirror,
        filters: Filters,
        query: Query,
        vector: FloatArray | None,
        layers: frozenset[str],
    ) -> None:
        self.query = query
        self.vector = vector
        self._parts = parts
        self._reader = reader
        self._mirror = mirror
        self._filters = filters
        self._layers = layers
        self._views: dict[str, LayerView] = {}

    @property
    def settings(self) -> Retrieval:
        """See :class:`agentmem.retrieval.search.Moment`."""
        return self._parts.retrieval

    @cached_property
    def scene(self) -> Scene:
        """See :class:`agentmem.retrieval.search.Moment`."""
        texts = self._mirror.texts
        around, passing = texts.surroundings(), self._passing(texts)
        dense = DenseScores(self._parts, self._reader, around.rows, passing, self.vector)
        return Scene(
            query=self.query,
            columns=texts.catalog.columns,
            lexical=texts.lexical,
            around=around,
            passing=passing,
            assistant_role=texts.catalog.roles.find("assistant"),
            dense=dense.by_view,
            complete=dense.complete,
            above={name: self.layer(name) for name in sorted(self._layers) if name in self._mirror.layers},
            walk=(lambda: walk(self)) if TRIPLE in self._layers and TRIPLE in self._mirror.layers else None,
        )

    def layer(self, name: str) -> LayerView:
        """See :class:`agentmem.retrieval.search.Moment`."""
        if name not in self._views:
            layer, derived = self._mirror.layer(name), name != TEXT
            passing = self._passing(layer, derived=derived)
            narrowed = derived and (self._filters.kinds is not None or self._filters.where)
            self._views[name] = LayerView(
                name=name,
                columns=layer.catalog.columns,
                passing=passing,
                returnable=self._passing(layer) if narrowed else None,
                cosines=self._cosines(name, layer.surroundings().rows, passing),
                bm25=layer.lexical.scores(layer.lexical.find(self.query.terms)),
                pointers=layer.pointers(self._mirror.texts),
            )
        return self._views[name]

    def _cosines(self, name: str, rows: IntArray, passing: BoolArray) -> FloatArray:
        """With the query; what the index did not tell of a narrow selection is computed from the stored vectors."""
        cosines = layer_cosines(self._parts, self._reader, name, rows, self.vector)
        missing = np.flatnonzero(passing & np.isnan(cosines))
        if self.vector is not None and self._parts.model is not None and 0 < len(missing) <= _FEW:
            stored = self._reader.vectors_of(self._parts.model, view_of(name), rows[missing])
            if len(stored.rows):
                cosines = cosines.copy()
                cosines[np.searchsorted(rows, stored.rows)] = stored.vectors @ self.vector
        return cosines

    def graph(self) -> MemoryGraph:
        """See :class:`agentmem.retrieval.search.Moment`."""
        return self._mirror.follow_graph(self._reader, self._parts.model)

    def triples(self) -> Triples:
        """See :class:`agentmem.retrieval.search.Moment`."""
        self.graph()
        view, triples = self.layer(TRIPLE), self._mirror.graph.triples
        slots = np.array([slot for slot in np.flatnonzero(view.passing).tolist() if slot in triples], dtype=np.int64)
        return Triples([triples[slot] for slot in slots.tolist()], similarity(view)[slots])

    def substrings(self) -> SubstringIndex:
        """See :class:`agentmem.retrieval.search.Moment`."""
        return self._mirror.follow_substrings(self._reader)

    def edges(self, kind: str) -> Sequence[Edge]:
        """See :class:`agentmem.retrieval.search.Moment`."""
        return self._mirror.edges.of(kind, self._reader)

    def ids(self, rows: IntArray) -> Sequence[str]:
        """See :class:`agentmem.retrieval.search.Moment`."""
        found = self._reader.named(rows.tolist())
        return [found[row].id if row in found else "" for row in rows.tolist()]

    def texts(self, rows: IntArray) -> Sequence[str]:
        """See :class:`agentmem.retrieval.search.Moment`."""
        found = self._reader.named(rows.tolist())
        return [found[row].text if row in found else "" for row in rows.tolist()]

    def vectors(self, layer: str, slots: IntArray) -> FloatArray:
        """See :class:`agentmem.retrieval.search.Moment`."""
        rows = self._mirror.layer(layer).surroundings().rows[slots]
        return stored_vectors(self._parts, self._reader, layer, rows)

    def hydrate(self, scored: Sequence[Scored]) -> list[Found]:
        """See :class:`agentmem.retrieval.search.Moment`."""
        memories = self._reader.hydrate([candidate.row for candidate in scored])
        if self._filters.as_of is not None and self._believed is None:  # what was retired since stays out
            active = self._reader.present([memory.id for memory in memories.values()], state=State.ACTIVE)
            memories = {row: memory for row, memory in memories.items() if memory.id in active}
        found = [Found(candidate, memories[candidate.row]) for candidate in scored if candidate.row in memories]
        kinds, where = self._filters.kinds, self._filters.where
        return [
            one
            for one in found
            if layer_of(one.memory.kind) == TEXT
            or ((kinds is None or one.memory.kind in kinds) and matches(one.memory.metadata, where))
        ]

    @cached_property
    def _believed(self) -> IntArray | None:
        """The versions that were believed to be true, where that is asked for."""
        known_at = self._filters.known_at
        return None if known_at is None else self._reader.believed(known_at, self._filters.as_of)

    def _passing(self, layer: Layer, *, derived: bool = False) -> BoolArray:
        filters = self._filters.of_place_and_time() if derived else self._filters
        now = to_micros(self._parts.clock())
        passing = mask(layer.catalog, layer.surroundings(), filters, now, self._believed)
        if filters.where:
            passing &= _where(self._reader, layer.surroundings().rows, passing, filters.where)
        return passing


def _where(reader: Reader, rows: IntArray, passing: BoolArray, where: Mapping[str, object]) -> BoolArray:
    metadata = reader.metadata_of()
    kept = [passes and matches(metadata.get(int(row), {}), where) for row, passes in zip(rows, passing, strict=True)]
    return np.array(kept, dtype=np.bool_)
