"""Events as (time, place, entities, content), read from episodes by rules: what an episodic memory is asked by.

The dimensions are those of the Episodic Memories Benchmark (Huet et al., ICLR 2025, arXiv 2501.13121, section 3). Of a
conversation, a turn that tells something is an event. A document is cut where a paragraph names another day than those
before it, and after a heading. An event's memory has the words themselves behind a heading with its date and place, and
in its metadata:

- ``when``: the times that it names, the most exact first, as :mod:`agentmem.structures.world_time` writes intervals;
- ``time``: the first of them, as the text words it;
- ``places``, ``people``, ``content``: lists of names and noun phrases (:class:`agentmem.text.happenings.Happening`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from agentmem.kinds import EVENT
from agentmem.operations import Add
from agentmem.structures.derived import derived
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.world_time import WHEN, WorldTime, iso_interval, read_interval
from agentmem.text.calendar import Grain
from agentmem.text.happenings import Happening, dated, happening, tells, times
from agentmem.types import Memory, Source

TIME, PLACES, PEOPLE, CONTENT = "time", "places", "people", "content"
"""Metadata of an event, see the module's docstring."""
LONGEST = 8_000
"""Characters of one event of a document, at most; a longer one is cut between paragraphs."""
_AT_ONCE = 32
_DAYS = (Grain.MOMENT, Grain.DAY)
_PARAGRAPH = re.compile(r"\S(?:.|\n(?!\s*\n))*", re.MULTILINE)
_HEADING_WORDS = 8


@dataclass(frozen=True, slots=True)
class Events:
    """See the module's docstring; a :class:`agentmem.structures.structure.Structure`. No model is asked."""

    name: ClassVar[str] = "events"
    kinds: ClassVar[tuple[str, ...]] = (EVENT,)
    reads: ClassVar[tuple[str, ...]] = ()

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:  # noqa: ARG002
        """The events of some units at once; what is there already is not made again."""
        known = {_mark(memory) for memory in view.memories(EVENT)}
        for start in range(0, len(units), _AT_ONCE):
            batch = tuple(units[start : start + _AT_ONCE])
            found = {_mark(memory): memory for unit in batch for memory in events_of(unit)}
            fresh = [memory for mark, memory in found.items() if mark not in known]
            known.update(found)
            yield Proposal(tuple(Add(memory) for memory in fresh), batch)


def events_of(unit: Unit) -> Iterator[Memory]:
    """The events of a unit, in order."""
    pending: list[tuple[int, Memory]] = []
    for line, chunk in enumerate(unit.chunks):
        if chunk.speaker is None and chunk.role is None:
            pending.append((line, chunk))
        elif tells(chunk.text, chunk.at):
            yield _event(unit, [_Part(line, 0, len(chunk.text), chunk.text)], chunk.at, chunk.speaker)
    for scene in _scenes(pending):
        if (event := _event(unit, scene, None, None)) is not None and _is_told(event):
            yield event


def when(event: Memory) -> tuple[datetime, datetime] | None:
    """The time of an event, in UTC: the most exact that it names, else when it was said; ``None`` if neither is known.

    A document that names no time tells nothing of when: the moment at which it was added is not it.
    """
    written = event.metadata.get(WHEN)
    if isinstance(written, list) and written:
        try:
            since, until = read_interval(str(written[0]))
        except ValueError:  # not ours
            return None
        return None if since is None or until is None else (since, until)
    return None if event.speaker is None and event.role is None else (event.at, event.at)


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a chunk."""

    line: int
    start: int
    end: int
    text: str


def _scenes(chunks: Sequence[tuple[int, Memory]]) -> Iterator[list[_Part]]:
    """The paragraphs of a document, cut where another day begins."""
    scene: list[_Part] = []
    days: set[tuple[datetime, datetime]] = set()
    for line, chunk in chunks:
        for match in _PARAGRAPH.finditer(chunk.text):
            part = _Part(line, match.start(), match.end(), match[0])
            named = {(one.since, one.until) for one in times(part.text, None) if one.grain in _DAYS}
            long = sum(len(one.text) for one in scene) + len(part.text) > LONGEST
            if scene and (long or (days and named and named.isdisjoint(days)) or _is_heading(part.text)):
                yield scene
                scene, days = [], set()
            scene.append(part)
            days |= named
    if scene:
        yield scene


def _is_heading(paragraph: str) -> bool:
    return len(paragraph.split()) <= _HEADING_WORDS and paragraph.rstrip()[-1:].isalnum()


def _event(unit: Unit, parts: Sequence[_Part], at: datetime | None, speaker: str | None) -> Memory:
    text = "\n\n".join(part.text for part in parts)
    told = happening(text, at, speaker)
    lines = list(dict.fromkeys(part.line for part in parts))
    metadata = {
        WHEN: list(dict.fromkeys(iso_interval(one.since, one.until) for one in told.times)),
        TIME: text[told.times[0].start : told.times[0].end] if told.times else None,
        PLACES: list(told.places),
        PEOPLE: list(told.people),
        CONTENT: list(told.content),
    }
    heading = _heading(told, at)
    memory = derived(
        EVENT,
        f"{heading}: {text}" if heading else text,
        unit,
        lines,
        speaker=speaker,
        metadata=metadata,
        world=WorldTime(),
    )
    first = unit.chunks[lines[0]]
    return replace(memory, role=first.role, sources=tuple(_sources(unit, parts)))


def _heading(told: Happening, at: datetime | None) -> str:
    """Date and place in words: what the text may tell only as "yesterday", or not at all."""
    date = dated(told.times[0].since, told.times[0].grain) if told.times else dated(at, Grain.DAY) if at else ""
    return ", ".join(part for part in (date, *told.places[:1]) if part)


def _sources(unit: Unit, parts: Sequence[_Part]) -> Iterator[Source]:
    """The stretch of each chunk, from its first part to its last."""
    for line in dict.fromkeys(part.line for part in parts):
        mine = [part for part in parts if part.line == line]
        for source in unit.chunks[line].sources[:1]:
            start = source.start + mine[0].start
            yield replace(source, start=start, end=min(source.start + mine[-1].end, source.end))


def _is_told(event: Memory) -> bool:
    """Whether a document's stretch is an event: it happens at some time, or somebody is somewhere."""
    return bool(event.metadata.get(WHEN)) or bool(event.metadata.get(PLACES) and event.metadata.get(PEOPLE))


def _mark(memory: Memory) -> tuple[object, ...]:
    return memory.text, memory.speaker, memory.session, memory.at
