"""``consolidate``: the recipe's structures work through what is new. Nothing they are stopped at is lost.

Each structure is a follower of the journal with a cursor of its own. Models are asked outside of transactions; what a
structure proposes for a unit is applied, and the unit settled, in one.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from agentmem.engine import embed_worker
from agentmem.engine.parts import Parts
from agentmem.engine.structure_view import StoredView
from agentmem.engine.thinking import Thinking, budgeted, thinking
from agentmem.engine.units import Work, claim, left, release, renew
from agentmem.errors import BudgetExhausted, NotFound, VersionConflict
from agentmem.ids import RUN, new_id
from agentmem.models.chat.budget import Budget
from agentmem.operations import Add, Run
from agentmem.protocols import Deferred
from agentmem.structures.structure import Models, Proposal, Structure
from agentmem.types import Built, Consolidation, Scope, Usage

logger = logging.getLogger(__name__)

_FIRST_RETRY = timedelta(minutes=1)
_LAST_RETRY = timedelta(days=1)
_TRIES = 3
"""How often a structure begins again because others changed under it what it builds on."""


def consolidate(parts: Parts, scope: Scope, *, budget: Budget | None = None, dry_run: bool = False) -> Consolidation:
    """Let every structure of the recipe work through what is new, or was left undone.

    With ``dry_run`` models are asked and nothing is written.

    Raises:
        InvalidInput: a budget was given, and the language model cannot be held to it.
    """
    with parts.store.read(scope) as reader:
        if not reader.scope_id:
            return Consolidation(None)
    llm = budgeted(parts.llm, budget)
    run = Run(
        new_id(RUN),
        {"verb": "consolidate", "recipe": parts.recipe.name, "model": None if llm is None else llm.name},
    )
    buildings = [
        _Building(parts, scope, structure, thinking(parts, scope, llm), run, dry_run) for structure in parts.structures
    ]
    built = tuple(building.work() for building in buildings)
    caught = embed_worker.Caught(0) if dry_run else embed_worker.catch_up(parts, scope)
    usage = sum((one.usage for one in built), Usage()) + caught.usage
    wrote = any(building.wrote for building in buildings)
    return Consolidation(run.id if wrote else None, built, usage, caught.pending)


@dataclass(slots=True)
class _Building:
    """One structure at work."""

    parts: Parts
    scope: Scope
    structure: Structure
    thinking: Thinking
    run: Run
    dry_run: bool
    units: int = 0
    added: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    stopped: str | None = None
    wrote: bool = False
    _position: int = 0
    _state: dict[str, Any] = field(default_factory=dict)

    @property
    def _follower(self) -> str:
        return f"structure:{self.structure.name}"

    def work(self) -> Built:
        """Claim what there is, and build until it is done, the budget is spent, or another process takes over."""
        work = claim(self.parts, self.scope, self._follower)
        if work is None:
            waiting = left(self.parts, self.scope, self._follower)
            return Built(self.structure.name, waiting=waiting, stopped="another process is at it")
        try:
            for _ in range(_TRIES):
                if work is None or self._build(work) or self.stopped is not None:
                    break
                work = claim(self.parts, self.scope, self._follower)  # what is left, as it is now
            else:
                self.stopped = "what it builds on keeps changing; consolidate again"
        except BudgetExhausted as error:
            self.stopped = str(error)
        finally:
            waiting = release(self.parts, self.scope, self._follower)
        usage = self.thinking.spent(self.usage)
        return Built(
            self.structure.name, self.units, dict(self.added), tuple(self.failed), waiting, self.stopped, usage
        )

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
                self.usage += proposal.usage
                if not self._accept(work, proposal):
                    return False
            finished = True
        finally:
            if not finished:  # what the structure kept may know of what was never written
                self._state.clear()
        return True

    def _accept(self, work: Work, proposal: Proposal) -> bool:
        """Apply one proposal, or remember its failure; False: begin again, what it was built on has changed."""
        if proposal.failure is not None:
            return self._remember(work, proposal)
        if self.dry_run:
            self._count(proposal)
            return True
        rows = [row for unit in proposal.units for row in work.rows_of(unit)]
        try:
            with self.parts.store.write(self.scope) as writer:
                if not renew(self.parts, writer, self._follower):
                    self.stopped = "another process took over"
                    return False
                if writer.changed_since(self._position, self.structure.kinds):
                    self._position = writer.head()
                    return False
                if proposal.operations:
                    writer.apply(_with_prompts(self.run, proposal.prompts), proposal.operations)
                writer.settle(self._follower, rows)
                self._position = writer.head()
        except (NotFound, VersionConflict) as error:  # a source was forgotten, or a memory changed, meanwhile
            logger.info("structure %s begins again: %s", self.structure.name, error)
            return False
        self._remember_kept()
        self._count(proposal)
        self.wrote |= bool(proposal.operations)
        return True

    def _count(self, proposal: Proposal) -> None:
        self.units += len(proposal.units)
        self.added.update(op.memory.kind for op in proposal.operations if isinstance(op, Add))

    def _remember(self, work: Work, proposal: Proposal) -> bool:
        """Keep what failed for a later try; False: another process has taken over, and it is that one's now."""
        error = proposal.failure
        assert error is not None
        self.failed.append(f"{type(error).__name__}: {error}")
        if self.dry_run:
            return True
        now = self.parts.clock()
        rows = [row for unit in proposal.units for row in work.rows_of(unit)]
        with self.parts.store.write(self.scope) as writer:
            if not renew(self.parts, writer, self._follower):
                self.stopped = "another process took over"
                return False
            deferred = []
            for row, _episode in writer.episodes_of(rows):  # some may have been forgotten while the model was asked
                attempts = work.attempts.get(row, 0) + 1
                wait = min(_FIRST_RETRY * 2 ** min(attempts - 1, 20), _LAST_RETRY)
                deferred.append(Deferred(row, attempts, type(error).__name__, now + wait))
            writer.defer(self._follower, deferred)
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


def _with_prompts(run: Run, prompts: Sequence[Mapping[str, Any]]) -> Run:
    return replace(run, cause={**run.cause, "prompts": [dict(prompt) for prompt in prompts]}) if prompts else run
