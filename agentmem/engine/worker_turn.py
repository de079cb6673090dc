"""One turn of a worker on one scope: a bounded ``consolidate`` that can be stopped, told in the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from agentmem.engine.allowance import Allowance
from agentmem.engine.consolidate import consolidate
from agentmem.engine.parts import Parts
from agentmem.engine.worker_settings import WorkerSettings
from agentmem.errors import AgentMemError, BudgetExhausted, EmbedderMismatch, StoreClosed, StoreCorrupt, StoreReadOnly
from agentmem.observing.followers import failed
from agentmem.observing.instruments import TURN_DURATION
from agentmem.observing.results import tell
from agentmem.structures.structure import Models, Proposal, Structure, Unit, View
from agentmem.types import Built, Consolidation, Scope

logger = logging.getLogger(__name__)

_LONGEST_PAUSE = 0.25
FATAL = (EmbedderMismatch, StoreClosed, StoreCorrupt, StoreReadOnly)
"""What ends the worker, because the next scope would fare no better."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How a turn ended.

    ``done`` is ``None`` where an error ended it; ``broken``: so it is, or an error ended the work of a structure.
    """

    scope: Scope
    done: Consolidation | None
    broken: bool = False

    @property
    def progressed(self) -> bool:
        """Whether anything is done that was not before; a failure that was written down counts too."""
        if self.done is None:
            return False
        wrote = self.done.run is not None or self.done.usage.embedded_texts > 0
        return wrote or any(built.units or built.failed for built in self.done.built)

    @property
    def hindered(self) -> bool:
        """Whether something kept it from doing what was due."""
        return self.done is None or any(built.stopped for built in self.done.built)


class Told(BudgetExhausted):
    """The worker was told to stop. What was done is kept; the next worker goes on from there."""


class _Broken(BudgetExhausted):
    """A defect ended the work of one structure. What it did is kept, and the others have their turn."""


def take_turn(
    parts: Parts,
    scope: Scope,
    settings: WorkerSettings,
    allowance: Allowance,
    stopping: Callable[[], bool],
    pause: Callable[[float], object],
) -> Turn:
    """Work on a scope once. An error is logged, and the turn says so.

    A defect of a structure ends that one's work, any other error but a fatal one this turn.

    Raises:
        AgentMemError: one of those in ``FATAL``.
    """
    stages = tuple(_Stage(structure, stopping, pause, settings.courtesy) for structure in parts.structures)
    started = time.perf_counter()
    try:
        with parts.observer.span("agentmem.turn", {}, duration=TURN_DURATION, scope=scope) as span:
            done = consolidate(
                replace(parts, structures=stages),
                scope,
                budget=settings.turn_budget,
                limit=settings.limit,
                max_retired=settings.max_retired,
                allowance=allowance,
                cause="worker",
            )
            tell(span, done)
    except EmbedderMismatch:
        if (renewed := parts.renewed()) is None:
            raise
        return take_turn(renewed, scope, settings, allowance, stopping, pause)
    except FATAL:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary between one scope and the others
        _tell_error(scope, "the turn", error, _since(started))
        return Turn(scope, None, broken=True)
    broken = {stage.name: stage.error for stage in stages if stage.error is not None}
    for name, defect in broken.items():
        _tell_error(scope, name, defect, _since(started))
        failed(parts.observer, name, type(defect).__name__)
    seconds = {stage.name: stage.seconds for stage in stages}
    for built in done.built:
        _tell(scope, done.run, built, seconds.get(built.structure, 0.0), stopping() or built.structure in broken)
    return Turn(scope, done, broken=bool(broken))


@dataclass(slots=True)
class _Stage:
    """A structure that can be told to stop between two proposals, lets others write then, and keeps the time.

    A defect in it, kept in ``error``, ends its own work only.
    """

    inner: Structure
    stopping: Callable[[], bool]
    pause: Callable[[float], object]
    courtesy: float
    seconds: float = field(default=0.0)
    error: Exception | None = field(default=None)

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def kinds(self) -> tuple[str, ...]:
        return self.inner.kinds

    @property
    def reads(self) -> tuple[str, ...]:
        return self.inner.reads

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        started = time.perf_counter()
        try:
            self._check()
            for proposal in self.inner.propose(units, view, models):
                before = time.perf_counter()
                yield proposal  # whoever drives it applies it now
                self._check()
                if rest := min(self.courtesy * _since(before), _LONGEST_PAUSE):
                    self.pause(rest)
        except AgentMemError:
            raise
        except Exception as error:  # the boundary between one structure and the others
            self.error = error
            raise _Broken(f"{type(error).__name__}; it is tried again after a rest") from error
        finally:
            self.seconds += _since(started)

    def _check(self) -> None:
        if self.stopping():
            raise Told("the worker was told to stop; the next one goes on from here")


def _tell_error(scope: Scope, what: str, error: Exception, seconds: float) -> None:
    told = f" ({error})" if isinstance(error, AgentMemError) else ""  # anything else: with its traceback
    logger.error(
        "%s: %s failed with %s%s; it is tried again after a rest",
        scope.path,
        what,
        type(error).__name__,
        told,
        exc_info=None if told else error,
        extra={"scope": scope.path, "seconds": seconds, "error": type(error).__name__},
    )


def _tell(scope: Scope, run: str | None, built: Built, seconds: float, told: bool) -> None:
    if not (built.units or built.failed or built.changed or built.stopped):
        return
    fields = {
        "scope": scope.path,
        "run": run,
        "structure": built.structure,
        "units": built.units,
        "added": dict(built.added),
        "changed": dict(built.changed),
        "failed": len(built.failed),
        "waiting": built.waiting,
        "stopped": built.stopped,
        "seconds": round(seconds, 3),
        "calls": built.usage.llm_calls,
        "tokens": built.usage.prompt_tokens + built.usage.completion_tokens,
    }
    said = f"units {built.units}, added {sum(built.added.values())}"
    said += "".join(f", {name} {count}" for name, count in built.changed.items())
    if built.failed:
        said += f", failed {len(built.failed)} ({built.failed[-1].partition(':')[0]})"
    if built.stopped:
        said += f", stopped: {built.stopped}"
    level = logging.WARNING if built.failed or (built.stopped and not told) else logging.INFO
    logger.log(level, "%s: %s: %s", scope.path, built.structure, said, extra=fields)


def _since(started: float) -> float:
    return time.perf_counter() - started
