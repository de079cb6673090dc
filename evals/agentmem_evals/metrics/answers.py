"""The measures of answers that need no judge, by the names under which they are reported.

A data set is scored by the measures of its own protocol: numbers of different ones cannot be compared, even where both
are called F1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agentmem_evals.metrics.choice import choice
from agentmem_evals.metrics.epbench import (
    epbench_all_in_order,
    epbench_chronology,
    epbench_chronology_of_found,
    epbench_f1,
    epbench_f1_harsh,
    epbench_recall,
)
from agentmem_evals.metrics.exact import exact
from agentmem_evals.metrics.gold import Gold
from agentmem_evals.metrics.hipporag_answers import hipporag_em, hipporag_f1
from agentmem_evals.metrics.locomo_answers import locomo_f1
from agentmem_evals.metrics.mem0_answers import mem0_bleu1, mem0_f1

AnswerMetric = Callable[[str, Gold], float | None]
"""What a reply is worth; ``None`` where the measure does not apply to the question, which is never a zero."""

ANSWER_METRICS: Mapping[str, AnswerMetric] = {
    "locomo_f1": locomo_f1,
    "mem0_f1": mem0_f1,
    "mem0_bleu1": mem0_bleu1,
    "hipporag_em": hipporag_em,
    "hipporag_f1": hipporag_f1,
    "exact": exact,
    "choice": choice,
    "epbench_f1": epbench_f1,
    "epbench_f1_harsh": epbench_f1_harsh,
    "epbench_recall": epbench_recall,
    "epbench_chronology": epbench_chronology,
    "epbench_chronology_of_found": epbench_chronology_of_found,
    "epbench_all_in_order": epbench_all_in_order,
}
"""All are fractions in [0, 1], more is better, save the chronologies, which are in [-1, 1]."""
