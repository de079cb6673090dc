"""What one judge made of a run's answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentmem_evals.judging.judged import judged
from agentmem_evals.judging.records import Judgement, JudgementRecord
from agentmem_evals.metrics.longmemeval_accuracy import judged_accuracy
from agentmem_evals.runner.answer_records import Answer


def score_judge(
    answers: Sequence[Answer], records: Sequence[JudgementRecord], names: Mapping[str, str]
) -> dict[str, Any]:
    """The judge's verdicts as shares of right answers: :func:`judged_accuracy`, with categories for question types.

    ``accuracy`` is over all ``n`` judged answers (its ``overall``), ``by_type`` over those of each category, ``macro``
    its ``task_averaged``, and ``abstention`` over the questions that have no answer. What has no answers to be about is
    left out. ``failed`` answers got no verdict. A verdict about an answer that the run no longer gives is stale, and
    passed over.
    """
    current = {answer.question_id: judged(answer).digest for answer in answers}
    verdicts = sorted(
        (one for one in records if isinstance(one, Judgement) and current.get(one.question_id) == one.judged),
        key=lambda one: (one.category, one.question_id),
    )
    done = {one.question_id for one in verdicts}
    failed = {one.question_id for one in records if not isinstance(one, Judgement)}
    no_answer = {answer.question_id for answer in answers if answer.unanswerable}
    shares = judged_accuracy((one.category, one.correct, one.question_id in no_answer) for one in verdicts)
    counts = {"n": len(verdicts), "failed": len((failed & current.keys()) - done)}
    if shares is None:
        return {**counts, "by_type": {}}
    return {
        **counts,
        "accuracy": shares.overall,
        "macro": shares.task_averaged,
        **({} if shares.abstention is None else {"abstention": shares.abstention}),
        "by_type": {
            category: {"name": names.get(category, category), "n": shares.questions[category], "accuracy": accuracy}
            for category, accuracy in shares.by_type.items()
        },
    }
