"""One structure at work on one scope: claim, propose, check, apply, or keep for later.

Models are asked outside of transactions; what a structure proposes for a unit is applied, and the unit settled, in one.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agentmem.engine.allowance import Allowance
from agentmem.engine.heartbeat import heartbeat
from agentmem.engine.parts import Parts
from agentmem.engine.recalls import without_echoes
from agentmem.engine.run_log import RunLog
from agentmem.engine.structure_view import StoredView
from agentmem.engine.thinking import Thinking
from agentmem.engine.units import MOST_TRIES, Work, claim, follower_of, left, release, renew
from agentmem.errors import BudgetExhausted, NotFound, Unsound, VersionConflict
from agentmem.observing.followers import FOLLOWER
from agentmem.observing.instruments import DEAD_LETTERS
from agentmem.operations import Add, Close, Operation, Retire, Revise, Unlink
from agentmem.protocols import Deferred, Writer
from agentmem.retrieval.recalled import RECALLED
from agentmem.structures.structure import Models, Proposal, Structure
from agentmem.types import Built, Scope, Usage

logger = logging.getLogger(__name__)

_FIRST_RETRY = timedelta(minutes=1)
_LAST_RETRY = timedelta(days=1)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When something is tried again that failed too often: not before a person asks for it."""
_BEGINNINGS = 3
"""How often a structure begins again because others changed under it what it builds on."""


