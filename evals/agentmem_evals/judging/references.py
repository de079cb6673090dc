"""Judges that ask nobody: reference points for what a language model adds, and verdicts for who has none."""

from __future__ import annotations

from collections.abc import Mapping

from agentmem.types import Usage
from agentmem_evals.errors import UnknownName
from agentmem_evals.judging.failed import JudgeFailed
from agentmem_evals.judging.judged import Judge, Judged, Verdict
from agentmem_evals.metrics.answers import AnswerMetric
from agentmem_evals.metrics.exact import exact
from agentmem_evals.metrics.gold import Gold
from agentmem_evals.metrics.hipporag_answers import hipporag_em
from agentmem_evals.metrics.locomo_answers import REFUSALS, answer_f1
from agentmem_evals.metrics.mem0_answers import mem0_f1


class MetricJudge:
    """Right if and only if a metric of answers is at least ``threshold``; unanswerable, if the reply says so.

    What says so is what LoCoMo looks for (:data:`agentmem_evals.metrics.locomo_answers.REFUSALS`). Satisfies
    :class:`agentmem_evals.judging.judged.Judge`.
    """

    def __init__(self, name: str, metric: AnswerMetric, threshold: float) -> None:
        self._name = name
        self._metric = metric
        self._threshold = threshold

    @property
    def name(self) -> str:
        """The metric and its threshold."""
        return self._name

    def applies(self, item: Judged) -> bool:
        """See :class:`agentmem_evals.judging.judged.Judge`."""
        return item.unanswerable or item.gold is not None

    def judge(self, item: Judged) -> Verdict:
        """See :class:`agentmem_evals.judging.judged.Judge`."""
        if item.unanswerable:
            return Verdict(any(refusal in item.said.lower() for refusal in REFUSALS), "", "")
        worth = self._metric(item.said, Gold(item.gold, item.category, item.aliases))
        if worth is None:
            raise JudgeFailed("NoScore", f"The metric of {self.name!r} does not apply to the question.", Usage())
        return Verdict(worth >= self._threshold, f"{worth:.3f}", "")


def _plain_f1(said: str, gold: Gold) -> float | None:
    """LoCoMo's F1 of two phrases: of its categories 2 and 4. The others' rules do not fit other data."""
    return max((answer_f1(said, wording) for wording in gold.accepted), default=None)


REFERENCES: Mapping[str, Judge] = {
    judge.name: judge
    for judge in (
        MetricJudge("exact", exact, 1.0),
        MetricJudge("hipporag_em", hipporag_em, 1.0),
        MetricJudge("locomo_f1>=0.5", _plain_f1, 0.5),
        MetricJudge("mem0_f1>=0.5", mem0_f1, 0.5),
    )
}
"""By name."""


def reference(name: str) -> Judge:
    """The reference point of a name.

    Raises:
        UnknownName: there is none.
    """
    try:
        return REFERENCES[name]
    except KeyError:
        raise UnknownName(f"There is no reference judge {name!r}. Known are: {', '.join(REFERENCES)}.") from None
