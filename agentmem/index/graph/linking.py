"""From a query to where a walk starts, and from a walk to ranked passages: HippoRAG 2 and 1, as pure functions.

Gutiérrez et al., "From RAG to Memory" (ICML 2025), section 3; Gutiérrez et al., "HippoRAG" (NeurIPS 2024), section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentmem.errors import InvalidInput
from agentmem.index.graph.graph_values import Mentions, Triple

Scores = NDArray[np.float64]

SEED_PHRASES = 5
PASSAGE_WEIGHT = 0.05
SURE_LINK = 0.9


def min_max(scores: NDArray[Any]) -> Scores:
    """Scores stretched to [0, 1]; all 1 if they are all the same. What is not a number counts as the lowest."""
    values = np.asarray(scores, dtype=np.float64)
    finite = np.isfinite(values)
    if not finite.any():
        return np.ones_like(values)
    low, high = values[finite].min(), values[finite].max()
    if low == high:
        return np.where(finite, 1.0, 0.0)
    return np.where(finite, (np.where(finite, values, low) - low) / (high - low), 0.0)


def phrase_weights(
    fact_scores: Sequence[float],
    facts: Sequence[Triple],
    passages_of_phrase: Callable[[str], int],
    keep: int = SEED_PHRASES,
) -> dict[str, float]:
    """HippoRAG 2's seeds: the subjects and objects of the facts that fit a query, heaviest first.

    Each fact gives its subject and object its score over the number of passages that mention the phrase (a phrase that
    is everywhere says little). A phrase of several facts gets the mean; the ``keep`` heaviest stay. A phrase that no
    passage mentions has no node and is left out, and so is one whose weight is 0 (which stops the published code with
    a failed assertion). Nothing left means that the graph cannot help: rank passages by their vectors.

    Args:
        fact_scores: how well each fact fits, from :func:`min_max` over *all* facts.
        facts: the facts that were kept, normalised.
        passages_of_phrase: how many passages mention a phrase (:meth:`~.MemoryGraph.passage_count`).
        keep: the most phrases to seed.

    Raises:
        InvalidInput: not one score for each fact.
    """
    if len(fact_scores) != len(facts):
        raise InvalidInput(f"One score for each fact: {len(facts)} facts, {len(fact_scores)} scores.")
    shares: dict[str, list[float]] = {}
    for score, (subject, _, object_) in zip(fact_scores, facts, strict=True):
        for phrase in {subject, object_}:
            mentioned = passages_of_phrase(phrase)
            if mentioned:
                shares.setdefault(phrase, []).append(_usable(score) / mentioned)
    means = {phrase: sum(parts) / len(parts) for phrase, parts in shares.items()}
    heaviest = sorted((-weight, phrase) for phrase, weight in means.items() if weight > 0)[:keep]
    return {phrase: -negative for negative, phrase in heaviest}


def reset_vector(
    size: int,
    phrases: Mapping[int, float],
    passages: NDArray[np.integer[Any]],
    dense: NDArray[Any],
    passage_weight: float = PASSAGE_WEIGHT,
) -> Scores:
    """Where HippoRAG 2's walk starts over: at the seed phrases, and a little at every passage that resembles the query.

    Args:
        size: how many nodes the graph has.
        phrases: weights of seed phrases by node.
        passages: the nodes of passages.
        dense: their cosines with the query, in the same order; stretched to [0, 1] here.
        passage_weight: what the most similar passage weighs.

    Returns:
        Weights by node, shape ``(size,)``, not scaled to a sum; what is negative or not a number is 0.

    Raises:
        InvalidInput: not one cosine for each passage.
    """
    if len(passages) != len(dense):
        raise InvalidInput(f"One score for each passage: {len(passages)} passages, {len(dense)} scores.")
    reset = np.zeros(size)
    for node, weight in phrases.items():
        reset[node] = _usable(weight)
    if len(passages):
        reset[passages] = _usable(passage_weight) * min_max(dense)
    return reset


def rank_passages(
    walk: NDArray[Any], keys: NDArray[np.int64], nodes: NDArray[np.int64], limit: int = 200
) -> list[tuple[int, float]]:
    """The passages where a walk spends the most time: key and share, best first, ties by key.

    Args:
        walk: the share of every node, shape ``(nodes of the graph,)``.
        keys: the passages' keys, as :meth:`~.MemoryGraph.passages` gives them.
        nodes: their nodes.
        limit: the most passages to return.
    """
    return _ranked(np.asarray(walk, dtype=np.float64)[nodes], keys, limit)


def entity_seeds(
    linked: Iterable[tuple[str, float]], passages_of_phrase: Callable[[str], int], specificity: bool = True
) -> dict[str, float]:
    """HippoRAG 1's seeds: the phrase nearest to each of the query's entities, at 1 over its number of passages.

    Args:
        linked: phrases with their cosines, from :func:`nearest_phrases`; a phrase no passage mentions is left out.
        passages_of_phrase: how many passages mention a phrase.
        specificity: without it, every seed weighs 1.
    """
    counts = {phrase: passages_of_phrase(phrase) for phrase, _ in linked}
    return {phrase: 1.0 / count if specificity else 1.0 for phrase, count in counts.items() if count}


def nearest_phrases(queries: NDArray[Any], vectors: NDArray[Any], names: Sequence[str]) -> list[tuple[str, float]]:
    """For each vector of a query's entity, the phrase of the graph with the highest cosine, and that cosine.

    Args:
        queries: of unit length, shape ``(m, dimension)``.
        vectors: of unit length, shape ``(n, dimension)``.
        names: their phrases.
    """
    if not len(names) or not len(queries):
        return []
    cosines = np.asarray(queries) @ np.asarray(vectors).T
    best = cosines.argmax(axis=1)
    return [(names[place], float(row[place])) for row, place in zip(cosines, best.tolist(), strict=True)]


def rank_by_mentions(walk: NDArray[Any], mentions: Mentions, limit: int = 200) -> list[tuple[int, float]]:
    """HippoRAG 1's ranking: a passage's score is the walk's share at its entities, once for each triple naming them.

    Scores are stretched to [0, 1].
    """
    if not len(mentions.passages):
        return []
    shares = np.asarray(walk, dtype=np.float64)
    return _ranked(min_max(mentions.counts @ shares), mentions.passages, limit)


def with_dense(walk: NDArray[Any], dense: NDArray[Any], weakest_link: float) -> Scores:
    """HippoRAG 1's ensemble: the graph alone if every entity was surely found, else the mean with dense scores.

    Args:
        walk: passages' scores from the graph.
        dense: the same passages' cosines with the query.
        weakest_link: the lowest cosine between one of the query's entities and its phrase.
    """
    graph = min_max(walk)
    return graph if weakest_link > SURE_LINK else 0.5 * graph + 0.5 * min_max(dense)


def _ranked(scores: Scores, keys: NDArray[np.int64], limit: int) -> list[tuple[int, float]]:
    order = np.lexsort((keys, -scores))[:limit]
    return list(zip(keys[order].tolist(), scores[order].tolist(), strict=True))


def _usable(weight: float) -> float:
    """0 for what is negative or not a number."""
    return float(weight) if np.isfinite(weight) and weight > 0 else 0.0
