"""Routing through a hierarchy: each layer is looked at only below what was best in the layer above it.

H-MEM (arXiv 2507.22925): all domains are compared with the question, then the children of the best of them only, and so
on down to the episodes, which are returned. Every memory has a weight: approval strengthens it, rejection weakens it,
absence lets it decay. Strength and uses are those that the store keeps (:mod:`agentmem.forgetting.strength`), decay is
:func:`agentmem.forgetting.retention.retention`; how much the weight counts in the last layer is ours, for the paper's
constants are not known to us.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike

from agentmem.errors import InvalidInput
from agentmem.forgetting.retention import SPAN, retention, stability
from agentmem.forgetting.standing import Floats
from agentmem.index.exact import top
from agentmem.kinds import CATEGORY, DOMAIN, SUMMARISES, TEXT, TRACE
from agentmem.protocols import FloatArray, IntArray
from agentmem.retrieval.layer_view import similarity
from agentmem.retrieval.search import Found, Moment, Rank, Scored, Search, Strategy
from agentmem.types import Memory

_LAYERS = (DOMAIN, CATEGORY, TRACE, TEXT)
_POOL = 4
"""How many texts are weighed for each hit wanted."""
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Widths:
    """How many nodes of each layer are followed.

    Attributes:
        domains: of all domains.
        categories: of the categories in these.
        traces: of the traces in those.

    Raises:
        InvalidInput: one of them is below 1.
    """

    domains: int = 10
    categories: int = 20
    traces: int = 40

    def __post_init__(self) -> None:
        if min(self.domains, self.categories, self.traces) < 1:
            raise InvalidInput("Routing follows at least 1 node of each layer.")


USUAL = Widths()


def route(layer: IntArray, parents: IntArray, similar: FloatArray, widths: Sequence[int]) -> tuple[IntArray, int]:
    """The nodes of the last layer that are reached, ascending, and how many nodes were compared on the way.

    A node is looked at if the node above it was followed, or if there is none above it.

    Args:
        layer: the number of each node's layer, from 0 at the top, shape ``(n,)``.
        parents: the node above each, -1 for none, shape ``(n,)``.
        similar: how like the question each is, shape ``(n,)``.
        widths: how many are followed of each layer but the last.
    """
    followed = np.zeros(len(layer) + 1, dtype=np.bool_)
    followed[-1] = True  # where -1 points to
    compared = 0
    for number, width in enumerate(widths):
        seen = np.flatnonzero((layer == number) & followed[parents])
        compared += len(seen)
        followed[seen[top(similar[seen], width)]] = True
    reached = np.flatnonzero((layer == len(widths)) & followed[parents])
    return reached, compared + len(reached)


def rank_routed(widths: Widths = USUAL) -> Rank:
    """The rank: the texts that are reached, the most like the question first, with the share of all that was compared.

    What is not reached is not found: where many hits are wanted, more nodes have to be followed.
    """

    def rank(moment: Moment, k: int) -> list[Scored]:
        views = [moment.layer(name) for name in _LAYERS]
        slots = [np.flatnonzero(view.open if view.name == TEXT else view.passing) for view in views]
        layer = np.repeat(np.arange(len(views)), [len(some) for some in slots])
        rows = np.concatenate(
            [view.columns["row"][some].astype(np.int64) for view, some in zip(views, slots, strict=True)]
        )
        similar = np.concatenate([similarity(view)[some] for view, some in zip(views, slots, strict=True)])
        most = (widths.domains, widths.categories, widths.traces)
        reached, compared = route(layer, _parents(moment, rows, layer), similar, most)
        known = ~np.isnan(views[-1].cosines[slots[-1]])
        first = len(rows) - len(known)
        reached = reached[known[reached - first] | (similar[reached] > 0)]
        return [
            Scored(
                int(rows[place]),
                float(np.clip(similar[place], 0.0, 1.0)),
                {
                    "dense": float(similar[place]) * 2.0 - 1.0 if known[place - first] else 0.0,
                    "compared": compared / len(rows),
                },
            )
            for place in reached[top(similar[reached], k)].tolist()
        ]

    return rank


def _parents(moment: Moment, rows: IntArray, layer: IntArray) -> IntArray:
    """By place, the place of the node above, in the layer above; -1 for none. The last edge drawn tells."""
    parents = np.full(len(rows), -1, dtype=np.int64)
    if not len(rows) or layer[0] == len(_LAYERS) - 1:
        return parents
    places = {id: place for place, id in enumerate(moment.ids(rows)) if id}
    for edge in sorted(moment.edges(SUMMARISES), key=lambda edge: edge.id):
        above, below = places.get(edge.source), places.get(edge.target)
        if above is not None and below is not None and layer[above] + 1 == layer[below]:
            parents[below] = above
    return parents


def weight(strength: ArrayLike, uses: ArrayLike, days: ArrayLike, span: float = SPAN) -> Floats:
    """``w = s R(t)``, with ``s`` what feedback made of a memory and ``R`` its retention; arguments broadcast.

    Args:
        strength: 1 without feedback; more after approval, less after rejection.
        uses: how often it was found.
        days: ``t``, since it was last used, or learned.
        span: see :func:`agentmem.forgetting.retention.retention`.
    """
    kept: Floats = np.asarray(strength, dtype=np.float64) * retention(days, stability(strength, uses), span)
    return kept


def weighed(similar: ArrayLike, weights: ArrayLike, gain: float) -> Floats:
    """``similar (1 + gain w / (1 + w)) / (1 + gain)``: within [0, 1], rising with the weight, never by more than gain.

    Args:
        similar: how like the question, in [0, 1].
        weights: ``w``, 0 or more.
        gain: the most that a weight adds; 0: nothing.
    """
    counted = np.asarray(weights, dtype=np.float64)
    found: Floats = np.asarray(similar, dtype=np.float64) * (1.0 + gain * counted / (1.0 + counted)) / (1.0 + gain)
    return found


def by_strength(gain: float = 0.1, span: float = SPAN) -> Strategy:
    """The strategy: rank once, and weigh the best by what feedback, use and absence made of them.

    Args:
        gain: see :func:`weighed`.
        span: days without use after which a memory that was never used has the share 1/e of its weight.

    Raises:
        InvalidInput: a negative gain, or a span that is not above 0.
    """
    if gain < 0 or not span > 0:
        raise InvalidInput(f"by_strength needs gain >= 0 and span > 0, not gain={gain}, span={span}.")

    def strategy(search: Search, rank: Rank, k: int) -> list[Found]:
        found = search.look(lambda moment: moment.hydrate(rank(moment, _POOL * k)))
        weights = [
            float(weight(one.memory.strength, one.memory.uses, _days(one.memory, search.now), span)) for one in found
        ]
        scores = weighed([one.scored.score for one in found], weights, gain)
        best = np.argsort(-scores, kind="stable")[:k].tolist()
        return [
            replace(
                found[place],
                scored=replace(
                    found[place].scored,
                    score=float(scores[place]),
                    signals={**found[place].scored.signals, "weight": weights[place]},
                ),
            )
            for place in best
        ]

    return strategy


def _days(memory: Memory, now: datetime) -> float:
    """Days since it was last used, or learned."""
    touched = memory.recorded_at if memory.used_at is None else max(memory.used_at, memory.recorded_at)
    return max(0.0, (now - touched).total_seconds() / _DAY)
