"""Runs that decided about pairs, side by side: how good overall, then for each run by kind and relation by relation."""

from __future__ import annotations

from collections.abc import Sequence

from agentmem.updating.decision import Relation
from agentmem_evals.metrics.decisions import QUESTIONS
from agentmem_evals.reports.runs import MISSING, ScoredRun, percent
from agentmem_evals.reports.table import Table

_MEASURES = ("precision", "recall", "f1")


def decision_tables(runs: Sequence[ScoredRun]) -> list[Table]:
    """All runs side by side, then each run's kinds and its confusion counts."""
    return [
        Table("Decisions about pairs (%)", ["", *(run.label for run in runs)], _overall(runs)),
        *(table for run in runs for table in (_kinds(run), _confusion(run))),
    ]


def _overall(runs: Sequence[ScoredRun]) -> list[list[str]]:
    def seconds(run: ScoredRun) -> str:
        decided = run.scores["n"] + run.scores["failed"]
        return f"{1000 * run.scores['cost']['decide_seconds'] / decided:,.2f}" if decided else MISSING

    return [
        ["system", *(str(run.manifest.configuration["system"]) for run in runs)],
        ["data", *(_data(run) for run in runs)],
        ["pairs", *(str(run.scores["n"]) for run in runs)],
        ["failed", *(str(run.scores["failed"]) for run in runs)],
        *(
            [f"{question} {measure}", *(percent(run.scores["metrics"].get(question, {}), measure) for run in runs)]
            for question in QUESTIONS
            for measure in _MEASURES
        ),
        ["relation accuracy", *(percent(run.scores["metrics"], "accuracy") for run in runs)],
        ["ms a pair", *(seconds(run) for run in runs)],
        ["texts embedded", *(_spent(run, "embed", "embedded_texts") for run in runs)],
        ["LLM calls", *(_spent(run, "decide", "llm_calls") for run in runs)],
        ["LLM prompt tokens", *(_spent(run, "decide", "prompt_tokens") for run in runs)],
        ["LLM completion tokens", *(_spent(run, "decide", "completion_tokens") for run in runs)],
    ]


def _data(run: ScoredRun) -> str:
    half = run.manifest.configuration["half"]
    dataset = str(run.manifest.configuration["dataset"])
    return dataset if half is None else f"{dataset} {half}"


def _spent(run: ScoredRun, phase: str, name: str) -> str:
    return f"{run.scores['cost'][phase].get(name, 0):,}"


def _kinds(run: ScoredRun) -> Table:
    header = ["kind", "pairs", "right"]
    for short in ("dup.", "contr."):
        header += [f"{short} P", f"{short} R", f"{short} FP"]
    rows = []
    for kind, scores in run.scores["by_kind"].items():
        row = [kind, str(scores["n"]), percent(scores, "accuracy")]
        for question in QUESTIONS:
            found = scores[question]
            row += [percent(found, "precision"), percent(found, "recall"), str(found["fp"])]
        rows.append(row)
    title = f"{run.label}: by kind (right, precision and recall in %; FP: how many were wrongly called so)"
    return Table(title, header, rows)


def _confusion(run: ScoredRun) -> Table:
    counts = run.scores["metrics"].get("confusion", {})
    rows = [
        [relation.value, *(str(counts[relation.value][said.value]) for said in Relation)]
        for relation in Relation
        if relation.value in counts
    ]
    return Table(f"{run.label}: pairs by label (rows) and decision (columns)", ["", *Relation], rows)
