"""What is worth seeing of finished runs: first a line for each, then one column a run and one row a measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentmem_evals.reports.table import Table
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.types import Level

MISSING = "–"
BESIDE = 8
"""How many runs are shown as columns; of more, each is a row."""
DEPTH = 10
"""At which many runs are compared, if they were cut there; else at the depth nearest to it."""


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """One run as its files tell it; ``label`` is how the reader named its folder."""

    label: str
    manifest: Manifest
    scores: Mapping[str, Any]

    @property
    def level(self) -> str:
        """What was ranked: ``turn``, ``observation`` or ``passage``."""
        return str(self.manifest.data["level"])

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
    """All runs side by side, quality overall, quality by category, and cost.

    Of more runs than fit beside each other, a line each: quality at one depth, overall and by category, and cost.
    """
    if len(runs) > BESIDE:
        depth = min((k for run in runs for k in run.scores["k"]), key=lambda k: abs(k - DEPTH))
        quality = [row for row in _quality(runs) if row[0].endswith((f"@{depth}", "mrr"))]
        end = f" recall@{depth}"
        categories = [[name.removesuffix(end), *cells] for name, *cells in _categories(runs) if name.endswith(end)]
        return [
            overview(runs),
            _turned("Retrieval (%, mean over questions)", runs, quality),
            _turned(f"Recall at {depth} by category (%)", runs, categories),
            _turned("Cost", runs, _times(runs)),
        ]
    header = ["", *(run.label for run in runs)]
    return [
        overview(runs),
        Table("Retrieval (%, mean over questions)", header, [*_about(runs), *_quality(runs)]),
        Table("Recall by category (%)", header, _categories(runs)),
        Table("Cost", header, _cost(runs)),
    ]


def _turned(title: str, runs: Sequence[ScoredRun], rows: Sequence[Sequence[str]]) -> Table:
    """A table with a row a run and a column a measure, of rows that have it the other way round."""
    names, *columns = zip(*rows, strict=True)
    return Table(title, ["", *names], [[run.label, *cells] for run, cells in zip(runs, columns, strict=True)])


def overview(runs: Sequence[ScoredRun]) -> Table:
    """One line a run: recall of what was ranked, and what building the memory and asking a question (``/q``) cost.

    Runs go by their systems, or by their own names where a system comes twice.
    """
    ks = sorted({k for run in runs for k in run.scores["k"]})
    levels = " and ".join(dict.fromkeys(run.level for run in runs))
    systems = [str(run.manifest.configuration["system"]) for run in runs]
    names = systems if len(set(systems)) == len(runs) else [run.label for run in runs]
    first = "system" if names is systems else "run"
    recalls = [f"R@{k}" for k in ks]
    if any(calls(run, stage) or tokens(run, stage) for run in runs for stage in ("ingest", "retrieve")):
        header = [first, *recalls, "calls", "tokens", "s", "calls/q", "tokens/q", "ms/q"]
        title = f"Side by side ({levels} recall in %; LLM calls, LLM tokens and time to build, and for a question)"
        asked = True
    else:
        header = [first, *recalls, "s", "ms/q"]
        title = f"Side by side ({levels} recall in %; time to build, and for a question; no language model was asked)"
        asked = False
    failed = failed_column(runs)
    lines = [
        [name, *failures, *_line(run, ks, asked=asked)]
        for name, failures, run in zip(names, failed[1:], runs, strict=True)
    ]
    return Table(title, [header[0], *failed[0], *header[1:]], lines)


def failed_column(runs: Sequence[ScoredRun]) -> list[list[str]]:
    """A column for a table of a line a run, its heading first: how many questions are in no figure, of how many.

    They failed, or were not asked. Cells are lists of one text, or of none where every run answered everything. Means
    are over what was answered, so a system that fails at what is hard would lead without a word.
    """
    out = [run.scores["failed"] + run.scores["missing"] for run in runs]
    if not any(out):
        return [[], *([] for _run in runs)]
    return [["failed"], *([f"{count}/{run.scores['n'] + count}"] for run, count in zip(runs, out, strict=True))]


def category_labels(runs: Sequence[ScoredRun]) -> dict[str, str]:
    """Each category's name with how many questions of it were answered: a range where runs differ."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for run in runs:
        for category, scores in run.scores["by_category"].items():
            found.setdefault(category, []).append(scores)
    labels: dict[str, str] = {}
    for category in sorted(found):
        of_runs = found[category]
        counts = [one["n"] for one in of_runs] + [0] * (len(runs) - len(of_runs))
        span = str(max(counts)) if min(counts) == max(counts) else f"{min(counts)}-{max(counts)}"
        labels[category] = f"{of_runs[0]['name']} ({span})"
    return labels


