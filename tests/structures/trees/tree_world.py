"""A store for structures in a few lines: what is there, proposals applied, and forgetting; and a scripted model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from agentmem.errors import BudgetExhausted, LLMError, NotFound, VersionConflict
from agentmem.ids import EPISODE, MEMORY, new_id
from agentmem.kinds import CHUNK, SUMMARISES
from agentmem.llm import Completion
from agentmem.operations import Add, Link, Retire, Revise, Unlink
from agentmem.structures.structure import Models, Unit
from agentmem.testing import FakeEmbedder
from agentmem.text.budget import estimate_tokens
from agentmem.types import Edge, Episode, EpisodeKind, Memory, Source, State, Usage

START = datetime(2026, 1, 1, tzinfo=UTC)


class ScriptedLLM:
    """Answers by prompt id: a function of the variables gives the reply's fields, or an error."""

    name = "scripted"

    def __init__(self, **script: Callable[[Mapping[str, str]], Mapping | LLMError]) -> None:
        self.script = script
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.rounds = 0

    def complete(self, prompt, schema):
        self.asked.append((prompt.id, prompt.variables))
        answer = self.script[prompt.id](prompt.variables)
        if isinstance(answer, LLMError):
            raise answer
        return Completion(schema(**answer), Usage(llm_calls=1, prompt_tokens=10, completion_tokens=5))

    def complete_many(self, prompts, schema):
        self.rounds += 1
        found = []
        for prompt in prompts:
            try:
                found.append(self.complete(prompt, schema))
            except LLMError as error:
                found.append(error)
        return found


