"""Facts for tests, a view of them that takes proposals in, and models."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from agentmem.kinds import FACT
from agentmem.models.chat.loading import wrap
from agentmem.operations import Add, Link, Retire, Revise, Unlink
from agentmem.structures.structure import Models, Unit
from agentmem.testing import FakeEmbedder
from agentmem.types import Memory, State

START = datetime(2023, 5, 1, tzinfo=UTC)
EMBED = FakeEmbedder(64).embed_documents


def day(number):
    return START + timedelta(days=number)


def fact(text, on=0, *, subject="Ana", speaker=None, keys=(), session=None, until=None, **more):
    metadata = {"subject": subject, "keys": list(keys), **more.pop("metadata", {})}
    return Memory(
        id=more.pop("id", f"mem_{on}_{text}"),
        version=more.pop("version", 1),
        kind=FACT,
        text=text,
        at=day(on),
        valid_from=day(on),
        valid_to=None if until is None else day(until),
        recorded_at=day(on),
        speaker=speaker,
        session=session or f"s{on}",
        metadata={name: value for name, value in metadata.items() if value},
        **more,
    )


class View:
    """What is there, and what becomes of it by operations."""

    def __init__(self, memories, edges=(), embed=EMBED):
        self.kept = {}
        self.there = {memory.id: memory for memory in memories}
        self.links = {(edge.kind, edge.source, edge.target): edge for edge in edges}
        self.embed = embed

    def memories(self, kind):
        return [m for m in self.there.values() if m.kind == kind and m.state is State.ACTIVE]

    def with_sources(self, memories):
        return memories

    def edges(self, kind):
        return [edge for edge in self.links.values() if edge.kind == kind]

    def vectors(self, memories):
        if self.embed is None:
            return np.zeros((len(memories), 0), dtype=np.float32)
        return self.embed([memory.text for memory in memories]) if memories else np.zeros((0, 64), np.float32)

    def put(self, *memories):
        self.there.update((memory.id, memory) for memory in memories)

    def take_in(self, operations):
        now = max((memory.recorded_at for memory in self.there.values()), default=START)
        for operation in operations:
            match operation:
                case Add(memory):
                    assert memory.id not in self.there
                    self.there[memory.id] = replace(memory, recorded_at=now)
                case Revise(memory, expected):
                    assert self.there[memory.id].version == expected == memory.version - 1
                    assert memory.valid_from >= self.there[memory.id].valid_from
                    self.there[memory.id] = replace(memory, recorded_at=now)
                case Retire(id, expected):
                    assert self.there[id].version == expected and self.there[id].state is State.ACTIVE
                    self.there[id] = replace(self.there[id], state=State.RETIRED)
                case Link(edge):
                    assert edge.source in self.there and edge.target in self.there
                    self.links[edge.kind, edge.source, edge.target] = edge
                case Unlink(edge):
                    del self.links[edge.kind, edge.source, edge.target]
                case _:
                    raise AssertionError(operation)


def units(*facts):
    return [Unit(None, (), (memory,)) for memory in facts]


def run(structure, view, new=(), chat=None, embed=EMBED):
    """Propose, and take what is proposed in; every unit is completed at most once."""
    view.put(*new)
    given = units(*new)
    proposals, done = [], []
    for proposal in structure.propose(given, view, Models(wrap(chat), embed, len)):
        assert proposal.failure is None or not proposal.operations
        view.take_in(proposal.operations)
        done += [unit.chunks[0].id for unit in proposal.units]
        proposals.append(proposal)
    assert len(done) == len(set(done)) and set(done) <= {memory.id for memory in new}
    return proposals


def operations(proposals):
    return [operation for proposal in proposals for operation in proposal.operations]


def completed(proposals):
    return {unit.chunks[0].text for proposal in proposals for unit in proposal.units if proposal.failure is None}
