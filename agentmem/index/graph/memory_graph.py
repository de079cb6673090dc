"""The graph of a memory: entities, the passages that mention them, and what relates them.

HippoRAG 2 (Gutiérrez et al., ICML 2025, section 3): a node for each entity that is subject or object of a triple, a
node for each passage; an edge between entities for each triple, between a passage and its entities, and between
entities that mean nearly the same. It differs from the published code where that depends on the order or number of
calls: a relation and a synonymy between two entities add up (there the later overwrites the earlier), synonymy is kept
once, and removing a passage takes its relations' weight away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from agentmem.errors import InvalidInput, NotFound
from agentmem.index.graph.adjacency import Adjacency
from agentmem.index.graph.changing_edges import ChangingEdges
from agentmem.index.graph.graph_values import EdgeWeights, GraphEdge, Mentions, Triple
from agentmem.index.graph.stated_synonyms import StatedSynonyms
from agentmem.text.phrases import normalise

__all__ = ["EdgeWeights", "GraphEdge", "MemoryGraph", "Mentions", "Triple", "normalise"]


PUBLISHED = EdgeWeights()
"""The weights that the published code's edges amount to."""


@dataclass(frozen=True, slots=True)
class _Passage:
    node: int
    mentions: Mapping[int, int]  # entity node -> how many triples name it
    relations: Mapping[tuple[int, int], int]  # (smaller node, larger node) -> how many triples relate the two