@dataclass(slots=True)
class Building:
    """See the module's docstring; :meth:`work` does it, once."""

    parts: Parts
    scope: Scope
    structure: Structure
    thinking: Thinking
    log: RunLog
    allowance: Allowance
    dry_run: bool = False
    limit: int | None = None
    _units: int = 0
    _added: Counter[str] = field(default_factory=Counter)
    _changed: Counter[str] = field(default_factory=Counter)
    _failed: list[str] = field(default_factory=list)
    _usage: Usage = field(default_factory=Usage)
    _stopped: str | None = None
    _position: int = 0
    _state: dict[str, Any] = field(default_factory=dict)

    @property
    def _follower(self) -> str:
        return follower_of(self.structure)

    def work(self) -> Built:
        """Claim what there is, and build until it is done, the budget is spent, or another process takes over."""
        work = claim(self.parts, self.scope, self.structure, self.limit)
        if work is None:
            waiting = left(self.parts, self.scope, self.structure)
            return Built(self.structure.name, waiting=waiting, stopped="another process is at it")
        try:
            with heartbeat(self.parts, self.scope, self._follower):
                self._until_done(work)
        except BudgetExhausted as error:
            self._stopped = str(error)
        finally:
            waiting = release(self.parts, self.scope, self.structure)
        return Built(
            structure=self.structure.name,
            units=self._units,
            added=dict(self._added),
            changed=dict(self._changed),
            failed=tuple(self._failed),
            waiting=waiting,
            stopped=self._stopped,
            usage=self.thinking.spent(self._usage),
        )

    def _until_done(self, work: Work | None) -> None:
        for _ in range(_BEGINNINGS):
            if work is None or not work.units or self._build(work) or self._stopped is not None:
                return
            work = claim(self.parts, self.scope, self.structure, self.limit)  # what is left, as it is now
        self._stopped = "what it builds on keeps changing; consolidate again"

    def _build(self, work: Work) -> bool:
        """Work through what was claimed; False: begin again with the rest, what it builds on was changed meanwhile."""
        self._state = self._kept()
        view = StoredView(self.parts, self.scope, self._state)
        embedder = self.parts.embedder
        embed = None if embedder is None else embedder.embed_documents
        models = Models(self.thinking.llm, embed, self.parts.count_tokens)
        finished = False
        try:
            for proposal in self.structure.propose(work.units, view, models):
                self._usage += proposal.usage
                if not self._accept(work, proposal):
                    return False
            finished = True
        finally:
            if not finished:  # what the structure kept may know of what was never written
                self._state.clear()
        return True

    def _accept(self, work: Work, proposal: Proposal) -> bool:
        """Apply one proposal, or remember its failure; False: stop here, or begin again as what it built on changed."""
        if proposal.failure is not None:
            return self._remember(work, proposal)
        proposal = self._unechoed(proposal)
        if refused := self.allowance.refuses(self._lost(proposal.operations)):
            self._stopped = refused
            return False
        if self.dry_run:
            self._count(proposal)
            return True
        rows = [row for unit in proposal.units for row in work.rows_of(unit)]
        try:
            with self.parts.store.write(self.scope) as writer:
                if not self._still_ours(writer):
                    return False
                if writer.changed_since(self._position, self.structure.kinds):
                    self._position = writer.head()
                    return False
                self.log.apply(writer, proposal)
                writer.settle(self._follower, rows)
                self._position = writer.head()
        except (NotFound, VersionConflict) as error:  # a source was forgotten, or a memory changed, meanwhile
            logger.info("structure %s begins again: %s", self.structure.name, error)
            return False
        except Unsound as error:
            logger.error("structure %s: %s", self.structure.name, error)
            self._stopped = str(error)
            return False
        self.log.written(proposal)
        self._remember_kept()
        self._count(proposal)
        return True

    def _unechoed(self, proposal: Proposal) -> Proposal:
        """The proposal with what only repeats recalled memories quarantined."""
        if all(RECALLED not in episode.metadata for unit in proposal.units for episode in unit.episodes):
            return proposal
        with self.parts.store.read(self.scope) as reader:
            operations, echoes = without_echoes(reader, proposal.units, proposal.operations)
        if echoes:
            logger.info(
                "structure %s: %d statements repeat what was recalled, quarantined", self.structure.name, echoes
            )
        return replace(proposal, operations=operations)

    def _still_ours(self, writer: Writer) -> bool:
        """Whether the lease, which is renewed, is still this process's."""
        if renew(self.parts, writer, self._follower):
            return True
        self._stopped = "another process took over"
        return False

    def _lost(self, operations: Sequence[Operation]) -> int:
        """How many memories these take out of retrieval; what the structure itself made and replaces does not count."""
        ids = sorted({operation.id for operation in operations if isinstance(operation, Retire | Close)})
        if not ids:
            return 0
        with self.parts.store.read(self.scope) as reader:
            memories = reader.hydrate(list(reader.rows_of(ids).values())).values()
        return sum(memory.kind not in self.structure.kinds for memory in memories)

    def _count(self, proposal: Proposal) -> None:
        self._units += len(proposal.units)
        self._added.update(op.memory.kind for op in proposal.operations if isinstance(op, Add))
        changes = (op for op in proposal.operations if isinstance(op, Revise | Retire | Close | Unlink))
        self._changed.update(type(op).__name__.lower() for op in changes)

    def _remember(self, work: Work, proposal: Proposal) -> bool:
        """Keep what failed for a later try; False: another process has taken over, and it is that one's now."""
        error = proposal.failure
        assert error is not None
        self._failed.append(f"{type(error).__name__}: {error}")
        if self.dry_run:
            return True
        now = self.parts.clock()
        rows = [row for unit in proposal.units for row in work.rows_of(unit)]
        with self.parts.store.write(self.scope) as writer:
            if not self._still_ours(writer):
                return False
            there = {item.row for item in writer.deferred(self._follower)}  # some may have been forgotten meanwhile
            deferred = []
            for row in sorted(there.intersection(rows)):
                attempts = work.attempts.get(row, 0) + 1
                wait = min(_FIRST_RETRY * 2 ** min(attempts - 1, 20), _LAST_RETRY)
                again = NEVER if attempts >= MOST_TRIES else now + wait
                deferred.append(Deferred(row, attempts, type(error).__name__, again))
            writer.defer(self._follower, deferred)
        if dead := sum(item.retry_at == NEVER for item in deferred):
            self.parts.observer.count(DEAD_LETTERS, dead, {FOLLOWER: self.structure.name})
        return True

    def _kept(self) -> dict[str, Any]:
        """What the structure kept from last time, if nothing it builds on was changed by others since."""
        with self.parts.store.read(self.scope) as reader:
            kept = self.parts.followers.mirror(reader.scope_id).kept
            position, state = kept.get(self.structure.name, (0, {}))
            if not position or reader.changed_since(position, self.structure.kinds):
                state = {}
            self._position = reader.head()
        return {} if self.dry_run else state  # a dry run must not teach it what is never written

    def _remember_kept(self) -> None:
        with self.parts.store.read(self.scope) as reader:
            kept = self.parts.followers.mirror(reader.scope_id).kept
        kept[self.structure.name] = (self._position, self._state)
