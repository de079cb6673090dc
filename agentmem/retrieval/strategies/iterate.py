"""Search, think, search again (Structural Memory, section 3.2: iterative retrieval).

After each look a language model writes a thought from what was found, and the next look is for the question with the
last thought; a memory keeps its best score of all looks. Without a language model the thought is a vector: the
question's, moved towards the mean of the best (Rocchio's pseudo-relevance feedback); so it is from where on a model
cannot be asked any more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agentmem.errors import LLMError
from agentmem.kinds import layer_of
from agentmem.llm import LLM
from agentmem.prompts.library import render
from agentmem.prompts.replies.asking import Thought
from agentmem.protocols import FloatArray
from agentmem.retrieval.search import Found, Moment, Rank, Search

LOOKS = 3
"""The paper finds 2 or 3 best."""
DEPTH = 50
"""How many are found at each look (the paper's T)."""
EVIDENCE = 20
"""How many of them the model reads."""
_FEEDBACK = 3
_TOWARDS = 0.3


def iterate(search: Search, rank: Rank, k: int) -> list[Found]:
    """The best ``k`` of all looks together."""
    depth = max(DEPTH, k)
    kept: dict[int, Found] = {}
    text: str | None = None
    vector: FloatArray | None = None
    llm = search.llm
    for look in range(LOOKS):
        found, feedback = search.look(lambda moment: _see(moment, rank, depth), text, vector)
        for one in found:
            known = kept.get(one.scored.row)
            if known is None or known.scored.score < one.scored.score:
                kept[one.scored.row] = one
        if not found or look == LOOKS - 1:
            break
        thought = None if llm is None else _think(llm, search.text, found)
        if thought is not None:
            if thought.enough:
                break
            text = f"{search.text} {thought.thought}"
        else:
            if feedback is None:
                break
            llm, vector = None, feedback
    return sorted(kept.values(), key=lambda one: -one.scored.score)[:k]


def _see(moment: Moment, rank: Rank, depth: int) -> tuple[list[Found], FloatArray | None]:
    found = moment.hydrate(rank(moment, depth))
    return found, _feedback(moment, found[:_FEEDBACK])


def _feedback(moment: Moment, best: Sequence[Found]) -> FloatArray | None:
    """The query's vector, moved towards those of the best."""
    if moment.vector is None or not best:
        return None
    vectors = []
    for one in best:
        layer = layer_of(one.memory.kind)
        slot = np.searchsorted(moment.layer(layer).columns["row"], [one.scored.row])
        vectors.append(moment.vectors(layer, slot)[0])
    moved = (1 - _TOWARDS) * moment.vector + _TOWARDS * np.mean(vectors, axis=0)
    return np.asarray(moved / (np.linalg.norm(moved) + 1e-9), dtype=np.float32)


def _think(llm: LLM, question: str, found: Sequence[Found]) -> Thought | None:
    """The next thought; ``None`` when the model cannot be asked."""
    evidence = "\n".join(one.memory.text for one in found[:EVIDENCE])
    try:
        return llm.complete(render("think", question=question, evidence=evidence), Thought).value
    except LLMError:
        return None
