"""The plain statements among the texts of a scope, as hops over supporting facts look at them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agentmem.protocols import IntArray
from agentmem.retrieval.search import Moment
from agentmem.retrieval.state_question import Terms
from agentmem.text.plain import plain_statement

MOST = 200
"""How many statements about one thing are looked at, the latest."""


class TextTimeline:
    """See :class:`agentmem.retrieval.supporting_facts.Timeline`; statements are known by their slots."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._scene = moment.scene
        self._about: dict[Terms, list[int]] = {}

    def about(self, name: Terms) -> Sequence[int]:
        """The latest statements that hold all words of a name, oldest first."""
        if name not in self._about:
            self._about[name] = self._find(name)
        return self._about[name]

    def participants(self, statement: int) -> Sequence[str]:
        """The names that take part in a statement."""
        (text,) = self._moment.texts(self._scene.around.rows[[statement]])
        told = plain_statement(text)
        return () if told is None else told.participants

    def is_before(self, one: int, other: int) -> bool:
        """By time; of one moment, by place in what was added."""
        return self._place(one) < self._place(other)

    def _place(self, slot: int) -> tuple[int, int, int]:
        entry = self._scene.columns[slot]
        return int(entry["at"]), int(entry["position"]), int(entry["start"])

    def _find(self, name: Terms) -> list[int]:
        slots: IntArray | None = None
        for term in name:
            holding = self._scene.lexical.postings(term).slots
            slots = holding if slots is None else np.intersect1d(slots, holding, assume_unique=True)
        if slots is None or not len(slots):
            return []
        columns = self._scene.columns
        slots = slots[columns["plain"][slots] & self._scene.passing[slots]]
        order = np.lexsort((columns["start"][slots], columns["position"][slots], columns["at"][slots]))
        found: list[int] = slots[order][-MOST:].tolist()
        return found
