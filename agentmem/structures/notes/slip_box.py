"""The notes that are there while new ones are put in: their vectors, their links, and what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from agentmem.ids import EDGE, new_id
from agentmem.index.exact import top
from agentmem.kinds import CHUNK, LINKED, NOTE, SUMMARISES
from agentmem.operations import Add, Link, Operation, Retire, Revise, Unlink
from agentmem.protocols import FloatArray
from agentmem.structures.notes.evolution import Beside, Evolved
from agentmem.structures.notes.note import OF, Wording, note_of, revised, wording_of
from agentmem.structures.reflection import vectors_of
from agentmem.structures.structure import Models, View
from agentmem.structures.trees.nodes import link
from agentmem.types import Edge, Memory


@dataclass(slots=True)
class SlipBox:
    """See the module's docstring. Notes are in the order in which they came."""

    models: Models
    chunks: dict[str, Memory]
    notes: dict[str, Memory]
    _by_chunk: dict[str, str]
    _vectors: FloatArray
    _places: dict[str, int]
    _order: list[str]
    _rests: dict[str, set[str]]
    _links: dict[tuple[str, str], Edge]
    _fresh: set[str] = field(default_factory=set)
    _stored: dict[str, Memory] = field(default_factory=dict)
    _drawn: list[Operation] = field(default_factory=list)
    _gone: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, view: View, models: Models) -> SlipBox:
        """From the store."""
        chunks = {memory.id: memory for memory in view.memories(CHUNK)}
        notes = {memory.id: memory for memory in view.memories(NOTE)}
        rests: dict[str, set[str]] = {}
        for edge in view.edges(SUMMARISES) if notes else ():
            if edge.source in notes:
                rests.setdefault(edge.source, set()).add(edge.target)
        links = {(edge.source, edge.target): edge for edge in view.edges(LINKED)} if notes else {}
        vectors = np.zeros((len(notes), 0), dtype=np.float32)
        if models.embed is not None and notes:
            vectors = vectors_of(list(notes.values()), view, models.embed)
        return cls(
            models,
            chunks,
            notes,
            {str(memory.metadata.get(OF)): memory.id for memory in notes.values()},
            vectors,
            {id: place for place, id in enumerate(notes)},
            list(notes),
            rests,
            links,
        )

    def outdated(self) -> list[Operation]:
        """What takes notes out of use whose text is out of use."""
        found: list[Operation] = []
        for memory in list(self.notes.values()):
            if memory.metadata.get(OF) not in self.chunks:
                found.append(Retire(memory.id, memory.version, "its text is out of use"))
                found += [Unlink(edge) for pair, edge in self._links.items() if memory.id in pair]
                self._links = {pair: edge for pair, edge in self._links.items() if memory.id not in pair}
                del self.notes[memory.id]
                self._gone.add(memory.id)
        return found

    def put(self, chunks: Sequence[Memory], wordings: Sequence[Wording]) -> list[str]:
        """Notes of these texts, new or in a new version; their ids, in order."""
        ids = []
        for chunk, wording in zip(chunks, wordings, strict=True):
            known = self._by_chunk.get(chunk.id)
            if known is None or known not in self.notes:
                note = note_of(chunk, wording)
                self._fresh.add(note.id)
                self._by_chunk[chunk.id] = note.id
                self._draw(note.id, chunk.id, None)
            else:
                note = self.notes[known]
                self._stored.setdefault(note.id, note)
                note = revised(note, chunk, wording, [chunk])
                for pair in [pair for pair in self._links if pair[0] == note.id and pair[1] in self.notes]:
                    self._drawn.append(Unlink(self._links.pop(pair)))  # it is linked anew
            self.chunks[chunk.id] = chunk
            self.notes[note.id] = note
            ids.append(note.id)
        self._embed(ids)
        return ids

    def beside(self, id: str, coming: Sequence[str], most: int) -> Beside:
        """A note with the nearest of the others, at most so many; notes that are ``coming`` are not there yet."""
        if not self._vectors.shape[1]:
            return Beside(self.notes[id], ())
        cosines = self._vectors @ self._vectors[self._places[id]]
        cosines[[self._places[other] for other in {id, *coming, *self._gone}]] = -np.inf
        near = [place for place in top(cosines, most).tolist() if np.isfinite(cosines[place])]
        return Beside(
            self.notes[id], tuple((self.notes[self._order[place]], min(1.0, float(cosines[place]))) for place in near)
        )

    def evolve(self, evolved: Evolved, cosines: dict[str, float]) -> None:
        """Link the note, and let it change what it changes."""
        because = dict(evolved.because)
        for other in evolved.links:
            if (other, evolved.note) not in self._links:
                self._draw(evolved.note, None, other, cosines.get(other, 0.0))
        for id, wording in evolved.wordings:
            note = self.notes[id]
            if wording == wording_of(note):
                continue
            self._stored.setdefault(id, note)
            chunk = self.chunks[note.metadata[OF]]
            self.notes[id] = replace(
                revised(note, chunk, wording, [self.notes[other] for other in because[id]]), version=note.version
            )
            for other in because[id]:
                for text in sorted(self._rests.get(other, ())):  # what that one rests on may have come along
                    self._draw(id, text, None)

    def written(self) -> list[Operation]:
        """All that has changed since the last time, as operations; what has changed is embedded anew."""
        found: list[Operation] = [Add(self.notes[id]) for id in self.notes if id in self._fresh]
        for id, before in self._stored.items():
            if id not in self._fresh:
                self.notes[id] = replace(self.notes[id], version=before.version + 1)
                found.append(Revise(self.notes[id], before.version))
        found += self._drawn
        self._embed(list(self._stored))
        self._fresh.clear()
        self._stored.clear()
        self._drawn.clear()
        return found

    def _draw(self, id: str, chunk: str | None, other: str | None, weight: float = 1.0) -> None:
        """Edges to a text that a note rests on, or to a note; and to its own text at first."""
        if chunk is not None and chunk not in self._rests.setdefault(id, set()):
            if not self._rests[id]:
                self._link(id, chunk, weight)
            self._rests[id].add(chunk)
            self._drawn.append(link(id, chunk))
        if other is not None and (id, other) not in self._links:
            self._link(id, other, weight)

    def _link(self, source: str, target: str, weight: float) -> None:
        edge = Edge(new_id(EDGE), LINKED, source, target, round(weight, 6))
        self._links[source, target] = edge
        self._drawn.append(Link(edge))

    def _embed(self, ids: Sequence[str]) -> None:
        """Vectors of these notes as they are now."""
        for id in ids:
            if id not in self._places:
                self._places[id] = len(self._order)
                self._order.append(id)
        if self.models.embed is None or not ids:
            return
        made = self.models.embed([self.notes[id].text for id in ids])
        grown = np.zeros((len(self._places), made.shape[1]), dtype=np.float32)
        if self._vectors.shape[1]:
            grown[: len(self._vectors)] = self._vectors
        grown[[self._places[id] for id in ids]] = made
        self._vectors = grown
