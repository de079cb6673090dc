"""Questions about the events of an episodic book: by what they give away, what they ask for, and which events count.

The 36 kinds are the Episodic Memories Benchmark's (arXiv 2501.13121, table 1 and appendix; ``qa_templates.py``), the
wording is the project's own: for each choice of cues among time, place, person and content one question for every
aspect that is no cue; for all four cues, who else was there and the whole event; and about a person, the latest state
and the order of all. Each kind also asks about something that no event fits.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import combinations
from typing import Any

from agentmem_evals.datasets.epbench_words import CONTENTS, PEOPLE, PLACES, UNUSED
from agentmem_evals.datasets.formats.chapters import ALL, CHRONOLOGICAL, FULL_EVENT, LATEST, bin_of
from agentmem_evals.datasets.formats.event import Event, worded

TIMES, SPACES, ENTITIES, CONTENT, OTHERS = "Times", "Spaces", "Entities", "Event contents", "Other entities"
"""What is asked for, in the benchmark's words."""

_CUES = ("t", "s", "ent", "c")
_ASPECTS: Mapping[str, str] = {"t": TIMES, "s": SPACES, "ent": ENTITIES, "c": CONTENT}
_ASKED: Mapping[str, str] = {
    TIMES: "List the dates of all events{cues}.",
    SPACES: "List the places of all events{cues}, each once.",
    ENTITIES: "List the main people of all events{cues}.",
    CONTENT: "List what took place at all events{cues}.",
    OTHERS: "Who else, if anyone, was there at the event{cues}?",
    FULL_EVENT: "Tell everything about the event{cues}.",
}
_OF_A_PERSON: Mapping[tuple[str, str], str] = {
    (LATEST, TIMES): "On what date was {ent} seen for the last time?",
    (LATEST, SPACES): "Where was {ent} seen for the last time?",
    (LATEST, CONTENT): "What did {ent} take part in when seen for the last time?",
    (CHRONOLOGICAL, TIMES): "List all dates on which {ent} was seen, from the earliest to the latest.",
    (CHRONOLOGICAL, SPACES): "List all places where {ent} was seen, in the order of the dates.",
    (CHRONOLOGICAL, CONTENT): "List everything that {ent} took part in, in the order of the dates.",
}
_GIVEN: Mapping[str, str] = {"t": " on {t}", "s": " at {s}", "ent": " with {ent}", "c": " that had to do with a {c}"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of ``df_qa``. ``n_chapters_correct_answer`` counts all matching events, of the latest state too."""

    question: str
    cue: str
    retrieval_type: str
    get: str
    correct_answer: tuple[str, ...]
    correct_answer_chapters: tuple[int, ...]
    n_items_correct_answer: int
    n_chapters_correct_answer: int

    def published(self) -> dict[str, Any]:
        """The row under the benchmark's names of columns."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Kind:
    cues: tuple[str, ...]
    asked_for: str
    get: str

    def row(self, values: Mapping[str, str], events: Sequence[Event]) -> Row:
        given = {cue: values[cue] for cue in self.cues}
        matching = [event for event in events if all(_value(event, cue) == given[cue] for cue in self.cues)]
        counted = matching if self.get == ALL else sorted(matching, key=lambda event: event.day)
        counted = counted[-1:] if self.get == LATEST else counted
        items = [item for event in counted for item in self._items(event)]
        answer = tuple(items) if self.get == CHRONOLOGICAL else tuple(dict.fromkeys(items))
        return Row(
            question=self._worded(given),
            cue=f"({', '.join(cue if cue in self.cues else '*' for cue in _CUES)})",
            retrieval_type=self.asked_for,
            get=self.get,
            correct_answer=answer,
            correct_answer_chapters=tuple(event.chapter for event in counted),
            n_items_correct_answer=len(answer),
            n_chapters_correct_answer=len(matching),
        )

    def _items(self, event: Event) -> Sequence[str]:
        if self.asked_for == OTHERS:
            return event.companions
        if self.asked_for == FULL_EVENT:
            return (f"Full chapter {event.chapter}",)
        return (_value(event, next(cue for cue, aspect in _ASPECTS.items() if aspect == self.asked_for)),)

    def _worded(self, given: Mapping[str, str]) -> str:
        if self.get != ALL:
            return _OF_A_PERSON[self.get, self.asked_for].format(**given)
        cues = "".join(_GIVEN[cue] for cue in ("c", "ent", "s", "t") if cue in given).format(**given)
        return _ASKED[self.asked_for].replace("{cues}", cues)


def rows_about(events: Sequence[Event], per_group: int, chance: random.Random) -> tuple[Row, ...]:
    """At most ``per_group`` questions of each kind and number of matching events, and as many about nothing."""
    rows: dict[str, Row] = {}
    for kind in kinds():
        taken: dict[str, int] = {}
        for event in chance.sample(events, len(events)):
            row = kind.row({cue: _value(event, cue) for cue in _CUES}, events)
            group = bin_of(row.n_chapters_correct_answer)
            if row.question not in rows and taken.get(group, 0) < per_group:
                taken[group] = taken.get(group, 0) + 1
                rows[row.question] = row
        for event in chance.sample(events, min(per_group, len(events))):
            row = kind.row({**{cue: _value(event, cue) for cue in _CUES}, **_unused(kind.cues, chance)}, events)
            rows.setdefault(row.question, row)
    return tuple(rows.values())


def kinds() -> Iterator[_Kind]:
    """The 36 kinds, those about all events first."""
    for size in range(1, len(_CUES)):
        for cues in combinations(_CUES, size):
            yield from (_Kind(cues, aspect, ALL) for cue, aspect in _ASPECTS.items() if cue not in cues)
    yield from (_Kind(_CUES, asked_for, ALL) for asked_for in (OTHERS, FULL_EVENT))
    yield from (_Kind(("ent",), asked_for, get) for get, asked_for in _OF_A_PERSON)


def _value(event: Event, cue: str) -> str:
    return {"t": event.time, "s": event.place, "ent": event.person, "c": event.content}[cue]


def _unused(cues: Sequence[str], chance: random.Random) -> dict[str, str]:
    """One of the cues with a value that is in no book."""
    cue = chance.choice(cues)
    values: Mapping[str, Sequence[str]] = {
        "t": [worded(date(2031, 10, day)) for day in range(1, 29)],
        "s": PLACES[-UNUSED:],
        "ent": PEOPLE[-UNUSED:],
        "c": [content for content, _ in CONTENTS[-UNUSED:]],
    }
    return {cue: chance.choice(values[cue])}
