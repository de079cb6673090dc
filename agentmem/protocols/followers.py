"""Who follows the journal, how far each has come, and what each has yet to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Follower(NamedTuple):
    """A structure's follower, by name; the kinds of memory it makes, and those it follows (episodes where empty)."""

    name: str
    kinds: Sequence[str]
    reads: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a follower has read the journal of a scope, and who is working on the rest."""

    position: int = 0
    owner: str | None = None
    lease_until: datetime | None = None
    attempts: int = 0
    last_error: str | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deferred:
    """An episode, or a memory version, that a follower has yet to work on: it was stopped before, or failed at it.

    ``row`` is its number; episodes and versions never share one.
    """

    row: int
    attempts: int = 0
    last_error: str | None = None
    retry_at: datetime | None = None
