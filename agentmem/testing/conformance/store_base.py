"""What the chapters of the store's suite share: its fixtures, and values to store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agentmem.operations import Add, Operation, Record, Revise, Run
from agentmem.protocols import Clock, Listing, Store
from agentmem.testing.fakes import FakeClock
from agentmem.types import Episode, EpisodeKind, Memory, Scope, Source

MINE, YOURS = Scope("acme", "ana"), Scope("acme", "bo")
NOW = FakeClock()()
HOUR = timedelta(hours=1)
ALL = Listing(state=None)

MakeStore = Callable[[Clock, str], Store]


class StoreSuite:
    """The fixtures of every chapter.

    Attributes:
        keeps_content: whether what was written is still there when it was closed and opened again.
        snapshots: whether a reader is undisturbed by a writer that commits while it reads; where not, one waits for
            the other.
    """

    keeps_content: bool = True
    snapshots: bool = True

    @pytest.fixture
    def make_store(self) -> MakeStore:
        """Override me."""
        raise NotImplementedError("Override the fixture make_store: a function from a clock and a name to a store.")

    @pytest.fixture
    def time(self) -> FakeClock:
        """The clock of the store under test."""
        return FakeClock()

    @pytest.fixture
    def store(self, make_store: MakeStore, time: FakeClock) -> Iterator[Store]:
        """An empty store."""
        opened = make_store(time, "one")
        yield opened
        opened.close()


def run(id: str = "run_1", **cause: Any) -> Run:
    """A run to write under."""
    return Run(id, cause or {"verb": "add"})


def memory(name: str, text: str | None = None, at: float = 0.0, **fields: Any) -> Memory:
    """The memory ``mem_NAME``, made from the whole of the episode ``epi_NAME``, ``at`` hours after ``NOW``."""
    text = name if text is None else text
    moment = NOW + at * HOUR
    source = Source(f"epi_{name}", 0, len(text))
    made = Memory(f"mem_{name}", 1, "chunk", text, moment, moment, None, moment, sources=(source,))
    return replace(made, **fields)


def told(made: Memory, *, ref: str | None = None) -> list[Operation]:
    """The operations that store a memory with the episode it comes from."""
    episode = Episode(
        made.sources[0].episode,
        EpisodeKind.TURN,
        made.text,
        made.at,
        NOW,
        ref=ref,
        session=made.session,
        speaker=made.speaker,
        role=made.role,
        metadata=made.metadata,
    )
    return [Record(episode), Add(made)]


def add(store: Store, *memories: Memory, scope: Scope = MINE, as_run: str = "run_1") -> list[int]:
    """Store memories with their episodes; returns the rows of the memories."""
    rows: list[int] = []
    with store.write(scope) as writer:
        rows.extend(writer.apply(run(as_run), told(made))[1] for made in memories)
    return rows


def reworded(old: Memory, text: str, *, at: float = 1.0, retract: bool = False, tag: str = "new") -> list[Operation]:
    """The operations that replace a memory's wording from some hours after ``NOW`` on; ``tag`` names the episode."""
    version = old.version + 1
    episode_id = f"{old.sources[0].episode}_{tag}"
    moment = NOW + at * HOUR
    episode = Episode(episode_id, EpisodeKind.CORRECTION, text, moment, NOW)
    new = replace(old, version=version, text=text, valid_from=moment, sources=(Source(episode_id, 0, len(text)),))
    return [Record(episode, corrects=old.id), Revise(new, old.version, retract=retract)]


def get(store: Store, id: str, scope: Scope = MINE) -> Memory | None:
    """The current version of a memory."""
    with store.read(scope) as reader:
        return reader.get(id)
