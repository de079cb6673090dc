"""The two figures by which the Episodic Memories benchmark ranks, from what was said to its questions.

With the metrics of :mod:`agentmem_evals.metrics.epbench`, which are stricter than the published ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agentmem_evals.datasets.formats.chapters import ALL, CHRONOLOGICAL, LATEST, fewest_events
from agentmem_evals.metrics.answers import AnswerMetric
from agentmem_evals.metrics.epbench import epbench_chronology, epbench_f1
from agentmem_evals.metrics.epbench_summary import chronological_awareness, simple_recall
from agentmem_evals.metrics.gold import Gold

METRIC = "epbench_f1"
"""The metric that says that a data set is the benchmark's."""
_SEVERAL = 2
"""Events that a person has, at least, whose latest state or order can be mistaken."""


def epbench_figures(answers: Iterable[tuple[str, Gold]]) -> dict[str, float]:
    """``simple_recall`` and ``chronological_awareness`` of replies beside their gold; what cannot be said is left out.

    ``simple_recall`` is over the questions for all events, by how many there are; ``chronological_awareness`` over
    those for a person's latest state and for the order of their events, where there are two events or more. The
    categories tell which is which: see :data:`agentmem_evals.datasets.formats.chapters.CATEGORY_NAMES`.
    """
    asked: dict[str, list[tuple[str, Gold]]] = {ALL: [], LATEST: [], CHRONOLOGICAL: []}
    for said, gold in answers:
        asked.setdefault(gold.category.partition(":")[0], []).append((said, gold))
    several = [(said, gold) for said, gold in asked[LATEST] if fewest_events(gold.category) >= _SEVERAL]
    recall = simple_recall(
        (fewest_events(gold.category), f1) for said, gold in asked[ALL] if (f1 := epbench_f1(said, gold)) is not None
    )
    awareness = chronological_awareness(_values(epbench_f1, several), _values(epbench_chronology, asked[CHRONOLOGICAL]))
    figures = {"simple_recall": recall, "chronological_awareness": awareness}
    return {name: value for name, value in figures.items() if value is not None}


def _values(metric: AnswerMetric, answers: Sequence[tuple[str, Gold]]) -> list[float]:
    return [value for said, gold in answers if (value := metric(said, gold)) is not None]
