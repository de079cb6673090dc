"""The edges of a scope in memory, by kind, kept while a recipe asks for them and none is drawn or removed.

Reading edges takes longer than any walk over them. They change when something is built, linked, undone or forgotten,
and not when a text is added, so between two questions of a conversation they are mostly as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agentmem.protocols import Reader
from agentmem.types import Edge


@dataclass(slots=True)
class EdgeMirror:
    """See the module's docstring."""

    _position: int = 0
    _by_kind: dict[str, Sequence[Edge]] = field(default_factory=dict)

    def of(self, kind: str, reader: Reader) -> Sequence[Edge]:
        """All edges of a kind, oldest first."""
        head = reader.head()
        if reader.relinked(self._position):
            self._by_kind.clear()
        self._position = head
        if kind not in self._by_kind:
            self._by_kind[kind] = reader.edges_of(kind)
        return self._by_kind[kind]
