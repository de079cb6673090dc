"""Ranking the texts themselves: candidates from every way of searching, all signals, one score."""

from __future__ import annotations

from agentmem.index.exact import top
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
    best = top(scores, k * _POOL if settings.diversity else k)  # ties by slot, for slots ascend
    if settings.diversity and moment.vector is not None:
        best = best[diversify(scores[best], moment.vectors(TEXT, slots[best]), k, settings.diversity)]
    best = best[:k]
    rows, found = scene.around.rows[slots[best]].tolist(), scores[best].tolist()
    by_hit = zip(*(values[best].tolist() for values in signals.values()), strict=True)
    return [
        Scored(row, score, dict(zip(signals, values, strict=True)))
        for row, score, values in zip(rows, found, by_hit, strict=True)
    ]
