"""Ranking the memories of one or several layers by their similarity to the query."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from agentmem.index.exact import top
from agentmem.retrieval.search import Moment, Scored


def rank_layers(*layers: str) -> Callable[[Moment, int], list[Scored]]:
    """A rank over the union of these layers: by cosine, as published systems do; by words where there is no vector."""

    def rank(moment: Moment, k: int) -> list[Scored]:
        rows, cosines, words = [], [], []
        for name in layers:
            view = moment.layer(name)
            passing = np.flatnonzero(view.open)
            rows.append(view.columns["row"][passing])
            cosines.append(view.cosines[passing])
            words.append(view.bm25[passing])
        all_rows, cosine, bm25 = np.concatenate(rows), np.concatenate(cosines), np.concatenate(words)
        known = ~np.isnan(cosine)
        # Without a vector a memory can only be found by its words, and comes after everything that has one.
        score = np.where(known, (1 + cosine) / 2, 0.25 * bm25 / (bm25.max(initial=0.0) + 1e-9)).astype(np.float32)
        matching = np.flatnonzero(known | (bm25 > 0))
        best = matching[top(score[matching], k)]
        return [
            Scored(
                int(all_rows[place]),
                float(score[place]),
                {"dense": float(np.nan_to_num(cosine[place])), "bm25": float(bm25[place])},
            )
            for place in best
        ]

    return rank
