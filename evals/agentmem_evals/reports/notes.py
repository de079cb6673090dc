"""What a reader must know before comparing runs of one task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from agentmem_evals.reports.judged_by import judged_otherwise
from agentmem_evals.reports.runs import ScoredRun
from agentmem_evals.runner.configuration import differing_keys

_SUBJECT = ("task", "dataset", "half", "conversations", "limit", "seed", "captions", "errata")
"""What two runs must have in common to be about the same questions."""
_READING = ("reader_llm", "context_tokens", "notes")
"""What two runs should have in common for their answers to tell their memories apart."""


def notes(runs: Sequence[ScoredRun], what: str = "questions") -> list[str]:
    """A sentence each: what is missing from the figures, what makes times small, and what cannot be compared.

    Args:
        runs: of one task.
        what: was put to the systems: questions, or pairs.
    """
    said: dict[str, list[str]] = {}
    for run in runs:
        for sentence in _about(run, what):
            said.setdefault(sentence, []).append(run.label)
    return [
        *(f"{', '.join(labels)}: {sentence}" for sentence, labels in said.items()),
        *(sentence for run in runs[1:] for sentence in _against(runs[0], run)),
        *judged_otherwise(runs),
    ]


def _about(run: ScoredRun, what: str) -> Iterator[str]:
    configuration = run.manifest.configuration
    if run.scores["failed"]:
        yield f"{run.scores['failed']} {what} failed and are not in the figures."
    if run.scores["missing"]:
        yield f"{run.scores['missing']} {what} were not asked: the run was interrupted."
    if cut := run.scores.get("retrieval", {}).get("left_out"):
        yield (
            f"{cut['items']:,} of {cut['of']:,} items that the system handed over were not read "
            f"({100 * cut['items'] / cut['of']:.0f} %), of {cut['questions']:,} of {run.scores['n']:,} {what}: the "
            f"reader's budget is {configuration['context_tokens']:,} tokens. --context-tokens gives it another."
        )
    if configuration.get("cached") and "embedder" in run.manifest.system:
        yield "vectors came from a cache, so times are smaller than they would be."
    if (at_once := configuration.get("concurrency", 1)) > 1:
        yield f"{at_once} {what} were dealt with at once, so times are longer than they would be."


def _against(first: ScoredRun, other: ScoredRun) -> Iterator[str]:
    if differing := differing_keys(_asked(first), _asked(other)):
        yield f"{first.label} and {other.label} are not comparable; different are: {', '.join(differing)}."
    if differing := differing_keys(_values(first, _READING), _values(other, _READING)):
        yield (
            f"{first.label} and {other.label} were not read in the same way; different are: {', '.join(differing)}. "
            "Their answers differ for that reason too."
        )


def _asked(run: ScoredRun) -> dict[str, Any]:
    return {"data": run.manifest.data["sha256"], **_values(run, _SUBJECT)}


def _values(run: ScoredRun, keys: Sequence[str]) -> dict[str, Any]:
    return {key: run.manifest.configuration.get(key) for key in keys}
