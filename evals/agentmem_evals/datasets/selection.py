"""Which questions of a data set a run asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agentmem_evals.datasets.sampling import chosen
from agentmem_evals.errors import UnknownName
from agentmem_evals.types import Body, Dataset, Question


@dataclass(frozen=True, slots=True)
class Selection:
    """The questions of a run, and the bodies they are about, both in the data set's order.

    ``skipped`` counts the questions about the chosen bodies on which nothing can be measured: for retrieval, those with
    no evidence that exists; for answers, those without a gold answer. ``unresolved`` counts pieces of evidence that
    name no item.
    """

    bodies: tuple[Body, ...]
    questions: tuple[Question, ...]
    skipped: int
    unresolved: int

    def about(self, body: str) -> tuple[Question, ...]:
        """The questions about one body."""
        return tuple(question for question in self.questions if question.body == body)


def has_evidence(question: Question) -> bool:
    """Whether retrieval can be measured: something that exists holds the answer."""
    return bool(question.evidence)


def has_answer(question: Question) -> bool:
    """Whether an answer can be measured: there is a right one, if only that nothing is told."""
    return question.answer is not None or bool(question.parts) or question.unanswerable


def select(
    dataset: Dataset,
    conversations: Sequence[str] | None = None,
    limit: int | None = None,
    seed: int | None = None,
    *,
    measurable: Callable[[Question], bool] = has_evidence,
) -> Selection:
    """Choose conversations, or other bodies, by id (``None``: all) and at most ``limit`` questions.

    The first ``limit`` questions are taken; with a ``seed`` as many are drawn at random instead. Only questions that
    are ``measurable`` are taken: :func:`has_evidence` for retrieval, :func:`has_answer` for answers.

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
    kept = [question for question in candidates if measurable(question)]
    questions = chosen(kept, limit, seed)
    asked = {question.body for question in questions}
    return Selection(
        bodies=tuple(body for body in dataset.bodies if body.id in asked),
        questions=questions,
        skipped=len(candidates) - len(kept),
        unresolved=sum(len(question.unresolved) for question in candidates),
    )
