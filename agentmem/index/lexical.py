"""BM25 over the memories of one scope: an inverted index in memory, grown as memories arrive.

Documents are *slots*, numbered from 0 in order of arrival (:mod:`agentmem.index.catalog` keeps which memory has which
slot). From the same postings, three sizes of document are scored: the memory alone, the memory with its neighbours
(a window), and the whole session: an answer is often found by words that stand in the turn before it.

Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond", with the idf of Lucene,
``log(1 + (N - df + 0.5) / (df + 0.5))``, which is never negative.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from agentmem.index.growing import Growing
from agentmem.protocols import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Bm25:
    """The two parameters: ``k1`` saturates repeated words, ``b`` discounts long documents."""

    k1: float = 1.2
    b: float = 0.75


@dataclass(frozen=True, slots=True)
class Postings:
    """Where a term occurs: ``slots`` (ascending) and how often there, ``counts`` (float32)."""

    slots: IntArray
    counts: FloatArray


class WeightedTerms(tuple[str, ...]):
    """A query's terms, each once, of which some count more than others: a weighted bag of words.

    It goes wherever a query's terms do. Terms that weigh nothing, or less, are left out.

    Attributes:
        weights: of the terms, in their order; where every term weighs 1, scores are those of the plain terms.
    """

    weights: tuple[float, ...]

    def __new__(cls, weights: Mapping[str, float]) -> Self:
        """Make the terms carry their weights."""
        positive = {term: weight for term, weight in weights.items() if weight > 0.0}
        made = super().__new__(cls, positive)
        made.weights = tuple(positive.values())
        return made


class LexicalIndex:
    """Postings of every term, the documents' lengths, and which documents still live."""

    def __init__(self) -> None:
        self._postings: dict[str, tuple[array[int], array[int]]] = {}
        self._lengths = Growing(np.float32)
        self._alive = Growing(np.bool_)
        self._norms: dict[tuple[str, Bm25], tuple[object, Norm]] = {}
        """By size of document: of which windows or groups, and what lengths count there. Good until the next change."""
        self._living: int | None = None
        self._surprisal: FloatArray | None = None

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def lengths(self) -> FloatArray:
        """Terms in each document, shape ``(len(self),)``."""
        return self._lengths.view()

    @property
    def alive(self) -> BoolArray:
        """Which documents count, shape ``(len(self),)``."""
        return self._alive.view()

    def add(self, documents: Sequence[Sequence[str]]) -> None:
        """Append documents, given as their terms; the first gets slot ``len(self)``."""
        first = len(self)
        lengths = []
        for slot, terms in enumerate(documents, first):
            lengths.append(len(terms))
            for term, count in Counter(terms).items():
                posting = self._postings.get(term)
                if posting is None:
                    posting = self._postings[term] = (array("i"), array("H"))
                posting[0].append(slot)
                posting[1].append(min(count, 65_535))
        self._lengths.extend(lengths)
        self._alive.extend(np.ones(len(lengths), dtype=np.bool_))
        self._changed()

    def set_alive(self, slots: IntArray, alive: BoolArray) -> None:
        """Let documents count, or no longer count, in every statistic and result."""
        self._alive.view()[slots] = alive
        self._changed()

    def _changed(self) -> None:
        self._norms.clear()
        self._living = self._surprisal = None

    @property
    def living(self) -> int:
        """How many documents count."""
        if self._living is None:
            self._living = int(np.count_nonzero(self.alive))
        return self._living

    def postings(self, term: str) -> Postings:
        """The living documents that hold a term."""
        posting = self._postings.get(term)
        if posting is None:
            return Postings(np.empty(0, np.int64), np.empty(0, np.float32))
        slots = np.array(posting[0], dtype=np.int64)  # copies: an array with exported buffers could not grow
        counts = np.array(posting[1], dtype=np.float32)
        if self.living == len(self):
            return Postings(slots, counts)
        living = self.alive[slots]
        return Postings(slots[living], counts[living])

    def find(self, query: Collection[str]) -> Matches:
        """Everything about a query's terms that scoring needs, at every size of document.

        A term that is repeated counts as often; one of :class:`WeightedTerms` as much as it weighs.
        """
        living = self.living
        found, wanted = [], []
        for term, share in _shares(query):
            posting = self.postings(term)
            if len(posting.slots):
                found.append((posting, share * idf(len(posting.slots), living)))
                wanted.append(share)
        return Matches(tuple(found), tuple(wanted), living)

    def scores(self, matches: Matches, parameters: Bm25 = Bm25()) -> FloatArray:
        """BM25 of every memory alone, shape ``(len(self),)``; 0 for those without any of the terms."""
        found = np.zeros(len(self), dtype=np.float32)
        if matches.terms:
            norm = self._norm("memory", None, parameters, lambda: self._of_lengths(self.lengths, parameters)).norm
            for posting, weight in matches.terms:
                found[posting.slots] += weight * saturate(posting.counts, norm[posting.slots], parameters)
        return found

    def window_scores(self, matches: Matches, windows: Windows, parameters: Bm25 = Bm25()) -> FloatArray:
        """BM25 of every memory together with its neighbours, whose words count less the further they are."""
        found = np.zeros(len(self), dtype=np.float32)
        if matches.terms:
            norm = self._norm("window", windows, parameters, lambda: self._of_lengths(windows.lengths, parameters)).norm
            for posting, weight in matches.terms:
                found += np.float32(weight) * saturate(windows.spread(posting), norm, parameters)
        return found

    def group_scores(self, matches: Matches, groups: IntArray, parameters: Bm25 = Bm25()) -> FloatArray:
        """BM25 of whole groups of memories (sessions), shape ``(groups.max() + 1,)``; ``groups`` gives each one's.

        A term's rarity goes by how many groups hold it.
        """
        if not matches.terms:
            return np.zeros(int(groups.max(initial=-1)) + 1, dtype=np.float32)
        of = self._norm("group", groups, parameters, lambda: self._of_groups(groups, parameters))
        size = len(of.norm)
        found = np.zeros(size, dtype=np.float32)
        for (posting, _weight), share in zip(matches.terms, matches.wanted, strict=True):
            counts = np.bincount(groups[posting.slots], weights=posting.counts, minlength=size).astype(np.float32)
            weight = share * idf(int(np.count_nonzero(counts)), of.documents)
            found += weight * saturate(counts, of.norm, parameters)
        return found

    def inhabited(self, groups: IntArray) -> int:
        """How many groups hold a living memory with any term; ``groups`` gives each memory's."""
        return self._norm("group", groups, Bm25(), lambda: self._of_groups(groups, Bm25())).documents

    def surprisal(self) -> FloatArray:
        """The information of each memory: the mean of ``-log2 p`` over its terms, in bits, shape ``(len(self),)``.

        ``p`` is a term's share of all terms of the living memories. 0 for a memory without terms, or not living.
        """
        if self._surprisal is None:
            total = float(self.lengths[self.alive].sum())
            bits = np.zeros(len(self), dtype=np.float64)
            for term in self._postings:
                posting = self.postings(term)
                if len(posting.slots):
                    bits[posting.slots] -= posting.counts * np.log2(posting.counts.sum() / total)
            self._surprisal = (bits / np.maximum(self.lengths, 1.0)).astype(np.float32)
        return self._surprisal

    def _norm(self, size: str, of: object, parameters: Bm25, measure: Callable[[], Norm]) -> Norm:
        kept = self._norms.get((size, parameters))
        if kept is None or kept[0] is not of:
            kept = self._norms[size, parameters] = (of, measure())
        return kept[1]

    def _of_lengths(self, lengths: FloatArray, parameters: Bm25) -> Norm:
        return Norm(length_norm(lengths, float(lengths[self.alive].mean()), parameters), self.living)

    def _of_groups(self, groups: IntArray, parameters: Bm25) -> Norm:
        size = int(groups.max(initial=-1)) + 1
        lengths = np.bincount(groups[self.alive], weights=self.lengths[self.alive], minlength=size)
        inhabited = lengths > 0
        average = float(lengths[inhabited].mean()) if inhabited.any() else 0.0
        return Norm(length_norm(lengths.astype(np.float32), average, parameters), int(np.count_nonzero(inhabited)))


