"""What came of each question of a run: its measures one by one, where ``scores.json`` has their means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agentmem_evals.metrics.retrieval import measure
from agentmem_evals.runner.records import Prediction
from agentmem_evals.types import Level


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question that a system dealt with.

    ``evidence`` and ``found`` are ids of items. ``values`` holds the measures that apply to this question, under the
    names that the tables use (``turn recall@10``, ``locomo_f1``, ``judge strict``); more is better; each is
    in [0, 1], save the chronologies of EPBench.
    ``said`` and ``cited`` are of a run that answers; ``answer`` is the right answer, where the run's files hold it.
    ``why`` holds, for each item found, the signals that put it there, where the system tells them.
    """

    question_id: str
    body: str
    category: str
    question: str
    evidence: tuple[str, ...]
    found: tuple[str, ...]
    values: Mapping[str, float]
    answer: str | None = None
    said: str | None = None
    cited: tuple[str, ...] = ()
    why: tuple[Mapping[str, float], ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)

    def rank(self, item: str) -> int | None:
        """The place of an item in what was found, from 1; ``None`` if it is not there."""
        return self.found.index(item) + 1 if item in self.found else None


def retrieval_outcomes(predictions: Iterable[Prediction], level: Level, ks: Sequence[int]) -> list[Outcome]:
    """The measures of each prediction at the level that was ranked and, where its evidence has some, of sessions."""
    return [
        Outcome(
            question_id=one.question_id,
            body=one.body,
            category=one.category,
            question=one.question,
            evidence=one.gold,
            found=one.found,
            values=_ranked(one, level, ks),
            why=one.why,
        )
        for one in predictions
    ]


def _ranked(one: Prediction, level: Level, ks: Sequence[int]) -> dict[str, float]:
    values = {f"{level} {name}": value for name, value in measure(one.found, one.gold, ks).items()}
    if one.gold_sessions:
        sessions = measure(one.sessions, one.gold_sessions, ks)
        values |= {f"{Level.SESSION} {name}": value for name, value in sessions.items()}
    return values


def column(outcomes: Iterable[Outcome], name: str) -> list[float]:
    """One measure over the questions that it applies to."""
    return [outcome.values[name] for outcome in outcomes if name in outcome.values]
