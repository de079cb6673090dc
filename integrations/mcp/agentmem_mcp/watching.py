"""A long consolidation, watched: how far it is, and whether it shall stop.

A recipe's structures propose unit by unit. Between two units, a watched one counts what is done, and stops, as it
would for a spent budget, when nobody waits for the answer any more: what was done stands, the rest is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from threading import Event

from agentmem.errors import BudgetExhausted
from agentmem.recipes.recipe import Recipe
from agentmem.structures.structure import Models, Proposal, Structure, Unit, View


@dataclass(slots=True)
class Watch:
    """One call that is watched: written by its thread, read by the server's, except ``stop``, the other way round."""

    done: int = 0
    stage: str = ""
    stop: Event = field(default_factory=Event)


_watch: ContextVar[Watch | None] = ContextVar("agentmem_mcp_watch", default=None)


@contextmanager
def watched_by(watch: Watch) -> Iterator[None]:
    """Let what structures do inside the block be watched."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


def watched(recipe: Recipe) -> Recipe:
    """The recipe with structures that can be watched."""
    return replace(recipe, structures=tuple(map(_maker, recipe.structures)))


def _maker(make: Callable[[], Structure]) -> Callable[[], Structure]:
    return lambda: WatchedStructure(make())


class WatchedStructure:
    """A structure that does what another does, and can be watched."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure

    @property
    def name(self) -> str:
        """The other's name: it goes on where that one was."""
        return self._structure.name

    @property
    def kinds(self) -> tuple[str, ...]:
        """See :class:`agentmem.structures.structure.Structure`."""
        return self._structure.kinds

    @property
    def reads(self) -> tuple[str, ...]:
        """See :class:`agentmem.structures.structure.Structure`."""
        return self._structure.reads

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """What the other proposes, until the watch says stop."""
        watch = _watch.get()
        proposals = self._structure.propose(units, view, models)
        if watch is None:
            yield from proposals
            return
        watch.stage = self.name
        for proposal in _until(watch.stop, proposals):
            yield proposal
            watch.done += len(proposal.units)


def _until(stop: Event, proposals: Iterator[Proposal]) -> Iterator[Proposal]:
    while True:
        if stop.is_set():
            raise BudgetExhausted("the call was cancelled; consolidate again to go on")
        proposal = next(proposals, None)
        if proposal is None:
            return
        yield proposal
