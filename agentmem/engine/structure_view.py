"""What structures see of a scope: read when asked for, each time from a short snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from agentmem.engine.dense import stored_vectors
from agentmem.engine.parts import Parts
from agentmem.kinds import layer_of
from agentmem.protocols import FloatArray
from agentmem.types import Edge, Memory, Scope


class StoredView:
    """See :class:`agentmem.structures.structure.View`."""

    def __init__(self, parts: Parts, scope: Scope, kept: dict[str, Any]) -> None:
        self._parts = parts
        self._scope = scope
        self._kept = kept
        self._rows: dict[str, int] = {}

    @property
    def kept(self) -> dict[str, Any]:
        """See :class:`agentmem.structures.structure.View`."""
        return self._kept

    def memories(self, kind: str) -> Sequence[Memory]:
        """See :class:`agentmem.structures.structure.View`."""
        with self._parts.store.read(self._scope) as reader:
            found = reader.current(kind)
        self._rows.update((memory.id, row) for row, memory in found)
        return [memory for _row, memory in found]

    def with_sources(self, memories: Sequence[Memory]) -> Sequence[Memory]:
        """See :class:`agentmem.structures.structure.View`."""
        bare = [memory.id for memory in memories if not memory.sources]
        if not bare:
            return memories
        with self._parts.store.read(self._scope) as reader:
            whole = {memory.id: memory for memory in reader.hydrate(list(reader.rows_of(bare).values())).values()}
        return [_sourced(memory, whole.get(memory.id)) for memory in memories]

    def edges(self, kind: str) -> Sequence[Edge]:
        """See :class:`agentmem.structures.structure.View`."""
        with self._parts.store.read(self._scope) as reader:
            return reader.edges_of(kind)

    def vectors(self, memories: Sequence[Memory]) -> FloatArray:
        """See :class:`agentmem.structures.structure.View`."""
        embedder = self._parts.embedder
        found = np.zeros((len(memories), 0 if embedder is None else embedder.dimension), dtype=np.float32)
        if embedder is None or not memories:
            return found
        with self._parts.store.read(self._scope) as reader:
            missing = [memory.id for memory in memories if memory.id not in self._rows]
            self._rows.update(reader.rows_of(missing))
            by_layer: dict[str, list[int]] = {}
            for place, memory in enumerate(memories):
                if memory.id in self._rows:
                    by_layer.setdefault(layer_of(memory.kind), []).append(place)
            for layer, places in by_layer.items():
                rows = np.array([self._rows[memories[place].id] for place in places], dtype=np.int64)
                found[places] = stored_vectors(self._parts, reader, layer, rows)
        return found


def _sourced(memory: Memory, whole: Memory | None) -> Memory:
    if memory.sources or whole is None:
        return memory
    return replace(memory, sources=tuple(source for source in whole.sources if not source.inherited))
