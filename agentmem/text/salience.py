"""What matters most in a text: an extractive summary and keywords, without a model and always the same.

A sentence is scored by its likeness to the centroid of all sentences, as in MEAD (Radev et al. 2004, "Centroid-based
summarization of multiple documents", section 3), with a bonus for its position, and is picked by maximal marginal
relevance (Carbonell & Goldstein 1998), so that nothing is said twice. The time is linear in the length of the texts:
likenesses between sentences are computed only for the best of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from agentmem.errors import InvalidInput
from agentmem.protocols import IntArray
from agentmem.text.entities import entities
from agentmem.text.sentences import pieces, sentences
from agentmem.text.words import stem, terms, tokens

_Floats = npt.NDArray[np.float64]

_LONGEST = 400  # characters of a "sentence": longer ones are cut
_POSITION = 0.35  # what standing first adds to a score; it halves with every two sentences
_QUESTION = 0.5  # the factor for a question
_RELEVANCE = 0.7  # the share of likeness to the whole; the rest is unlikeness to what was picked
_FULL_LENGTH = 8  # terms from which on a sentence loses nothing for being short
_TELLING = 3  # terms that a sentence has at least, unless all are shorter
_CANDIDATES = 300  # the most sentences compared with each other


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence, its place (the text's number, and its own within that), its length in words and its terms."""

    text: str
    body: int
    position: int
    length: int
    terms: tuple[str, ...]


def summarise(texts: Sequence[str], limit_words: int) -> str:
    """The most telling sentences of the texts, word for word, in their order, in at most ``limit_words`` words.

    Texts that are short enough come back whole, with white space collapsed. Sentences of one text are joined by a
    space, texts by a line break. If even the best sentence is too long, its beginning is returned.

    Raises:
        InvalidInput: ``limit_words`` is below 1.
    """
    if limit_words < 1:
        raise InvalidInput(f"A summary needs room for at least one word, not {limit_words}: raise limit_words.")
    found = _sentences(texts)
    if sum(sentence.length for sentence in found) <= limit_words:
        return _joined(found)
    distinct = list({sentence.text.casefold(): sentence for sentence in reversed(found)}.values())[::-1]
    vectors = _Vectors([sentence.terms for sentence in distinct])
    scores = _scores(distinct, vectors)
    picked = _pick(distinct, scores, vectors, limit_words)
    if not picked:
        best = distinct[int(np.argmax(scores))]
        return _beginning(best.text, limit_words)
    return _joined([distinct[i] for i in sorted(picked)])


def _sentences(texts: Sequence[str]) -> list[_Sentence]:
    found = []
    for body, text in enumerate(texts):
        position = 0
        for start, end in sentences(text):
            whole = text[start:end]
            for first, last in pieces(whole, _LONGEST) if len(whole) > _LONGEST else ((0, len(whole)),):
                part = " ".join(whole[first:last].split())
                found.append(_Sentence(part, body, position, _length(part), tuple(terms(part))))
                position += 1
    return found


def _length(text: str) -> int:
    """Words; in scripts without spaces, pairs of characters count."""
    return max(len(text.split()), len(tokens(text)) if not text.isascii() else 0)


def _beginning(text: str, limit: int) -> str:
    words = text.split()[:limit]
    while words and _length(" ".join(words)) > limit:
        words = words[:-1] if len(words) > 1 else [words[0][:limit]]
        if len(words) == 1 and len(words[0]) <= limit:
            break
    return " ".join(words)


def _joined(picked: Sequence[_Sentence]) -> str:
    bodies: dict[int, list[str]] = {}
    for sentence in picked:
        bodies.setdefault(sentence.body, []).append(sentence.text)
    return "\n".join(" ".join(parts) for parts in bodies.values())