@dataclass
class World:
    """Implements View; ``apply`` is strict about what operations name."""

    embedder: FakeEmbedder | None = field(default_factory=lambda: FakeEmbedder(32))
    all: dict[str, Memory] = field(default_factory=dict)
    links: dict[tuple[str, str], Edge] = field(default_factory=dict)
    kept: dict = field(default_factory=dict)
    own_vectors: dict[str, np.ndarray] = field(default_factory=dict)
    now: datetime = START + timedelta(days=1000)
    minutes: int = 0

    def memories(self, kind):
        bare = [
            replace(m, sources=()) if kind == CHUNK else m for m in self.all.values()
        ]  # as the real view gives them
        return [memory for memory in bare if memory.kind == kind and memory.state == State.ACTIVE]

    def with_sources(self, memories):
        return [replace(memory, sources=self.all[memory.id].sources) for memory in memories]

    def edges(self, kind):
        return [edge for edge in self.links.values() if edge.kind == kind]

    def vectors(self, memories):
        if self.embedder is None:
            return np.zeros((len(memories), 0), dtype=np.float32)
        found = np.zeros((len(memories), self.embedder.dimension), dtype=np.float32)
        for row, memory in enumerate(memories):
            own = self.own_vectors.get(memory.id)
            found[row] = self.embedder.embed_query(memory.text) if own is None else own
        return found

    def models(self, llm=None):
        return Models(llm, None if self.embedder is None else self.embedder.embed_documents, estimate_tokens)

    def session(self, name: str | None, *texts: str, vectors=None, kind=EpisodeKind.TURN, **more) -> Unit:
        """New turns, one chunk each."""
        episodes, chunks = [], []
        for row, text in enumerate(texts):
            self.minutes += 1
            at = START + timedelta(minutes=self.minutes)
            speaker = "Ana" if kind == EpisodeKind.TURN else None
            episode = Episode(new_id(EPISODE), kind, text, at, self.now, session=name, speaker=speaker)
            source = Source(episode.id, 0, len(text))
            given = {"session": name, "speaker": speaker, "sources": (source,)} | more
            chunk = Memory(new_id(MEMORY), 1, CHUNK, text, at, at, None, self.now, **given)
            episodes.append(episode)
            chunks.append(chunk)
            self.all[chunk.id] = chunk
            if vectors is not None:
                self.own_vectors[chunk.id] = np.asarray(vectors[row], dtype=np.float32)
        return Unit(name, tuple(episodes), tuple(chunks))

    def document(self, *parts: str, title: str | None = None) -> Unit:
        """One document, a chunk for each part."""
        self.minutes += 1
        at = START + timedelta(minutes=self.minutes)
        episode = Episode(new_id(EPISODE), EpisodeKind.DOCUMENT, "".join(parts), at, self.now, title=title)
        source = Source(episode.id, 0, 1)
        chunks = [
            Memory(new_id(MEMORY), 1, CHUNK, part, at, at, None, self.now, title=title, sources=(source,))
            for part in parts
        ]
        self.all |= {chunk.id: chunk for chunk in chunks}
        return Unit(None, (episode,), tuple(chunks))

    def run(self, structure, *units: Unit, llm=None, restart=False):
        """Let a structure work, apply what it proposes; returns the proposals."""
        if restart:
            self.kept = {}
        done = []
        for proposal in structure.propose(units, self, self.models(llm)):
            self.apply(proposal.operations)
            done.append(proposal)
        return done

    def run_into_budget(self, structure, *units: Unit, llm):
        done = []
        try:
            for proposal in structure.propose(units, self, self.models(llm)):
                self.apply(proposal.operations)
                done.append(proposal)
        except BudgetExhausted:
            return done
        raise AssertionError("the budget was to be exhausted")

    def apply(self, operations) -> None:
        self.now += timedelta(minutes=1)
        for operation in operations:
            match operation:
                case Add(memory):
                    assert memory.id not in self.all and memory.version == 1 and not memory.sources
                    assert memory.text.strip() and memory.at == memory.valid_from
                    self.all[memory.id] = replace(memory, recorded_at=self.now)
                case Revise(memory, expected):
                    self._check(memory.id, expected)
                    assert memory.version == expected + 1
                    self.all[memory.id] = replace(memory, recorded_at=self.now)
                case Retire(id, expected):
                    self._check(id, expected)
                    self.all[id] = replace(self.all[id], state=State.RETIRED)
                case Link(edge):
                    self._check(edge.source, None)
                    self._check(edge.target, None)
                    assert edge.kind == SUMMARISES
                    assert (edge.source, edge.target) not in self.links
                    self.links[edge.source, edge.target] = edge
                case Unlink(edge):
                    del self.links[edge.source, edge.target]
                case _:
                    raise AssertionError(operation)

    def _check(self, id: str, expected: int | None) -> None:
        if id not in self.all:
            raise NotFound(id)
        if expected is not None and self.all[id].version != expected:
            raise VersionConflict(id)

    def forget(self, *ids: str) -> set[str]:
        """These, and every summary above them; a document as a whole."""
        gone = set(ids)
        while True:
            more = {source for (source, target) in self.links if target in gone} - gone
            episodes = {s.episode for id in gone if id in self.all for s in self.all[id].sources}
            more |= {m.id for m in self.all.values() if any(s.episode in episodes for s in m.sources)} - gone
            if not more:
                break
            gone |= more
        self.all = {id: memory for id, memory in self.all.items() if id not in gone}
        self.links = {pair: edge for pair, edge in self.links.items() if not gone & set(pair)}
        self.kept = {}
        return gone

    def active(self, kind: str) -> dict[str, Memory]:
        return {memory.id: memory for memory in self.memories(kind)}

    def below(self, id: str) -> list[str]:
        """The active children."""
        return [t for (s, t) in self.links if s == id and self.all[t].state == State.ACTIVE]

    def above(self, id: str) -> list[str]:
        """The active parents."""
        return [s for (s, t) in self.links if t == id and self.all[s].state == State.ACTIVE]

    def leaves(self, id: str) -> set[str]:
        """The chunks under a node."""
        if self.all[id].kind == CHUNK:
            return {id}
        return set().union(*(self.leaves(child) for child in self.below(id)), set())

    def roots(self, kind: str) -> list[str]:
        """Nodes and chunks with no node of the kind above them."""
        of_tree = {**self.active(kind), **self.active(CHUNK)}
        return [id for id in of_tree if not any(self.all[p].kind == kind for p in self.above(id))]

    def text(self, id: str) -> str:
        return self.all[id].text


def directions(count: int, seed: int, dimension: int = 32, groups: int = 4) -> np.ndarray:
    """Random unit vectors in a few loose groups."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((groups, dimension))
    spread = random.uniform(0.2, 1.5, size=(count, 1))
    found = centres[random.integers(groups, size=count)] + spread * random.standard_normal((count, dimension))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def echo(variables: Mapping[str, str]) -> Mapping[str, str]:
    """A summary that tells what it was made of."""
    return {"text": " | ".join(str(value) for value in variables.values())}


def ids(memories: Iterable[Memory] | Sequence[Memory]) -> list[str]:
    return [memory.id for memory in memories]
