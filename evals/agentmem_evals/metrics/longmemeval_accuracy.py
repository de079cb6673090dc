"""LongMemEval's accuracy of judged answers: ``src/evaluation/print_qa_metrics.py`` of the official code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JudgedAccuracy:
    """Shares of answers judged correct, each in [0, 1].

    ``by_type`` is per question type, ``questions`` how many each has; ``task_averaged`` (macro) is the mean of
    ``by_type``, ``overall`` (micro) is over all questions. ``abstention`` is over the questions that cannot be
    answered, which count in their types and in the other two as well; ``None`` where there are none.
    """

    by_type: Mapping[str, float]
    questions: Mapping[str, int]
    task_averaged: float
    overall: float
    abstention: float | None


def judged_accuracy(judged: Iterable[tuple[str, bool, bool]]) -> JudgedAccuracy | None:
    """From each answer's question type, its verdict, and whether its question cannot be answered; ``None`` for none.

    Types come in the order in which they first appear. The official code has the six types fixed and shows no figure
    where one of them is empty; here the mean is over the types that there are.
    """
    by_type: dict[str, list[bool]] = {}
    abstention = []
    for question_type, correct, unanswerable in judged:
        by_type.setdefault(question_type, []).append(correct)
        if unanswerable:
            abstention.append(correct)
    if not by_type:
        return None
    accuracy = {name: sum(verdicts) / len(verdicts) for name, verdicts in by_type.items()}
    questions = {name: len(verdicts) for name, verdicts in by_type.items()}
    return JudgedAccuracy(
        by_type=accuracy,
        questions=questions,
        task_averaged=sum(accuracy.values()) / len(accuracy),
        overall=sum(sum(verdicts) for verdicts in by_type.values()) / sum(questions.values()),
        abstention=sum(abstention) / len(abstention) if abstention else None,
    )
