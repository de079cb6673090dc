"""Which questions of a data set a run asks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from agentmem_evals.errors import UnknownName
from agentmem_evals.types import Body, Dataset, Question


@dataclass(frozen=True, slots=True)
class Selection:
    """The questions of a run, and the bodies they are about, both in the data set's order.

    ``skipped`` counts the questions about the chosen bodies with no evidence that exists: nothing can be measured on
    them. ``unresolved`` counts pieces of evidence that name no item.
    """

    bodies: tuple[Body, ...]
    questions: tuple[Question, ...]
    skipped: int
    unresolved: int

    def about(self, body: str) -> tuple[Question, ...]:
        """The questions about one body."""
        return tuple(question for question in self.questions if question.body == body)


def select(
    dataset: Dataset,
    conversations: Sequence[str] | None = None,
    limit: int | None = None,
    seed: int | None = None,
) -> Selection:
    """Choose conversations, or other bodies, by id (``None``: all) and at most ``limit`` questions.

    The first ``limit`` questions are taken; with a ``seed`` as many are drawn at random instead.

    Raises:
        UnknownName: a conversation that the data set does not hold.
    """
    known = [body.id for body in dataset.bodies]
    wanted = set(known if conversations is None else conversations)
    if missing := wanted.difference(known):
        raise UnknownName(
            f"No conversation {', '.join(sorted(missing))} in {dataset.file_name}; it has {', '.join(known)}."
        )
    candidates = [question for question in dataset.questions if question.body in wanted]
    answerable = [question for question in candidates if question.evidence]
    chosen = answerable if limit is None else _limited(answerable, limit, seed)
    asked = {question.body for question in chosen}
    return Selection(
        bodies=tuple(body for body in dataset.bodies if body.id in asked),
        questions=tuple(chosen),
        skipped=len(candidates) - len(answerable),
        unresolved=sum(len(question.unresolved) for question in candidates),
    )


def _limited(questions: Sequence[Question], limit: int, seed: int | None) -> list[Question]:
    if seed is None or limit >= len(questions):
        return list(questions[:limit])
    drawn = random.Random(seed).sample(range(len(questions)), limit)  # noqa: S311 - a sample, no secret
    return [questions[position] for position in sorted(drawn)]
