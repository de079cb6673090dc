"""System ``listing:SYSTEM``: answers questions about events by itself, with a list, by rules.

What the system finds for the question is read by the library's rules for events (:mod:`agentmem.structures.events`);
of the events that meet every cue of the question (:mod:`agentmem.text.cues`) the asked aspect is listed, in the order
that is asked for. The rules are the same whoever found the items, so what differs between two systems is what they
found. Nothing is listed where no found event meets the cues.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from agentmem.retrieval.episodic import ordered, share_met
from agentmem.retrieval.search import Found, Scored
from agentmem.structures.events import CONTENT, PEOPLE, PLACES, TIME, events_of
from agentmem.text.cues import Wanted, read_cues
from agentmem.types import Memory
from agentmem_evals.datasets.formats.chapters import JOIN
from agentmem_evals.systems.around import Around
from agentmem_evals.systems.protocol import System
from agentmem_evals.systems.units import units
from agentmem_evals.types import Body

NAME = "listing"
LOOKED_AT = 30
"""How many items are asked for: as many as a reader is given by default."""
NONE = "none"
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""When a question is put that the data set gives no time: nothing is counted from it."""
_OTHERS, _EVERYTHING = "others", "everything"
_ASPECTS: Sequence[tuple[str, str]] = (
    (r"\bwho else\b|\bother (?:people|persons|participants|entities)\b", _OTHERS),
    (r"\btell everything\b|\bfull (?:details|account)\b|\bin (?:full )?detail\b", _EVERYTHING),
    (
        r"\b(?:took|take|taken|taking) (?:place|part)\b|\bhappen(?:s|ed)\b|\bcontents?\b|\bevery(?:thing)? that\b",
        CONTENT,
    ),
    (r"\b(?:dates?|days?|times?|when)\b", TIME),
    (r"\b(?:where|places?|locations?)\b", PLACES),
    (r"\b(?:who|whom|people|persons?|entit(?:y|ies)|protagonists?)\b", PEOPLE),
)


class ListingSystem(Around):
    """See the module's docstring."""

    def __init__(self, inner: System) -> None:
        super().__init__(NAME, inner)
        self._events: dict[str, list[Memory]] = {}
        self._order: dict[str, int] = {}

    def describe(self) -> Mapping[str, Any]:
        """The inner system's, and how many items are read."""
        return {**super().describe(), "looked_at": LOOKED_AT}

    def ingest(self, body: Body) -> None:
        """Tell the system, and read what each item tells of."""
        super().ingest(body)
        self._events = {}
        for _, unit in units(body):
            for event in events_of(unit):
                self._order[event.id] = len(self._order)
                self._events.setdefault(event.sources[0].ref or "", []).append(event)

    def answer(self, question: str, *, asked_at: datetime | None = None) -> str:
        """The asked aspect of the events that fit, each item once unless their order is asked for; else "none"."""
        cues = read_cues(question, asked_at or _NO_TIME)
        items = self.inner.retrieve(question, LOOKED_AT, asked_at=asked_at).items[:LOOKED_AT]
        events = (event for item in items for event in self._events.get(item, ()))
        fitting = [
            Found(Scored(self._order[event.id], 1.0, {}), event) for event in events if share_met(event, cues) == 1.0
        ]
        in_order = ordered(fitting, cues.wanted)
        if cues.wanted in (Wanted.LATEST, Wanted.FIRST):
            in_order = in_order[:1]
        listed = [part for one in in_order for part in _parts(one.memory, aspect_of(question))]
        return JOIN.join(listed if cues.wanted is Wanted.IN_ORDER else dict.fromkeys(listed)) or NONE


def aspect_of(question: str) -> str:
    """What of an event is asked for: what the question names first; everything, where it names nothing."""
    low = question.lower()
    named = [(match.start(), aspect) for pattern, aspect in _ASPECTS if (match := re.search(pattern, low))]
    return min(named, key=lambda one: one[0], default=(0, _EVERYTHING))[1]


def _parts(event: Memory, aspect: str) -> Sequence[str]:
    """An event's date, place, main person, other people or content: the one named first or most; or its text."""
    if aspect == _EVERYTHING:
        return [" ".join(event.text.replace(JOIN.strip(), ",").split())]
    if aspect == TIME:
        time = event.metadata.get(TIME)
        return [str(time)] if time else []
    if aspect == _OTHERS:
        return [str(name) for name in event.metadata.get(PEOPLE, [])[1:]]
    return [str(name) for name in event.metadata.get(aspect, [])[:1]]
