"""How a worker works."""

from __future__ import annotations

import math
from dataclasses import dataclass

from agentmem.engine.consolidate import MAX_RETIRED
from agentmem.engine.schedule import Schedule
from agentmem.errors import InvalidInput
from agentmem.models.chat.budget import Budget

QUIET = 60.0
"""Seconds without an addition after which a worker that goes on and on takes a conversation for over."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How a worker works.

    Attributes:
        jobs: how many scopes are worked on at once, each by a thread.
        quiet: a scope gets its turn when nothing was added to it for so many seconds. Default: 0 for a worker that
            ends when all is done or that has a schedule, otherwise 60.
        interval: seconds between two looks when there is nothing to do.
        limit: how many sessions, documents or memories each structure takes up in one turn.
        budget: the most that all turns together may ask a language model: of the whole work, or, with a schedule, of
            each time.
        turn_budget: the most that one turn may.
        max_retired: the share of a scope's memories that a worker may take out of retrieval in a day.
        schedule: begin only at these times, and then do all that is due.
        upkeep: seconds after which a scope in which nothing happens is looked after by the store's policy of
            forgetting, if it has one.
        courtesy: after each thing it wrote, a turn leaves the database alone for so many times as long as the writing
            took (at most a quarter of a second), so that others who write get in between.

    Raises:
        InvalidInput: a number is out of range.
    """

    jobs: int = 1
    quiet: float | None = None
    interval: float = 10.0
    limit: int = 32
    budget: Budget | None = None
    turn_budget: Budget | None = None
    max_retired: float = MAX_RETIRED
    schedule: Schedule | None = None
    upkeep: float = 86_400.0
    courtesy: float = 4.0

    def __post_init__(self) -> None:
        for name, least in (("jobs", 1), ("limit", 1), ("interval", 0), ("quiet", 0), ("upkeep", 0), ("courtesy", 0)):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= least):
                raise InvalidInput(f"A worker's {name!r} must be at least {least}, not {value}.")
        if not 0 <= self.max_retired <= 1:
            raise InvalidInput(f"max_retired is a share, from 0 to 1, not {self.max_retired}.")
