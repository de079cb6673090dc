"""The graph of a scope's triples in memory, kept up with its layers: built from triples, rebuilt when texts change.

Nothing of it is stored: a triple is a memory, and names its passage by its source span; entities are memories so that
they have vectors; what is synonymous follows from the vectors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from agentmem.engine.layers import Layer
from agentmem.index.graph.memory_graph import MemoryGraph
from agentmem.index.graph.synonyms import find_synonyms
from agentmem.index.growing import Growing
from agentmem.kinds import ENTITY, TEXT, TRIPLE
from agentmem.protocols import FloatArray, Reader
from agentmem.retrieval.pointers import Pointers
from agentmem.text.phrases import normalise


@dataclass(slots=True)
class GraphMirror:
    """See the module's docstring.

    Attributes:
        graph: passages are numbered by the texts' slots.
        triples: by slot of the triple layer: subject, predicate and object as they were written.
    """

    graph: MemoryGraph = field(default_factory=MemoryGraph)
    triples: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    _taken: int = 0
    _upheavals: tuple[int, ...] = ()
    _names: dict[str, int] = field(default_factory=dict)
    _vectors: Growing | None = None
    _entities: int = 0
    _unknown: list[int] = field(default_factory=list)
    _head: int = 0
    _texts: int = 0
    _passages: dict[int, list[tuple[str, str, str]]] = field(default_factory=dict)

    @property
    def position(self) -> int:
        """The journal number up to which it was read."""
        return self._head

    def follow(self, reader: Reader, layers: Mapping[str, Layer], model: str | None) -> MemoryGraph:
        """Take in the triples and entities that came since; build anew when memories changed or went."""
        triples, texts = layers.get(TRIPLE), layers[TEXT]
        if triples is None:
            return self.graph
        entities = layers.get(ENTITY)
        upheavals = tuple(layer.upheavals for layer in (triples, texts, entities) if layer is not None)
        if upheavals != self._upheavals:
            self.__init__()  # type: ignore[misc]
            self._upheavals = upheavals
        if self._taken < len(triples.catalog):
            self._take_triples(reader, triples, texts)
        self._take_texts(texts)
        head = reader.head()
        if entities is not None and model is not None and head != self._head:
            self._take_entities(reader, entities, model)
        self._head = head
        return self.graph

    def _take_triples(self, reader: Reader, layer: Layer, texts: Layer) -> None:
        columns = layer.catalog.columns
        fresh = np.arange(self._taken, len(columns))
        fresh = fresh[columns["current"][fresh] & columns["active"][fresh]]
        self._taken = len(columns)
        rows = columns["row"][fresh]
        metadata = reader.metadata_of(rows.tolist())
        for slot, row in zip(fresh.tolist(), rows.tolist(), strict=True):
            found = metadata.get(row, {})
            self.triples[slot] = (
                str(found.get("subject", "")),
                str(found.get("predicate", "")),
                str(found.get("object", "")),
            )
        spans = layer.spans.view()
        spans = spans[np.isin(spans["row"], rows)]
        pointers = Pointers.between(layer.catalog, spans, texts.catalog)
        of_passage: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
        for slot, passage in zip(pointers.derived.tolist(), pointers.texts.tolist(), strict=True):
            of_passage[passage].append(self.triples[slot])
        new: list[str] = []
        for passage, stated in of_passage.items():
            if passage in self._passages:  # its triples came in two parts
                self.graph.remove_passage(passage)
            self._passages.setdefault(passage, []).extend(stated)
            new += self.graph.add_passage(passage, self._passages[passage])
        if known := [name for name in new if name in self._names]:  # a passage that was replaced took them along
            self._join(known, self._vector_view()[[self._names[name] for name in known]])

    def _take_texts(self, texts: Layer) -> None:
        """Texts without triples are passages too: the walk may start at them."""
        columns = texts.catalog.columns
        fresh = np.arange(self._texts, len(columns))
        self._texts = len(columns)
        for slot in fresh[columns["current"][fresh] & columns["active"][fresh]].tolist():
            if slot not in self._passages:
                self._passages[slot] = []
                self.graph.add_passage(slot, [])

    def _take_entities(self, reader: Reader, layer: Layer, model: str) -> None:
        columns = layer.catalog.columns
        fresh = columns[self._entities :]
        self._entities = len(columns)
        fresh = fresh["row"][fresh["current"] & fresh["active"]]
        rows = np.array([*self._unknown, *fresh.tolist()], dtype=np.int64)
        if not len(rows):
            return
        stored = reader.vectors_of(model, ENTITY, rows)
        self._unknown = rows[~np.isin(rows, stored.rows)].tolist()  # written, and not embedded yet
        names, vectors = self._new(reader, stored.rows.tolist(), stored.vectors)
        if not names:
            return
        if self._vectors is None:
            self._vectors = Growing(np.float32, vectors.shape[1])
        first = len(self._names)
        self._names.update((name, first + number) for number, name in enumerate(names))
        self._vectors.extend(vectors)
        self._join(names, vectors)

    def _join(self, names: list[str], vectors: FloatArray) -> None:
        """Draw synonymy edges from these names."""
        found = find_synonyms(vectors, names, self._vector_view(), list(self._names))
        for name, others in found.items():
            if name in self.graph:
                self.graph.set_synonyms(name, others)

    def _vector_view(self) -> FloatArray:
        assert self._vectors is not None
        return np.asarray(self._vectors.view().T)

    def _new(self, reader: Reader, rows: list[int], vectors: FloatArray) -> tuple[list[str], FloatArray]:
        written = reader.named(rows)
        names: dict[str, int] = {}
        for place, row in enumerate(rows):
            name = normalise(written[row].text) if row in written else ""
            if name and name not in self._names:
                names.setdefault(name, place)
        return list(names), vectors[list(names.values())]
