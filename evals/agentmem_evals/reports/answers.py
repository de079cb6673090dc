"""Runs that answer, side by side: what the answers are worth, by metric and by judge, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agentmem_evals.reports.judged_by import judged_by
from agentmem_evals.reports.runs import (
    MISSING,
    ScoredRun,
    calls,
    category_labels,
    failed_column,
    number,
    percent,
    short,
    spent,
    tokens,
)
from agentmem_evals.reports.table import Table

_PHASES = (("ingest", "to build"), ("retrieve", "to retrieve"), ("answer", "to answer"))
_JUDGED = ("accuracy", "macro", "abstention")


def answer_tables(runs: Sequence[ScoredRun]) -> list[Table]:
    """A line for each run, then a column for each: quality overall, quality by category, and cost."""
    header = ["", *(run.label for run in runs)]
    return [
        answer_overview(runs),
        Table("Answers (%, mean over the questions that a measure applies to)", header, _overall(runs)),
        Table("Answers by category (%)", header, _categories(runs)),
        Table("Cost", header, _cost(runs)),
    ]


def answer_overview(runs: Sequence[ScoredRun]) -> Table:
    """One line a run: its measures and its judges, the context it read, and what a question (``/q``) cost."""
    metrics, judges = _names(runs, "metrics"), _names(runs, "judged")
    failed = failed_column(runs)
    header = [
        "run",
        *failed[0],
        *metrics,
        *(f"judge {judge}" for judge in judges),
        "evidence",
        "tokens",
        "calls",
        "tokens/q",
        "ms/q",
    ]
    title = (
        "Side by side (measures in %; evidence: its share in the context, whose median length in tokens is beside it; "
        "LLM calls to build; LLM tokens and time for a question)"
    )
    lines = [
        [run.label, *failures, *_line(run, metrics, judges)] for run, failures in zip(runs, failed[1:], strict=True)
    ]
    return Table(title, header, lines)


def _line(run: ScoredRun, metrics: Sequence[str], judges: Sequence[str]) -> list[str]:
    scores = run.scores
    asked = tokens(run, "retrieve") + tokens(run, "answer")
    times = [scores["latency_ms"].get(phase, {}).get("p50") for phase in ("retrieve", "answer")]
    return [
        *(percent(scores["metrics"], name) for name in metrics),
        *(percent(scores["judged"].get(judge, {}), "accuracy") for judge in judges),
        percent(scores["retrieval"], "recall"),
        number(scores["retrieval"]["context_tokens"].get("p50"), 0),
        f"{calls(run, 'ingest'):,}",
        short(round(asked / scores["n"])) if scores["n"] else MISSING,
        MISSING if None in times else number(sum(times), 0),
    ]


def _overall(runs: Sequence[ScoredRun]) -> list[list[str]]:
    return [
        ["system", *(str(run.manifest.configuration["system"]) for run in runs)],
        ["reader", *(str(run.manifest.configuration.get("reader_llm") or MISSING) for run in runs)],
        ["questions", *(str(run.scores["n"]) for run in runs)],
        ["failed", *(str(run.scores["failed"]) for run in runs)],
        *([name, *(percent(run.scores["metrics"], name) for run in runs)] for name in _names(runs, "metrics")),
        *(
            [f"epbench {name}", *(percent(run.scores.get("epbench", {}), name) for run in runs)]
            for name in _names(runs, "epbench")
        ),
        *(row for judge in _names(runs, "judged") for row in _judge(judge, runs)),
        ["evidence in the context", *(percent(run.scores["retrieval"], "recall") for run in runs)],
    ]


def _judge(judge: str, runs: Sequence[ScoredRun]) -> list[list[str]]:
    found = [_of_judge(run, judge) for run in runs]
    shares = [name for name in _JUDGED if any(name in one for one in found)]
    return [
        [f"judge {judge} judged by", *(judged_by(run, judge) for run in runs)],
        *([f"judge {judge} {name}", *(percent(one, name) for one in found)] for name in shares),
        [f"judge {judge} answers judged", *(str(one.get("n", MISSING)) for one in found)],
        [f"judge {judge} failed", *(str(one.get("failed", MISSING)) for one in found)],
    ]


def _of_judge(run: ScoredRun, judge: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = run.scores["judged"].get(judge, {})
    return found


def _categories(runs: Sequence[ScoredRun]) -> list[list[str]]:
    names = category_labels(runs)
    rows = []
    for category in names:
        for metric in _names(runs, "metrics"):
            shares = [percent(run.scores["by_category"].get(category, {}), metric) for run in runs]
            rows.append([f"{names[category]} {metric}", *shares])
        for judge in _names(runs, "judged"):
            shares = [percent(_of_judge(run, judge).get("by_type", {}).get(category, {}), "accuracy") for run in runs]
            rows.append([f"{names[category]} judge {judge}", *shares])
    return [row for row in rows if any(cell != MISSING for cell in row[1:])]


def _cost(runs: Sequence[ScoredRun]) -> list[list[str]]:
    return [
        *(
            [f"{told} {rank} (ms)", *(number(run.scores["latency_ms"].get(phase, {}).get(rank), 1) for run in runs)]
            for phase, told in (("retrieve", "retrieve"), ("answer", "answer"))
            for rank in ("p50", "p95")
        ),
        *(
            [
                f"context {rank} (tokens)",
                *(number(run.scores["retrieval"]["context_tokens"].get(rank), 0) for run in runs),
            ]
            for rank in ("p50", "p95")
        ),
        ["build (s)", *(number(run.scores["cost"]["ingest_seconds"], 2) for run in runs)],
        ["stored (MB)", *(number(run.scores["cost"]["stored_bytes"] / 1e6, 2) for run in runs)],
        *([f"LLM calls {told}", *(f"{calls(run, phase):,}" for run in runs)] for phase, told in _PHASES),
        *(
            [f"LLM {name} tokens {told}", *(spent(run, phase, f"{name}_tokens") for run in runs)]
            for phase, told in _PHASES
            for name in ("prompt", "completion")
        ),
        *_dollars(runs),
    ]


def _dollars(runs: Sequence[ScoredRun]) -> Iterable[list[str]]:
    found = [run.scores["cost"].get("usd", {}) for run in runs]
    for phase, told in _PHASES:
        if any(phase in one for one in found):
            yield [f"US dollars {told}", *(number(one.get(phase), 4) for one in found)]


def _names(runs: Sequence[ScoredRun], part: str) -> list[str]:
    """The keys that any run has in a part of its scores, in the order of first appearance."""
    return list(dict.fromkeys(name for run in runs for name in run.scores.get(part, ())))
