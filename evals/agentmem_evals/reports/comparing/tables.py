"""A comparison as tables, for a terminal or for Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from agentmem.cli.printing import excerpt
from agentmem_evals.metrics.bootstrap import PairedDifference
from agentmem_evals.reports.comparing.comparison import Change, Comparison, Difference
from agentmem_evals.reports.runs import MISSING
from agentmem_evals.reports.table import Table
from agentmem_evals.runner.configuration import QA

_QUESTION = 72
_ANSWER = 36
MOST_CHANGES = 20


def comparison_tables(compared: Comparison, most: int | None = MOST_CHANGES) -> list[Table]:
    """Differences overall, those by category in the deciding measure, and what was won and lost.

    ``most`` is how many questions are listed of each; ``None`` lists all.
    """
    overall = [one for one in compared.differences if one.category is None]
    parts = [one for one in compared.differences if one.category is not None and one.measure == compared.measure]
    header = [compared.first, compared.second, "diff", "95 %", "p", "95 % conv.", "n"]
    what = f"{compared.second} against {compared.first}"
    told = "(%; diff in points, with its intervals over questions and over conversations)"
    tables = [
        Table(f"{what} {told}", ["measure", *header], [[one.measure, *_line(one)] for one in overall]),
        Table(
            f"{what}: {compared.measure} by category {told}",
            ["category", *header],
            [[_category(compared, one.category or ""), *_line(one)] for one in parts],
        ),
    ]
    for fate, changes in (("won", compared.won), ("lost", compared.lost)):
        if changes:
            tables.append(_changes(compared, fate, changes, most))
    return tables


def comparison_notes(compared: Comparison) -> list[str]:
    """What a reader must know: how to read the intervals, and which questions are in no figure."""
    clusters = {one.clustered.clusters for one in compared.differences if one.clustered is not None}
    told = [
        *compared.not_comparable,
        f"{len(compared.won)} questions won, {len(compared.lost)} lost and {compared.same} unchanged in "
        f"{compared.measure}.",
    ]
    if clusters and max(clusters) < 10:
        told.append(
            f"Intervals by conversation redraw only {max(clusters)} of them: they are rough, and rather too narrow."
        )
    if len({one.measure for one in compared.differences}) > 1:
        told.append("Many measures are tested at once: some p below 0.05 are to be expected by chance alone.")
    told.extend(
        f"{count} questions have a result in {label} alone, and are in no figure."
        for label, count in ((compared.first, compared.only_first), (compared.second, compared.only_second))
        if count
    )
    return told


def _line(one: Difference) -> list[str]:
    found = one.questions
    return [
        f"{100 * found.first:.1f}",
        f"{100 * found.second:.1f}",
        f"{100 * found.difference:+.1f}",
        _interval(found),
        f"{found.p:.4f}" if found.p >= 0.0001 else "<0.0001",
        MISSING if one.clustered is None else _interval(one.clustered),
        str(found.questions),
    ]


def _interval(found: PairedDifference) -> str:
    return f"{100 * found.low:+.1f}…{100 * found.high:+.1f}"


def _changes(compared: Comparison, fate: str, changes: Sequence[Change], most: int | None) -> Table:
    listed = changes if most is None else changes[:most]
    shown = f"{len(changes)}" if len(listed) == len(changes) else f"{len(changes)}, the first {len(listed)}"
    header = ["question", "id", "category", "gold", *(f"{run}: ranks" for run in (compared.first, compared.second))]
    if compared.task == QA:
        header += [f"{run}: said" for run in (compared.first, compared.second)]
    rows = [
        [
            excerpt(one.question, _QUESTION),
            one.question_id,
            _category(compared, one.category),
            excerpt(one.answer, _ANSWER) if one.answer is not None else ", ".join(one.evidence),
            _ranks(one.first_ranks),
            _ranks(one.second_ranks),
            *(excerpt(said or "", _ANSWER) for said in (one.first_said, one.second_said) if compared.task == QA),
        ]
        for one in listed
    ]
    return Table(
        f"{fate.capitalize()} by {compared.second} in {compared.measure} ({shown})", header, rows, range(len(header))
    )


def _ranks(ranks: Sequence[int | None]) -> str:
    return ", ".join(MISSING if rank is None else str(rank) for rank in ranks) or MISSING


def _category(compared: Comparison, category: str) -> str:
    return compared.category_names.get(category, category)
