"""What goes into the graph and what is read from it, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from agentmem.errors import InvalidInput
from agentmem.index.graph.adjacency import Matrix

Triple = tuple[str, str, str]
"""Subject, relation, object."""


@dataclass(frozen=True, slots=True)
class EdgeWeights:
    """What the three sorts of edges weigh.

    The published code adds every relation and every synonymy once in each direction to an undirected graph, so both
    count twice there and the edges of passages once. Here each pair has one edge, and the defaults weigh it the same.

    Attributes:
        relation: times the number of triples, passage by passage, between two entities.
        synonym: times the cosine of two entities.
        passage: between a passage and an entity it mentions, however often. 0 leaves passages out (HippoRAG 1).

    Raises:
        InvalidInput: a weight that is negative or not finite.
    """

    relation: float = 2.0
    synonym: float = 2.0
    passage: float = 1.0

    def __post_init__(self) -> None:
        for name, weight in (("relation", self.relation), ("synonym", self.synonym), ("passage", self.passage)):
            if not (isfinite(weight) and weight >= 0):
                raise InvalidInput(f"The weight of an edge is finite and not negative; {name} is {weight!r}.")


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """One undirected edge: two entities in order of the alphabet, or an entity and a passage's key.

    Attributes:
        one: an entity.
        other: an entity or a passage.
        relations: how many triples, passage by passage, relate two entities.
        cosine: how near two entities are as synonyms; 0 if they are none.
        weight: what the edge weighs in a walk.
    """

    one: str
    other: str | int
    relations: int
    cosine: float
    weight: float


@dataclass(frozen=True, slots=True)
class Mentions:
    """How many triples of ``passages[i]`` name the entity at node ``j``: ``counts[i, j]``.

    ``counts`` has a row for each passage and a column for every node of the graph, the passages' own included.
    """

    passages: NDArray[np.int64]
    counts: Matrix