class MemoryGraph:
    """Entities, passages and their edges, changed a passage at a time.

    The same triples and synonyms give the same graph in whatever order they came. Nodes have numbers that stay while
    they live; the number of a node that is gone may be given to another. Not locked: whoever drives it serialises the
    calls; an :class:`Adjacency` stays as it was.
    """

    def __init__(self, weights: EdgeWeights = PUBLISHED) -> None:
        self.weights = weights
        self._entities: dict[str, int] = {}
        self._passages: dict[int, _Passage] = {}
        self._names: list[str | int | None] = []  # by node: an entity's phrase, a passage's key, or nobody's
        self._mentioned: list[int] = []  # by node: how many passages mention the entity
        self._free: list[int] = []
        self._relations: dict[tuple[int, int], int] = {}
        self._synonyms = StatedSynonyms()
        self._edges = ChangingEdges()
        self._passage_arrays: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None

    # -- changing -------------------------------------------------------------------------------------------------

    def add_passage(self, key: int, triples: Sequence[Triple]) -> tuple[str, ...]:
        """Add a passage with its triples (subject, relation, object), and return the entities that are new.

        Phrases are normalised here. A triple that a passage states twice counts once; one without a subject or an
        object is left out; one whose subject is its object makes an entity and no relation. A passage without triples
        is a node without edges.

        Raises:
            InvalidInput: the passage is there already.
        """
        if key in self._passages:
            raise InvalidInput(f"Passage {key} is in the graph already; remove_passage({key}) first to replace it.")
        found = {(normalise(s), normalise(p), normalise(o)) for s, p, o in triples}
        stated = sorted(triple for triple in found if triple[0] and triple[2])
        new = [phrase for phrase in _phrases(stated) if phrase not in self._entities]
        for phrase in new:
            self._entities[phrase] = self._take_node(phrase)
        mentions: dict[int, int] = {}
        relations: dict[tuple[int, int], int] = {}
        for subject, _, object_ in stated:
            one, other = self._entities[subject], self._entities[object_]
            for node in {one, other}:
                mentions[node] = mentions.get(node, 0) + 1
            if one != other:
                pair = (one, other) if one < other else (other, one)
                relations[pair] = relations.get(pair, 0) + 1
        passage = _Passage(self._take_node(key), mentions, relations)
        self._passages[key] = passage
        self._passage_arrays = None
        self._count(passage, 1)
        return tuple(new)

    def remove_passage(self, key: int) -> tuple[str, ...]:
        """Remove a passage and what only it told, and return the entities that went with it.

        Raises:
            NotFound: no such passage.
        """
        passage = self._passages.pop(key, None)
        if passage is None:
            raise NotFound(f"The graph has no passage {key}; passages() lists those it has.")
        self._passage_arrays = None
        self._count(passage, -1)
        self._free_node(passage.node)
        dropped = sorted(str(self._names[node]) for node in passage.mentions if not self._mentioned[node])
        for phrase in dropped:
            node = self._entities.pop(phrase)
            for other in self._synonyms.drop(node):
                self._weigh(node, other)
            self._free_node(node)
        return tuple(dropped)

    def set_synonyms(self, entity: str, others: Mapping[str, float]) -> None:
        """Let these be the synonyms of an entity, in place of those set for it before.

        Two entities have one edge; if both name each other, with the higher cosine. So it is enough to set the
        synonyms of new entities, and harmless to set them again.

        Args:
            entity: a phrase in the graph.
            others: cosines in (0, 1] by phrase; the entity itself and phrases that are not in the graph are skipped.

        Raises:
            NotFound: the entity is not in the graph.
            InvalidInput: a cosine outside (0, 1].
        """
        node = self._entities.get(normalise(entity))
        if node is None:
            raise NotFound(f"The graph has no entity {entity!r}; add a passage that mentions it first.")
        stated: dict[int, float] = {}
        for phrase, cosine in others.items():
            if not 0.0 < cosine <= 1.0:
                raise InvalidInput(f"The cosine of synonyms lies above 0 and up to 1, not {cosine!r} ({phrase!r}).")
            other = self._entities.get(normalise(phrase))
            if other is not None and other != node:
                stated[other] = max(float(cosine), stated.get(other, 0.0))
        for other in self._synonyms.state(node, stated):
            self._weigh(node, other)

    # -- reading --------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Nodes: entities and passages."""
        return len(self._entities) + len(self._passages)

    @property
    def entities(self) -> tuple[str, ...]:
        """All entities, in order of the alphabet."""
        return tuple(sorted(self._entities))

    def __contains__(self, phrase: str) -> bool:
        return normalise(phrase) in self._entities

    def passages(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The keys of all passages, ascending, and their nodes; each of shape ``(passages,)``."""
        if self._passage_arrays is None:
            keys = np.array(sorted(self._passages), dtype=np.int64)
            nodes = np.array([self._passages[int(key)].node for key in keys], dtype=np.int64)
            self._passage_arrays = keys, nodes
        return self._passage_arrays

    def node(self, entity: str) -> int | None:
        """The number of an entity's node, if it has one."""
        return self._entities.get(normalise(entity))

    def name(self, node: int) -> str | int | None:
        """Whose node it is: an entity's phrase, a passage's key, or nobody's."""
        return self._names[node] if 0 <= node < len(self._names) else None

    def passage_count(self, entity: str) -> int:
        """How many passages mention an entity; 0 if it is unknown. Few make it specific."""
        node = self.node(entity)
        return 0 if node is None else self._mentioned[node]

    def adjacency(self) -> Adjacency:
        """The graph as a matrix over all nodes, for PageRank. Cheap when little changed since the last call."""
        return self._edges.adjacency(len(self._names))

    def mentions(self) -> Mentions:
        """Which passage mentions which entity, for scoring passages by their entities."""
        keys, _ = self.passages()
        rows = [self._passages[int(key)].mentions for key in keys]
        bounds = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])
        columns = np.array([node for row in rows for node in row], dtype=np.int64)
        counts = np.array([count for row in rows for count in row.values()], dtype=np.float64)
        return Mentions(keys, csr_array((counts, columns, bounds), shape=(len(keys), len(self._names))))

    def edges(self) -> Iterator[GraphEdge]:
        """Every edge once, in an order that depends on nothing but the graph."""
        joined = self._relations.keys() | set(self._synonyms.pairs())
        named = {tuple(sorted((str(self._names[a]), str(self._names[b])))): (a, b) for a, b in joined}
        for (one, other), (a, b) in sorted(named.items()):
            relations, cosine = self._relations.get((a, b), 0), self._synonyms.cosine(a, b)
            yield GraphEdge(one, other, relations, cosine, self._weight(relations, cosine))
        for key in sorted(self._passages):
            for phrase in sorted(str(self._names[node]) for node in self._passages[key].mentions):
                yield GraphEdge(phrase, key, 0, 0.0, self.weights.passage)

    # -- within ---------------------------------------------------------------------------------------------------

    def _take_node(self, name: str | int) -> int:
        if self._free:
            node = self._free.pop()
            self._names[node] = name
            return node
        self._names.append(name)
        self._mentioned.append(0)
        return len(self._names) - 1

    def _free_node(self, node: int) -> None:
        self._names[node] = None
        self._free.append(node)

    def _count(self, passage: _Passage, by: int) -> None:
        """Count a passage's mentions and relations in (1) or out (-1)."""
        for node in passage.mentions:
            self._mentioned[node] += by
            self._edges.put(passage.node, node, self.weights.passage if by > 0 else 0.0)
        for pair, count in passage.relations.items():
            total = self._relations.get(pair, 0) + by * count
            if total:
                self._relations[pair] = total
            else:
                del self._relations[pair]
            self._weigh(*pair)

    def _weigh(self, one: int, other: int) -> None:
        pair = (one, other) if one < other else (other, one)
        self._edges.put(one, other, self._weight(self._relations.get(pair, 0), self._synonyms.cosine(one, other)))

    def _weight(self, relations: int, cosine: float) -> float:
        return self.weights.relation * relations + self.weights.synonym * cosine


def _phrases(triples: Sequence[Triple]) -> list[str]:
    """Subjects and objects, each once, in order of appearance."""
    return list(dict.fromkeys(phrase for subject, _, object_ in triples for phrase in (subject, object_)))
