"""Memoria's reminding: the short term by likeness, and from there into the long term along what fired together.

Park & Bak, "Memoria: Resolving Fateful Forgetting Problem through Human-Inspired Memory Architecture" (ICML 2024, arXiv
2310.03052), section 3. What is on the mind (the *working memory*; here the question) reminds of the engrams of the
*short-term memory* that lie nearest, by ``-|w - s|^2``. From each of them a walk goes to the engram of the *long-term
memory* that most likely fires with it, ``P(j | i) = count_ij / count_ii``, and on from there to a set depth, never to
the same engram twice. Of what the walks found, that which lies nearest to the working memory is reminded.

Among equal counts the paper draws lots; here the newer engram is taken, so that the same question has the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from agentmem.errors import InvalidInput
from agentmem.forgetting.lifespan import PUBLISHED, Memoria, leaving_short_term
from agentmem.kinds import CO_FIRED, TEXT
from agentmem.protocols import BoolArray, FloatArray, IntArray
from agentmem.retrieval.layer_view import LayerView, similarity
from agentmem.retrieval.search import Moment, Rank, Scored

Beside = Callable[[int], Sequence[tuple[int, float]]]
"""Of an engram, those that fired with it and ``P(j | i)``, the likeliest first, among equals the newer one."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far reminding goes; the defaults are those of the paper's GPT-2 experiments.

    Attributes:
        short: ``N_stm``, how many engrams of the short term are reminded.
        long: ``N_ltm``, how many of the long term.
        depth: ``D``, how many steps a walk takes after its first.

    Raises:
        InvalidInput: one of them is negative.
    """

    short: int = 50
    long: int = 50
    depth: int = 10

    def __post_init__(self) -> None:
        if min(self.short, self.long, self.depth) < 0:
            raise InvalidInput("Reminding needs numbers of 0 or more.")


def closeness(working: FloatArray, engrams: FloatArray) -> NDArray[np.float64]:
    """``mean over w of -|w - s|^2`` for every engram ``s``; shape ``(n,)``.

    Args:
        working: the vectors on the mind, shape ``(m, dimension)``, at least one.
        engrams: shape ``(n, dimension)``.
    """
    near, far = working.astype(np.float64), engrams.astype(np.float64)
    squares = (near**2).sum(axis=1).mean() + (far**2).sum(axis=1) - 2.0 * far @ near.mean(axis=0)
    return np.asarray(-np.maximum(squares, 0.0), dtype=np.float64)


def walks(starts: Sequence[int], beside: Beside, long_term: BoolArray, depth: int) -> dict[int, float]:
    """The long-term engrams that the walks find, in order, with the ``P`` of the step that led to each.

    From each of ``starts``, in order, to its likeliest engram of the long term, whether or not another walk begins
    there; then ``depth`` times on from each to its likeliest one that no walk was at.

    Args:
        starts: engrams of the short term, nearest first.
        beside: what fired with what.
        long_term: which engrams belong to the long term, shape ``(n,)``.
        depth: the steps after the first.
    """
    found: dict[int, float] = {}
    current: dict[int, None] = {}
    for start in starts:
        for other, chance in beside(start):
            if long_term[other]:
                found.setdefault(other, chance)
                current.setdefault(other)
                break
    for _step in range(depth):
        following: dict[int, None] = {}
        for engram in current:
            for other, chance in beside(engram):
                if long_term[other] and other not in found:
                    found[other] = chance
                    following.setdefault(other)
                    break
        current = following
    return found


def nearest(places: IntArray, near: FloatArray | NDArray[np.float64], count: int) -> list[int]:
    """So many of these places, the nearest first, among equals the first; ``near`` is by place."""
    return [int(place) for place in places[np.argsort(-near[places], kind="stable")][:count]]


def rank_reminded(reach: Reach = Reach(), constants: Memoria = PUBLISHED) -> Rank:
    """The rank: what the question reminds of, of the short and the long term, by likeness.

    The short term are the newest texts (``constants.short_term`` of them), the long term all others. Where more than
    ``reach.short`` hits are wanted, as many of the short term are reminded. A text of the long term is found only
    through what fired with it.
    """

    def rank(moment: Moment, k: int) -> list[Scored]:
        view = moment.layer(TEXT)
        alike = similarity(view)
        slots = np.flatnonzero(view.open)
        slots = slots[np.lexsort((slots, view.columns["at"][slots]))]
        leaving = leaving_short_term(np.arange(len(slots)), constants)
        long_term = np.zeros(len(view.columns), dtype=np.bool_)
        long_term[slots[leaving]] = True
        near = replace(reach, short=max(k, reach.short))
        short = nearest(slots[~long_term[slots]][::-1], alike, near.short)
        chances = walks(short, _beside(moment, view, slots), long_term, near.depth) if len(leaving) else {}
        long = nearest(np.array(list(chances), dtype=np.int64), alike, near.long)
        best = nearest(np.array([*short, *long], dtype=np.int64), alike, k)
        return [
            Scored(
                int(view.columns["row"][slot]),
                float(np.clip(alike[slot], 0.0, 1.0)),
                {
                    "dense": float(np.nan_to_num(view.cosines[slot])),
                    **({"co_fired": chances[slot]} if slot in chances else {}),
                },
            )
            for slot in best
        ]

    return rank


def _beside(moment: Moment, view: LayerView, slots: IntArray) -> Beside:
    """What fired together of these texts, by slot."""
    ids = moment.ids(view.columns["row"][slots].astype(np.int64))
    place = {id: int(slot) for id, slot in zip(ids, slots, strict=True)}
    order = {int(slot): number for number, slot in enumerate(slots)}
    fires: dict[int, float] = {}
    together: dict[int, list[tuple[int, float]]] = {}
    for edge in moment.edges(CO_FIRED):
        one, other = place.get(edge.source), place.get(edge.target)
        if one is None or other is None:
            continue
        if one == other:
            fires[one] = edge.weight
        else:
            together.setdefault(one, []).append((other, edge.weight))
            together.setdefault(other, []).append((one, edge.weight))

    def beside(engram: int) -> list[tuple[int, float]]:
        others = sorted(together.get(engram, ()), key=lambda one: (-one[1], -order[one[0]]))
        return [(other, min(1.0, count / fires.get(engram, count))) for other, count in others]

    return beside
