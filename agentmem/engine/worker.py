"""The worker: consolidates all scopes of a store, fairly, while nobody waits for it.

It goes round the scopes, those whose last turn is longest ago first, and gives each in which something is due, and
that is quiet, one bounded turn. So a scope with much to do cannot keep the others from theirs. Between processes the
leases of the structures keep order (:mod:`agentmem.engine.units`); within one, a scope has one turn at a time.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event

from agentmem.engine.allowance import Allowance
from agentmem.engine.parts import Parts
from agentmem.engine.thinking import budgeted
from agentmem.engine.waiting import outlook
from agentmem.engine.worker_settings import QUIET, WorkerSettings
from agentmem.engine.worker_turn import FATAL, Turn, take_turn
from agentmem.errors import StoreError
from agentmem.ids import RUN, new_id
from agentmem.llm import LLM
from agentmem.models.chat.budgeting import BudgetedChat
from agentmem.models.chat.structured import StructuredLLM
from agentmem.types import Scope, Usage, Worked

logger = logging.getLogger(__name__)

TOLD = "it was told to stop"
_FIRST_REST = timedelta(seconds=10)
_LAST_REST = timedelta(hours=1)
_DAY = timedelta(days=1)
_LONGEST_WAIT = 60.0
"""Seconds after which a worker that waits for its time looks at the clock again: it may have been set."""


@dataclass(slots=True)
class _Place:
    """Where a scope stands in a worker's round."""

    last: int = 0
    """The number of its last turn."""
    done_at: int = -1
    """The journal number at which nothing waited."""
    not_before: datetime | None = None
    """It need not be looked at, or shall rest, until then."""
    rests: int = 0
    """How many turns in a row came to nothing."""
    kept_up: datetime | None = None
    """When it was last looked after by the policy of forgetting."""
    allowance: Allowance | None = None
    allowed_at: datetime | None = None