class _Vectors:
    """Unit tf-idf vectors of sentences, stored row after row."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        vocabulary: dict[str, int] = {}
        counts = [Counter(row) for row in rows]
        ids = [vocabulary.setdefault(term, len(vocabulary)) for count in counts for term in count]
        self.columns: IntArray = np.array(ids, dtype=np.int64)
        tf = np.array([n for count in counts for n in count.values()], dtype=np.float64)
        lengths = np.array([len(count) for count in counts], dtype=np.int64)
        self.bounds: IntArray = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self.rows: IntArray = np.repeat(np.arange(len(rows)), lengths)
        self.width = len(vocabulary)
        frequency = np.bincount(self.columns, minlength=self.width)
        idf = np.log1p(len(rows) / np.maximum(frequency, 1))
        weights = (1 + np.log(tf)) * idf[self.columns] if ids else tf
        norms = np.sqrt(np.bincount(self.rows, weights**2, minlength=len(rows)))
        self.weights: _Floats = weights / norms[self.rows] if ids else weights
        self.count = len(rows)

    def centroid(self) -> _Floats:
        """The mean direction, shape ``(width,)``."""
        total: _Floats = np.bincount(self.columns, self.weights, minlength=self.width).astype(np.float64)
        norm = float(np.linalg.norm(total))
        return total / norm if norm else total

    def likeness(self, dense: _Floats) -> _Floats:
        """The dot product of every row with a dense vector, shape ``(n,)``."""
        products = np.bincount(self.rows, self.weights * dense[self.columns], minlength=self.count)
        return products.astype(np.float64)

    def among(self, rows: Sequence[int]) -> _Floats:
        """Cosines between some rows, shape ``(m, m)``."""
        parts = [slice(int(self.bounds[row]), int(self.bounds[row + 1])) for row in rows]
        used = np.unique(np.concatenate([self.columns[part] for part in parts])) if parts else self.columns[:0]
        dense = np.zeros((len(rows), len(used)))
        for i, part in enumerate(parts):
            dense[i, np.searchsorted(used, self.columns[part])] = self.weights[part]
        cosines: _Floats = dense @ dense.T
        return cosines


def _scores(found: Sequence[_Sentence], vectors: _Vectors) -> _Floats:
    likeness = vectors.likeness(vectors.centroid())
    highest = float(likeness.max(initial=0.0)) or 1.0
    substance = np.array([min(1.0, len(set(sentence.terms)) / _FULL_LENGTH) for sentence in found])
    position = np.array([0.5 ** (sentence.position / 2) for sentence in found])
    question = np.array([_QUESTION if sentence.text.endswith(("?", "？")) else 1.0 for sentence in found])
    scores: _Floats = (likeness / highest * substance + _POSITION * position * substance) * question
    return scores


def _pick(found: Sequence[_Sentence], scores: _Floats, vectors: _Vectors, limit: int) -> list[int]:
    """Rows of the sentences picked by maximal marginal relevance, as long as something fits."""
    order = np.argsort(-scores, kind="stable")
    fitting = [int(row) for row in order if found[row].length <= limit]
    telling = [row for row in fitting if len(found[row].terms) >= _TELLING]
    fitting = telling or fitting
    candidates = fitting[:_CANDIDATES]
    cosines = vectors.among(candidates)
    closest = np.zeros(len(candidates))
    free = np.ones(len(candidates), dtype=np.bool_)
    lengths = np.array([found[row].length for row in candidates])
    relevance = scores[candidates]
    picked: list[int] = []
    while (free := free & (lengths <= limit)).any():
        value = np.where(free, _RELEVANCE * relevance - (1 - _RELEVANCE) * closest, -np.inf)
        best = int(np.argmax(value))
        picked.append(candidates[best])
        limit -= int(lengths[best])
        free[best] = False
        closest = np.maximum(closest, cosines[best])
    for row in fitting[_CANDIDATES:]:
        if found[row].length <= limit:
            picked.append(row)
            limit -= found[row].length
    return picked


def keywords(texts: Sequence[str], count: int) -> tuple[str, ...]:
    """The names and noun phrases that mark the texts, best first, at most ``count``, as they stand in the texts.

    A phrase weighs the more, the more often its words occur, the more of the texts it occurs in, and if it is a name;
    equal weights are ranked by first appearance. Where there are too few, single words fill up.

    Raises:
        InvalidInput: ``count`` is negative.
    """
    if count < 0:
        raise InvalidInput(f"count must be 0 or more, not {count}.")
    phrases: dict[str, _Candidate] = {}
    words: Counter[str] = Counter()
    for number, text in enumerate(texts):
        words.update(terms(text))
        for entity in entities(text):
            if entity.kind in ("name", "noun-phrase"):
                candidate = phrases.setdefault(entity.name.casefold(), _Candidate(entity.name, entity.kind == "name"))
                candidate.mentions += 1
                candidate.bodies.add(number)
        for word in dict.fromkeys(tokens(text)) if len(phrases) < count else ():
            if terms(word):
                phrases.setdefault(word, _Candidate(word, is_name=False, filler=True))
    ranked = sorted(phrases.values(), key=lambda candidate: -candidate.weight(words))
    return tuple(candidate.text for candidate in ranked[:count])


@dataclass(slots=True)
class _Candidate:
    text: str
    is_name: bool
    filler: bool = False
    mentions: int = 0
    bodies: set[int] = field(default_factory=set)

    def weight(self, words: Counter[str]) -> float:
        if self.filler and not self.mentions:
            return words[stem(self.text)] * 1e-6
        found = terms(self.text)
        frequency = sum(words[term] for term in found) / max(1, len(found))
        length = 1 + 0.5 * math.log(max(1, len(found)))
        spread = math.sqrt(math.sqrt(len(self.bodies)))
        name = 1.5 if self.is_name else 1.0
        return 1e-3 + math.sqrt(self.mentions) * math.log1p(frequency) * length * spread * name