@dataclass(frozen=True, slots=True)
class Norm:
    """What counts compete with in each document, :func:`length_norm`; and how many documents count."""

    norm: FloatArray
    documents: int


@dataclass(frozen=True, slots=True)
class Matches:
    """The postings of a query's terms with each term's weight in scores: how much it is wanted times its idf.

    ``wanted`` is how much alone (its repeats, or its weight in the query); ``documents`` counts all living documents.
    """

    terms: tuple[tuple[Postings, float], ...]
    wanted: tuple[float, ...]
    documents: int

    @property
    def weight(self) -> float:
        """The weights' sum."""
        return sum(weight for _posting, weight in self.terms)


_COMMON = 6
"""A term that stands in more than one of so many memories is common."""


class Windows:
    """Every memory with its neighbours in the conversation, each at a weight.

    Args:
        neighbours: by offset (-1 is the memory before), the slot that stands there, or -1; shape ``(n,)`` each.
        weights: by offset, how much a neighbour's words count; a memory's own count 1.
        lengths: the memories' lengths, shape ``(n,)``.
    """

    def __init__(self, neighbours: Mapping[int, IntArray], weights: Mapping[int, float], lengths: FloatArray) -> None:
        self._neighbours = neighbours
        self._weights = weights
        total = lengths.astype(np.float32, copy=True)
        for offset, weight in weights.items():
            total += weight * gather(lengths, neighbours[offset])
        self.lengths: FloatArray = total
        self._beside = {offset: _beside(neighbours[offset], offset, weight) for offset, weight in weights.items()}

    def spread(self, posting: Postings) -> FloatArray:
        """A term's weighted count in every window, shape ``(n,)``."""
        if len(posting.slots) * _COMMON > len(self.lengths):
            return self._spread_common(posting)
        counts = np.zeros(len(self.lengths) + 1, dtype=np.float32)  # the last place takes what has no neighbour (-1)
        counts[posting.slots] = posting.counts
        for offset, weight in self._weights.items():
            reached = self._neighbours[-offset][posting.slots]  # the windows in which these stand at ``offset``
            counts[reached] += np.float32(weight) * posting.counts
        return counts[:-1]

    def _spread_common(self, posting: Postings) -> FloatArray:
        """The same by whole columns: quicker for a term that stands in many memories."""
        own = np.zeros(len(self.lengths), dtype=np.float32)
        own[posting.slots] = posting.counts
        counts = own.copy()
        for offset, (next_to, others, theirs) in self._beside.items():
            if offset > 0:
                counts[:-offset] += next_to[:-offset] * own[offset:]
            else:
                counts[-offset:] += next_to[-offset:] * own[:offset]
            counts[others] += np.float32(self._weights[offset]) * own[theirs]
        return counts


