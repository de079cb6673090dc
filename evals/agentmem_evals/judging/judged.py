"""What is judged, what a judgement says, and what a judge is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Protocol

from agentmem.types import Usage


class AnswerRecord(Protocol):
    """What judging reads of a run's record of an answer."""

    @property
    def question_id(self) -> str:
        """Whose answer it is."""
        ...

    @property
    def body(self) -> str:
        """What the question is about."""
        ...

    @property
    def category(self) -> str:
        """As the data set has it."""
        ...

    @property
    def question(self) -> str:
        """The question's text."""
        ...

    @property
    def gold(self) -> str | None:
        """The right answer."""
        ...

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other wordings that count as the right answer."""
        ...

    @property
    def parts(self) -> tuple[str, ...]:
        """What an answer that is a list must name."""
        ...

    @property
    def unanswerable(self) -> bool:
        """Whether the right answer is that the body does not tell."""
        ...

    @property
    def said(self) -> str:
        """The answer to judge."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, its gold and what was said. ``gold`` is ``None`` where the data set has none."""

    question: str
    gold: str | None
    said: str
    category: str = ""
    unanswerable: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The first 16 hex digits of a SHA-256 over all of it: a judgement of another answer is not one of this."""
        parts = [self.question, self.gold, self.said, self.category, self.unanswerable, self.aliases]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge says: ``reason`` in its words, ``raw`` its last reply as it came, and what asking cost.

    The prompt is named by id, version and digest; a judge that asks nobody leaves them empty.
    """

    correct: bool
    reason: str
    raw: str
    prompt_id: str = ""
    prompt_version: int = 0
    prompt_digest: str = ""
    usage: Usage = field(default_factory=Usage)


class Judge(Protocol):
    """Says whether an answer is right."""

    @property
    def name(self) -> str:
        """The protocol's name."""
        ...

    def applies(self, item: Judged) -> bool:
        """Whether the protocol judges such a question at all."""
        ...

    def judge(self, item: Judged) -> Verdict:
        """The verdict on one answer.

        Raises:
            JudgeFailed: there is none; which is not a verdict of wrong.
            BudgetExhausted: nothing more may be spent.
        """
        ...


def judged(answer: AnswerRecord) -> Judged:
    """What judges are told of an answer. The gold of a list without one wording is its parts."""
    gold = answer.gold if answer.gold is not None or not answer.parts else "; ".join(answer.parts)
    return Judged(answer.question, gold, answer.said, answer.category, answer.unanswerable, tuple(answer.aliases))
