"""The hierarchy while texts are put into it: its nodes, the means of what stands below them, and what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from agentmem.kinds import CHUNK, SUMMARISES
from agentmem.operations import Add, Operation, Retire, Revise
from agentmem.protocols import FloatArray
from agentmem.structures.hierarchy.labels import NAMED, is_due, worded
from agentmem.structures.hierarchy.layers import LAYERS, Likeness
from agentmem.structures.structure import Models, View
from agentmem.structures.trees.nodes import link, new_node, unlink
from agentmem.structures.trees.vectors import chunk_vectors
from agentmem.types import Memory


@dataclass(slots=True)
class Growth:
    """See the module's docstring.

    Attributes:
        members: texts that are placed, or were lost, and nodes, by id.
        layer: of every node, its number in :data:`~agentmem.structures.hierarchy.layers.LAYERS`.
        parents: of every text and node, the node above it; nothing for a domain, and for what lost its node.
        children: of every node, in order of arrival.
        vectors: of every text.
    """

    likeness: Likeness
    members: dict[str, Memory] = field(default_factory=dict)
    layer: dict[str, int] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    children: dict[str, dict[str, None]] = field(default_factory=dict)
    vectors: dict[str, FloatArray] = field(default_factory=dict)
    _sums: dict[str, FloatArray] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)
    _hung: dict[str, str | None] = field(default_factory=dict)  # by what moved: what it hung from before
    _stored: dict[str, Memory] = field(default_factory=dict)  # nodes as they are in the store
    _touched: dict[str, None] = field(default_factory=dict)
    _reworded: set[str] = field(default_factory=set)
    _drawn: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def read(cls, view: View, models: Models, likeness: Likeness) -> Growth:
        """From the store."""
        growth = cls(likeness)
        for number, kind in enumerate(LAYERS):
            for memory in view.memories(kind):
                growth._enter(memory, number)
                growth._stored[memory.id] = memory
        chunks = {chunk.id: chunk for chunk in view.memories(CHUNK)} if growth.layer else {}
        for edge in sorted(view.edges(SUMMARISES), key=lambda edge: edge.id) if growth.layer else ():
            over, under = growth.layer.get(edge.source), growth.layer.get(edge.target, len(LAYERS))
            known = edge.target in growth.layer or edge.target in chunks
            if known and over is not None and over + 1 == under:
                growth.parents[edge.target] = edge.source  # the last one tells
                growth._drawn.add((edge.source, edge.target))
        for id in (*growth.layer, *chunks):  # in order of arrival, which edges do not tell
            if above := growth.parents.get(id):
                growth.children[above][id] = None
        growth.members.update((id, chunk) for id, chunk in chunks.items() if id in growth.parents)
        placed = [chunk for id, chunk in chunks.items() if id in growth.parents]
        if placed:
            for chunk, vector in zip(placed, chunk_vectors(placed, view, models), strict=True):
                growth.vectors[chunk.id] = vector
                growth._weigh(growth.parents[chunk.id], vector, 1)
        return growth

    def put(self, chunk: Memory, vector: FloatArray) -> None:
        """Take a text in, as it reads now; it is placed by :meth:`hang`. What held it before holds it no more."""
        self.lift(chunk.id)
        self.members[chunk.id] = chunk
        self.vectors[chunk.id] = vector

    def lift(self, id: str) -> None:
        """Take a text or a node, with all below it, off what it hangs from."""
        above = self.parents.get(id)
        self._hung.setdefault(id, above)
        if above is None:
            return
        self._weigh(above, -self.total(id), -self.size(id))
        for node in self._path(above):
            self._touched[node] = None
            self._reworded.add(node)
        del self.parents[id], self.children[above][id]

    def hang(self, id: str, above: str) -> None:
        """Put a text or a node, with all below it, under a node."""
        self._hung.setdefault(id, None)
        self.parents[id] = above
        self.children[above][id] = None
        self._weigh(above, self.total(id), self.size(id))
        for node in self._path(above):
            self._touched[node] = None

    def begin(self, layer: int, above: str | None, first: Memory, name: str | None = None) -> str:
        """A new node of a layer, in which this memory will be the first; its text is the name, or picked later."""
        text = name or first.text
        node = new_node(LAYERS[layer], text, [first], metadata={NAMED: name} if name else {})
        self._enter(node, layer)
        self._touched[node.id] = None
        if above is not None:
            self.hang(node.id, above)
        return node.id

    def below(self, above: str | None, layer: int) -> list[str]:
        """The nodes of a layer under this one; for the highest layer, all."""
        if above is not None:
            return list(self.children[above])
        return [id for id, number in self.layer.items() if number == layer]

    def nearest(self, vector: FloatArray, above: str | None, layer: int) -> str | None:
        """The node under this one that lies nearest, if it is near enough."""
        nodes = self.below(above, layer)
        if not nodes:
            return None
        means = np.stack([self.total(node) for node in nodes])
        lengths = np.linalg.norm(means, axis=1) * max(float(np.linalg.norm(vector)), 1e-12)
        cosines = means @ vector / np.where(lengths > 0, lengths, 1.0)
        best = int(np.argmax(cosines))
        return nodes[best] if cosines[best] >= self.likeness.least(layer) else None

    def place(self, id: str, own: FloatArray, context: FloatArray) -> None:
        """Put a text or a node where it lies nearest, from the top down; what is near to nothing begins a node."""
        depth = self.layer.get(id, len(LAYERS))
        above: str | None = None
        for layer in range(depth):
            vector = own if layer == len(LAYERS) - 1 else context
            found = self.nearest(vector, above, layer)
            above = self.begin(layer, above, self.members[id]) if found is None else found
        if above is not None:
            self.hang(id, above)

    def repair(self, lost: Iterable[tuple[Memory, FloatArray]]) -> None:
        """Put what lost its node back: nodes with nothing above, and these texts."""
        for id in [id for id, layer in self.layer.items() if layer > 0 and id not in self.parents]:
            if self._sizes[id]:
                self.place(id, self._sums[id], self._sums[id])
            else:
                self._touched[id] = None
        for chunk, vector in lost:
            self.put(chunk, vector)
            self.place(chunk.id, vector, vector)
        self._touched.update((id, None) for id in self.layer if not self._sizes[id])

    def written(self) -> tuple[Operation, ...]:
        """All that has changed since the last time, as operations."""
        retired = [Retire(id, self._stored[id].version) for id in self._emptied() if id in self._stored]
        adds: list[Operation] = []
        revisions: list[Operation] = []
        for id in [id for id in self._touched if id in self.layer]:
            node, stored = self._worded(id), self._stored.get(id)
            if stored is None:
                adds.append(Add(node))
            elif node is not stored:
                revisions.append(Revise(node, stored.version))
            self.members[id] = self._stored[id] = node
        edges = self._edges()
        self._hung.clear()
        self._touched.clear()
        self._reworded.clear()
        return (*retired, *adds, *revisions, *edges)

    def size(self, id: str) -> int:
        """How many texts stand below a node; 1 for a text."""
        return self._sizes[id] if id in self.layer else 1

    def total(self, id: str) -> FloatArray:
        """The sum of the vectors of the texts below a node, shape ``(dimension,)``; a text's own."""
        if id not in self.layer:
            return self.vectors[id]
        return self._sums.get(id, np.zeros(self._dimension, dtype=np.float32))

    def texts_below(self, id: str) -> list[Memory]:
        """All texts under a node, by way of its children in their order."""
        if id not in self.layer:
            return [self.members[id]]
        return [text for child in self.children[id] for text in self.texts_below(child)]

    def _worded(self, id: str) -> Memory:
        """The node as it is to be stored; itself where nothing is to be said anew."""
        node, stored = self.members[id], self._stored.get(id)
        if not is_due(node, self._sizes[id], new=stored is None, reworded=id in self._reworded):
            return node
        return worded(node, self.layer[id], self.texts_below(id), stored)

    def _emptied(self) -> list[str]:
        """Take out touched nodes with nothing below them."""
        gone = []
        waiting = [id for id in self._touched if id in self.layer and not self.children[id]]
        while waiting:
            id = waiting.pop()
            above = self.parents.pop(id, None)
            if above is not None:
                del self.children[above][id]
                if not self.children[above]:
                    waiting.append(above)
            for table in (self.members, self.layer, self.children, self._sums, self._sizes, self._hung):
                table.pop(id, None)
            gone.append(id)
        return gone

    def _edges(self) -> Sequence[Operation]:
        """What moved gets an edge more: the node that it left was made of it too, and is forgotten with it."""
        found: list[Operation] = []
        for id, before in self._hung.items():
            now = self.parents.get(id)
            if now is None or now == before:
                continue
            if (now, id) in self._drawn:  # it is back, and the last edge tells
                found.append(unlink(now, id))
            self._drawn.add((now, id))
            found.append(link(now, id))
        return found

    def _enter(self, node: Memory, layer: int) -> None:
        self.members[node.id] = node
        self.layer[node.id] = layer
        self.children[node.id] = {}
        self._sizes[node.id] = 0

    def _path(self, node: str) -> list[str]:
        """A node and all above it."""
        found = [node]
        while (above := self.parents.get(found[-1])) is not None:
            found.append(above)
        return found

    def _weigh(self, node: str, total: FloatArray, size: int) -> None:
        for above in self._path(node):
            self._sums[above] = self._sums[above] + total if above in self._sums else total.copy()
            self._sizes[above] += size

    @property
    def _dimension(self) -> int:
        return next((len(vector) for vector in self.vectors.values()), 0)
