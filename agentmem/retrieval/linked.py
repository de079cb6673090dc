"""Ranking notes with those that they are linked to: what belongs together is found together.

A-MEM (arXiv 2502.12110, section 3.4) takes the notes nearest to a question, and the notes that these are linked to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from agentmem.errors import InvalidInput
from agentmem.kinds import LINKED, TEXT
from agentmem.protocols import FloatArray
from agentmem.retrieval.layer_view import similarity
from agentmem.retrieval.search import Moment, Rank, Scored

SHARE = 0.2
"""The share of hits that is left to notes which are found through a link; the paper takes them beyond its ten hits."""


def rank_linked(kind: str, share: float = SHARE) -> Rank:
    """A rank over notes, the most like the question first, some of them there for a link alone.

    A text of which there is no note (yet) stands for itself, and so do all where notes are not asked for.

    Args:
        kind: of the notes; an edge (``linked``) leads from each to its text.
        share: see :data:`SHARE`.

    Raises:
        InvalidInput: ``share`` is none.
    """
    if not 0.0 <= share <= 1.0:
        raise InvalidInput(f"The share of linked notes lies between 0 and 1, not {share}.")

    def rank(moment: Moment, k: int) -> list[Scored]:
        views = (moment.layer(kind), moment.layer(TEXT))
        slots = [np.flatnonzero(view.open) for view in views]
        rows = np.concatenate(
            [view.columns["row"][some].astype(np.int64) for view, some in zip(views, slots, strict=True)]
        )
        alike = np.concatenate([similarity(view)[some] for view, some in zip(views, slots, strict=True)])
        known = np.concatenate([~np.isnan(view.cosines[some]) for view, some in zip(views, slots, strict=True)])
        notes = len(slots[0])
        places = {id: place for place, id in enumerate(moment.ids(rows)) if id}
        beside: dict[int, list[int]] = {}
        noted: set[int] = set()
        for edge in moment.edges(LINKED) if notes else ():
            one, other = places.get(edge.source), places.get(edge.target)
            if one is None or other is None:
                continue
            if other >= notes:
                noted.add(other)
            else:
                beside.setdefault(one, []).append(other)
                beside.setdefault(other, []).append(one)
        free = [place for place in range(len(rows)) if place not in noted and (known[place] or alike[place] > 0)]
        taken = with_linked(free, alike, beside, k, share)
        return [
            Scored(
                int(rows[place]),
                float(np.clip(alike[place], 0.0, 1.0)),
                {"dense": float(alike[place]) * 2.0 - 1.0 if known[place] else 0.0, "linked": float(by_link)},
            )
            for place, by_link in taken
        ]

    return rank


def with_linked(
    places: Sequence[int], alike: FloatArray, beside: Mapping[int, Sequence[int]], k: int, share: float
) -> list[tuple[int, bool]]:
    """At most ``k`` places, the most alike first, each with whether it is there for a link alone.

    The best ``k - floor(share * k)`` are taken, then, from the best on, what is linked to each, the most alike first;
    what is left of ``k`` goes to the next best. Equals are taken in order of place.

    Args:
        places: those that may be taken.
        alike: by place.
        beside: by place, what is linked to it.
        k: how many.
        share: of ``k``, for what is linked.
    """
    order = sorted(places, key=lambda place: (-alike[place], place))
    direct = order[: k - int(share * k)]
    taken = dict.fromkeys(direct, False)
    allowed = set(order)
    for place in direct:
        for other in sorted(beside.get(place, ()), key=lambda one: (-alike[one], one)):
            if len(taken) < k and other in allowed:
                taken.setdefault(other, True)
    for place in order:
        if len(taken) >= k:
            break
        taken.setdefault(place, False)
    return sorted(taken.items(), key=lambda one: (-alike[one[0]], one[0]))
