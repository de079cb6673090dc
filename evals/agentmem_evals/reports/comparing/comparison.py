"""What changed from one run to another: differences with their intervals, and the questions behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agentmem_evals.errors import ConfigurationMismatch, EvalError, UnknownName
from agentmem_evals.metrics.bootstrap import SAMPLES, PairedDifference, paired_bootstrap
from agentmem_evals.reports.examined import ExaminedRun
from agentmem_evals.reports.judged_by import judged_otherwise
from agentmem_evals.reports.measures import headline, is_main, shared_measures
from agentmem_evals.reports.outcomes import Outcome
from agentmem_evals.runner.configuration import QA, RETRIEVAL

_SAME = ("task", "dataset", "captions", "errata")
"""What two runs must have in common, besides the data's hash, for a question of one to be that of the other."""

Pair = tuple[Outcome, Outcome]


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of the second run less that of the first, over the questions of a category (``None``: all).

    ``clustered`` redraws whole conversations in place of questions; it is ``None`` where all questions are about one.
    """

    measure: str
    category: str | None
    questions: PairedDifference
    clustered: PairedDifference | None


@dataclass(frozen=True, slots=True)
class Change:
    """A question on which the runs differ: the measure before and after, and where its evidence was found.

    ``first_ranks`` and ``second_ranks`` are the places of ``evidence``, item by item; ``None`` where it was not found.
    """

    question_id: str
    body: str
    category: str
    question: str
    answer: str | None
    evidence: tuple[str, ...]
    before: float
    after: float
    first_ranks: tuple[int | None, ...]
    second_ranks: tuple[int | None, ...]
    first_said: str | None
    second_said: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs of one task on one data set.

    ``measure`` decides which questions were ``won`` (better in the second run) and ``lost``, each with the greatest
    change first; ``same`` is how many did not change. ``only_first`` and ``only_second`` count questions that the other
    run has no result for, which are in no figure. ``not_comparable`` says of which judges the figures mean nothing,
    since another model, or with other prompts, judged the one run than the other.
    """

    first: str
    second: str
    task: str
    category_names: Mapping[str, str]
    measure: str
    differences: tuple[Difference, ...]
    won: tuple[Change, ...]
    lost: tuple[Change, ...]
    same: int
    only_first: int
    only_second: int
    not_comparable: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def compare_runs(
    first: ExaminedRun, second: ExaminedRun, measure: str | None = None, *, samples: int = SAMPLES, seed: int = 0
) -> Comparison:
    """Set ``second`` against ``first``, question by question.

    Args:
        first: what is compared with.
        second: what is compared; a positive difference means that it is better.
        measure: which one decides what is won and lost; by default the one that stands for such runs, see
            :func:`agentmem_evals.reports.measures.headline`.
        samples: how often questions, or conversations, are redrawn.
        seed: of the drawing.

    Raises:
        ConfigurationMismatch: the runs are of different tasks or data, or have no question in common.
        EvalError: the task is not one whose questions can be set against each other.
        UnknownName: not both runs have this measure.
    """
    _check(first, second)
    others = {outcome.question_id: outcome for outcome in second.outcomes}
    pairs = [(one, others[one.question_id]) for one in first.outcomes if one.question_id in others]
    if not pairs:
        raise ConfigurationMismatch(
            f"{first.label} and {second.label} have no answered question in common. Compare runs of the same questions."
        )
    known = shared_measures([first, second])
    if not known or (measure is not None and measure not in known):
        raise UnknownName(
            f"{first.label} and {second.label} do not both have the measure {measure!r}; both have: "
            f"{', '.join(known) or 'none'}."
        )
    deciding = measure or headline([first, second]) or known[0]
    by_part = [name for name in known if name == deciding or is_main(name, first)]
    changes = [_change(pair, deciding) for pair in pairs if all(deciding in one.values for one in pair)]
    differing = sorted(changes, key=lambda one: (-abs(one.after - one.before), one.question_id))
    won = tuple(one for one in differing if one.after > one.before)
    lost = tuple(one for one in differing if one.after < one.before)
    return Comparison(
        first=first.label,
        second=second.label,
        task=first.task,
        category_names=dict(first.scored.manifest.data["category_names"]),
        measure=deciding,
        differences=tuple(_differences(pairs, known, by_part, samples, seed)),
        won=won,
        lost=lost,
        same=len(changes) - len(won) - len(lost),
        only_first=len(first.outcomes) - len(pairs),
        only_second=len(second.outcomes) - len(pairs),
        not_comparable=tuple(judged_otherwise([first.scored, second.scored])),
    )


def _check(first: ExaminedRun, second: ExaminedRun) -> None:
    one, other = first.scored.manifest, second.scored.manifest
    differing = [key for key in _SAME if one.configuration.get(key) != other.configuration.get(key)]
    if one.data["sha256"] != other.data["sha256"]:
        differing.append("data")
    if differing:
        raise ConfigurationMismatch(
            f"{first.label} and {second.label} cannot be compared; different are: {', '.join(differing)}. "
            "Compare runs of one task on the same data."
        )
    if first.task not in (RETRIEVAL, QA):
        raise EvalError(
            f"Runs of the task {first.task!r} are not compared question by question: use `agentmem-evals report`."
        )


def _differences(
    pairs: Sequence[Pair], measures: Sequence[str], by_part: Sequence[str], samples: int, seed: int
) -> Iterator[Difference]:
    """Every measure over all questions, then the main ones by category."""
    for category in (None, *sorted({one.category for one, _ in pairs})):
        members = [pair for pair in pairs if category in (None, pair[0].category)]
        for measure in measures if category is None else by_part:
            both = [(one, other) for one, other in members if measure in one.values and measure in other.values]
            before, after = [one.values[measure] for one, _ in both], [other.values[measure] for _, other in both]
            bodies = [one.body for one, _ in both]
            by_question = paired_bootstrap(before, after, samples=samples, seed=seed)
            by_body = paired_bootstrap(before, after, clusters=bodies, samples=samples, seed=seed)
            if by_question is not None:
                yield Difference(measure, category, by_question, by_body if len(set(bodies)) > 1 else None)


def _change(pair: Pair, measure: str) -> Change:
    one, other = pair
    return Change(
        question_id=one.question_id,
        body=one.body,
        category=one.category,
        question=one.question,
        answer=one.answer,
        evidence=one.evidence,
        before=one.values[measure],
        after=other.values[measure],
        first_ranks=tuple(one.rank(item) for item in one.evidence),
        second_ranks=tuple(other.rank(item) for item in other.evidence),
        first_said=one.said,
        second_said=other.said,
    )
