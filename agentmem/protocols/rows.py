"""What a store hands out besides the values that users see: rows of its tables, in the form that is worked on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from agentmem.protocols.arrays import FloatArray, IntArray


class CatalogRow(NamedTuple):
    """One memory version as followers read it: its text and everything that filters and cues look at.

    Times are microseconds since 1970 (UTC), as stored.
    """

    row: int
    seq: int
    id: str
    kind: str
    text: str
    title: str | None
    session: str | None
    speaker: str | None
    role: str | None
    at: int
    valid_from: int
    valid_to: int | None
    superseded_at: int | None
    state: str
    expires_at: int | None
    position: int
    start: int
    pinned: bool


@dataclass(frozen=True, slots=True)
class VectorBatch:
    """Stored vectors of one view: ``rows`` shape ``(n,)``, ``vectors`` shape ``(n, dimension)``."""

    view: str
    rows: IntArray
    vectors: FloatArray


class Named(NamedTuple):
    """A memory version in short."""

    id: str
    text: str


class StandingRow(NamedTuple):
    """How a memory stands, as forgetting sees it. Times are microseconds since 1970 (UTC), as stored.

    ``size`` is the text's length in bytes; ``reinforcements``, how many repetitions were merged into it.
    """

    row: int
    id: str
    version: int
    kind: str
    at: int
    recorded_at: int
    used_at: int | None
    uses: int
    strength: float
    pinned: bool
    expires_at: int | None
    retired_at: int | None
    size: int
    reinforcements: int


@dataclass(frozen=True, slots=True)
class StoredEpisode:
    """An episode found under its ``ref``: its content's digest and the memories derived from it.

    ``taken_back`` are those of them that are retired because the run that added them was undone.
    """

    id: str
    digest: bytes
    memories: tuple[str, ...]
    taken_back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One numbered line of the journal."""

    seq: int
    run: str
    op: str
    subject: str | None
    row: int | None
    at: datetime
    detail: Mapping[str, Any]
