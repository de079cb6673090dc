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
from agentmem.engine.thinking import scoped_llm
from agentmem.engine.units import Work, claim, release, renew
from agentmem.errors import BudgetExhausted, NotFound, VersionConflict
from agentmem.ids import RUN, new_id
from agentmem.models.chat.budget import Budget
from agentmem.operations import Add, Run
from agentmem.protocols import Deferred
from agentmem.structures.structure import Models, Proposal, Structure, Unit
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
    llm = scoped_llm(parts, scope, budget)
    embedder = parts.embedder
    models = Models(llm, None if embedder is None else embedder.embed_documents, parts.count_tokens)
    run = Run(
        new_id(RUN),
        {"verb": "consolidate", "recipe": parts.recipe.name, "model": None if llm is None else llm.name},
    )
    built = tuple(_Building(parts, scope, structure, models, run, dry_run).work() for structure in parts.structures)
    caught = embed_worker.Caught(0) if dry_run else embed_worker.catch_up(parts, scope)
    usage = sum((one.usage for one in built), Usage()) + caught.usage
    wrote = not dry_run and any(one.units for one in built)
    return Consolidation(run.id if wrote else None, built, usage, caught.pending)


@dataclass(slots=True)
class _Building:
    """One structure at work."""

    parts: Parts
    scope: Scope
    structure: Structure
    models: Models
    run: Run
    dry_run: bool
    units: int = 0
    added: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    usage: Usage = Usage()
    stopped: str | None = None
    _position: int = 0
    _state: dict[str, Any] = field(default_factory=dict)

    @property
    def _follower(self) -> str:
        return f"structure:{self.structure.name}"

    def work(self) -> Built:
        """Claim what there is, and build until it is done, the budget is spent, or another process takes over."""
        work = claim(self.parts, self.scope, self._follower)
        if work is None:
            return Built(self.structure.name, stopped="another process is at it")
        try:
            left = list(work.units)
            for _ in range(_TRIES):
                left = self._build(work, left)
                if not left or self.stopped is not None:
                    break
        except BudgetExhausted as error:
            self.stopped = str(error)
        finally:
            waiting = release(self.parts, self.scope, self._follower)
        return Built(
            self.structure.name, self.units, dict(self.added), tuple(self.failed), waiting, self.stopped, self.usage
        )

    def _build(self, work: Work, left: Sequence[Unit]) -> list[Unit]:
        """Work through these units; returns those still to do because what they build on was changed meanwhile."""
        self._state = self._kept()
        view = StoredView(self.parts, self.scope, self._state)
        waiting = {id(unit): unit for unit in left}
        for proposal in self.structure.propose(left, view, self.models):
            self.usage += proposal.usage
            if not self._accept(work, proposal):
                view.kept.clear()
                return list(waiting.values())
            for unit in proposal.units:
                waiting.pop(id(unit), None)
        return []

    def _accept(self, work: Work, proposal: Proposal) -> bool:
        """Apply one proposal, or remember its failure; False: begin again, what it was built on has changed."""
        if proposal.failure is not None:
            self._remember(work, proposal)
            return True
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
        return True

    def _count(self, proposal: Proposal) -> None:
        self.units += len(proposal.units)
        self.added.update(op.memory.kind for op in proposal.operations if isinstance(op, Add))

    def _remember(self, work: Work, proposal: Proposal) -> None:
        error = proposal.failure
        assert error is not None
        self.failed.append(f"{type(error).__name__}: {error}")
        if self.dry_run:
            return
        now = self.parts.clock()
        deferred = []
        for unit in proposal.units:
            for row in work.rows_of(unit):
                attempts = work.attempts.get(row, 0) + 1
                wait = min(_FIRST_RETRY * 2 ** min(attempts - 1, 20), _LAST_RETRY)
                deferred.append(Deferred(row, attempts, type(error).__name__, now + wait))
        with self.parts.store.write(self.scope) as writer:
            writer.defer(self._follower, deferred)

    def _kept(self) -> dict[str, Any]:
        """What the structure kept from last time, if nothing it builds on was changed by others since."""
        with self.parts.store.read(self.scope) as reader:
            kept = self.parts.followers.mirror(reader.scope_id).kept
            position, state = kept.get(self.structure.name, (0, {}))
            if not position or reader.changed_since(position, self.structure.kinds):
                state = {}
            self._position = reader.head()
        return state if not self.dry_run else dict(state)

    def _remember_kept(self) -> None:
        with self.parts.store.read(self.scope) as reader:
            kept = self.parts.followers.mirror(reader.scope_id).kept
        kept[self.structure.name] = (self._position, self._state)


def _with_prompts(run: Run, prompts: Sequence[Mapping[str, Any]]) -> Run:
    return replace(run, cause={**run.cause, "prompts": [dict(prompt) for prompt in prompts]}) if prompts else run
