"""What was found in a unit, whether a model said so or rules did."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agentmem.kinds import FACT, SUMMARY, TRIPLE
from agentmem.prompts.replies.extraction import ExtractedFact, Extraction
from agentmem.structures.attribution import likely_lines
from agentmem.structures.structure import Unit
from agentmem.structures.world_time import WorldTime, world_time
from agentmem.text.salience import summarise
from agentmem.text.sentences import sentences
from agentmem.text.statements import statements
from agentmem.text.triples import triples
from agentmem.types import Memory

_SUMMARY_WORDS = 80


@dataclass(frozen=True, slots=True)
class Fact:
    """A self-contained sentence; ``lines`` number the chunks it comes from, ``span`` its place in the only one.

    ``time`` is when it happens, in the words of whoever found it; ``world`` is what follows from it, and from the text.
    """

    text: str
    lines: tuple[int, ...]
    speaker: str | None = None
    subject: str | None = None
    time: str | None = None
    keys: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    world: WorldTime | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A subject, what it is said to do or be, and an object."""

    subject: str
    predicate: str
    object: str
    lines: tuple[int, ...]
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """All of a unit."""

    facts: tuple[Fact, ...] = ()
    triples: tuple[Relation, ...] = ()
    summary: str = ""


def by_rules(unit: Unit, kinds: Collection[str] = (FACT, TRIPLE, SUMMARY)) -> Findings:
    """Without a model: statements, pattern-based triples, an extractive summary; of these, the ``kinds`` wanted."""
    facts: list[Fact] = []
    relations: list[Relation] = []
    for line, chunk in enumerate(unit.chunks):
        if FACT in kinds:
            facts += _statements(line, chunk)
        if TRIPLE in kinds:
            relations += [
                Relation(found.subject, found.predicate, found.object, (line,), (found.start, found.end))
                for found in triples(chunk.text, chunk.speaker, chunk.title)
            ]
    texts = [chunk.text for chunk in unit.chunks]
    return Findings(tuple(facts), tuple(relations), summarise(texts, _SUMMARY_WORDS) if SUMMARY in kinds else "")


def _statements(line: int, chunk: Memory) -> list[Fact]:
    """What a speaker states, in the third person; of a document, its sentences under its title.

    Only what is said has a world time: a document's "yesterday" need not be counted from when it was stored.
    """
    if chunk.speaker is not None:
        return [
            Fact(
                text=found.text,
                lines=(line,),
                speaker=chunk.speaker,
                subject=found.subject,
                keys=found.keys,
                span=(found.start, found.end),
                world=world_time(chunk.text[found.start : found.end], chunk.at),
            )
            for found in statements(chunk.text, chunk.speaker, chunk.at)
        ]
    return [
        Fact(chunk.text[start:end], (line,), subject=chunk.title, span=(start, end))
        for start, end in sentences(chunk.text)
    ]


def from_reply(unit: Unit, reply: Extraction) -> Findings:
    """What a model replied. Line numbers that do not exist are dropped; without any, the likeliest lines stand in."""
    facts = tuple(_replied(unit, fact) for fact in reply.facts if fact.text.strip())
    relations = tuple(
        Relation(
            found.subject.strip(),
            found.predicate.strip(),
            found.object.strip(),
            lines=lines_of(unit, found.source, f"{found.subject} {found.predicate} {found.object}"),
        )
        for found in reply.triples
    )
    return Findings(facts, relations, reply.summary.strip())


def _replied(unit: Unit, fact: ExtractedFact) -> Fact:
    text, lines = fact.text.strip(), lines_of(unit, fact.source, fact.text)
    said = min(unit.chunks[line].at for line in lines)
    return Fact(
        text=text,
        lines=lines,
        speaker=fact.speaker,
        subject=fact.subject,
        time=fact.time,
        keys=tuple(fact.keys),
        world=world_time(text, said, fact.time),
    )


def lines_of(unit: Unit, claimed: Sequence[int], text: str) -> tuple[int, ...]:
    """The lines that were claimed and exist; where there are none, the likeliest."""
    valid = tuple(dict.fromkeys(line for line in claimed if 0 <= line < len(unit.chunks)))
    return valid or likely_lines(text, [chunk.text for chunk in unit.chunks])
