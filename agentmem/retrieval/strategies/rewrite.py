"""Ask in several ways and fuse (CMQR, arXiv 2406.18960): rewrites of a question find what its own words miss.

``reciprocal`` fuses the rankings (reciprocal-rank fusion, Cormack et al. 2009); ``centroid`` searches once with the
weighted mean of the rewrites' vectors and the weighted bag of their words, in which a word weighs as much as all the
rewrites that hold it. Without a language model, or where it cannot be asked, the question is asked as it is, and once
by its keywords.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from agentmem.errors import LLMError
from agentmem.llm import LLM
from agentmem.prompts.library import render
from agentmem.prompts.replies.asking import Rewrites
from agentmem.retrieval.search import Found, Rank, Search
from agentmem.text.words import STOP_WORDS, terms, tokens

REWRITES = 4
RANK_OFFSET = 60
"""The constant of reciprocal-rank fusion."""


def reciprocal(search: Search, rank: Rank, k: int) -> list[Found]:
    """One ranking for each way of asking, fused by the sum of ``weight / (60 + rank)``."""
    queries = ways(search)
    sums: dict[int, float] = defaultdict(float)
    kept: dict[int, Found] = {}
    for text, weight in queries:
        for place, one in enumerate(search.look(lambda moment: moment.hydrate(rank(moment, 2 * k)), text)):
            sums[one.scored.row] += weight / (RANK_OFFSET + place + 1)
            kept.setdefault(one.scored.row, one)
    most = sum(weight for _text, weight in queries) / (RANK_OFFSET + 1)
    best = sorted(kept, key=lambda row: -sums[row])[:k]
    return [replace(kept[row], scored=replace(kept[row].scored, score=sums[row] / most)) for row in best]


def centroid(search: Search, rank: Rank, k: int) -> list[Found]:
    """One look with the weighted mean of all ways' vectors, and all their words, weighted.

    Who is meant, and when, is read off the question as it was asked.
    """
    queries = ways(search)
    vectors = search.embed([text for text, _weight in queries])
    mean = None
    if vectors is not None:
        total = np.average(vectors, axis=0, weights=[weight for _text, weight in queries])
        mean = np.asarray(total / (np.linalg.norm(total) + 1e-9), dtype=np.float32)
    return search.look(lambda moment: moment.hydrate(rank(moment, k)), None, mean, bag(queries))


def bag(queries: Sequence[tuple[str, float]]) -> dict[str, float]:
    """The terms of all ways, each with the sum of the weights of those that hold it: at most 1."""
    weights: dict[str, float] = defaultdict(float)
    for text, weight in queries:
        for term in dict.fromkeys(terms(text)):
            weights[term] += weight
    return dict(weights)


def ways(search: Search) -> Sequence[tuple[str, float]]:
    """Ways of asking with weights that sum to 1; the question itself is always the first."""
    others = None if search.llm is None else _by_model(search.llm, search.text)
    found = [(search.text, 1.0), *(_by_rules(search.text) if others is None else others)]
    total = sum(weight for _text, weight in found)
    return [(text, weight / total) for text, weight in found]


def _by_model(llm: LLM, question: str) -> Sequence[tuple[str, float]] | None:
    """Rewrites; ``None`` when the model cannot be asked."""
    try:
        reply = llm.complete(render("rewrite", question=question, count=str(REWRITES)), Rewrites)
    except LLMError:
        return None
    return [(one.text, max(one.weight, 0.0)) for one in reply.value.queries if one.text.strip()]


def _by_rules(question: str) -> Sequence[tuple[str, float]]:
    words = [word for word in tokens(question) if word not in STOP_WORDS]
    return [(" ".join(words), 0.5)] if words else []
