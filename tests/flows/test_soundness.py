"""After every verb, with every sort of structure, the database keeps all the rules that it is checked against."""

from __future__ import annotations

import asyncio

import pytest
from small_world import CONVERSATION, DOCUMENTS, MAY, in_all, said, scripted

from agentmem import AgentMemory, Document, Scope
from agentmem.aio import AsyncAgentMemory
from agentmem.store.audit import audit_run
from agentmem.testing import FakeEmbedder

WORLD = (
    *CONVERSATION,
    *DOCUMENTS,
    Document(
        " ".join(f"Otter {n} swims in bay {n % 7} and eats fish. " * 9 for n in range(12)), title="Otters", at=MAY
    ),
)


@pytest.mark.parametrize(
    "recipe", ["mixed", "fader", "hipporag2", "memtree", "memwalker", "raptor", "recursive-summary"]
)
def test_a_database_is_sound_after_every_verb(database, clock, recipe):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe=recipe, llm=scripted()) as store:
        handle = store.scope("acme", "ana")
        ids = handle.add(WORLD).ids
        built = handle.consolidate()
        assert built.run is not None and store.check() == ()
        for verb in (
            lambda: handle.retrieve("Luis"),
            lambda: handle.update(ids[0], text="I adopted a black cat."),
            lambda: handle.update(ids[0], metadata={"a": 1}),
            lambda: handle.retire(ids[1]),
            lambda: handle.pin(ids[2]),
            handle.consolidate,
            lambda: handle.add(said("I moved to Faro.", "Ana", "s2", 7)),
            handle.consolidate,
            lambda: handle.restore(ids[1]),
            lambda: handle.forget(ids=[ids[3]], compact=False),
            handle.consolidate,
            lambda: handle.forget(about="Porto", compact=False),
            lambda: handle.export(database.parent / "exported"),
            lambda: handle.forget(everything=True),
        ):
            verb()
            assert store.check() == ()
    with AgentMemory.open(":memory:", embedder=FakeEmbedder(), clock=clock) as other:
        other.scope("elsewhere").import_(database.parent / "exported")
        assert other.check() == ()


@pytest.mark.parametrize("recipe", ["mixed", "memtree", "raptor"])
def test_a_run_is_sound_by_itself_and_so_is_the_taking_back_of_it(database, clock, recipe):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe=recipe, llm=scripted()) as store:
        handle = store.scope("acme", "ana")
        runs = [handle.add(WORLD).run]
        runs.append(handle.consolidate().run)
        runs.append(handle.undo(runs[-1]))
        runs.append(handle.undo(runs[-1]))
        with store.parts.store.read(Scope("acme", "ana")) as reader:
            assert [audit_run(reader.connection, reader.scope_id, run) for run in runs] == [()] * 4
        assert store.check() == () and in_all(handle, "chunk")


def test_the_database_can_be_checked_by_those_who_await(database, clock):
    async def main():
        async with AsyncAgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as store:
            await store.scope("a").add("otter")
            return await store.check()

    assert asyncio.run(main()) == ()
