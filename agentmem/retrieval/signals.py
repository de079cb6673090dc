"""The signals of a candidate: what speaks for it and against it, each a number that means the same in every scope.

Signals look only at the candidates and their neighbours, never at statistics over all vectors, so that any index can
serve. Lexical scores are divided by what a scope of that size makes possible, not by the best candidate's, so that a
query that matches nothing well gets low scores everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentmem.index.catalog import NONE
from agentmem.index.exact import top
from agentmem.index.lexical import Bm25
from agentmem.kinds import FACT, SUMMARY, TRIPLE
from agentmem.protocols import FloatArray, IntArray
from agentmem.retrieval.scene import CONTEXT, Scene
from agentmem.structures.views import BARE, SPOKEN

EXPANSION = (-1, 1, 2)
"""Which neighbours of a candidate expansion adds."""
_LONG = 60
_LEXICAL_SCALE = 1.6

Signal = Callable[[Scene, IntArray], NDArray[Any]]


def candidates(scene: Scene, count: int) -> IntArray:
    """Slots worth scoring: the union of the best by words, by window, by date and by every view; ascending.

    Each way contributes up to ``count``.
    """
    found: list[IntArray] = []
    for scores in (scene.bm25, scene.bm25_window, *_dated(scene)):
        matching = np.flatnonzero((scores > 0) & scene.passing)
        found.append(matching[top(scores[matching], count)])
    for cosines in scene.dense.values():
        open_to = np.where(scene.passing & (cosines == cosines), cosines, -np.inf)  # noqa: PLR0124 - NaN differs from itself
        best = top(open_to, count)
        found.append(best[np.isfinite(open_to[best])])
    found += _from_above(scene, count)
    return _union(len(scene.columns), found)


def _from_above(scene: Scene, count: int) -> list[IntArray]:
    """The texts that the best derived memories come from, and those where a walk on the graph ends most often."""
    found: list[IntArray] = []
    for view in scene.above.values():
        for scores in (view.known(), np.where(view.passing & (view.bm25 > 0), view.bm25, -np.inf)):
            best = top(scores, count)
            found.append(view.pointers.of(best[np.isfinite(scores[best])]))
    if scene.walk is not None:
        best = top(scene.pagerank, count)
        found.append(best[scene.pagerank[best] > 0])
    return [slots[scene.passing[slots]] for slots in found]


def _union(n: int, parts: Sequence[IntArray]) -> IntArray:
    """The slots below ``n`` that are in any part, ascending; ``NONE`` (-1) is left out."""
    marked = np.zeros(n + 1, dtype=np.bool_)  # NONE marks the last place
    for part in parts:
        marked[part] = True
    return np.flatnonzero(marked[:-1])


def _dated(scene: Scene) -> list[FloatArray]:
    """What happened at the times that the query names, and what tells of its days, what matches its words first."""
    every = np.arange(len(scene.columns))
    found = []
    if scene.query.dates:
        found.append(_known(_date(scene, every)) * (1.0 + scene.bm25_window))
    if scene.query.days:
        found.append(_known(_day(scene, every)) * (1.0 + scene.bm25))
    return found


def expand(scene: Scene, slots: IntArray) -> IntArray:
    """The slots, and the neighbours of each that may be returned: the one before, and the two after."""
    around = [scene.around.neighbours[offset][slots] for offset in EXPANSION]
    beside = _union(len(scene.columns), [slots, *around])
    return np.asarray(beside[scene.passing[beside]], dtype=np.int64)


def measure(scene: Scene, slots: IntArray) -> dict[str, FloatArray]:
    """Every signal of every candidate, by name; shape ``(len(slots),)`` each."""
    neighbours = [scene.around.neighbours[offset][slots] for offset in CONTEXT]
    scene.complete(_union(len(scene.columns), [slots, *neighbours]))
    wanted = dict(SIGNALS)
    for layer in available(scene):
        wanted |= LAYER_SIGNALS[layer]
    return {name: _known(signal(scene, slots)) for name, signal in wanted.items()}


def available(scene: Scene) -> frozenset[str]:
    """The layers that have something to say beyond the texts themselves.

    Among notes the walk has none: a note is a triple by itself, and those of one person are all equally near to them.
    """
    layers = {name for name in scene.above if name in LAYER_SIGNALS}
    walks = scene.walk is not None and not scene.around.of_notes
    return frozenset(layers | {TRIPLE} if walks else layers - {TRIPLE})


def _known(values: NDArray[Any]) -> FloatArray:
    """float32, 0 for what is not known."""
    found = values.astype(np.float32)
    found[np.isnan(found)] = 0.0
    return found


def _dense(view: str) -> Signal:
    def signal(scene: Scene, slots: IntArray) -> FloatArray:
        return scene.dense[view][slots] if view in scene.dense else np.zeros(len(slots), dtype=np.float32)

    return signal


def _context(scene: Scene, slots: IntArray) -> FloatArray:
    """See :meth:`agentmem.retrieval.scene.Surroundings.context`."""
    if BARE not in scene.dense:
        return np.zeros(len(slots), dtype=np.float32)
    return scene.around.context(scene.dense[BARE], slots)


def _scaled(scores: FloatArray, documents: int) -> FloatArray:
    """BM25 scores over the weight of one rare term among so many documents."""
    found: FloatArray = scores / np.float32(_LEXICAL_SCALE * np.log1p(max(documents, 1)))
    return found


def _bm25_thread(scene: Scene, slots: IntArray) -> FloatArray:
    """BM25 of the conversation (or document) a memory is part of; 0 if the scope has only one.

    One of which nothing is left does not count, so that scores do not depend on what was forgotten.
    """
    inhabited = scene.lexical.inhabited(scene.around.threads)
    if inhabited < 2:
        return np.zeros(len(slots), dtype=np.float32)
    threads = scene.columns["thread"][slots]
    return _scaled(scene.bm25_thread[threads], inhabited)


def _bm25_share(scene: Scene, slots: IntArray) -> FloatArray:
    """BM25 as a share of what a text full of all the query's words would get."""
    most = (Bm25().k1 + 1) * scene.matches.weight
    found: FloatArray = scene.bm25[slots] / np.float32(most) if most > 0 else scene.bm25[slots]
    return found


