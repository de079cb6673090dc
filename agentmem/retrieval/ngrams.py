"""SEAL's scores: n-grams as identifiers of texts, weighted by how much rarer they are than a question expects.

Bevilacqua et al., "Autoregressive Search Engines: Generating Substrings as Document Identifiers" (NeurIPS 2022, arXiv
2204.10628), section 3.2. With the conditional probability ``P(n|q)`` of an n-gram, given the question, and its share of
all texts, ``P(n) = F(n, R) / sum |d|``, its weight is the log of the ratio of the two odds, at least 0::

    w(n, q) = max(0, log(P(n|q) (1 - P(n)) / (P(n) (1 - P(n|q)))))

A text ``d`` is scored by the set ``K(d)`` of n-grams that stand in it, where no n-gram taken before overlaps them (the
heaviest are taken first)::

    W(d, q) = sum over n in K(d) of w(n, q) ** alpha * cover(n)
    cover(n) = 1 - beta + beta * (share of n's words that are in no n-gram taken before in d)

``P(n)`` is the probability that a place of the texts, drawn blindly, begins the n-gram. Where no model gives
``P(n|q)``, it is the same of the question: uniform over its ``|q|`` words, ``P(n|q) = 1 / |q|``. So an n-gram weighs as
much as it is rarer in the texts than in the question, ``w = log((|R| - F) / F) - log(|q| - 1)`` with ``|R|`` for all
words of the texts, a kind of inverse document frequency; a longer n-gram never weighs less than its parts, and what is
as common in the texts as in the question, such as most stop words, weighs nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from agentmem.index.substrings import SubstringIndex
from agentmem.protocols import BoolArray, FloatArray, IntArray
from agentmem.text.words import STOP_WORDS

ALPHA = 2.0
BETA = 0.8
"""Both as published."""
LONGEST = 10
"""The most words an n-gram has; the paper's model generates up to ten tokens."""
_SURE = 0.99


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row of which every part is an identifier, and ``P(n|q)`` of each."""

    words: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Identifier:
    """An n-gram that occurs: its words, its weight, and the places at which it begins, ascending."""

    words: tuple[str, ...]
    weight: float
    places: IntArray


def weight(probability: float, frequency: int, total: int) -> float:
    """``w(n, q)``, in nats.

    Args:
        probability: ``P(n|q)``; kept within 0.01 and 0.99, for a model's word is never certain.
        frequency: ``F(n, R)``, how often the n-gram occurs, at least 1.
        total: how many words there are in all texts.
    """
    conditional = min(max(probability, 1.0 - _SURE), _SURE)
    if frequency >= total:
        return 0.0
    return max(0.0, log(conditional / (1.0 - conditional)) + log((total - frequency) / frequency))


def identifiers(
    index: SubstringIndex, phrases: Iterable[Phrase], living: BoolArray, wanted: BoolArray
) -> list[Identifier]:
    """All n-grams of the phrases that stand in a wanted text, the heaviest first.

    Of n-grams that weigh the same the longer comes first. One that is all stop words identifies nothing.

    Args:
        index: what occurs where.
        phrases: an n-gram of several has the highest of their probabilities.
        living: which texts ``R`` consists of, shape ``(len(index),)``.
        wanted: which texts may be found.
    """
    total = int(index.lengths[living].sum())
    probable: dict[tuple[str, ...], float] = defaultdict(float)
    standing: dict[tuple[str, ...], IntArray] = {}
    for phrase in phrases:
        for ngram, places in _occurring(index, phrase.words):
            probable[ngram] = max(probable[ngram], phrase.probability)
            standing[ngram] = places
    found = []
    for ngram, places in standing.items():
        texts = index.texts_of(places)
        frequency = max(1, int(np.count_nonzero(living[texts])))  # 0: in a former version only
        kept = places[wanted[texts]]
        if len(kept):
            found.append(Identifier(ngram, weight(probable[ngram], frequency, total), kept))
    return sorted(found, key=lambda one: (-one.weight, -len(one.words), one.words))


def _occurring(index: SubstringIndex, words: Sequence[str]) -> Iterator[tuple[tuple[str, ...], IntArray]]:
    for start in range(len(words)):
        for length, places in enumerate(index.prefixes(words[start : start + LONGEST]), 1):
            ngram = tuple(words[start : start + length])
            if not STOP_WORDS.issuperset(ngram):
                yield ngram, places


def scores(
    index: SubstringIndex, found: Sequence[Identifier], *, alpha: float = ALPHA, beta: float = BETA
) -> FloatArray:
    """``W(d, q)`` of every text, shape ``(len(index),)``.

    Args:
        index: in which the identifiers were found.
        found: the heaviest first. Each counts once in a text, however often it stands there.
        alpha: how much more heavier identifiers count.
        beta: what words count less that an identifier taken before has already brought, in [0, 1].
    """
    total = np.zeros(len(index), dtype=np.float64)
    covered = np.zeros(index.size, dtype=np.bool_)
    brought: Mapping[str, BoolArray] = defaultdict(lambda: np.zeros(len(index), dtype=np.bool_))
    for one in found:
        if one.weight <= 0.0:
            break
        length, words = len(one.words), set(one.words)
        places = one.places
        for step in range(length):
            places = places[~covered[places + step]]
        places = _apart(places, length)
        if not len(places):
            continue
        for step in range(length):
            covered[places + step] = True
        texts = index.texts_of(places)
        texts = texts[np.flatnonzero(np.diff(texts, prepend=-1))]  # they ascend: each once
        known = np.sum([brought[word][texts] for word in words], axis=0) / len(words)
        total[texts] += one.weight**alpha * (1.0 - beta * known)
        for word in words:
            brought[word][texts] = True
    return np.asarray(total, dtype=np.float32)


def holding(index: SubstringIndex, found: Sequence[Identifier]) -> IntArray:
    """The texts in which at least one identifier stands, be it of no weight; ascending."""
    held = np.zeros(len(index), dtype=np.bool_)
    for one in found:
        held[index.texts_of(one.places)] = True
    return np.flatnonzero(held)


def _apart(places: IntArray, length: int) -> IntArray:
    """Places, ascending, of which none begins before the one taken before it has ended ("a b a b a")."""
    if length == 1 or not len(places) or not (np.diff(places) < length).any():
        return places
    kept, end = [], -1
    for place in places.tolist():
        if place >= end:
            kept.append(place)
            end = place + length
    return np.array(kept, dtype=np.int64)


def most(found: Sequence[Identifier], *, alpha: float = ALPHA, beta: float = BETA) -> float:
    """What no text's score exceeds: every identifier at its discount, and each word brought by the best that has it."""
    of_words: dict[str, float] = defaultdict(float)
    for one in found:
        words = set(one.words)
        for word in words:
            of_words[word] = max(of_words[word], one.weight**alpha / len(words))
    discounted = sum(one.weight**alpha for one in found)
    return float((1.0 - beta) * discounted + beta * sum(of_words.values()))
