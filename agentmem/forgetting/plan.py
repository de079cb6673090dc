"""All of a policy put to the memories of a scope: what it would retire, why, and what it would destroy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from agentmem.clock import aware, to_micros
from agentmem.forgetting.capacity import giving_way, microseconds, purgeable, weakest_first
from agentmem.forgetting.lifespan import remaining
from agentmem.forgetting.policy import Forgetting
from agentmem.forgetting.priority import USUAL, Worth, priorities
from agentmem.forgetting.retention import retention, stability
from agentmem.forgetting.standing import NEVER, Standing, days_since
from agentmem.protocols import BoolArray, IntArray


class Reason(StrEnum):
    """Why a memory is retired; for the journal."""

    EXPIRED = "expired"  # the moment came that it was given
    FADED = "faded"  # too long unused
    OVER_CAPACITY = "over capacity"  # worth least where not all have room


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What is to be done; nothing is done yet.

    Attributes:
        retire: indices of active memories: first the expired, then the faded, then those over capacity; in each group
            by rising priority.
        reasons: one for each of ``retire``.
        purge: indices of memories that forgetting retired and whose grace is over, the longest retired first.
    """

    retire: IntArray
    reasons: tuple[Reason, ...]
    purge: IntArray

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not len(self.retire) and not len(self.purge)


NOTHING = np.empty(0, dtype=np.int64)


def plan(standing: Standing, policy: Forgetting, now: datetime, worth: Worth = USUAL) -> Plan:
    """What a policy does to the memories of a scope at a moment.

    Expired memories go whatever their age; then those faded; then, if the rest is still too much, those worth least.
    Nothing that is retired here is purged here. Once the plan is carried out, the same policy has nothing left to do at
    the same moment. Which memories are chosen does not depend on their order in the arrays, given ``standing.rows``.

    Raises:
        InvalidInput: ``now`` has no time zone.
    """
    present = to_micros(aware(now, "now"))
    if not policy.active:
        return Plan(NOTHING, (), NOTHING)
    free = standing.active & ~standing.pinned
    mature = standing.learned <= present - microseconds(policy.min_age)
    expired = free & (standing.expires_at != NEVER) & (standing.expires_at <= present)
    faded = free & mature & ~expired & _faded(standing, policy, present)
    worths = priorities(standing, now, worth)
    staying = standing.active & ~expired & ~faded
    limits = {"max_memories": policy.max_memories, "max_bytes": policy.max_bytes}
    groups = {
        Reason.EXPIRED: weakest_first(np.flatnonzero(expired), worths, standing),
        Reason.FADED: weakest_first(np.flatnonzero(faded), worths, standing),
        Reason.OVER_CAPACITY: giving_way(standing, worths, staying, free & mature, **limits),
    }
    reasons = tuple(reason for reason, chosen in groups.items() for _index in chosen)
    purge = np.flatnonzero(purgeable(standing, policy.grace, present))
    return Plan(
        retire=np.concatenate(list(groups.values())),
        reasons=reasons,
        purge=weakest_first(purge, standing.retired_at.astype(np.float64), standing),
    )


def _faded(standing: Standing, policy: Forgetting, present: int) -> BoolArray:
    """Which a policy lets fade, whatever else is true of them; shape ``(n,)``."""
    if policy.decay == "ebbinghaus":
        lasting = stability(standing.strength, standing.uses)
        faded: BoolArray = retention(days_since(standing.touched, present), lasting) < policy.floor
        return faded
    if policy.decay == "memoria":
        spent: BoolArray = remaining(days_since(standing.learned, present), standing.uses, standing.strength) <= 0
        return spent
    return np.zeros(len(standing), dtype=np.bool_)
