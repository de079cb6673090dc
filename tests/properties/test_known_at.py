"""What was believed at an earlier moment reads, ever after, as it read then."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem import AgentMemory, Message
from agentmem.errors import CannotUndo, InvalidInput
from agentmem.testing import FakeClock, FakeEmbedder

START = datetime(2026, 1, 1, tzinfo=UTC)
PLACES = ("Rome", "Ghent", "Porto", "Oslo")


def add(handle, clock, memories, number):
    text = f"I live in {PLACES[number % 4]} with my cat number {len(memories)}."
    handle.add(Message(text, speaker="Ana", session="s"))


def backdate(handle, clock, chosen, number):
    with suppress(InvalidInput):
        handle.update(chosen.id, text=f"I lived in {PLACES[number % 4]}.", valid_from=clock() - timedelta(minutes=30))


def undo(handle, clock, chosen, number):
    changes = [change for version in handle.history(chosen.id) for change in version.changes]
    with suppress(CannotUndo):
        handle.undo(changes[number % len(changes)].run)


CHANGES = {
    "reword": lambda handle, clock, chosen, n: handle.update(chosen.id, text=f"I moved to {PLACES[n % 4]}, day {n}."),
    "backdate": backdate,
    "annotate": lambda handle, clock, chosen, n: handle.update(chosen.id, metadata={"n": n}),
    "retire": lambda handle, clock, chosen, n: handle.retire(chosen.id),
    "restore": lambda handle, clock, chosen, n: handle.restore(chosen.id),
    "pin": lambda handle, clock, chosen, n: handle.pin(chosen.id, pinned=n % 2 == 0),
    "expire": lambda handle, clock, chosen, n: handle.expires_at(chosen.id, clock() + timedelta(hours=n)),
    "undo": undo,
    "consolidate": lambda handle, clock, chosen, n: handle.consolidate(),
}
steps = st.lists(st.tuples(st.sampled_from(["add", *CHANGES]), st.integers(0, 5)), max_size=8)


def do(handle, clock, step, number):
    """One change of some memory."""
    memories = handle.list(kinds=["chunk"], state=None)
    if step == "add" or not memories:
        add(handle, clock, memories, number)
    else:
        CHANGES[step](handle, clock, memories[number % len(memories)], number)


def plain(memory):
    """A version without its usage, which is not journalled."""
    return (
        *(memory.id, memory.version, memory.text, memory.valid_from, memory.valid_to, memory.superseded_at),
        *(memory.retired_at, memory.state, memory.pinned, memory.expires_at, tuple(memory.metadata)),
    )


def seen(handle, as_of=None, known_at=None):
    """Everything a reader gets to see."""
    times = {"as_of": as_of, "known_at": known_at}
    return {
        "all": [plain(memory) for memory in handle.list(state=None, **times)],
        "active": [plain(memory) for memory in handle.list(**times)],
        "found": sorted(hit.id for hit in handle.retrieve("Where does Ana live?", k=50, recipe="texts", **times)),
        "facts": sorted(hit.id for hit in handle.retrieve("Where does Ana live?", k=50, recipe="facts", **times)),
    }


@settings(max_examples=30)
@given(steps)
def test_the_past_reads_as_it_did(steps):
    clock = FakeClock(START)
    with AgentMemory.open(":memory:", embedder=FakeEmbedder(), clock=clock, recipe="facts") as store:
        handle = store.scope("ana")
        snapshots = []
        for step, number in steps:
            clock.advance(hours=1)
            do(handle, clock, step, number)
            worlds = (None, clock(), START + timedelta(hours=number))
            snapshots.append((clock(), {as_of: seen(handle, as_of) for as_of in worlds}))
        clock.advance(hours=1)
        for known_at, worlds in snapshots:
            for as_of, expected in worlds.items():
                assert seen(handle, as_of, known_at) == expected
            for memory in handle.list(state=None, known_at=known_at):
                assert plain(handle.get(memory.id, known_at=known_at)) == plain(memory)


def test_pages_of_the_past_go_together(store, clock):
    handle = store.scope("ana")
    handle.add([Message(f"Note {n}", session="s") for n in range(7)])
    then = clock()
    clock.advance(hours=1)
    handle.retire(handle.list()[3].id)
    first = handle.list(known_at=then, limit=4)
    rest = handle.list(known_at=then, limit=4, after=first.next)
    assert [len(first), len(rest), rest.next] == [4, 3, None]
    assert len({memory.id for memory in (*first, *rest)}) == 7


def test_what_was_forgotten_is_gone_from_the_past(store, clock):
    handle = store.scope("ana")
    handle.add(Message("My otter lives in Rome.", session="s"))
    then = clock()
    clock.advance(hours=1)
    handle.forget(session="s")
    assert list(handle.list(known_at=then)) == [] and handle.retrieve("otter", known_at=then) == []


def test_a_moment_without_a_zone_is_refused(store):
    with pytest.raises(InvalidInput, match="known_at"):
        store.scope("ana").retrieve("x", known_at=START.replace(tzinfo=None))
