"""How far judges say what people say of the same answers, by what makes the answers hard."""

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


def labelled_plot(agreements: Sequence[Mapping[str, Any]], name: str) -> Plot | None:
    """The share of equal verdicts by kind of answer; ``None`` where nothing was judged."""
    groups: dict[str, list[tuple[int, str, Estimate]]] = {}
    for position, (judge, level, found, _) in enumerate(_levels(agreements)):
        parts = {"all": found, **found["by_kind"]} if found["n"] else {}
        for kind, part in parts.items():
            same = round(part["accuracy"] * part["n"])
            share = estimate([1.0] * same + [0.0] * (part["n"] - same))
            if share is not None:
                groups.setdefault(kind, []).append((position, f"{judge}, {level}", share))
    if not groups:
        return None
    return dots_plot(
        {headed(kind, rows): rows for kind, rows in groups.items()},
        "Judges beside people",
        "Share of labelled answers of which the judge says what a strict, or a generous, person says.",
        name,
    )


def _levels(agreements: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]:
    return [(str(one["judge"]), level.value, one[level.value], one) for one in agreements for level in Strictness]
