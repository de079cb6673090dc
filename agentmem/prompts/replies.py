"""What the prompts are answered with. Where thinking helps, a reply begins with it: a model writes from the front.

No field that matters has a default: a reply that lacks it is malformed, never an empty result.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Some text, not only white space."""


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class ExtractedTriple(_Reply):
    """A relation: ``source`` numbers the lines it comes from; empty means the whole text."""

    subject: str
    predicate: str
    object: str
    source: list[int]


class ExtractedFact(_Reply):
    """A self-contained sentence; ``time`` as a date or period, ``keys`` its key elements, ``source`` as above."""

    text: str
    speaker: str | None = None
    subject: str | None = None
    time: str | None = None
    keys: list[str]
    source: list[int]


class Extraction(_Reply):
    """The reply to ``extract``."""

    entities: list[str]
    triples: list[ExtractedTriple]
    facts: list[ExtractedFact]
    summary: str


class EntityDescription(_Reply):
    """What a text says about one entity (FADER's entity–description pair); ``source`` numbers its lines."""

    entity: str
    description: str
    source: list[int]


class Decomposition(_Reply):
    """The reply to ``decompose``: likely questions first, then what answers them."""

    questions: list[str]
    pairs: list[EntityDescription]


class Summary(_Reply):
    """The reply to ``merge_summary`` and ``summarise``."""

    text: Text


class RollingSummary(_Reply):
    """The reply to ``rolling_summary``."""

    reasoning: str
    text: Text


class Navigation(_Reply):
    """The reply to ``navigate``: the number of the option to enter, or -1 to go back."""

    reasoning: str
    action: int


class LeafReading(_Reply):
    """The reply to ``read_leaf``: -2 to commit to ``answer``, -1 to go back and read elsewhere."""

    reasoning: str
    action: int
    answer: str | None = None


class DocumentScore(_Reply):
    """How much one document helps, from 1 (not at all) to 10 (it holds the answer)."""

    number: int
    score: Annotated[float, Field(ge=1, le=10, allow_inf_nan=False)]


class Relevance(_Reply):
    """The reply to ``rerank``."""

    scores: list[DocumentScore]


class Thought(_Reply):
    """The reply to ``think``: what is known and what is missing, and whether nothing is."""

    thought: Text
    enough: bool


class WeightedQuery(_Reply):
    """A query, and how likely it finds the answer, from 0 to 1."""

    text: Text
    weight: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Rewrites(_Reply):
    """The reply to ``rewrite``."""

    queries: list[WeightedQuery]


class StandaloneQuestion(_Reply):
    """The reply to ``decontextualise``."""

    reasoning: str
    text: Text


class TimeRange(_Reply):
    """The reply to ``time_range``: ISO dates, ``None`` where the question sets no bound."""

    reasoning: str
    start: str | None = None
    end: str | None = None


class RecognisedFacts(_Reply):
    """The reply to ``recognise``: the numbers of the facts that help."""

    facts: list[int]
