"""Ranking the texts themselves: candidates from every way of searching, all signals, one score."""

from __future__ import annotations

import numpy as np

from agentmem.kinds import TEXT
from agentmem.retrieval.diversify import diversify
from agentmem.retrieval.fuse import fuse
from agentmem.retrieval.search import Moment, Scored
from agentmem.retrieval.signals import available, candidates, expand, measure

_POOL = 4
"""How many candidates diversification may choose from, for each hit wanted."""


def rank_texts(moment: Moment, k: int) -> list[Scored]:
    """The union of candidates, their neighbours, and a fitted score over what speaks for each."""
    settings, scene = moment.settings, moment.scene
    slots = candidates(scene, settings.candidates)
    if settings.expand:
        slots = expand(scene, slots)
    if not len(slots):
        return []
    signals = measure(scene, slots)
    scores = fuse(signals, scene.columns["spoken"][slots], settings.without, available(scene))
    best = np.lexsort((slots, -scores))
    if settings.diversity:
        best = best[: k * _POOL]
        if moment.vector is not None:
            best = best[diversify(scores[best], moment.vectors(TEXT, slots[best]), k, settings.diversity)]
    return [
        Scored(
            row=int(scene.columns["row"][slots[place]]),
            score=float(scores[place]),
            signals={name: float(values[place]) for name, values in signals.items()},
        )
        for place in best[:k]
    ]
