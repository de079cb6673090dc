"""SirLLM at the level of text: what is worth keeping in view, whatever is asked.

Yao et al., "SirLLM: Streaming Infinite Retentive LLM" (arXiv 2405.12528), section 3: a stream keeps its first tokens
(the *sinks*) and those of the highest entropy, and entropies decay with every turn. Here a turn's information is the
mean surprisal of its words among all that was said, its priority the information times ``decay`` to the power of how
many turns came after it; a budget of turns holds the sinks and the highest priorities.
"""

from __future__ import annotations

import numpy as np

from agentmem.kinds import TEXT
from agentmem.protocols import FloatArray
from agentmem.retrieval.search import Moment, Rank, Scored

SINKS = 2
"""How many turns of each conversation's beginning are kept: who talks, and about what."""
DECAY = 0.9
"""Per turn; the paper has 1.0 for a list that must not fade, 0.7 for daily dialogue, 0.9 for a game."""


def priorities(information: FloatArray, decay: float = DECAY) -> FloatArray:
    """What each turn counts, oldest first: ``information * decay ** age``, where the newest turn has the age 0."""
    ages = np.arange(len(information) - 1, -1, -1, dtype=np.float64)
    return np.asarray(information * decay**ages, dtype=np.float64)


def rank_salient(sinks: int = SINKS, decay: float = DECAY) -> Rank:
    """The rank: sinks first, then turns by priority. The question is not looked at; ``k`` is the budget, in turns."""

    def rank(moment: Moment, k: int) -> list[Scored]:
        view = moment.layer(TEXT)
        slots = np.flatnonzero(view.open)
        slots = slots[
            np.lexsort((view.columns["start"][slots], view.columns["position"][slots], view.columns["at"][slots]))
        ]
        worth = priorities(moment.scene.lexical.surprisal()[slots], decay)
        first = _sinks(view.columns["thread"][slots], sinks)
        order = np.lexsort((np.arange(len(slots)), -worth, ~first))[:k]
        dense = view.dense()
        return [
            Scored(
                int(view.columns["row"][slots[place]]),
                1.0 - number / (k + 1),
                {"dense": float(dense[slots[place]]), "information": float(worth[place])},
            )
            for number, place in enumerate(order.tolist())
        ]

    return rank


def _sinks(threads: FloatArray, count: int) -> np.typing.NDArray[np.bool_]:
    """Which are the first ``count`` of the first thread: a stream has one beginning."""
    found = np.zeros(len(threads), dtype=np.bool_)
    if len(threads):
        found[np.flatnonzero(threads == threads[0])[:count]] = True
    return found