def _speaker(scene: Scene, slots: IntArray) -> NDArray[Any]:
    """1 if the one person the query names is speaking, -1 if it is somebody else; likewise for the assistant."""
    named = scene.query.speakers
    if len(named) == 1:
        speakers = scene.columns["speaker"][slots]
        return np.where(speakers == NONE, 0.0, np.where(speakers == next(iter(named)), 1.0, -1.0))
    if not named and scene.query.asks_assistant and scene.assistant_role != NONE:
        roles = scene.columns["role"][slots]
        return np.where(roles == NONE, 0.0, np.where(roles == scene.assistant_role, 1.0, -1.0))
    return np.zeros(len(slots))


def _date(scene: Scene, slots: IntArray) -> NDArray[Any]:
    """It happened at a time that the query names."""
    cue = scene.query.dates
    if not cue:
        return np.zeros(len(slots))
    return cue.covered(scene.columns["at"][slots])


def _day(scene: Scene, slots: IntArray) -> NDArray[Any]:
    """Its words name a day that the query names in full."""
    named = np.zeros(len(scene.columns), dtype=np.bool_)
    for day in scene.query.days:
        held = np.ones(len(named), dtype=np.bool_)
        for spellings in day:
            spelled = [scene.lexical.postings(term).slots for term in spellings]
            held &= np.isin(np.arange(len(named)), np.concatenate(spelled))
        named |= held
    return named[slots]


def _answers(scene: Scene, slots: IntArray) -> NDArray[Any]:
    """The memory before it in the conversation holds a question."""
    before = scene.around.neighbours[-1][slots]
    return np.asarray(scene.columns["asks"][before] & (before != NONE))


SIGNALS: dict[str, Signal] = {
    "dense": _dense(BARE),
    "spoken": _dense(SPOKEN),
    "context": _context,
    "bm25": lambda scene, slots: _scaled(scene.bm25[slots], scene.matches.documents),
    "bm25_window": lambda scene, slots: _scaled(scene.bm25_window[slots], scene.matches.documents),
    "bm25_thread": _bm25_thread,
    "bm25_share": _bm25_share,
    "speaker": _speaker,
    "date": _date,
    "day": _day,
    "asks": lambda scene, slots: scene.columns["ends_asking"][slots],
    "answers": _answers,
    "opens": lambda scene, slots: scene.around.neighbours[-1][slots] == NONE,
    "length": lambda scene, slots: np.log1p(np.minimum(scene.columns["words"][slots], _LONG)),
}


def _best_above(layer: str, *, words: bool) -> Signal:
    """The best score of the derived memories that come from a text; where there are none, the text's own."""

    def signal(scene: Scene, slots: IntArray) -> FloatArray:
        view = scene.above[layer]
        usable = np.where(view.passing, view.bm25 if words else np.nan_to_num(view.cosines), 0.0).astype(np.float32)
        best = view.pointers.best(usable, len(scene.columns), nothing=-1.0)[slots]
        if words:
            return _scaled(np.maximum(best, 0.0), int(view.passing.sum()))
        own = np.nan_to_num(scene.dense[BARE][slots]) if BARE in scene.dense else np.zeros(len(slots), np.float32)
        found: FloatArray = np.where(best <= -1.0, own, best)
        return found

    return signal


LAYER_SIGNALS: dict[str, dict[str, Signal]] = {
    FACT: {"fact_dense": _best_above(FACT, words=False), "fact_bm25": _best_above(FACT, words=True)},
    SUMMARY: {"summary_dense": _best_above(SUMMARY, words=False), "summary_bm25": _best_above(SUMMARY, words=True)},
    TRIPLE: {"pagerank": lambda scene, slots: scene.pagerank[slots]},
}
"""What each derived layer adds to the signals of the texts it comes from."""
ALL_SIGNALS: frozenset[str] = frozenset(SIGNALS).union(*LAYER_SIGNALS.values())
