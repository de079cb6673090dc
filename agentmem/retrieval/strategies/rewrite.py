"""Ask in several ways and fuse (CMQR, arXiv 2406.18960): rewrites of a question find what its own words miss.

``reciprocal`` fuses the rankings (reciprocal-rank fusion, Cormack et al. 2009); ``centroid`` searches once with the
weighted mean of the rewrites' vectors and the union of their words. Without a language model the question is asked as
it is, and once by its keywords.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from agentmem.errors import LLMError
from agentmem.prompts.library import render
from agentmem.prompts.replies import Rewrites
from agentmem.retrieval.search import Found, Rank, Search
from agentmem.text.words import STOP_WORDS, tokens

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
    """One look with the weighted mean of all ways' vectors, and all their words."""
    queries = ways(search)
    vectors = search.embed([text for text, _weight in queries])
    mean = None
    if vectors is not None:
        total = np.average(vectors, axis=0, weights=[weight for _text, weight in queries])
        mean = np.asarray(total / (np.linalg.norm(total) + 1e-9), dtype=np.float32)
    text = " ".join(dict.fromkeys(word for text, _weight in queries for word in text.split()))
    return search.look(lambda moment: moment.hydrate(rank(moment, k)), text, mean)


def ways(search: Search) -> Sequence[tuple[str, float]]:
    """Ways of asking with weights that sum to 1; the question itself is always the first."""
    found = [(search.text, 1.0)]
    if search.llm is None:
        words = [word for word in tokens(search.text) if word not in STOP_WORDS]
        if words:
            found.append((" ".join(words), 0.5))
    else:
        try:
            reply = search.llm.complete(render("rewrite", question=search.text, count=str(REWRITES)), Rewrites)
            found += [(one.text, max(one.weight, 0.0)) for one in reply.value.queries if one.text.strip()]
        except LLMError:  # the question itself can still be asked
            pass
    total = sum(weight for _text, weight in found)
    return [(text, weight / total) for text, weight in found]
