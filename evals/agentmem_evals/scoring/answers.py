"""What answers are worth: the ``scores.json`` of the task ``qa``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentmem_evals.errors import NotARun
from agentmem_evals.judging.records import JudgementRecord
from agentmem_evals.metrics.answers import ANSWER_METRICS
from agentmem_evals.metrics.gold import Gold
from agentmem_evals.runner.answer_records import Answer, AnswerRecord
from agentmem_evals.runner.configuration import QA
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.records import Failure
from agentmem_evals.scoring.epbench import METRIC as EPBENCH
from agentmem_evals.scoring.epbench import epbench_figures
from agentmem_evals.scoring.judged import score_judge
from agentmem_evals.scoring.reading import context_read, cost_of_reading, latency_of_reading
from agentmem_evals.scoring.totals import by_category, in_fixed_order, mean


def score_answers(
    manifest: Manifest, records: Sequence[AnswerRecord], judgements: Mapping[str, Sequence[JudgementRecord]]
) -> dict[str, Any]:
    """The contents of ``scores.json``. Metrics are fractions, averaged over the answers that they apply to.

    ``n`` questions were answered; ``failed`` ones raised an exception, ``skipped`` ones have nothing to hold an answer
    against and ``missing`` ones were not asked yet: none of them is in ``n``. ``metrics`` are those that belong to the
    data set, and ``epbench`` the two figures of that benchmark, of its data alone
    (:func:`agentmem_evals.scoring.epbench.epbench_figures`); ``judged`` holds, by judge, what
    :func:`agentmem_evals.scoring.judged.score_judge` gives. ``retrieval`` is about the context that was read: the mean
    share of the evidence in it (``n`` questions have some).

    Raises:
        NotARun: the manifest names a metric that does not exist.
    """
    answers = in_fixed_order(record for record in records if isinstance(record, Answer))
    metrics = _metrics(manifest)
    names: Mapping[str, str] = manifest.data["category_names"]
    failures = [record for record in records if isinstance(record, Failure)]
    failed = len(failures)
    return {
        "task": QA,
        "n": len(answers),
        "failed": failed,
        "skipped": manifest.data["skipped"],
        "missing": manifest.data["questions"] - len(answers) - failed,
        "metrics": _means(answers, metrics),
        **_of_epbench(answers, metrics),
        "judged": {judge: score_judge(answers, said, names) for judge, said in sorted(judgements.items())},
        "by_category": {
            category: {"name": names.get(category, category), "n": len(members), **_means(members, metrics)}
            for category, members in by_category(answers).items()
        },
        "retrieval": context_read(answers, lambda one: one.evidence),
        "latency_ms": latency_of_reading(answers),
        "cost": cost_of_reading(manifest, answers, in_fixed_order(failures)),
    }


def gold_of(answer: Answer) -> Gold:
    """What an answer is held against."""
    return Gold(
        answer=answer.gold,
        aliases=answer.aliases,
        parts=answer.parts,
        options=answer.options,
        category=answer.category,
        unanswerable=answer.unanswerable,
    )


def _metrics(manifest: Manifest) -> Sequence[str]:
    named: Sequence[str] = manifest.data["answer_metrics"]
    if unknown := [name for name in named if name not in ANSWER_METRICS]:
        raise NotARun(f"The manifest names metrics that do not exist: {', '.join(unknown)}. Run again.")
    return named


def _means(answers: Sequence[Answer], metrics: Sequence[str]) -> dict[str, float]:
    """The mean of each metric over the answers that it applies to; a metric that applies to none is left out."""
    found: dict[str, float] = {}
    for name in metrics:
        values = [ANSWER_METRICS[name](answer.said, gold_of(answer)) for answer in answers]
        if applied := [value for value in values if value is not None]:
            found[name] = mean(applied)
    return found


def _of_epbench(answers: Sequence[Answer], metrics: Sequence[str]) -> dict[str, dict[str, float]]:
    if EPBENCH not in metrics:
        return {}
    figures = epbench_figures((answer.said, gold_of(answer)) for answer in answers)
    return {"epbench": figures} if figures else {}
