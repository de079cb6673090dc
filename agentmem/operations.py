"""Every change to a memory store, as a value.

Structures and verbs *propose* operations; one function (:mod:`agentmem.store.apply`) applies them, in the same
transaction that appends them to the journal. Destruction (``forget``) is not among them: it is the one thing that
cannot be proposed by a structure, and lives in :mod:`agentmem.store.erase`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from agentmem.types import Edge, Episode, Memory, State, Usage


class Op(StrEnum):
    """The names under which the journal records what happened."""

    RECORD = "record"  # an episode was stored
    ADD = "add"  # a memory was opened, version 1
    REVISE = "revise"  # the current version was closed and the next one opened
    RETIRE = "retire"  # taken out of retrieval, kept
    RESTORE = "restore"  # a retired memory came back
    MARK = "mark"  # pin or expiry changed
    CLOSE = "close"  # until when a memory was true was set, or opened again
    LINK = "link"  # an edge was drawn
    UNLINK = "unlink"  # an edge was removed
    EMBED = "embed"  # vectors were written; followers that keep an index read them from here
    REFRESH = "refresh"  # something a memory's derived data depends on is gone; its vectors are made again
    FORGET = "forget"  # destroyed, with every version; only the identifier stays here


@dataclass(frozen=True, slots=True)
class Record:
    """Store an episode. ``corrects`` is the memory whose rewording it is (kind ``correction`` only)."""

    episode: Episode
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class Add:
    """Open a memory (version 1). The store stamps ``recorded_at``."""

    memory: Memory


@dataclass(frozen=True, slots=True)
class Revise:
    """Close version ``expected`` and open ``memory`` as the next one. Fails if ``expected`` is not current.

    The closed version's world-time interval ends where the new one begins. With ``retract=True`` the closed
    version is withdrawn instead (it was a mistake, not a former truth): reads ``as_of`` an earlier time skip it.
    """

    memory: Memory
    expected: int
    retract: bool = False


@dataclass(frozen=True, slots=True)
class Retire:
    """Take a memory out of retrieval. It stays in history, with the reason, and can be restored.

    ``at`` is since when it is retired; ``None``: from now on. (What takes a return back knows the earlier moment.)
    """

    id: str
    expected: int | None = None
    reason: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Restore:
    """Bring a retired or quarantined memory back; or a retired one to the quarantine that it was taken from."""

    id: str
    expected: int | None = None
    state: State = State.ACTIVE


@dataclass(frozen=True, slots=True)
class Mark:
    """Set pin and expiry (both, so that the operation needs no "unchanged" value)."""

    id: str
    pinned: bool
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Close:
    """End the interval in which a memory is true, at a moment of world time; ``None`` opens it again.

    The memory stays active: it is still found by reads ``as_of`` a moment within its interval.
    """

    id: str
    ends: datetime | None
    expected: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Draw an edge, or set the weight of the one that is there (kind, source and target name an edge)."""

    edge: Edge


@dataclass(frozen=True, slots=True)
class Unlink:
    """Remove an edge."""

    edge: Edge


Operation = Record | Add | Revise | Retire | Restore | Mark | Close | Link | Unlink


@dataclass(frozen=True, slots=True)
class Run:
    """One batch of operations with one cause: the unit of undo and of cost accounting."""

    id: str
    cause: Mapping[str, Any]
    usage: Usage = field(default_factory=Usage)
