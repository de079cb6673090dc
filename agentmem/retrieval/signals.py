"""The signals of a candidate: what speaks for it and against it, each a number that means the same in every scope.

Signals look only at the candidates, their neighbours and the best of them, never at statistics over all vectors, so
that any index can serve. Lexical scores are divided by the best candidate's; cosines are taken as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import numpy as np
from numpy.typing import NDArray

from agentmem.clock import from_micros
from agentmem.index.catalog import NONE
from agentmem.index.exact import top
from agentmem.protocols import BoolArray, FloatArray, IntArray
from agentmem.retrieval.scene import Scene
from agentmem.structures.views import BARE, SPOKEN
from agentmem.text.times import DateCue

CANDIDATES = 100
"""How many each way of searching contributes to the union."""
CONTEXT = {-2: 0.25, -1: 0.5, 1: 0.5, 2: 0.25}
"""What a neighbour's cosine counts in the context of a memory; its own counts 1."""

Signal = Callable[[Scene, IntArray], NDArray[np.floating] | BoolArray]


def candidates(scene: Scene, count: int = CANDIDATES) -> IntArray:
    """Slots worth scoring: the union of the best by words, by window, by every view and by context; ascending."""
    ways: list[FloatArray] = [scene.bm25, scene.bm25_window]
    ways += [np.nan_to_num(cosines, nan=-1.0) for cosines in scene.dense.values()]
    if BARE in scene.dense and not np.isnan(scene.dense[BARE]).all():
        ways.append(_context_everywhere(scene))
    found: list[IntArray] = []
    allowed = np.flatnonzero(scene.passing)
    for number, scores in enumerate(ways):
        among = scores[allowed]
        best = top(among, count)
        if number < 2:
            best = best[among[best] > 0]
        found.append(allowed[best])
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def _context_everywhere(scene: Scene) -> FloatArray:
    cosines = np.nan_to_num(scene.dense[BARE], nan=0.0)
    total = cosines.copy()
    for offset, weight in CONTEXT.items():
        slots = scene.around.neighbours[offset]
        total += np.float32(weight) * np.where(slots >= 0, cosines[slots], np.float32(0.0))
    return total


def measure(scene: Scene, slots: IntArray) -> dict[str, FloatArray]:
    """Every signal of every candidate, by name; shape ``(len(slots),)`` each."""
    scene.complete(np.unique(np.concatenate([slots, *(_neighbour(scene, slots, offset) for offset in CONTEXT)])))
    return {name: np.asarray(signal(scene, slots), dtype=np.float32) for name, signal in SIGNALS.items()}


def _neighbour(scene: Scene, slots: IntArray, offset: int) -> IntArray:
    """The neighbours of these slots at an offset, missing ones left out."""
    found = scene.around.neighbours[offset][slots]
    return found[found != NONE]


def _dense(view: str) -> Signal:
    def signal(scene: Scene, slots: IntArray) -> FloatArray:
        if view not in scene.dense:
            return np.zeros(len(slots), dtype=np.float32)
        return np.nan_to_num(scene.dense[view][slots], nan=0.0)

    return signal


def _context(scene: Scene, slots: IntArray) -> FloatArray:
    """The cosine of a memory and its neighbours together, a weighted mean."""
    if BARE not in scene.dense:
        return np.zeros(len(slots), dtype=np.float32)
    cosines = np.nan_to_num(scene.dense[BARE], nan=0.0)
    total, weights = cosines[slots].copy(), np.ones(len(slots), dtype=np.float32)
    for offset, weight in CONTEXT.items():
        around = scene.around.neighbours[offset][slots]
        present = around != NONE
        total[present] += np.float32(weight) * cosines[around[present]]
        weights[present] += np.float32(weight)
    return total / weights


def _relative(scores: FloatArray, slots: IntArray) -> FloatArray:
    """Scores as shares of the best candidate's."""
    found = scores[slots]
    best = float(found.max(initial=0.0))
    return found / best if best > 0 else found


def _named(scene: Scene, slots: IntArray) -> BoolArray:
    """The speaker is the one person the query names."""
    speakers = scene.query.speakers
    matches: BoolArray = np.isin(scene.columns["speaker"][slots], list(speakers))
    return matches & (len(speakers) == 1)


def _other(scene: Scene, slots: IntArray) -> BoolArray:
    """The query names one person, and somebody else is speaking."""
    speakers = scene.columns["speaker"][slots]
    other: BoolArray = ~np.isin(speakers, list(scene.query.speakers)) & (speakers != NONE)
    return other & (len(scene.query.speakers) == 1)


def _dated(scene: Scene, slots: IntArray) -> NDArray[np.floating]:
    """It happened in the month or year that the query names."""
    cue = scene.query.dates
    if not cue:
        return np.zeros(len(slots), dtype=np.float32)
    return np.array([_in_cue(cue, int(at)) for at in scene.columns["at"][slots]], dtype=np.float32)


def _in_cue(cue: DateCue, at: int) -> float:
    moment = from_micros(at).astimezone(UTC)
    if cue.years and moment.year not in cue.years:
        return 0.0
    return 1.0 if not cue.months or moment.month in cue.months else 0.0


def _asks(scene: Scene, slots: IntArray) -> BoolArray:
    asks: BoolArray = scene.columns["asks"][slots]
    return asks


def _ends_asking(scene: Scene, slots: IntArray) -> BoolArray:
    asks: BoolArray = scene.columns["ends_asking"][slots]
    return asks


def _answers(scene: Scene, slots: IntArray) -> BoolArray:
    """The memory before it ends with a question."""
    before = scene.around.neighbours[-1][slots]
    asked: BoolArray = scene.columns["ends_asking"][before] & (before != NONE)
    return asked


def _assistant(scene: Scene, slots: IntArray) -> BoolArray:
    """The query asks for what the assistant said, and the assistant is speaking."""
    role = scene.assistant_role
    said: BoolArray = scene.columns["role"][slots] == role
    return said & (scene.query.asks_assistant and role != NONE)


def _length(scene: Scene, slots: IntArray) -> FloatArray:
    """Logarithm of the number of terms."""
    return np.log1p(scene.lexical.lengths[slots])


SIGNALS: dict[str, Signal] = {
    "dense": _dense(BARE),
    "spoken": _dense(SPOKEN),
    "context": _context,
    "bm25": lambda scene, slots: _relative(scene.bm25, slots),
    "bm25_window": lambda scene, slots: _relative(scene.bm25_window, slots),
    "bm25_thread": lambda scene, slots: _relative(scene.bm25_thread, slots),
    "speaker": _named,
    "other_speaker": _other,
    "assistant": _assistant,
    "date": _dated,
    "asks": _asks,
    "ends_asking": _ends_asking,
    "answers": _answers,
    "length": _length,
}
