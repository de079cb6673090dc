"""Counting while items are moved in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from agentmem.moving.item import Item, Skipped
from agentmem.moving.report import MoveReport, ScopeReport, SkippedReport
from agentmem.types import Receipt, Scope, Usage

EXAMPLES = 5
"""How many places are named for each reason."""


@dataclass(slots=True)
class _InScope:
    counts: Counter[str] = field(default_factory=Counter)  # by the names of the report's fields
    kinds: Counter[str] = field(default_factory=Counter)
    sessions: set[str] = field(default_factory=set)
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(slots=True)
class _Reason:
    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """What was moved in so far, and what was left out."""

    done: int = 0
    _scopes: dict[Scope, _InScope] = field(default_factory=dict)
    _skipped: dict[tuple[str, bool], _Reason] = field(default_factory=dict)
    _runs: list[str] = field(default_factory=list)
    _pending: set[str] = field(default_factory=set)
    _usage: Usage = field(default_factory=Usage)

    def item(self, item: Item) -> None:
        """Count an item that belongs to a scope, whatever becomes of it."""
        found = self._scopes.setdefault(item.scope, _InScope())
        found.kinds[str(item.kind)] += 1
        if item.content.session is not None:
            found.sessions.add(item.content.session)
        if item.expires_at is not None:
            found.counts["expiring"] += 1
        if (at := item.content.at) is not None:
            found.first_at = at if found.first_at is None else min(found.first_at, at)
            found.last_at = at if found.last_at is None else max(found.last_at, at)

    def outcome(self, scope: Scope, name: str, count: int = 1) -> None:
        """Count what became of items: ``new``, ``known``, ``forgotten``, ``changed``, ``kept_out``, ``versions``."""
        self._scopes.setdefault(scope, _InScope()).counts[name] += count

    def skip(self, skipped: Skipped) -> None:
        """Count what was left out."""
        reason = self._skipped.setdefault((skipped.reason, skipped.malformed), _Reason())
        reason.count += skipped.count
        if len(reason.examples) < EXAMPLES:
            reason.examples.append(f"{skipped.place}: {skipped.detail}" if skipped.detail else skipped.place)

    def receipt(self, receipt: Receipt) -> None:
        """Note what was written, and what it cost."""
        if len(receipt.episodes) > receipt.duplicates:
            self._runs.append(receipt.run)
        self._pending.update(receipt.pending)
        self._usage += receipt.usage

    def report(self, *, dry_run: bool) -> MoveReport:
        """All of it."""
        scopes = [
            ScopeReport(
                scope,
                **found.counts,
                sessions=len(found.sessions),
                kinds=dict(found.kinds),
                first_at=found.first_at,
                last_at=found.last_at,
            )
            for scope, found in sorted(self._scopes.items(), key=lambda pair: pair[0].path)
        ]
        skipped = [
            SkippedReport(reason, found.count, malformed, tuple(found.examples))
            for (reason, malformed), found in sorted(self._skipped.items(), key=lambda pair: -pair[1].count)
        ]
        return MoveReport(
            dry_run, tuple(scopes), tuple(skipped), tuple(self._runs), tuple(sorted(self._pending)), self._usage
        )
