"""Ranking a memory stream: what is recent, what matters, and what the question is about, added up.

Park et al., "Generative Agents: Interactive Simulacra of Human Behavior" (UIST 2023, arXiv 2304.03442), section 4.1:
``score = w_r * recency + w_i * importance + w_v * relevance``, each brought to [0, 1] among all candidates. Recency
decays with every hour since a memory was last accessed; in the authors' code with every place behind the newest. That
code sorts from the oldest on and lets the first decay least, so that the oldest counts as the most recent; here the
newest does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from agentmem.clock import to_micros
from agentmem.errors import InvalidInput
from agentmem.index.exact import top
from agentmem.kinds import IMPORTANCE, REFLECTION, TEXT
from agentmem.protocols import FloatArray, IntArray
from agentmem.retrieval.layer_view import similarity
from agentmem.retrieval.search import Found, Moment, Rank, Scored
from agentmem.types import Memory

Floats = NDArray[np.float64]
Per = Literal["rank", "hour"]

MOST = 2_000
"""The most memories that are weighed for one question: of more, one half the most relevant, the rest the newest."""
_HOUR = 3_600_000_000  # in microseconds


@dataclass(frozen=True, slots=True)
class Gains:
    """What the three parts count, and how recency decays.

    Attributes:
        recency: the weight of how lately a memory was accessed.
        relevance: the weight of how like the question it is.
        importance: the weight of how much it matters.
        decay: the factor of recency, for each step back.
        per: a step is a place behind the newest (``"rank"``) or an hour (``"hour"``).

    Raises:
        InvalidInput: a negative or infinite weight, no weight at all, a decay outside (0, 1], an unknown step.
    """

    recency: float = 1.0
    relevance: float = 1.0
    importance: float = 1.0
    decay: float = 0.995
    per: Per = "hour"

    def __post_init__(self) -> None:
        weights = (self.recency, self.relevance, self.importance)
        if not all(0.0 <= weight < math.inf for weight in weights) or not any(weights):
            raise InvalidInput(f"Gains are finite weights of 0 or more, one of them above 0, not {weights}.")
        if not 0.0 < self.decay <= 1.0:
            raise InvalidInput(f"decay is the factor for one step back, above 0 and at most 1, not {self.decay}.")
        if self.per not in get_args(Per):
            raise InvalidInput(f'per is "rank" or "hour", not {self.per!r}.')


PAPER = Gains()
"""As the paper has it: equal weights, 0.995 for every hour."""
CODE = Gains(recency=0.5, relevance=3.0, importance=2.0, decay=0.99, per="rank")
"""As the authors' code has it, but for its direction."""


def recency(accessed: IntArray, decay: float, per: Per) -> Floats:
    """How recent memories are among each other, in (0, 1]: the newest 1, all others less; shape ``(n,)``.

    Hours are counted back from the newest and not from now: that changes all by one factor, which is gone when they are
    brought to [0, 1].

    Args:
        accessed: when each was last accessed, in microseconds. By rank, of equal moments the later in the array is the
            newer.
        decay: see :class:`Gains`.
        per: see :class:`Gains`.
    """
    if not len(accessed):
        return np.zeros(0)
    if per == "hour":
        steps = (accessed.max() - accessed).astype(np.float64) / _HOUR
    else:
        steps = np.empty(len(accessed))
        steps[np.lexsort((np.arange(len(accessed)), accessed))[::-1]] = np.arange(len(accessed))
    return np.asarray(decay**steps, dtype=np.float64)


def scaled(values: NDArray[Any]) -> Floats:
    """From 0, the lowest, to 1, the highest; zeros where all are the same."""
    numbers = values.astype(np.float64)
    if not len(numbers) or numbers.max() == numbers.min():
        return np.zeros(len(numbers))
    return np.asarray((numbers - numbers.min()) / (numbers.max() - numbers.min()))


def weighed(accessed: IntArray, relevance: NDArray[Any], importance: NDArray[Any], gains: Gains) -> Floats:
    """The scores of candidates over the sum of the weights, in [0, 1]; shape ``(n,)``."""
    parts = (
        (gains.recency, recency(accessed, gains.decay, gains.per)),
        (gains.relevance, relevance),
        (gains.importance, importance),
    )
    total = sum((weight * scaled(values) for weight, values in parts), np.zeros(len(accessed)))
    return np.asarray(total / sum(weight for weight, _values in parts))


def rank_memory_stream(gains: Gains = CODE) -> Rank:
    """A rank over texts and reflections. What has no mark of importance yet has the mean of those that have."""

    def rank(moment: Moment, k: int) -> list[Scored]:
        candidates = _candidates(moment)
        if not candidates:
            return []
        memories = [found.memory for found in candidates]
        marks = {edge.source: edge.weight for edge in moment.edges(IMPORTANCE)}
        usual = sum(marks.values()) / len(marks) if marks else 1.0
        accessed = np.array([_accessed(memory) for memory in memories], dtype=np.int64)
        relevance = np.array([found.scored.score for found in candidates])
        importance = np.array([marks.get(memory.id, usual) for memory in memories])
        scores = weighed(accessed, relevance, importance, gains)
        recent = recency(accessed, gains.decay, gains.per)
        return [
            Scored(
                candidates[place].scored.row,
                min(1.0, float(scores[place])),
                {
                    **candidates[place].scored.signals,
                    "recency": float(recent[place]),
                    "importance": float(importance[place]),
                },
            )
            for place in np.lexsort((-accessed, -scores))[:k].tolist()
        ]

    return rank


def _accessed(memory: Memory) -> int:
    """When it was last used, or happened if it was not used since."""
    return to_micros(memory.at if memory.used_at is None else max(memory.at, memory.used_at))


def _candidates(moment: Moment) -> list[Found]:
    """What may be returned, with its relevance as its score, oldest first."""
    rows, at, relevant, cosines = [], [], [], []
    for name in (TEXT, REFLECTION):
        view = moment.layer(name)
        slots = np.flatnonzero(view.open)
        rows.append(view.columns["row"][slots].astype(np.int64))
        at.append(view.columns["at"][slots])
        relevant.append(similarity(view)[slots])
        cosines.append(np.nan_to_num(view.cosines[slots]))
    row, when, relevance, cosine = (np.concatenate(parts) for parts in (rows, at, relevant, cosines))
    kept = _narrowed(when, relevance)
    kept = kept[np.lexsort((row[kept], when[kept]))]
    return moment.hydrate(
        [Scored(int(row[place]), float(relevance[place]), {"dense": float(cosine[place])}) for place in kept.tolist()]
    )


def _narrowed(when: IntArray, relevance: FloatArray) -> IntArray:
    if len(when) <= MOST:
        return np.arange(len(when))
    relevant = top(relevance, MOST // 2)
    newest = np.argsort(-when, kind="stable")
    newest = newest[~np.isin(newest, relevant)][: MOST - len(relevant)]
    return np.concatenate([relevant, newest])
