"""How far judges say what people say of the same answers, and where they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentmem_evals.judging.agreement import Strictness
from agentmem_evals.reports.intervals import Estimate, estimate
from agentmem_evals.reports.plots.dots import dots_plot, headed
from agentmem_evals.reports.plots.drawing import Plot
from agentmem_evals.reports.runs import MISSING, number, percent
from agentmem_evals.reports.table import Table

_SHARES = ("accuracy", "false_accept_rate", "false_reject_rate")


def labelled_table(agreements: Sequence[Mapping[str, Any]]) -> Table:
    """A line for each judge and level; each agreement is what ``JudgeAgreement.as_json`` gives."""
    rows = []
    for judge, level, found, one in _levels(agreements):
        shares = [percent({name: found[name]}, name) if found[name] is not None else MISSING for name in _SHARES]
        counts = [str(one["failed"]), str(one["skipped"])]
        rows.append([judge, level, str(found["n"]), *shares, number(found["kappa"], 2), *counts])
    header = ["judge", "labels", "answers", "same (%)", "false accepts (%)", "false rejects (%)", "kappa", "failed"]
    return Table("Judges beside people's labels", [*header, "not covered"], rows, left=(0, 1))


def labelled_kinds(agreements: Sequence[Mapping[str, Any]]) -> Table:
    """The share of equal verdicts by kind of answer, a column for each judge and level: where a judge goes wrong."""
    columns = [(f"{judge}, {level}", found["by_kind"]) for judge, level, found, _ in _levels(agreements)]
    counts = {kind: part["n"] for _, parts in columns for kind, part in parts.items()}
    rows = [
        [f"{kind} ({count})", *(percent(parts.get(kind, {}), "accuracy") for _, parts in columns)]
        for kind, count in counts.items()
    ]
    return Table("Same verdict by kind of answer (%)", ["kind", *(name for name, _ in columns)], rows)


def labelled_plot(agreements: Sequence[Mapping[str, Any]], name: str) -> Plot | None:
    """The share of equal verdicts beside strict and beside generous people; ``None`` where nothing was judged."""
    groups: dict[str, list[tuple[int, str, Estimate]]] = {}
    judges = list(dict.fromkeys(judge for judge, *_ in _levels(agreements)))
    for judge, level, found, _ in _levels(agreements):
        same = round(found["accuracy"] * found["n"]) if found["n"] else 0
        share = estimate([1.0] * same + [0.0] * (found["n"] - same))
        if share is not None:
            groups.setdefault(f"beside {level} people", []).append((judges.index(judge), judge, share))
    if not groups:
        return None
    return dots_plot(
        {headed(heading, rows): rows for heading, rows in groups.items()},
        "Judges beside people",
        "Share of labelled answers of which the judge says what a strict, or a generous, person says.",
        name,
    )


def _levels(agreements: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]:
    return [(_named(one), level.value, one[level.value], one) for one in agreements for level in Strictness]


def _named(one: Mapping[str, Any]) -> str:
    """A protocol is as good as the model that applies it; rules have none."""
    model = one.get("model")
    return str(one["judge"]) if model is None else f"{one['judge']} by {model}"
