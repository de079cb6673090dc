"""Hop by hop over memories: End-to-End Memory Networks (Sukhbaatar et al., arXiv 1503.08895), with texts' own vectors.

Each hop attends to the memories that resemble the question's state ``u`` and adds what it reads to it: with the match
``p_i = softmax(u . m_i)`` (equation 1) and the response ``o = sum p_i c_i`` (equation 2), the next state is
``u + o`` (equation 4). Input, output and question share one embedding, that of the embedding model, where the paper
learns several; vectors are of unit length, so matches are sharpened before the softmax. A memory counts by its
best match of all hops, and supporting facts (:mod:`agentmem.retrieval.supporting_facts`) come before all of them.
"""

from __future__ import annotations

import numpy as np

from agentmem.kinds import TEXT
from agentmem.protocols import FloatArray
from agentmem.retrieval.search import Found, Moment, Rank, Scored, Search
from agentmem.retrieval.supported import facts_at, put_first

HOPS = 3
"""The paper's best models have three."""
ATTENDED = 20
"""How many of the best memories share a hop's attention."""
SHARPNESS = 20.0
"""What a cosine is multiplied by before the softmax: trained vectors are long, these are not."""


def attend(search: Search, rank: Rank, k: int) -> list[Found]:
    """Supporting facts first, then the best of all hops. No model is called but the embedding model, once."""
    embedded = search.embed([search.text])
    state = None if embedded is None else embedded[0]
    best: dict[int, Scored] = {}
    for _hop in range(HOPS):
        matched, read = search.look(lambda moment: _hop_at(moment, rank, k), None, state)
        for one in matched:
            if one.row not in best or best[one.row].score < one.score:
                best[one.row] = one
        if state is None or read is None:
            break
        state = next_state(state, *read)
    found = sorted(best.values(), key=lambda one: -one.score)

    def put(moment: Moment) -> list[Found]:
        facts = facts_at(moment, k)
        return moment.hydrate(put_first(facts, found, k) if facts else found[:k])

    return search.look(put, None, state)


def next_state(state: FloatArray, matches: FloatArray, memories: FloatArray) -> FloatArray:
    """``u + o`` of equations 1, 2 and 4, at unit length.

    Args:
        state: the question's, shape ``(dimension,)``.
        matches: inner products with it, shape ``(n,)``.
        memories: vectors, shape ``(n, dimension)``.
    """
    weights = np.exp(SHARPNESS * (matches - matches.max()))
    moved = state + (weights / weights.sum()) @ memories
    return np.asarray(moved / (np.linalg.norm(moved) + 1e-9), dtype=np.float32)


def _hop_at(moment: Moment, rank: Rank, k: int) -> tuple[list[Scored], tuple[FloatArray, FloatArray] | None]:
    """What a hop finds, and the matches and vectors of what it attends to; ``None`` where there are no vectors."""
    found = rank(moment, max(k, ATTENDED))
    if moment.vector is None or not found:
        return found, None
    slots = np.searchsorted(moment.scene.around.rows, [one.row for one in found[:ATTENDED]])
    vectors = moment.vectors(TEXT, slots)
    return found, (vectors @ moment.vector, vectors)
