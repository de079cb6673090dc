"""What a run writes for each question that was read out and answered, or how it failed. One JSON object a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentmem_evals.runner.codec import Codec
from agentmem_evals.runner.records import Failure
from agentmem_evals.types import Question


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to one question, with the gold beside it, so that scoring and judging need no data set.

    ``gold``, ``aliases``, ``parts``, ``options`` and ``unanswerable`` are the question's own: see
    :class:`agentmem_evals.types.Question`. ``evidence`` are the items that hold the answer, ``found`` those in the
    context that was read, in its order, and ``cited`` those that the answer names. ``left_out`` is how many
    more the system handed over that the reader's budget had no room for, and ``context_tokens`` what the context costs;
    a system that answers by itself has none of these. ``retrieve_usage`` and ``answer_usage`` hold what models
    were asked for (the non-zero fields of :class:`agentmem.types.Usage`). ``why`` is as in
    :class:`agentmem_evals.runner.records.Prediction`.
    """

    question_id: str
    body: str
    category: str
    question: str
    gold: str | None
    aliases: tuple[str, ...]
    parts: tuple[str, ...]
    options: tuple[str, ...]
    unanswerable: bool
    evidence: tuple[str, ...]
    said: str
    cited: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    context_tokens: int = 0
    retrieve_ms: float = 0.0
    answer_ms: float = 0.0
    retrieve_usage: Mapping[str, float] = field(default_factory=dict)
    answer_usage: Mapping[str, float] = field(default_factory=dict)
    why: tuple[Mapping[str, float], ...] = ()
    left_out: int = 0


AnswerRecord = Answer | Failure

ANSWERED: Codec[AnswerRecord] = Codec("an answer", {"answer": Answer, "failure": Failure})
"""The lines of a run of the task ``qa``."""


def answer_to(question: Question, *, said: str, **more: Any) -> Answer:
    """The record of what was said to a question; ``more`` are the fields of :class:`Answer` from ``cited`` on."""
    return Answer(
        question_id=question.id,
        body=question.body,
        category=question.category,
        question=question.text,
        gold=question.answer,
        aliases=question.aliases,
        parts=question.parts,
        options=question.options,
        unanswerable=question.unanswerable,
        evidence=question.evidence,
        said=said,
        **more,
    )
