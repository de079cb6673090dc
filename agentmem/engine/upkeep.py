"""Forgetting by policy: what expired, faded or has no room is retired; what was so long enough ago is destroyed.

The policies are pure functions (:mod:`agentmem.forgetting`); here they are given a scope, and what they plan is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from agentmem.engine import destruction
from agentmem.engine.allowance import Allowance
from agentmem.engine.parts import Parts
from agentmem.engine.run_log import RunLog
from agentmem.engine.units import LEASE
from agentmem.forgetting.plan import Plan, Reason, plan
from agentmem.forgetting.policy import Forgetting
from agentmem.forgetting.priority import importance
from agentmem.forgetting.standing import Standing, moments
from agentmem.ids import RUN, new_id
from agentmem.kinds import DERIVED, FACT
from agentmem.operations import Retire, Run
from agentmem.protocols import Cursor, Selection, StandingRow
from agentmem.structures.structure import Proposal
from agentmem.types import Built, Scope

NAME = "forgetting"
"""Under which it reports, and keeps its lease."""
_FLOAT = 4


def upkeep(
    parts: Parts, scope: Scope, policy: Forgetting, log: RunLog, allowance: Allowance, *, dry_run: bool
) -> Built:
    """Carry out a policy on a scope. What is purged goes in a run of its own, for it cannot be undone."""
    if dry_run:
        with parts.store.read(scope) as reader:
            rows = _standing(reader.standing(tuple(Reason)))
        return _report(parts, rows, policy)
    if not _lease(parts, scope):
        return Built(NAME, stopped="another process is at it")
    try:
        parts.uses.write(parts.store, scope)
        with parts.store.write(scope) as writer:
            rows = _standing(writer.standing(tuple(Reason)))
            planned = plan(_columns(parts, rows), policy, parts.clock())
            if refused := allowance.refuses(len(planned.retire)):
                return Built(NAME, stopped=refused)
            chosen = zip(planned.retire.tolist(), planned.reasons, strict=True)
            retired = Proposal(
                tuple(Retire(rows[index].id, rows[index].version, reason) for index, reason in chosen), ()
            )
            log.apply(writer, retired)
        log.written(retired)
        _purge(parts, scope, [rows[index] for index in planned.purge.tolist()])
        return _counted(planned)
    finally:
        _release(parts, scope)


def _standing(rows: Sequence[StandingRow]) -> list[StandingRow]:
    """What may be forgotten by itself: texts and facts. Trees, graphs and summaries follow what they are made of."""
    return [row for row in rows if row.kind not in DERIVED or row.kind == FACT]


def _columns(parts: Parts, rows: Sequence[StandingRow]) -> Standing:
    vectors = 0 if parts.embedder is None else parts.embedder.dimension * _FLOAT * len(parts.views)
    return Standing(
        at=moments(row.at for row in rows),
        used_at=moments(row.used_at for row in rows),
        uses=np.array([row.uses for row in rows], dtype=np.int64),
        strength=np.array([row.strength for row in rows], dtype=np.float64),
        reinforcements=np.array([row.reinforcements for row in rows], dtype=np.int64),
        size_bytes=np.array([row.size + vectors for row in rows], dtype=np.int64),
        pinned=np.array([row.pinned for row in rows], dtype=np.bool_),
        expires_at=moments(row.expires_at for row in rows),
        retired_at=moments(row.retired_at for row in rows),
        recorded_at=moments(row.recorded_at for row in rows),
        importance=importance([row.kind for row in rows]),
        rows=np.array([row.row for row in rows], dtype=np.int64),
    )


def _report(parts: Parts, rows: Sequence[StandingRow], policy: Forgetting) -> Built:
    return _counted(plan(_columns(parts, rows), policy, parts.clock()))


def _counted(planned: Plan) -> Built:
    changed = Counter(str(reason) for reason in planned.reasons)
    if len(planned.purge):
        changed["purged"] = len(planned.purge)
    return Built(NAME, changed=dict(changed))


def _purge(parts: Parts, scope: Scope, rows: Sequence[StandingRow]) -> None:
    """Destroy: a text with the episodes it comes from and all that was made of them; a fact alone."""
    for alone, derived in ((False, False), (True, True)):
        ids = tuple(row.id for row in rows if (row.kind in DERIVED) is derived)
        with parts.store.read(scope) as reader:
            ids = tuple(sorted(reader.present(ids)))  # facts may have gone with their text
        if ids:
            destruction.destroy(parts, scope, Run(new_id(RUN), {"verb": "purge"}), Selection(ids=ids, alone=alone))


def _lease(parts: Parts, scope: Scope) -> bool:
    now = parts.clock()
    with parts.store.write(scope) as writer:
        cursor = writer.cursor(NAME)
        if cursor.owner not in (None, parts.owner) and cursor.lease_until is not None and cursor.lease_until > now:
            return False
        writer.set_cursor(NAME, Cursor(cursor.position, parts.owner, now + LEASE))
    return True


def _release(parts: Parts, scope: Scope) -> None:
    with parts.store.write(scope) as writer:
        if writer.cursor(NAME).owner == parts.owner:
            writer.set_cursor(NAME, Cursor())