def _line(run: ScoredRun, ks: Sequence[int], *, asked: bool) -> list[str]:
    measures, questions = run.scores["metrics"].get(run.level, {}), run.scores["n"]
    to_build = [f"{calls(run, 'ingest'):,}", short(tokens(run, "ingest"))]
    for_a_question = [
        number(calls(run, "retrieve") / questions if questions else None, 1),
        number(tokens(run, "retrieve") / questions if questions else None, 0),
    ]
    return [
        *(percent(measures, f"recall@{k}") for k in ks),
        *(to_build if asked else ()),
        number(run.scores["cost"]["ingest_seconds"], 1),
        *(for_a_question if asked else ()),
        number(run.scores["latency_ms"].get("p50"), 1),
    ]


def _row(name: str, runs: Sequence[ScoredRun], cell: Callable[[ScoredRun], str]) -> list[str]:
    return [name, *(cell(run) for run in runs)]


def _about(runs: Sequence[ScoredRun]) -> list[list[str]]:
    return [
        _row("system", runs, lambda run: str(run.manifest.configuration["system"])),
        _row("questions", runs, lambda run: str(run.scores["n"])),
        _row("failed", runs, lambda run: str(run.scores["failed"])),
        _row("replayed", runs, _replayed),
    ]


def _replayed(run: ScoredRun) -> str:
    return MISSING if run.manifest.recordings is None else str(run.manifest.recordings["file"])


def _measures(runs: Sequence[ScoredRun]) -> list[str]:
    ks = sorted({k for run in runs for k in run.scores["k"]})
    return [*(f"{kind}@{k}" for kind in ("recall", "all", "any") for k in ks), "mrr"]


def _quality(runs: Sequence[ScoredRun]) -> list[list[str]]:
    return [
        [f"{level} {name}", *(percent(run.scores["metrics"].get(level, {}), name) for run in runs)]
        for level in Level
        if any(level in run.scores["metrics"] for run in runs)
        for name in _measures(runs)
    ]


def _categories(runs: Sequence[ScoredRun]) -> list[list[str]]:
    names = category_labels(runs)
    measures = [name for name in _measures(runs) if name.startswith("recall")]

    def cell(run: ScoredRun, category: str, name: str) -> str:
        return percent(run.scores["by_category"].get(category, {}).get(run.level, {}), name)

    return [
        [f"{names[category]} {name}", *(cell(run, category, name) for run in runs)]
        for category in names
        for name in measures
    ]


def _times(runs: Sequence[ScoredRun]) -> list[list[str]]:
    return [
        _row("latency p50 (ms)", runs, lambda run: number(run.scores["latency_ms"].get("p50"), 2)),
        _row("latency p95 (ms)", runs, lambda run: number(run.scores["latency_ms"].get("p95"), 2)),
        _row("build (s)", runs, lambda run: number(run.scores["cost"]["ingest_seconds"], 2)),
        _row("stored (MB)", runs, lambda run: number(run.scores["cost"]["stored_bytes"] / 1e6, 2)),
    ]


def _cost(runs: Sequence[ScoredRun]) -> list[list[str]]:
    return [
        *_times(runs),
        _row("texts embedded to build", runs, lambda run: spent(run, "ingest", "embedded_texts")),
        _row("texts embedded for queries", runs, lambda run: spent(run, "retrieve", "embedded_texts")),
        _row("LLM calls to build", runs, lambda run: f"{calls(run, 'ingest'):,}"),
        _row("LLM calls for queries", runs, lambda run: f"{calls(run, 'retrieve'):,}"),
        *(
            [f"LLM {name} tokens {told}", *(spent(run, phase, f"{name}_tokens") for run in runs)]
            for phase, told in (("ingest", "to build"), ("retrieve", "for queries"))
            for name in ("prompt", "completion")
        ),
    ]


def percent(measures: Mapping[str, float], name: str) -> str:
    """A fraction as a percentage with one decimal, or a dash where the run has no such measure."""
    return f"{100 * measures[name]:.1f}" if name in measures else MISSING


def number(value: float | None, decimals: int) -> str:
    """A number with so many decimals, or a dash for none."""
    return MISSING if value is None else f"{value:,.{decimals}f}"


def short(count: int) -> str:
    """From ten thousand on in thousands, to keep a line of many columns narrow."""
    return f"{count:,}" if count < 10_000 else f"{count / 1000:,.0f}k"


def spent(run: ScoredRun, phase: str, name: str) -> str:
    """How much of something a phase took."""
    return f"{run.scores['cost'][phase].get(name, 0):,}"


def calls(run: ScoredRun, phase: str) -> int:
    """How often a phase asked a language model."""
    return int(run.scores["cost"][phase].get("llm_calls", 0))


def tokens(run: ScoredRun, phase: str) -> int:
    """How many tokens a phase's language model read and wrote."""
    cost = run.scores["cost"][phase]
    return int(cost.get("prompt_tokens", 0) + cost.get("completion_tokens", 0))
