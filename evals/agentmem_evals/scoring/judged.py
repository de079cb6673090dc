"""What one judge made of a run's answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentmem_evals.judging.judged import judged
from agentmem_evals.judging.records import Judgement, JudgementRecord
from agentmem_evals.runner.answer_records import Answer
from agentmem_evals.scoring.totals import mean


def score_judge(
    answers: Sequence[Answer], records: Sequence[JudgementRecord], names: Mapping[str, str]
) -> dict[str, Any]:
    """The judge's verdicts as shares of right answers, after LongMemEval's ``print_qa_metrics.py``.

    ``accuracy`` is over all ``n`` judged answers (its "overall"), ``by_type`` over those of each category, ``macro``
    the mean over categories ("task-averaged"), ``abstention`` over the questions that have no answer, which count in
    their categories as well. What has no answers to be about is left out. ``failed`` answers got no verdict. A verdict
    about an answer that the run no longer gives is stale, and passed over.
    """
    current = {answer.question_id: judged(answer).digest for answer in answers}
    verdicts = sorted(
        (one for one in records if isinstance(one, Judgement) and current.get(one.question_id) == one.judged),
        key=lambda one: one.question_id,
    )
    done = {one.question_id for one in verdicts}
    failed = {one.question_id for one in records if not isinstance(one, Judgement)}
    no_answer = {answer.question_id for answer in answers if answer.unanswerable}
    by_type = {
        category: [one for one in verdicts if one.category == category]
        for category in sorted({one.category for one in verdicts})
    }
    accuracies = {category: _accuracy(members) for category, members in by_type.items()}
    unanswerable = [one for one in verdicts if one.question_id in no_answer]
    found: dict[str, Any] = {"n": len(verdicts), "failed": len((failed & current.keys()) - done)}
    if verdicts:
        found |= {"accuracy": _accuracy(verdicts), "macro": mean(list(accuracies.values()))}
    if unanswerable:
        found["abstention"] = _accuracy(unanswerable)
    found["by_type"] = {
        category: {"name": names.get(category, category), "n": len(members), "accuracy": accuracies[category]}
        for category, members in by_type.items()
    }
    return found


def _accuracy(verdicts: Sequence[Judgement]) -> float:
    return mean([float(one.correct) for one in verdicts])
