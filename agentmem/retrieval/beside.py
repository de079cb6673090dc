"""Texts with the notes that stand beside them: what a note says counts for its text, and it comes right after it.

Self-Notes (arXiv 2305.00833) puts a note into the text, after the words that call for it; whoever reads on, reads both.
So a text is found by what it says or by what is noted beside it, whichever is more like the question.
"""

from __future__ import annotations

import numpy as np

from agentmem.index.exact import top
from agentmem.kinds import TEXT
from agentmem.protocols import IntArray
from agentmem.retrieval.layer_view import LayerView, similarity
from agentmem.retrieval.search import Moment, Rank, Scored


def rank_beside(kind: str) -> Rank:
    """The rank: texts by the likeness of themselves or of their notes, each followed by its notes; ``k`` in all.

    Args:
        kind: of the notes; a note stands beside the latest of the texts that it comes from, and has its time.
    """

    def rank(moment: Moment, k: int) -> list[Scored]:
        texts, notes = moment.layer(TEXT), moment.layer(kind)
        alike, note_alike = similarity(texts), similarity(notes)
        text_of = standing_beside(notes, texts)
        usable = np.flatnonzero(notes.passing & (text_of >= 0))
        score = alike.copy()
        np.maximum.at(score, text_of[usable], note_alike[usable])
        shown = [slot for slot in usable.tolist() if notes.open[slot]]
        by_text: dict[int, list[int]] = {}
        for slot in sorted(shown, key=lambda slot: -note_alike[slot]):
            by_text.setdefault(int(text_of[slot]), []).append(slot)
        passing = np.flatnonzero(texts.open)
        found: list[Scored] = []
        for slot in passing[top(score[passing], k)].tolist():
            found.append(_scored(texts, slot, float(score[slot])))
            found += [_scored(notes, note, float(score[slot]), beside=1.0) for note in by_text.get(slot, ())]
        return found[:k]

    return rank


def standing_beside(notes: LayerView, texts: LayerView) -> IntArray:
    """The slot of the text beside which each note stands, the latest of its sources; shape ``(n,)``.

    -1 where that text is out of use: a note is as old as its text, and has nothing to say beside an earlier one.
    """
    found = np.full(len(notes.columns), -1, dtype=np.int64)
    pairs = notes.pointers
    columns = texts.columns[pairs.texts]
    own = np.flatnonzero(columns["at"] == notes.columns["at"][pairs.derived])
    order = own[np.lexsort((columns["start"][own], columns["position"][own]))]
    found[pairs.derived[order]] = pairs.texts[order]  # of several the last is kept
    return found


def _scored(view: LayerView, slot: int, score: float, **more: float) -> Scored:
    return Scored(int(view.columns["row"][slot]), score, {"dense": float(np.nan_to_num(view.cosines[slot])), **more})
