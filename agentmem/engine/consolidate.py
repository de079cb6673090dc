"""``consolidate``: the recipe's structures work through what is new. Nothing they are stopped at is lost.

Each structure is a follower of the journal with a cursor of its own; :mod:`agentmem.engine.building` is one at work.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from agentmem.engine import embed_worker, upkeep
from agentmem.engine.allowance import Allowance
from agentmem.engine.building import Building
from agentmem.engine.parts import Parts
from agentmem.engine.run_log import RunLog
from agentmem.engine.thinking import budgeted, thinking
from agentmem.engine.units import behind
from agentmem.errors import InvalidInput
from agentmem.ids import RUN, new_id
from agentmem.models.chat.budget import Budget
from agentmem.observing.followers import at_work
from agentmem.operations import Run
from agentmem.types import Consolidation, Scope, Usage

MAX_RETIRED = 0.2
"""The share of a scope's active memories that one run may take out of retrieval."""


def consolidate(
    parts: Parts,
    scope: Scope,
    *,
    budget: Budget | None = None,
    dry_run: bool = False,
    max_retired: float = MAX_RETIRED,
    limit: int | None = None,
    cause: str = "asked",
    allowance: Allowance | None = None,
) -> Consolidation:
    """Let every structure of the recipe work through what is new, or was left undone; then forget by policy.

    With ``dry_run`` models are asked and nothing is written. ``limit`` bounds the sessions, documents or memories that
    each structure takes up; ``cause`` goes into the journal. An ``allowance`` that several turns of one work share
    takes the place of ``max_retired``.

    Raises:
        InvalidInput: a budget was given, and the language model cannot be held to it; ``max_retired`` is no share.
    """
    if not 0 <= max_retired <= 1:
        raise InvalidInput(f"max_retired is a share, from 0 to 1, not {max_retired}.")
    with parts.store.read(scope) as reader:
        if not reader.scope_id:
            return Consolidation(None)
        active = reader.active_count()
    llm = budgeted(parts.llm, budget)
    model = None if llm is None else llm.name
    log = RunLog(Run(new_id(RUN), {"verb": "consolidate", "recipe": parts.recipe.name, "model": model, "by": cause}))
    mine = replace(parts, owner=f"{parts.owner}-{new_id(RUN)[-8:]}")  # leases are also between threads of one store
    allowance = allowance or Allowance.of(max_retired, active)
    built = []
    for structure in parts.structures:
        if structure.reads and not dry_run:  # it compares what those before it have just made
            embed_worker.catch_up(parts, scope)
        thought = thinking(parts, scope, llm)
        building = Building(mine, scope, structure, thought, log, allowance, dry_run, limit)
        lag = partial(behind, parts, scope, structure)
        built.append(at_work(parts.observer, structure.name, scope, building.work, lag))
    if parts.forgetting.active:
        keep = partial(upkeep.upkeep, mine, scope, parts.forgetting, log, allowance, dry_run=dry_run)
        built.append(at_work(parts.observer, upkeep.NAME, scope, keep))
    caught = embed_worker.Caught(0) if dry_run else embed_worker.finish(parts, scope)
    usage = sum((one.usage for one in built), Usage()) + caught.usage
    return Consolidation(log.run.id if log.wrote else None, tuple(built), usage, caught.pending)
