"""H-MEM: a hierarchy of domains, categories and traces over the texts, that grows with each of them.

Sun & Zeng, "H-MEM: Hierarchical Memory for High-Efficiency Long-Term Reasoning in LLM Agents" (2025, arXiv 2507.22925).
A text is filed under a domain, in that under a category, and in that under a trace; what is there is used again if it
matches, else a node begins, and the node above points to it. With a model, names and key words are its
(:mod:`agentmem.structures.hierarchy.parsing`), and traces within a category are matched by likeness; without one, texts
are clustered as they come, the upper layers by a text with its neighbours, and nodes say what marks their texts.

A text that was reworded is filed anew. Nodes that were lost because somebody forgot a text are made again for what hung
below them with the next session that comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from agentmem.kinds import CHUNK
from agentmem.protocols import FloatArray
from agentmem.structures.evidence import NEVER
from agentmem.structures.hierarchy.growth import Growth
from agentmem.structures.hierarchy.labels import NAMED
from agentmem.structures.hierarchy.layers import LAYERS, USUAL, Likeness
from agentmem.structures.hierarchy.parsing import Filed, filed
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.texts import is_document, text_of
from agentmem.structures.trees.vectors import chunk_vectors
from agentmem.structures.trees.wording import NotWritten
from agentmem.text.phrases import normalise
from agentmem.types import Memory, Usage

AROUND: Mapping[int, float] = {-2: 0.25, -1: 0.5, 1: 0.5, 2: 0.25}
"""What a neighbour's vector counts in a text's context; its own counts 1."""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The structure. One proposal for each session or document.

    Without an embedding model nothing is built by rules, and texts are found as they are.

    Attributes:
        likeness: how alike things must be to stand in one place.
    """

    reads: ClassVar[tuple[str, ...]] = ()
    name: ClassVar[str] = "hierarchy"
    kinds: ClassVar[tuple[str, ...]] = LAYERS

    likeness: Likeness = USUAL

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`.

        After a loss, the first proposal puts what hung there back; it completes no unit.
        """
        growth = Growth.read(view, models, self.likeness)
        if growth.layer:
            lost = _lost(growth, units, view, models)
            growth.repair(zip(lost, chunk_vectors(lost, view, models), strict=True) if lost else ())
            if repaired := growth.written():
                yield Proposal(repaired, ())
        for unit in units:
            chunks = [chunk for chunk in unit.chunks if chunk.id not in growth.parents or chunk.version > 1]
            if not chunks or (models.embed is None and models.llm is None):
                yield Proposal((), (unit,))
                continue
            asking = None if models.llm is None else Questions(models.llm)
            new = Unit(unit.session, unit.episodes, tuple(chunks))
            try:
                places = {} if asking is None else filed(new, _places(growth), models, asking)
            except NotWritten as failed:
                yield Proposal((), (unit,), usage=failed.usage, failure=failed.error)
                continue
            vectors = chunk_vectors(unit.chunks, view, models)
            around = vectors if is_document(unit) else in_context(vectors, AROUND)
            of = {chunk.id: place for place, chunk in enumerate(unit.chunks)}
            names = _Names(growth, models)
            for chunk in chunks:
                own, context = vectors[of[chunk.id]], around[of[chunk.id]]
                growth.put(chunk, own)
                if chunk.id in places:
                    names.place(chunk, places[chunk.id], own)
                elif models.embed is not None:
                    growth.place(chunk.id, own, context)
            prompts, usage = ((), Usage()) if asking is None else (asking.prompts, asking.usage)
            yield Proposal(growth.written(), (unit,), prompts, usage)


class _Names:
    """Files texts under the names that a model gave."""

    def __init__(self, growth: Growth, models: Models) -> None:
        self._growth = growth
        self._models = models
        self._vectors: dict[str, FloatArray] = {}

    def place(self, chunk: Memory, filed: Filed, vector: FloatArray) -> None:
        """Under the domain and the category of that name, and there the nearest trace; what is missing begins."""
        growth = self._growth
        above: str | None = None
        for layer, name in enumerate((filed.domain, filed.category)):
            found = self._called(name, growth.below(above, layer))
            above = growth.begin(layer, above, chunk, name) if found is None else found
        trace = growth.nearest(vector, above, len(LAYERS) - 1)
        if trace is None:
            trace = growth.begin(len(LAYERS) - 1, above, chunk, "; ".join(filed.keywords) or None)
        growth.hang(chunk.id, trace)

    def _called(self, name: str, nodes: Sequence[str]) -> str | None:
        """The node of that name, or of one that means as much."""
        names = {node: _name(self._growth.members[node]) for node in nodes}
        for node, other in names.items():
            if normalise(other) == normalise(name):
                return node
        if self._models.embed is None or not nodes:
            return None
        missing = [text for text in dict.fromkeys((name, *names.values())) if text not in self._vectors]
        if missing:
            self._vectors.update(zip(missing, self._models.embed(missing), strict=True))
        cosines = np.stack([self._vectors[names[node]] for node in nodes]) @ self._vectors[name]
        best = int(np.argmax(cosines))
        return nodes[best] if cosines[best] >= self._growth.likeness.name else None


def _name(node: Memory) -> str:
    name = node.metadata.get(NAMED)
    return name if isinstance(name, str) else node.text


def _places(growth: Growth) -> dict[str, list[str]]:
    """The names of domains and of the categories in each that a model gave, the largest first."""
    found: dict[str, list[str]] = {}
    for domain in sorted(growth.below(None, 0), key=lambda node: -growth.size(node)):
        if NAMED in growth.members[domain].metadata:
            below = sorted(growth.children[domain], key=lambda node: -growth.size(node))
            named = [_name(growth.members[id]) for id in below if NAMED in growth.members[id].metadata]
            found.setdefault(_name(growth.members[domain]), []).extend(named)
    return found


def _lost(growth: Growth, units: Sequence[Unit], view: View, models: Models) -> list[Memory]:
    """Texts that hang from nothing though their time has come, and that are not about to be placed.

    Units come in order of time, so that by rules all that is older than the first was placed once. A session at which a
    model failed comes again: there, only texts are taken whose session is placed in part.
    """
    waiting = {chunk.id for unit in units for chunk in unit.chunks}
    begins = min((episode.at for unit in units for episode in unit.episodes), default=NEVER)
    nothing = Unit(None, (), ())
    done = {text_of(growth.members[text], nothing) for text in growth.vectors}
    return [
        chunk
        for chunk in view.memories(CHUNK)
        if chunk.id not in growth.parents
        and chunk.id not in waiting
        and (text_of(chunk, nothing) in done or (models.llm is None and chunk.at < begins))
    ]


def in_context(vectors: FloatArray, around: Mapping[int, float]) -> FloatArray:
    """Each row with its neighbours', weighted by how far they stand, not brought to length 1; shape as given."""
    found = vectors.copy()
    for offset, weight in around.items():
        if abs(offset) < len(vectors):
            if offset < 0:
                found[-offset:] += np.float32(weight) * vectors[:offset]
            else:
                found[:-offset] += np.float32(weight) * vectors[offset:]
    return found
