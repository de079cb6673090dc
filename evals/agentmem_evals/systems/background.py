"""Bodies that are hidden in one background, told one after another: only what differs is forgotten and told again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agentmem import ScopeHandle
from agentmem.types import Message
from agentmem_evals.systems.item_text import told
from agentmem_evals.systems.units import as_input
from agentmem_evals.types import Hidden, Item, Turn

_TOLD_AS = "@"


class Background:
    """What a scope holds of bodies with one background.

    Sessions that are the same in the next body stay. All others are forgotten, with all that was made from them, and
    what takes their place is added, at its own times. A forgotten ``ref`` is refused for good, so each telling has refs
    of its own, of which :func:`item_of` gives the item.
    """

    def __init__(self) -> None:
        self._name = ""
        self._turns: dict[str, tuple[Turn, ...]] = {}
        self._episodes: dict[str, tuple[str, ...]] = {}
        self._tellings = 0

    def exchange(self, scope: ScopeHandle, body: Hidden, batch: int) -> None:
        """Make a scope hold a body, and nothing else of the body before it."""
        if body.background != self._name:
            self._name, self._turns, self._episodes = body.background, {}, {}
        wanted = {session.id: session.turns for session in body.sessions}
        gone = [id for id, turns in self._turns.items() if wanted.get(id) != turns]
        if gone:
            scope.forget(ids=[episode for id in gone for episode in self._episodes[id]], compact=False)
        for id in gone:
            del self._turns[id], self._episodes[id]
        self._add(scope, {id: turns for id, turns in wanted.items() if id not in self._turns}, batch)

    def _add(self, scope: ScopeHandle, sessions: Mapping[str, tuple[Turn, ...]], batch: int) -> None:
        self._tellings += 1
        turns = [turn for told_in in sessions.values() for turn in told(told_in)]
        episodes = iter(scope.add([self._message(turn) for turn in turns], batch_size=batch).episodes)
        for id, told_in in sessions.items():
            self._turns[id] = told_in
            self._episodes[id] = tuple(next(episodes) for _turn in told(told_in))

    def _message(self, item: Item) -> Message:
        message = as_input(item)
        assert isinstance(message, Message)
        return replace(message, ref=f"{message.ref}{_TOLD_AS}{self._tellings}")


def item_of(ref: str) -> str:
    """The item that was told under a ref of a background."""
    return ref.rpartition(_TOLD_AS)[0]
