"""What is drawn from texts: facts, triples, entities, topical segments, the filing of lines."""

from __future__ import annotations

from pydantic import Field

from agentmem.prompts.replies.reply import Reply, Text


class ExtractedTriple(Reply):
    """A relation: ``source`` numbers the lines it comes from; empty means the whole text."""

    subject: str
    predicate: str
    object: str
    source: list[int]


class ExtractedFact(Reply):
    """A self-contained sentence; ``time`` as a date or period, ``keys`` its key elements, ``source`` as above."""

    text: str
    speaker: str | None = None
    subject: str | None = None
    time: str | None = None
    keys: list[str]
    source: list[int]


class Extraction(Reply):
    """The reply to ``extract``."""

    entities: list[str]
    triples: list[ExtractedTriple]
    facts: list[ExtractedFact]
    summary: str


class EntityDescription(Reply):
    """What a text says about one entity (FADER's entity–description pair); ``source`` numbers its lines."""

    entity: str
    description: str
    source: list[int]


class Decomposition(Reply):
    """The reply to ``decompose``: likely questions first, then what answers them."""

    questions: list[str]
    pairs: list[EntityDescription]


class TopicSegment(Reply):
    """Exchanges on one topic, by the numbers of the first and the last."""

    first: int
    last: int
    topic: str


class Segmentation(Reply):
    """The reply to ``segment``."""

    segments: list[TopicSegment]


class ToldFact(Reply):
    """A sentence that stands alone, whom or what it is about, and the numbers of the lines it comes from."""

    text: Text
    subject: str | None = None
    source: list[int]


class ToldFacts(Reply):
    """The reply to ``mem0_facts``, ``session_sentences`` and ``lightmem_facts``."""

    facts: list[ToldFact]


class FactEvent(Reply):
    """What a new fact does to a memory, by their numbers; ``event`` as in Mem0, any text as in :class:`PairVerdict`."""

    fact: int
    reasoning: str
    event: str = Field(json_schema_extra={"enum": ["ADD", "UPDATE", "DELETE", "NONE"]})
    memory: int | None = None
    text: str | None = None


class FactEvents(Reply):
    """The reply to ``mem0_update``."""

    decisions: list[FactEvent]


class FiledLine(Reply):
    """Under which domain a line is filed, under which category in that, and the phrases of it that tell most."""

    line: int
    domain: Text
    category: Text
    keywords: list[str]


class FiledLines(Reply):
    """The reply to ``file_lines``; lines it leaves out are filed by rules."""

    lines: list[FiledLine]
