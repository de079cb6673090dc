"""What is worth seeing of finished runs: one column a run, one row a measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentmem_evals.reports.table import Table
from agentmem_evals.runner.configuration import differing_keys
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.manifest import Manifest

MISSING = "–"


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """One run as its files tell it; ``label`` is how the reader named its folder."""

    label: str
    manifest: Manifest
    scores: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"run": self.label, "manifest": self.manifest.as_json(), "scores": self.scores}


def read_run(folder: RunFolder) -> ScoredRun:
    """Read a scored run.

    Raises:
        NotARun: the folder holds none.
    """
    return ScoredRun(folder.path.name, folder.read_manifest(), folder.read_scores())


def tables(runs: Sequence[ScoredRun]) -> list[Table]:
    """Quality overall, quality by category, and cost."""
    header = ["", *(run.label for run in runs)]
    return [
        Table("Retrieval (%, mean over questions)", header, [*_about(runs), *_quality(runs)]),
        Table("Turn recall by category (%)", header, _categories(runs)),
        Table("Cost", header, _cost(runs)),
    ]


def warnings(runs: Sequence[ScoredRun]) -> list[str]:
    """What a reader must know before comparing."""
    notes = []
    for run in runs:
        if run.scores["failed"]:
            notes.append(f"{run.label}: {run.scores['failed']} questions failed and are not in the means.")
        if run.scores["missing"]:
            notes.append(f"{run.label}: {run.scores['missing']} questions were not asked: the run was interrupted.")
        if run.manifest.configuration["cached"]:
            notes.append(f"{run.label}: vectors came from a cache, so times are smaller than they would be.")
    notes.extend(
        f"{runs[0].label} and {run.label} are not comparable; different are: {', '.join(differing)}."
        for run in runs[1:]
        if (differing := differing_keys(_asked(runs[0]), _asked(run)))
    )
    return notes


def _asked(run: ScoredRun) -> dict[str, Any]:
    kept = ("task", "dataset", "conversations", "limit", "seed", "captions")
    return {"data": run.manifest.data["sha256"], **{key: run.manifest.configuration[key] for key in kept}}


def _row(name: str, runs: Sequence[ScoredRun], cell: Callable[[ScoredRun], str]) -> list[str]:
    return [name, *(cell(run) for run in runs)]


def _about(runs: Sequence[ScoredRun]) -> list[list[str]]:
    return [
        _row("system", runs, lambda run: str(run.manifest.configuration["system"])),
        _row("questions", runs, lambda run: str(run.scores["n"])),
        _row("failed", runs, lambda run: str(run.scores["failed"])),
    ]


def _measures(runs: Sequence[ScoredRun]) -> list[str]:
    ks = sorted({k for run in runs for k in run.scores["k"]})
    return [*(f"{kind}@{k}" for kind in ("recall", "all", "any") for k in ks), "mrr"]


def _quality(runs: Sequence[ScoredRun]) -> list[list[str]]:
    return [
        _row(f"{level} {name}", runs, lambda run, level=level, name=name: percent(run.scores["metrics"][level], name))  # type: ignore[misc]
        for level in ("turn", "session")
        for name in _measures(runs)
    ]


def _categories(runs: Sequence[ScoredRun]) -> list[list[str]]:
    names = {
        category: f"{scores['name']} ({scores['n']})"
        for run in reversed(runs)
        for category, scores in run.scores["by_category"].items()
    }
    measures = [name for name in _measures(runs) if name.startswith("recall")]

    def cell(run: ScoredRun, category: str, name: str) -> str:
        return percent(run.scores["by_category"].get(category, {}).get("turn", {}), name)

    return [
        [f"{names[category]} {name}", *(cell(run, category, name) for run in runs)]
        for category in sorted(names)
        for name in measures
    ]


def _cost(runs: Sequence[ScoredRun]) -> list[list[str]]:
    return [
        _row("latency p50 (ms)", runs, lambda run: _number(run.scores["latency_ms"].get("p50"), 2)),
        _row("latency p95 (ms)", runs, lambda run: _number(run.scores["latency_ms"].get("p95"), 2)),
        _row("ingest (s)", runs, lambda run: _number(run.scores["cost"]["ingest_seconds"], 2)),
        _row("stored (MB)", runs, lambda run: _number(run.scores["cost"]["stored_bytes"] / 1e6, 2)),
        _row("texts embedded on ingest", runs, lambda run: _spent(run, "ingest", "embedded_texts")),
        _row("texts embedded on retrieve", runs, lambda run: _spent(run, "retrieve", "embedded_texts")),
        _row("model calls", runs, lambda run: str(sum(_calls(run, phase) for phase in ("ingest", "retrieve")))),
    ]


def percent(measures: Mapping[str, float], name: str) -> str:
    """A fraction as a percentage with one decimal, or a dash where the run has no such measure."""
    return f"{100 * measures[name]:.1f}" if name in measures else MISSING


def _number(value: float | None, decimals: int) -> str:
    return MISSING if value is None else f"{value:,.{decimals}f}"


def _spent(run: ScoredRun, phase: str, name: str) -> str:
    return f"{run.scores['cost'][phase].get(name, 0):,}"


def _calls(run: ScoredRun, phase: str) -> int:
    return int(run.scores["cost"][phase].get("llm_calls", 0))
