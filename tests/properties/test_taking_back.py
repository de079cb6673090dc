"""Undo is the identity: whatever was done, taking it back leaves what was there before, and doing it again the same."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem import AgentMemory, Message
from agentmem.errors import CannotUndo, InvalidInput
from agentmem.ids import EPISODE, MEMORY, RUN, new_id
from agentmem.kinds import SUMMARISES
from agentmem.operations import Add, Record, Run
from agentmem.testing import FakeClock, FakeEmbedder
from agentmem.types import Episode, EpisodeKind, Memory, Source, State

START = datetime(2026, 1, 1, tzinfo=UTC)
RECIPES = ("default", "memtree", "recursive-summary", "hipporag2", "fader")
PLACES = ("Rome", "Ghent", "Porto", "Oslo")
KEPT = ("strength", "uses", "used_at")
"""Usage is counted on, whatever is taken back."""
OWN = ("version", "recorded_at", "superseded_at", "valid_from")
"""A version that reads as a former one is still a new one. It goes on from the moment at which the one that is taken
back began; of the time before, the former version itself tells."""


def add(handle, clock, memories, number):
    text = f"I live in {PLACES[number % 4]} with my cat number {len(memories)}. The cat likes {PLACES[number % 3]}."
    handle.add(Message(text, speaker="Ana", session=f"s{number}", at=clock() - timedelta(hours=number)))


def quarantine(handle, clock, memories, number):
    text = f"Ana may live in {PLACES[number % 4]}."
    at = clock()
    episode = Episode(new_id(EPISODE), EpisodeKind.TURN, text, at, at, session="q")
    sources = (Source(episode.id, 0, len(text)),)
    fact = Memory(new_id(MEMORY), 1, "fact", text, at, at, None, at, state=State.QUARANTINED, sources=sources)
    with handle._owner.parts.store.write(handle.scope) as writer:
        writer.apply(Run(new_id(RUN), {"verb": "test"}), [Record(episode), Add(fact)])


def reword(handle, clock, memories, number):
    chosen = memories[number % len(memories)]
    with suppress(InvalidInput):
        handle.update(chosen.id, text=f"I am in {PLACES[number % 4]}.", valid_from=clock() - timedelta(minutes=number))


def take_back(handle, clock, memories, number):
    entries = handle.history(memories[number % len(memories)].id)
    changes = [change for version in entries for change in version.changes]
    with suppress(CannotUndo):
        handle.undo(changes[number % len(changes)].run)


def on_one(do):
    return lambda handle, clock, memories, number: do(handle, memories[number % len(memories)].id, clock, number)


CHANGES = {
    "add": add,
    "quarantine": quarantine,
    "reword": reword,
    "annotate": on_one(lambda handle, one, clock, n: handle.update(one, metadata={"n": n})),
    "retire": on_one(lambda handle, one, clock, n: handle.retire(one)),
    "restore": on_one(lambda handle, one, clock, n: handle.restore(one)),
    "pin": on_one(lambda handle, one, clock, n: handle.pin(one, pinned=n % 2 == 0)),
    "expire": on_one(lambda handle, one, clock, n: handle.expires_at(one, clock() + timedelta(hours=n))),
    "undo": take_back,
    **dict.fromkeys(RECIPES),
}
NUMBERS = st.integers(0, 40)
STEPS = st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), NUMBERS), max_size=7)


def do(handles, clock, step, number):
    """One change, of some memory of any kind and state."""
    clock.advance(hours=1)
    if step in RECIPES:
        handles[step].consolidate(max_retired=1.0)
        return
    handle = handles["default"]
    memories = everything(handle)
    if memories or step in ("add", "quarantine"):
        CHANGES[step](handle, clock, memories, number)


def everything(handle):
    return list(handle.list(state=None, limit=1_000))


def records(handle, kind):
    with handle._owner.parts.store.read(handle.scope) as reader:
        return [record for record in reader.records() if record["type"] == kind]


def plain(memory):
    """A memory as it reads, but for what is the version's own."""
    return {field.name: getattr(memory, field.name) for field in fields(memory) if field.name not in (*KEPT, *OWN)}


def read(handle, moments):
    """Everything that can be read: memories, edges, and what was true at some moments."""
    edges = {(edge["kind"], edge["source"], edge["target"]): edge["weight"] for edge in records(handle, "edge")}
    true = [{memory.id: memory.text for memory in handle.list(as_of=moment, limit=1_000)} for moment in moments]
    found = {hit.id for hit in handle.retrieve("Where does Ana live?", k=50, recipe="texts")}
    return {memory.id: plain(memory) for memory in everything(handle)}, edges, true, found


def without(content, added):
    """The same without the memories that were added by what was taken back: they stay, retired, with what they say
    they were made of."""
    memories, edges, true, found = content
    assert all(memories[id]["state"] is State.RETIRED for id in added)
    assert not any(id in there for id in added for there in (*true, found))
    kept = {ends: weight for ends, weight in edges.items() if not (ends[0] == SUMMARISES and ends[1] in added)}
    return {id: memory for id, memory in memories.items() if id not in added}, kept, true, found


@settings(max_examples=25)
@given(steps=STEPS, last=st.sampled_from(sorted(CHANGES)), number=NUMBERS)
def test_undo_leaves_what_was_there_before(steps, last, number):
    clock = FakeClock(START)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_stores:
        handles = {}
        for recipe in RECIPES:
            store = AgentMemory.open(Path(folder) / "db", embedder=FakeEmbedder(), clock=clock, recipe=recipe)
            handles[recipe] = open_stores.enter_context(store).scope("ana")
        handle = handles["default"]
        add(handle, clock, [], number)
        for step, n in steps:
            do(handles, clock, step, n)
        runs = {record["id"] for record in records(handle, "run")}
        moments = [START + timedelta(minutes=50 * n - 300) for n in range(18)]
        before = read(handle, moments)
        do(handles, clock, last, number)
        after = read(handle, moments)
        done = [record["id"] for record in records(handle, "run") if record["id"] not in runs]
        again = [handle.undo(run) for run in reversed(done)]
        assert without(read(handle, moments), after[0].keys() - before[0].keys()) == before
        assert store.check() == ()
        for run in reversed(again):
            handle.undo(run)
        assert read(handle, moments) == after
        assert store.check() == ()
