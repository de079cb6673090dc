"""The lexical index against a scorer written from the formula, document by document."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem.index.lexical import Bm25, LexicalIndex, WeightedTerms, Windows

TERMS = st.sampled_from(["cat", "dog", "rain", "tea", "violin"])
DOCUMENTS = st.lists(st.lists(TERMS, max_size=8), min_size=1, max_size=12)
WEIGHTED = st.dictionaries(TERMS, st.floats(0, 3), max_size=4)
QUERIES = st.lists(TERMS, min_size=1, max_size=4) | WEIGHTED
PARAMETERS = st.sampled_from([Bm25(), Bm25(0.8, 0.75), Bm25(1.6, 0.0), Bm25(1.2, 1.0)])
WEIGHTS = {-2: 0.3, -1: 0.6, 1: 0.3, 2: 0.15}


def naive_idf(frequency: int, documents: int) -> float:
    return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def naive_term(count: float, length: float, average: float, p: Bm25) -> float:
    return count * (p.k1 + 1) / (count + p.k1 * (1 - p.b + p.b * length / average)) if count else 0.0


def naive_shares(query):
    """Every term that counts, with how much: the weights of a mapping; each of a list's terms once for each time."""
    if isinstance(query, Mapping):
        return [(term, weight) for term, weight in query.items() if weight > 0]
    return [(term, 1.0) for term in query]


def naive_scores(documents, alive, query, p) -> list[float]:
    living = [d for d, lives in zip(documents, alive, strict=True) if lives]
    average = sum(map(len, living)) / len(living) if living else 0.0
    scores = []
    for document, lives in zip(documents, alive, strict=True):
        score = 0.0
        for term, wanted in naive_shares(query) if lives else ():
            if term in document:
                weight = wanted * naive_idf(sum(term in other for other in living), len(living))
                score += weight * naive_term(document.count(term), len(document), average, p)
        scores.append(score)
    return scores


def naive_window_scores(documents, alive, query, p) -> list[float]:
    living = [d for d, lives in zip(documents, alive, strict=True) if lives]

    def around(slot):
        return [(slot, 1.0)] + [(slot + o, w) for o, w in WEIGHTS.items() if 0 <= slot + o < len(documents)]

    lengths = [sum(w * len(documents[s]) for s, w in around(slot)) for slot in range(len(documents))]
    counted = [length for length, lives in zip(lengths, alive, strict=True) if lives]
    average = sum(counted) / len(counted) if counted else 0.0
    scores = []
    for slot in range(len(documents)):
        score = 0.0
        for term, wanted in naive_shares(query):
            frequency = sum(term in d for d in living)
            count = sum(w * documents[s].count(term) for s, w in around(slot) if alive[s])
            if frequency and count:
                score += wanted * naive_idf(frequency, len(living)) * naive_term(count, lengths[slot], average, p)
        scores.append(score)
    return scores


def naive_group_scores(documents, alive, groups, query, p) -> list[float]:
    members: dict[int, list[str]] = {group: [] for group in range(max(groups) + 1)}
    for document, lives, group in zip(documents, alive, groups, strict=True):
        if lives:
            members[group] += document
    inhabited = [words for words in members.values() if words]
    average = sum(map(len, inhabited)) / len(inhabited) if inhabited else 0.0
    scores = []
    for group in sorted(members):
        words, score = Counter(members[group]), 0.0
        for term, wanted in naive_shares(query):
            if words[term]:
                weight = wanted * naive_idf(sum(term in other for other in inhabited), len(inhabited))
                score += weight * naive_term(words[term], words.total(), average, p)
        scores.append(score)
    return scores


@st.composite
def corpora(draw):
    documents = draw(DOCUMENTS)
    alive = draw(st.lists(st.booleans(), min_size=len(documents), max_size=len(documents)))
    cut = draw(st.integers(0, len(documents)))
    return documents, alive, cut


def built(documents, alive, cut) -> LexicalIndex:
    """Filled in two parts; what is dead was alive when it was added."""
    index = LexicalIndex()
    index.add(documents[:cut])
    half = np.arange(cut)
    index.set_alive(half, np.array(alive[:cut], dtype=np.bool_))
    index.add(documents[cut:])
    index.set_alive(np.arange(len(documents)), np.array(alive, dtype=np.bool_))
    return index


def terms_of(query):
    return WeightedTerms(query) if isinstance(query, Mapping) else query


