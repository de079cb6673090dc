"""Where in a memory a passage stands, and which of two comes first: order from memory alone.

The task is SORT's (Pink et al. 2024, arXiv 2410.08133, "Assessing Episodic Memory in LLMs with Sequence Order Recall
Tasks"). A memory that keeps when and where everything was told need not guess: each passage is looked up, word for word
first, then nearly so, then by its meaning, and the places are compared. Places are in the order of time; what was told
at one moment is in the order in which it was added, and within a text in the order of its words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from agentmem.index.catalog import NONE
from agentmem.index.exact import top
from agentmem.protocols import IntArray
from agentmem.retrieval.scene import Scene
from agentmem.retrieval.search import Moment, Scored
from agentmem.retrieval.texts import rank_texts
from agentmem.structures.views import BARE
from agentmem.text.alignment import likeliest, occurrences, placed_words
from agentmem.types import Memory

VERBATIM = 1.0
NEARLY = 0.5
"""The share of a passage's words, in runs, from which on a place counts as found by its words."""
_BY_WORDS, _BY_MEANING = 24, 8
"""How many texts are looked through for a passage."""
_REACH = 64
"""How many neighbours, on either side of a text, a passage may go on over."""

Key = tuple[int, int, int]
"""When it was told, in microseconds since 1970; the episode's number in the journal; the offset in the episode."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage was told.

    Attributes:
        memory: the memory in which it begins; of one that is not there word for word, its longest run.
        start: where that is in the memory's text, in code points.
        share: how many of the passage's words stand there in runs, in [0, 1]; 1 is word for word, 0 is the text that
            answers to the passage best, and nothing of it stands there.
        thread: a number that two places have in common if they are in one conversation, or in one document.
        key: by which places are compared.
    """

    memory: Memory
    start: int
    share: float
    thread: int
    key: Key


@dataclass(frozen=True, slots=True)
class Order:
    """Which of two passages comes first.

    Attributes:
        places: of the first passage and of the second; ``None`` for one that nothing resembles. Of passages that stand
            in several places, the two that are nearest to each other, in one conversation or document if there is one
            that has both.
        certain: both stand there word for word and, wherever else one conversation or document has both, they are in
            the same order.
    """

    places: tuple[Place | None, Place | None]
    certain: bool

    @property
    def first(self) -> int | None:
        """0: the first passage comes first; 1: the second does; ``None``: that is not known."""
        one, other = self.places
        if one is None or other is None or one.key == other.key:
            return None
        return 0 if one.key < other.key else 1


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place by the slot of its memory."""

    slot: int
    start: int
    share: float


def places(moment: Moment) -> tuple[Place, ...]:
    """Where the passage stands that is this moment's query: every place word for word, else the likeliest one."""
    spots = list(dict.fromkeys(_spots(moment)))
    rows = [int(moment.scene.columns["row"][spot.slot]) for spot in spots]
    found = {one.scored.row: one.memory for one in moment.hydrate([Scored(row, 0.0, {}) for row in rows])}
    return tuple(
        Place(found[row], spot.start, spot.share, int(moment.scene.columns["thread"][spot.slot]), _key(moment, spot))
        for row, spot in zip(rows, spots, strict=True)
        if row in found
    )


def compare(one: Sequence[Place], other: Sequence[Place]) -> Order:
    """Which of two passages comes first, from all the places where each stands."""
    pairs = [(a, b) for a, b in product(one, other) if a.key != b.key]
    if not pairs:
        return Order((one[0] if one else None, other[0] if other else None), certain=False)
    together = [(a, b) for a, b in pairs if a.thread == b.thread] or pairs
    chosen = min(together, key=lambda pair: tuple(abs(a - b) for a, b in zip(pair[0].key, pair[1].key, strict=True)))
    verbatim = all(place.share == VERBATIM for place in chosen)
    return Order(chosen, certain=verbatim and len({a.key < b.key for a, b in together}) == 1)


def _spots(moment: Moment) -> list[_Spot]:
    passage = [one.word for one in placed_words(moment.query.text)]
    windows = [_Window(moment, slots) for slots in _windows(moment.scene, _candidates(moment.scene), len(passage))]
    if verbatim := [window.spot(first, VERBATIM) for window in windows for first in occurrences(passage, window.words)]:
        return verbatim
    near = [(window, found) for window in windows if (found := likeliest(passage, window.words)) is not None]
    window, found = max(near, key=lambda pair: pair[1].share, default=(None, None))
    if window is not None and found is not None and found.share >= NEARLY:
        return [window.spot(found.first, found.share)]
    rows = moment.scene.columns["row"]
    return [_Spot(int(np.searchsorted(rows, best.row)), 0, 0.0) for best in rank_texts(moment, 1)]


class _Window:
    """Consecutive texts as one sequence of words."""

    def __init__(self, moment: Moment, slots: IntArray) -> None:
        texts = moment.texts(moment.scene.columns["row"][slots].astype(np.int64))
        told = [(slot, one) for slot, text in zip(slots.tolist(), texts, strict=True) for one in placed_words(text)]
        self._places = [(slot, one.start) for slot, one in told]
        self.words = [one.word for _, one in told]

    def spot(self, first: int, share: float) -> _Spot:
        """The place of a word of the window."""
        slot, start = self._places[first]
        return _Spot(slot, start, share)


def _candidates(scene: Scene) -> list[int]:
    """Slots of the texts that resemble the passage most, by their words and by their vectors."""
    bm25 = np.where(scene.passing, scene.bm25, np.float32(0.0)).astype(np.float32)
    found = [slot for slot in top(bm25, _BY_WORDS).tolist() if bm25[slot] > 0]
    if BARE in scene.dense:
        known = scene.passing & ~np.isnan(scene.dense[BARE])
        cosines = np.where(known, scene.dense[BARE], np.float32(-np.inf)).astype(np.float32)
        found += [slot for slot in top(cosines, _BY_MEANING).tolist() if known[slot]]
    return list(dict.fromkeys(found))


def _windows(scene: Scene, slots: Sequence[int], words: int) -> Iterator[IntArray]:
    """Each text with the neighbours that a passage of so many words can go on over, in order; no two the same."""
    columns = scene.columns
    seen: set[tuple[int, ...]] = set()
    for slot in slots:
        before = _follow(columns["before"], columns["words"], slot, words)
        window = (*reversed(before), slot, *_follow(columns["after"], columns["words"], slot, words))
        if window not in seen:
            seen.add(window)
            yield np.array(window, dtype=np.int64)


def _follow(links: IntArray, lengths: IntArray, slot: int, words: int) -> list[int]:
    """Neighbours in one direction, nearest first, until they have so many words."""
    found: list[int] = []
    while words > 0 and len(found) < _REACH and (slot := int(links[slot])) != NONE:
        found.append(slot)
        words -= int(lengths[slot])
    return found


def _key(moment: Moment, spot: _Spot) -> Key:
    entry = moment.scene.columns[spot.slot]
    return int(entry["at"]), int(entry["position"]), int(entry["start"]) + spot.start