class Worker:
    """See the module's docstring.

    Args:
        parts: gives the store's parts; they may be exchanged while it works.
        settings: see :class:`~agentmem.engine.worker_settings.WorkerSettings`.
        progress: called after each turn with the totals so far.
        wait: waits for an event, at most so many seconds; tells whether it is set.

    Raises:
        InvalidInput: a budget was given, and the language model cannot be held to it.
    """

    def __init__(
        self,
        parts: Callable[[], Parts],
        settings: WorkerSettings | None = None,
        *,
        progress: Callable[[Worked], None] | None = None,
        wait: Callable[[Event, float], bool] = Event.wait,
    ) -> None:
        self._parts = parts
        self._settings = settings or WorkerSettings()
        self._progress = progress
        self._wait = wait
        self._places: dict[Scope, _Place] = {}
        self._turns = 0
        self._worked = Worked()
        self._owner = f"{parts().owner}-{new_id(RUN)[-8:]}"  # the store itself is another: leases are between both
        self._llm = budgeted(parts().llm, self._settings.budget)
        budgeted(parts().llm, self._settings.turn_budget)

    def run(self, stop: Event) -> Worked:
        """Work until ``stop`` is set, or the budget is spent: on and on, or at the times of the schedule.

        When it is told to stop, what is being written is finished, and the leases are given back.

        Raises:
            AgentMemError: the database cannot be used any more, or its model was changed: open it again.
        """
        schedule, clock = self._settings.schedule, self._parts().clock
        if schedule is None:
            self._shift(stop, quiet=QUIET, forever=True)
            return self._worked
        while self._wait_until(schedule.next(clock()), stop):
            self._llm = budgeted(self._parts().llm, self._settings.budget)
            self._shift(stop, quiet=0, forever=False)
        self._worked = replace(self._worked, stopped=TOLD)
        return self._worked

    def drain(self, stop: Event | None = None) -> Worked:
        """Do everything that is due now, in turns, and return; errors as for :meth:`run`.

        What failed waits for its time, what another process is at is left to it, and a scope that rests after an error
        is not waited for.
        """
        self._shift(stop or Event(), quiet=0, forever=False)
        return self._worked

    def _wait_until(self, moment: datetime, stop: Event) -> bool:
        """False when it was told to stop meanwhile."""
        clock = self._parts().clock
        logger.info("the next time is %s", moment.isoformat(), extra={"next": moment.isoformat()})
        while (left := (moment - clock()).total_seconds()) > 0 and not stop.is_set():
            self._wait(stop, min(left, _LONGEST_WAIT))
        return not stop.is_set()

    def _shift(self, stop: Event, *, quiet: float, forever: bool) -> None:
        """Go round and round: until nothing is due, or (``forever``) until it is told to stop."""
        asked = self._settings.quiet
        shift = _Shift(stop, timedelta(seconds=quiet if asked is None else asked))
        self._worked = replace(self._worked, stopped=None)
        for place in self._places.values():
            if not place.rests:
                place.not_before = None
        with ThreadPoolExecutor(self._settings.jobs, thread_name_prefix="agentmem-worker") as pool:
            try:
                while not self._ended(shift):
                    begun = self._try_round(pool, shift, forever=forever)
                    if shift.running:
                        self._collect(shift, self._settings.interval)  # then look who is ready meanwhile
                    elif not begun and not forever:
                        break
                    elif not begun:
                        self._wait(stop, self._settings.interval)
                while shift.running:
                    self._collect(shift)
            finally:
                shift.halt.set()  # after an error: the turns that are under way end early
        self._worked = replace(self._worked, stopped=self._ended(shift))

    def _ended(self, shift: _Shift) -> str | None:
        """Why no turn is begun any more."""
        if shift.stop.is_set():
            return TOLD
        return _spent(self._settings, self._llm)

    def _try_round(self, pool: ThreadPoolExecutor, shift: _Shift, *, forever: bool) -> int:
        """A round; a worker that goes on and on outlives a database that cannot be read for a while."""
        try:
            return self._round(pool, shift)
        except StoreError as error:
            if isinstance(error, FATAL) or not forever:
                raise
            logger.warning("the scopes could not be looked at: %s", error, extra={"error": type(error).__name__})
            return 0

    def _round(self, pool: ThreadPoolExecutor, shift: _Shift) -> int:
        """Give each scope that is ready a turn, as threads come free; returns how many were begun."""
        heads = self._parts().store.heads()
        self._places = {scope: self._places.get(scope) or _Place() for scope in heads}
        begun = 0
        for scope in sorted(heads, key=lambda scope: self._places[scope].last):
            if scope in shift.running.values() or not self._is_ready(scope, heads[scope], shift):
                continue
            if self._ended(shift):
                break
            self._begin(pool, scope, shift)
            begun += 1
            while len(shift.running) >= self._settings.jobs:
                self._collect(shift)
        return begun

    def _is_ready(self, scope: Scope, head: int, shift: _Shift) -> bool:
        """Whether the scope should have a turn now; if not, it is noted when to look at it again."""
        parts, place = self._own_parts(), self._places[scope]
        now = parts.clock()
        if place.not_before is not None and now < place.not_before:
            return False
        upkeep = parts.forgetting.active and (
            place.kept_up is None or now >= place.kept_up + timedelta(seconds=self._settings.upkeep)
        )
        if head == place.done_at and not upkeep:
            return False
        found = outlook(parts, scope, shift.quiet)
        if found.quiet_at is None and (found.due or upkeep):
            return True
        if not found.left:
            place.done_at = found.head
        else:
            place.not_before = found.quiet_at or now + timedelta(seconds=self._settings.interval)
        return False

    def _begin(self, pool: ThreadPoolExecutor, scope: Scope, shift: _Shift) -> None:
        self._turns += 1
        place = self._places[scope]
        place.last, place.kept_up = self._turns, self._parts().clock()
        parts, allowance = self._own_parts(), self._allowance(scope)
        turn = pool.submit(take_turn, parts, scope, self._settings, allowance, shift.stopping, shift.stop.wait)
        shift.running[turn] = scope

    def _own_parts(self) -> Parts:
        return replace(self._parts(), owner=self._owner, llm=self._llm)

    def _allowance(self, scope: Scope) -> Allowance:
        """What the worker may take out of the scope, in the day that began with its first turn."""
        parts, place = self._parts(), self._places[scope]
        now, share = parts.clock(), self._settings.max_retired
        if place.allowance is None or place.allowed_at is None or now >= place.allowed_at + _DAY:
            with parts.store.read(scope) as reader:
                place.allowance, place.allowed_at = Allowance.of(share, reader.active_count()), now
        return place.allowance

    def _collect(self, shift: _Shift, patience: float | None = None) -> None:
        """Wait for a turn to end, at most so many seconds, and count what it did."""
        ended, _others = wait(shift.running, patience, FIRST_COMPLETED)
        for future in ended:
            del shift.running[future]
            self._count(future.result())
            if self._progress is not None:
                self._progress(self._worked)

    def _count(self, turn: Turn) -> None:
        place, now = self._places.setdefault(turn.scope, _Place()), self._parts().clock()
        if turn.progressed or not turn.hindered:
            place.rests = 0
            place.not_before = None if turn.progressed else now + timedelta(seconds=self._settings.interval)
        else:
            place.not_before = now + min(_FIRST_REST * 2 ** min(place.rests, 20), _LAST_REST)
            place.rests += 1
        so_far, done = self._worked, turn.done
        built = () if done is None else done.built
        self._worked = Worked(
            turns=so_far.turns + 1,
            runs=so_far.runs + (done is not None and done.run is not None),
            units=so_far.units + sum(one.units for one in built),
            added=dict(sum((Counter(one.added) for one in built), Counter(so_far.added))),
            failures=so_far.failures + sum(len(one.failed) for one in built),
            broken=so_far.broken + turn.broken,
            usage=so_far.usage + (Usage() if done is None else done.usage),
        )


class _Shift:
    """One stretch of work: what may end it, and the turns that are under way."""

    def __init__(self, stop: Event, quiet: timedelta) -> None:
        self.stop = stop
        self.quiet = quiet
        self.halt = Event()
        self.running: dict[Future[Turn], Scope] = {}

    def stopping(self) -> bool:
        """Whether the turns that are under way should end."""
        return self.stop.is_set() or self.halt.is_set()


def _spent(settings: WorkerSettings, llm: LLM | None) -> str | None:
    """That the budget of the whole work is spent, in words; ``None`` if it is not, or there is none."""
    if settings.budget is None or not isinstance(llm, StructuredLLM) or not isinstance(llm.chat, BudgetedChat):
        return None
    limit = settings.budget.spent_by(llm.chat.spent)
    return None if limit is None else f"its budget of {limit} is spent"
