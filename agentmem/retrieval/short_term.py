"""What RecurrentGPT shows a writer: the short-term memory, and the paragraphs that bear on the instruction."""

from __future__ import annotations

import numpy as np

from agentmem.kinds import SHORT_TERM, TEXT
from agentmem.retrieval.layers import rank_layers
from agentmem.retrieval.search import Moment, Scored

_RELATED = rank_layers(TEXT)


def rank_short_term(moment: Moment, k: int) -> list[Scored]:
    """The newest short-term memory whatever is asked, then texts by similarity; ``k`` in all.

    With a filter on a session it is the memory of that work; without one, of the work that was last worked on.
    """
    view = moment.layer(SHORT_TERM)
    slots = np.flatnonzero(view.open)
    if not len(slots):
        return _RELATED(moment, k)
    newest = int(slots[np.lexsort((slots, view.columns["at"][slots]))[-1]])
    alike = float(np.nan_to_num(view.cosines[newest]))
    first = Scored(int(view.columns["row"][newest]), 1.0, {"dense": alike, "short_term": 1.0})
    return [first, *_RELATED(moment, k - 1)] if k > 1 else [first]
