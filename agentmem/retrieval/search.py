"""What a recipe's retrieval is written against.

A *rank* looks at one :class:`Moment` (a snapshot of a scope, everything in memory as arrays, no model at hand) and says
which memories answer best. A *strategy* decides how often to rank, and for which questions: once, again with what was
found (iterative), with a model's opinion in between. No lock and no transaction is held between two looks, so a
strategy may take its time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from agentmem.index.graph.memory_graph import MemoryGraph
from agentmem.index.substrings import SubstringIndex
from agentmem.llm import LLM
from agentmem.protocols import FloatArray, IntArray
from agentmem.retrieval.layer_view import LayerView
from agentmem.retrieval.query import Query
from agentmem.retrieval.scene import Scene
from agentmem.retrieval.settings import Retrieval
from agentmem.types import Edge, Memory

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Scored:
    """A memory version's row, its score in [0, 1], and the signals behind it."""

    row: int
    score: float
    signals: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Found:
    """A scored memory, read."""

    scored: Scored
    memory: Memory


@dataclass(frozen=True, slots=True)
class Triples:
    """The triples of a graph as the query sees them.

    Attributes:
        parts: subject, predicate and object of each, as they were written.
        similar: how like the query each is, in [0, 1], shape ``(n,)``.
    """

    parts: Sequence[tuple[str, str, str]]
    similar: FloatArray


class Moment(Protocol):
    """A snapshot of a scope as seen by one query."""

    @property
    def query(self) -> Query: ...

    @property
    def vector(self) -> FloatArray | None:
        """The query's; ``None`` when there is no embedding model."""
        ...

    @property
    def settings(self) -> Retrieval: ...

    @property
    def scene(self) -> Scene:
        """The texts themselves, with everything the signals look at."""
        ...

    def layer(self, name: str) -> LayerView:
        """One layer; an empty one if there is no memory of the kind."""
        ...

    def graph(self) -> MemoryGraph:
        """The graph of triples; its passages are numbered by the texts' slots."""
        ...

    def triples(self) -> Triples:
        """The graph's triples that are live."""
        ...

    def substrings(self) -> SubstringIndex:
        """All runs of words of the texts, which are numbered by their slots."""
        ...

    def edges(self, kind: str) -> Sequence[Edge]:
        """All edges of a kind."""
        ...

    def ids(self, rows: IntArray) -> Sequence[str]:
        """The memories' identifiers, by version number; empty where one is gone."""
        ...

    def texts(self, rows: IntArray) -> Sequence[str]:
        """The memories' texts, by version number; empty where one is gone."""
        ...

    def vectors(self, layer: str, slots: IntArray) -> FloatArray:
        """Stored vectors, shape ``(len(slots), dimension)``; zeros where there is none."""
        ...

    def hydrate(self, scored: Sequence[Scored]) -> list[Found]:
        """The memories of these rows, in their order; what was forgotten meanwhile is left out."""
        ...


Rank = Callable[[Moment, int], list[Scored]]
"""The best ``k`` memories at a moment, best first."""


class Search(Protocol):
    """One question put to one scope."""

    @property
    def text(self) -> str:
        """As it was asked."""
        ...

    @property
    def llm(self) -> LLM | None:
        """The language model; ``None``: do without."""
        ...

    @property
    def count_tokens(self) -> Callable[[str], int]: ...

    @property
    def now(self) -> datetime:
        """The present, in UTC."""
        ...

    def look(
        self,
        see: Callable[[Moment], _T],
        text: str | None = None,
        vector: FloatArray | None = None,
        words: Mapping[str, float] | None = None,
    ) -> _T:
        """What ``see`` makes of the present moment, for another ``text`` or ``vector`` than the question's if given.

        ``words`` are weighted terms (:func:`agentmem.text.words.terms`) to be matched in place of the text's, each of
        which weighs 1.
        """
        ...

    def embed(self, texts: Sequence[str]) -> FloatArray | None:
        """Vectors of questions, shape ``(n, dimension)``; ``None`` when there is no embedding model."""
        ...


Strategy = Callable[[Search, Rank, int], list[Found]]
"""How often to rank, and for which questions."""


def single(search: Search, rank: Rank, k: int) -> list[Found]:
    """Rank once (Structural Memory's single-step retrieval). No model call."""
    return search.look(lambda moment: moment.hydrate(rank(moment, k)))
