"""From the decisions that a run wrote to what they are worth: pure functions over its manifest and records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from agentmem_evals.errors import NotARun
from agentmem_evals.metrics.decisions import Judged, by_kind, measure_decisions
from agentmem_evals.runner.decision_records import DecisionRecord, Verdict
from agentmem_evals.runner.decisions import VECTORS, read_decisions
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.manifest import Manifest


def score_decisions_folder(folder: RunFolder) -> dict[str, Any]:
    """Score a run from its files alone, and write ``scores.json``.

    Raises:
        NotARun: the folder holds no run of this task, or a damaged one.
    """
    manifest, records = folder.read_manifest(), read_decisions(folder)
    if not records:
        raise NotARun(f"{folder.path} holds no decisions. Give the folder that `agentmem-evals run --out` wrote.")
    scores = score_decisions(manifest, records)
    folder.write_scores(scores)
    return scores


def score_decisions(manifest: Manifest, records: Sequence[DecisionRecord]) -> dict[str, Any]:
    """The contents of ``scores.json``: see :mod:`agentmem_evals.metrics.decisions` for the measures.

    ``n`` pairs were decided. ``failed`` ones got an error instead, ``missing`` ones were not asked yet (the run was
    interrupted): neither counts as any decision.
    """
    verdicts = [record for record in records if isinstance(record, Verdict)]
    judged = [Judged(verdict.category, verdict.gold, verdict.said) for verdict in verdicts]
    return {
        "n": len(verdicts),
        "failed": len(records) - len(verdicts),
        "missing": manifest.data["pairs"] - len(records),
        "metrics": measure_decisions(judged),
        "by_kind": by_kind(judged),
        "cost": _cost(manifest),
    }


def _cost(manifest: Manifest) -> dict[str, Any]:
    """Seconds and usage of embedding and of deciding. Pairs that failed in an earlier start were paid for as well."""
    deciding = [cost for name, cost in manifest.ingests.items() if name != VECTORS]
    usage: Counter[str] = Counter()
    for cost in deciding:
        usage.update(cost["usage"])
    embedding = manifest.ingests.get(VECTORS, {"seconds": 0.0, "usage": {}})
    return {
        "decide_seconds": sum(cost["seconds"] for cost in deciding),
        "embed_seconds": embedding["seconds"],
        "decide": dict(usage),
        "embed": dict(embedding["usage"]),
    }
