"""Tree nodes as memories: making them, drawing their edges, and reading back those that are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agentmem.ids import EDGE, MEMORY, new_id
from agentmem.kinds import SUMMARISES
from agentmem.operations import Link, Unlink
from agentmem.structures.derived import first_expiry
from agentmem.structures.structure import View
from agentmem.types import Edge, Memory

Members = Mapping[str, Memory]
"""Memories by id."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """The inner nodes of one kind that are there.

    Attributes:
        memories: by id, oldest first.
        children: by id, the ids an edge leads to from it, whether or not there still is such a memory; without
            repetition. A node that lost all its edges has none.
    """

    memories: dict[str, Memory]
    children: dict[str, tuple[str, ...]]

    @classmethod
    def read(cls, view: View, kind: str) -> Nodes:
        """From the store."""
        memories = {memory.id: memory for memory in view.memories(kind)}
        children: dict[str, dict[str, None]] = {id: {} for id in memories}
        if memories:
            for edge in sorted(view.edges(SUMMARISES), key=lambda edge: edge.id):
                if edge.source in children:
                    children[edge.source][edge.target] = None
        return cls(memories, {id: tuple(below) for id, below in children.items()})

    def parents(self) -> dict[str, tuple[str, ...]]:
        """By child, the nodes above it, those drawn first in front."""
        found: dict[str, list[str]] = {}
        for parent, children in self.children.items():
            for child in children:
                found.setdefault(child, []).append(parent)
        return {child: tuple(above) for child, above in found.items()}


def new_node(kind: str, text: str, below: Sequence[Memory], *, metadata: Mapping[str, Any] | None = None) -> Memory:
    """A node over these memories. It dates from the latest of them; what they share of session and title is its own.

    It names no sources: what it was made of is found through its edges.
    """
    at = max(memory.at for memory in below)
    return Memory(
        id=new_id(MEMORY),
        version=1,
        kind=kind,
        text=text,
        at=at,
        valid_from=at,
        valid_to=None,
        recorded_at=at,
        session=_shared(memory.session for memory in below),
        title=_shared(memory.title for memory in below),
        metadata=metadata or {},
        expires_at=first_expiry(below),
    )


def next_version(memory: Memory, text: str, added: Sequence[Memory]) -> Memory:
    """The node's next version, for which these memories were added below it."""
    at = max(memory.at, *(other.at for other in added))
    session = _shared([memory.session, *(other.session for other in added)])
    title = _shared([memory.title, *(other.title for other in added)])
    version = memory.version + 1
    expires_at = first_expiry((memory, *added))
    return replace(
        memory,
        version=version,
        text=text,
        at=at,
        valid_from=at,
        session=session,
        title=title,
        expires_at=expires_at,
    )


def link(parent: str, child: str) -> Link:
    """Draw the edge from a node to a child."""
    return Link(_edge(parent, child))


def unlink(parent: str, child: str) -> Unlink:
    """Remove it. Kind, source and target name an edge, so that the id does not matter."""
    return Unlink(_edge(parent, child))


def told(memory: Memory) -> str:
    """The text with who said it, as summaries are made of it."""
    return f"{memory.speaker}: {memory.text}" if memory.speaker else memory.text


def _edge(parent: str, child: str) -> Edge:
    return Edge(new_id(EDGE), SUMMARISES, parent, child)


def _shared(values: Iterable[str | None]) -> str | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None
