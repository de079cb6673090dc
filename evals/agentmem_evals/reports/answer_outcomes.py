"""What each answer of a run is worth, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agentmem_evals.judging.judged import judged as as_judged
from agentmem_evals.judging.records import Judgement
from agentmem_evals.metrics.answers import ANSWER_METRICS
from agentmem_evals.metrics.retrieval import recall_at
from agentmem_evals.reports.outcomes import Outcome
from agentmem_evals.runner.answer_records import Answer
from agentmem_evals.scoring.answers import gold_of

JUDGE = "judge "
"""What the name of a judge's measure begins with."""
CONTEXT_RECALL = "context recall"
"""The share of the evidence that was in the context."""


def answer_outcomes(
    answers: Iterable[Answer], metrics: Sequence[str], judged: Mapping[str, Mapping[str, Judgement]]
) -> list[Outcome]:
    """The named metrics of each answer, each judge's verdict as 0 or 1, and the recall of the context."""
    return [_outcome(one, metrics, judged) for one in answers]


def _outcome(one: Answer, metrics: Sequence[str], judged: Mapping[str, Mapping[str, Judgement]]) -> Outcome:
    digest = as_judged(one).digest  # a verdict on what the run no longer says, or on another gold, is stale
    verdicts = {
        judge: found
        for judge, said in judged.items()
        if (found := said.get(one.question_id)) is not None and found.judged == digest
    }
    values = {f"{JUDGE}{judge}": float(verdict.correct) for judge, verdict in verdicts.items()}
    gold = gold_of(one)
    for name in metrics:
        # A run may have been scored by a later version, with metrics that this one does not know.
        value = ANSWER_METRICS[name](one.said, gold) if name in ANSWER_METRICS else None
        if value is not None:
            values[name] = value
    if one.evidence:
        values[CONTEXT_RECALL] = recall_at(one.found, one.evidence, len(one.found))
    return Outcome(
        question_id=one.question_id,
        body=one.body,
        category=one.category,
        question=one.question,
        evidence=one.evidence,
        found=one.found,
        values=values,
        answer=one.gold if one.gold is not None or not one.parts else "; ".join(one.parts),
        said=one.said,
        cited=one.cited,
        why=one.why,
        reasons={judge: verdict.reason for judge, verdict in verdicts.items()},
    )
