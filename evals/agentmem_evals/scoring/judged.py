"""What one judge made of a run's answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agentmem_evals.judging.judged import judged
from agentmem_evals.judging.records import Judgement, JudgementRecord
from agentmem_evals.metrics.longmemeval_accuracy import judged_accuracy
from agentmem_evals.runner.answer_records import Answer
from agentmem_evals.runner.records import Failure
from agentmem_evals.scoring.totals import in_fixed_order, total


def score_judge(
    answers: Sequence[Answer], records: Sequence[JudgementRecord], names: Mapping[str, str]
) -> dict[str, Any]:
    """The judge's verdicts as shares of right answers: :func:`judged_accuracy`, with categories for question types.

    ``accuracy`` is over all ``n`` judged answers (its ``overall``), ``by_type`` over those of each category, ``macro``
    its ``task_averaged``, and ``abstention`` over the questions that have no answer. What has no answers to be about is
    left out. ``failed`` answers got no verdict. A verdict about an answer that the run no longer gives is stale, and
    passed over. ``model`` and ``prompts`` are what :func:`made_by` tells, and ``usage`` is what judging cost, failed
    judgements included.
    """
    current = {answer.question_id: judged(answer).digest for answer in answers}
    verdicts = sorted(
        (one for one in records if isinstance(one, Judgement) and current.get(one.question_id) == one.judged),
        key=lambda one: (one.category, one.question_id),
    )
    done = {one.question_id for one in verdicts}
    failures = in_fixed_order(one for one in records if isinstance(one, Failure))
    failed = {one.question_id for one in failures}
    no_answer = {answer.question_id for answer in answers if answer.unanswerable}
    shares = judged_accuracy((one.category, one.correct, one.question_id in no_answer) for one in verdicts)
    counts: dict[str, Any] = {"n": len(verdicts), "failed": len((failed & current.keys()) - done)}
    if usage := total([one.usage for one in verdicts] + [one.usage for one in failures]):
        counts["usage"] = usage
    made = made_by((one.model for one in verdicts), ((one.prompt_id, one.prompt_digest) for one in verdicts))
    if shares is None:
        return {**counts, **made, "by_type": {}}
    return {
        **counts,
        **made,
        "accuracy": shares.overall,
        "macro": shares.task_averaged,
        **({} if shares.abstention is None else {"abstention": shares.abstention}),
        "by_type": {
            category: {"name": names.get(category, category), "n": shares.questions[category], "accuracy": accuracy}
            for category, accuracy in shares.by_type.items()
        },
    }


def made_by(models: Iterable[str], prompts: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """``model``, who made some verdicts, and ``prompts``, the digests of what was asked by id; without what none says.

    A file of verdicts is one model's; of one that was put together by hand all models are named.
    """
    named = ", ".join(sorted({one for one in models if one}))
    digests = {id: digest for id, digest in sorted(set(prompts)) if id}
    return {**({"model": named} if named else {}), **({"prompts": digests} if digests else {})}
