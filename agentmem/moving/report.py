"""What moving in did, or would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from agentmem.types import Scope, Usage


@dataclass(frozen=True, slots=True)
class ScopeReport:
    """What came to one scope.

    Attributes:
        scope: which.
        new: items that were stored.
        known: items that had been moved in before; nothing changed.
        forgotten: items that were forgotten here, and are not learnt again.
        changed: items that say something else now than when they were moved in; what is here was kept.
        kept_out: items that a hook before writing kept out.
        versions: later wordings that became versions of items.
        expiring: items that have an end.
        sessions: conversations.
        kinds: all these items by what they are stored as: ``turn`` or ``document``.
        first_at: the time of the earliest item that has one.
        last_at: the time of the latest.
    """

    scope: Scope
    new: int = 0
    known: int = 0
    forgotten: int = 0
    changed: int = 0
    kept_out: int = 0
    versions: int = 0
    expiring: int = 0
    sessions: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SkippedReport:
    """What was left out for one reason.

    Attributes:
        reason: why.
        count: how many things.
        malformed: whether they could not be read, rather than being left out on purpose.
        examples: the places of the first few, with what was wrong.
    """

    reason: str
    count: int
    malformed: bool
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveReport:
    """What moving in did; with ``dry_run``, what it would do.

    Attributes:
        dry_run: nothing was written.
        scopes: what came to each scope, in order of path.
        skipped: what was left out, most frequent first.
        runs: the runs that stored something; ``undo`` takes each back, in its scope.
        pending: ``"vectors"`` when the embedder failed; they are made at the next opportunity.
        usage: what it cost.
    """

    dry_run: bool
    scopes: tuple[ScopeReport, ...] = ()
    skipped: tuple[SkippedReport, ...] = ()
    runs: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)

    @property
    def new(self) -> int:
        """Items that were stored, in all scopes."""
        return sum(scope.new for scope in self.scopes)

    @property
    def known(self) -> int:
        """Items that had been moved in before, in all scopes."""
        return sum(scope.known for scope in self.scopes)

    @property
    def forgotten(self) -> int:
        """Items that were forgotten here, in all scopes."""
        return sum(scope.forgotten for scope in self.scopes)

    @property
    def changed(self) -> int:
        """Items that say something else now, in all scopes."""
        return sum(scope.changed for scope in self.scopes)

    @property
    def left_out(self) -> int:
        """Things that were left out, for whatever reason."""
        return sum(skipped.count for skipped in self.skipped)
