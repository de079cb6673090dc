"""What a model says of a question, and of what was found for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agentmem.prompts.replies.reply import Reply, Text


class Navigation(Reply):
    """The reply to ``navigate``: the number of the option to enter, or -1 to go back."""

    reasoning: str
    action: int


class LeafReading(Reply):
    """The reply to ``read_leaf``: -2 to commit to ``answer``, -1 to go back and read elsewhere."""

    reasoning: str
    action: int
    answer: str | None = None


class DocumentScore(Reply):
    """How much one document helps, from 1 (not at all) to 10 (it holds the answer)."""

    number: int
    score: Annotated[float, Field(ge=1, le=10, allow_inf_nan=False)]


class Relevance(Reply):
    """The reply to ``rerank``."""

    scores: list[DocumentScore]


class Thought(Reply):
    """The reply to ``think``: what is known and what is missing, and whether nothing is."""

    thought: Text
    enough: bool


class WeightedQuery(Reply):
    """A query, and how likely it finds the answer, from 0 to 1."""

    text: Text
    weight: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Rewrites(Reply):
    """The reply to ``rewrite``."""

    queries: list[WeightedQuery]


class LikelyPhrase(Reply):
    """Words in a row, and how likely a text that answers holds them, from 0 to 1."""

    text: Text
    probability: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class LikelyWords(Reply):
    """The reply to ``likely_words``."""

    phrases: list[LikelyPhrase]


class StandaloneQuestion(Reply):
    """The reply to ``decontextualise``."""

    reasoning: str
    text: Text


class TimeRange(Reply):
    """The reply to ``time_range``: ISO dates, ``None`` where the question sets no bound."""

    reasoning: str
    start: str | None = None
    end: str | None = None


class RecognisedFacts(Reply):
    """The reply to ``recognise``: the numbers of the facts that help."""

    facts: list[int]
