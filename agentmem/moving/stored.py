"""What of the items to move in a scope holds already, and what was forgotten in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentmem.client import AgentMemory
from agentmem.protocols import StoredEpisode
from agentmem.types import Scope


@dataclass(frozen=True, slots=True)
class Stored:
    """By ref: the episodes that are there, and the refs that were forgotten."""

    episodes: Mapping[str, StoredEpisode] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()


def stored(store: AgentMemory, scope: Scope, refs: Sequence[str]) -> Stored:
    """What a scope knows of these refs. Nothing is written, nor is the scope created if it is not there."""
    if scope not in store.scopes():
        return Stored()
    with store.parts.store.write(scope) as writer:  # only where it is written, tombstones can be asked for
        return Stored(writer.find_refs(refs), frozenset(writer.tombstoned(refs)))
