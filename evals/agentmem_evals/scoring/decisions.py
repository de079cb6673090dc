"""What decisions about pairs are worth: the ``scores.json`` of the task ``decisions``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agentmem_evals.metrics.decisions import Judged, by_kind, measure_decisions
from agentmem_evals.runner.decision_records import DecisionRecord, Verdict
from agentmem_evals.runner.decisions import VECTORS
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.scoring.totals import total


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
    embedding = manifest.ingests.get(VECTORS, {"seconds": 0.0, "usage": {}})
    return {
        "decide_seconds": sum(cost["seconds"] for cost in deciding),
        "embed_seconds": embedding["seconds"],
        "decide": total(cost["usage"] for cost in deciding),
        "embed": dict(embedding["usage"]),
    }