@settings(max_examples=150)
@given(corpora(), QUERIES, PARAMETERS)
def test_memories_score_as_the_formula_says(corpus, query, parameters) -> None:
    documents, alive, cut = corpus
    index = built(documents, alive, cut)
    scores = index.scores(index.find(terms_of(query)), parameters)
    np.testing.assert_allclose(scores, naive_scores(documents, alive, query, parameters), rtol=1e-4, atol=1e-5)


@settings(max_examples=150)
@given(corpora(), QUERIES, PARAMETERS)
def test_windows_score_as_the_formula_says(corpus, query, parameters) -> None:
    documents, alive, cut = corpus
    index, n = built(documents, alive, cut), len(documents)
    neighbours = {
        offset: np.array([s + offset if 0 <= s + offset < n else -1 for s in range(n)]) for offset in (-2, -1, 1, 2)
    }
    windows = Windows(neighbours, WEIGHTS, index.lengths)
    scores = index.window_scores(index.find(terms_of(query)), windows, parameters)
    np.testing.assert_allclose(scores, naive_window_scores(documents, alive, query, parameters), rtol=1e-4, atol=1e-5)


@settings(max_examples=150)
@given(corpora(), QUERIES, PARAMETERS, st.data())
def test_groups_score_as_the_formula_says(corpus, query, parameters, data) -> None:
    documents, alive, cut = corpus
    groups = data.draw(st.lists(st.integers(0, 3), min_size=len(documents), max_size=len(documents)))
    index = built(documents, alive, cut)
    scores = index.group_scores(index.find(terms_of(query)), np.array(groups), parameters)
    expected = naive_group_scores(documents, alive, groups, query, parameters)
    np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-5)


@settings(max_examples=50)
@given(corpora())
def test_filling_bit_by_bit_gives_the_same_postings(corpus) -> None:
    documents, alive, cut = corpus
    parts, whole = built(documents, alive, cut), built(documents, alive, 0)
    for term in ("cat", "dog", "rain", "tea", "violin", "absent"):
        ours, theirs = parts.postings(term), whole.postings(term)
        assert ours.slots.tolist() == theirs.slots.tolist()
        assert ours.counts.tolist() == theirs.counts.tolist()
        assert all(alive[slot] for slot in ours.slots)


@pytest.mark.parametrize("query", [[], ["absent"]])
def test_without_a_known_term_everything_scores_0(query: list[str]) -> None:
    index = LexicalIndex()
    index.add([["cat"], ["dog", "dog"]])
    matches = index.find(query)
    assert index.scores(matches).tolist() == [0.0, 0.0]
    assert index.group_scores(matches, np.array([0, 1])).tolist() == [0.0, 0.0]


def test_an_empty_index_finds_nothing() -> None:
    index = LexicalIndex()
    assert len(index.scores(index.find(["cat"]))) == 0
    assert len(index.group_scores(index.find(["cat"]), np.empty(0, np.int64))) == 0


def test_a_word_repeated_very_often_does_not_overflow() -> None:
    index = LexicalIndex()
    index.add([["cat"] * 70_000, ["cat"]])
    scores = index.scores(index.find(["cat"]))
    assert np.isfinite(scores).all() and scores[0] > scores[1] > 0


@given(corpora(), st.lists(TERMS, max_size=4, unique=True))
def test_where_every_term_weighs_one_scores_are_those_of_the_plain_terms(corpus, query) -> None:
    index = built(*corpus)
    plain, weighted = index.find(query), index.find(WeightedTerms(dict.fromkeys(query, 1.0)))
    assert index.scores(weighted).tolist() == index.scores(plain).tolist()
    assert weighted.weight == plain.weight and weighted.documents == plain.documents


def test_weighted_terms_are_terms() -> None:
    terms = WeightedTerms({"cat": 0.5, "dog": 0.0, "rain": -1.0, "tea": 2.0})
    assert terms == ("cat", "tea") and terms.weights == (0.5, 2.0)
    assert WeightedTerms({}) == () and not WeightedTerms({}).weights


def test_groups_are_inhabited_by_living_memories_with_terms():
    index = LexicalIndex()
    index.add([["otter"], ["cat"], [], ["dog"], ["otter"]])
    groups = np.array([0, 1, 2, 3, 3])  # the third has no terms
    assert index.inhabited(groups) == 3
    index.set_alive(np.array([1, 3]), np.array([False, False]))
    assert index.inhabited(groups) == 2
    index.set_alive(np.array([0, 4]), np.array([False, False]))
    assert index.inhabited(groups) == 0