def _beside(neighbours: IntArray, offset: int, weight: float) -> tuple[FloatArray, IntArray, IntArray]:
    """Where the neighbour at an offset is simply so many slots away: the weight there, 0 elsewhere. And the others.

    In conversations that were added in order it is nearly everywhere.
    """
    slots = np.arange(len(neighbours))
    simple = neighbours == slots + offset
    others = np.flatnonzero((neighbours >= 0) & ~simple)
    return np.where(simple, np.float32(weight), np.float32(0.0)).astype(np.float32), others, neighbours[others]


def _shares(query: Collection[str]) -> Iterable[tuple[str, float]]:
    """Each term of a query with how much it is wanted."""
    return zip(query, query.weights, strict=True) if isinstance(query, WeightedTerms) else Counter(query).items()


def gather(values: FloatArray, slots: IntArray) -> FloatArray:
    """``values[slots]``, 0 where the slot is -1."""
    found: FloatArray = np.where(slots >= 0, values[slots], np.float32(0.0))
    return found


def idf(frequency: int, documents: int) -> float:
    """The weight of a term that occurs in ``frequency`` of ``documents``."""
    return float(np.log1p((documents - frequency + 0.5) / (frequency + 0.5)))


def length_norm(lengths: NDArray[np.float32], average: float, parameters: Bm25) -> FloatArray:
    """What a count competes with in a document of this length."""
    relative = lengths / max(average, 1e-9)
    norm: FloatArray = (parameters.k1 * (1.0 - parameters.b + parameters.b * relative)).astype(np.float32)
    return np.maximum(norm, np.float32(1e-9))  # of an empty document too, which must score 0, not 0 / 0


def saturate(counts: FloatArray, norm: FloatArray, parameters: Bm25) -> FloatArray:
    """What repeated occurrences of a term are worth."""
    return counts * np.float32(parameters.k1 + 1.0) / (counts + norm)
