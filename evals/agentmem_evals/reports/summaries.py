"""Runs that summarise events, side by side: ROUGE, facts where a judge was asked, what was read, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentmem_evals.judging.facts.records import FACTS
from agentmem_evals.reports.judged_by import judged_by
from agentmem_evals.reports.runs import MISSING, ScoredRun, calls, number, percent, spent
from agentmem_evals.reports.table import Table

_ROUGE = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rouge_l": "ROUGE-L"}
_LEVELS = {"speaker": "of speakers", "session": "of sessions"}
_PHASES = (("ingest", "to build"), ("retrieve", "to retrieve"), ("answer", "to summarise"))


def summary_tables(runs: Sequence[ScoredRun]) -> list[Table]:
    """What the summaries are worth, then what they cost; a column for each run."""
    header = ["", *(run.label for run in runs)]
    return [
        Table("Summaries of events (%; of speakers: over whole conversations)", header, list(_quality(runs))),
        Table("Cost", header, list(_cost(runs))),
    ]


def _quality(runs: Sequence[ScoredRun]) -> Iterator[list[str]]:
    yield ["system", *(str(run.manifest.configuration["system"]) for run in runs)]
    yield ["sessions of speakers", *(str(run.scores["n"]) for run in runs)]
    yield ["failed", *(str(run.scores["failed"]) for run in runs)]
    for level, told in _LEVELS.items():
        for name, rouge in _ROUGE.items():
            yield [f"{rouge} {told}", *(percent(run.scores["metrics"][level], name) for run in runs)]
    if any(run.scores["judged"] for run in runs):
        judged = [_judged(run) for run in runs]
        yield ["facts: judged by", *(judged_by(run, FACTS) for run in runs)]
        for name in ("precision", "recall", "f1"):
            yield [f"facts {name}", *(percent(one, name) for one in judged)]
        for name, told in (("sessions", "sessions judged"), ("failed", "sessions not judged: failed")):
            yield [f"facts: {told}", *(str(one.get(name, MISSING)) for one in judged)]
    yield ["events listed", *(f"{run.scores['events']['said']:,}" for run in runs)]
    yield ["events written down by people", *(f"{run.scores['events']['gold']:,}" for run in runs)]
    yield ["turns of the session that were read", *(percent(run.scores["retrieval"], "recall") for run in runs)]


def _judged(run: ScoredRun) -> Mapping[str, Any]:
    found: Mapping[str, Any] = run.scores["judged"].get(FACTS, {})
    return found


def _cost(runs: Sequence[ScoredRun]) -> Iterator[list[str]]:
    for phase, told in (("retrieve", "retrieve"), ("answer", "summarise")):
        for rank in ("p50", "p95"):
            values = [run.scores["latency_ms"][phase].get(rank) for run in runs]
            yield [f"{told} {rank} (ms)", *(number(value, 1) for value in values)]
    for rank in ("p50", "p95"):
        values = [run.scores["retrieval"]["context_tokens"].get(rank) for run in runs]
        yield [f"context {rank} (tokens)", *(number(value, 0) for value in values)]
    yield ["build (s)", *(number(run.scores["cost"]["ingest_seconds"], 2) for run in runs)]
    yield ["stored (MB)", *(number(run.scores["cost"]["stored_bytes"] / 1e6, 2) for run in runs)]
    for phase, told in _PHASES:
        yield [f"LLM calls {told}", *(f"{calls(run, phase):,}" for run in runs)]
    for phase, told in _PHASES:
        for name in ("prompt", "completion"):
            yield [f"LLM {name} tokens {told}", *(spent(run, phase, f"{name}_tokens") for run in runs)]
    for phase, told in _PHASES:
        dollars = [run.scores["cost"].get("usd", {}).get(phase) for run in runs]
        if any(one is not None for one in dollars):
            yield [f"US dollars {told}", *(number(one, 4) for one in dollars)]
