"""From what a run wrote to what it is worth: pure functions over manifests and records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from agentmem_evals.errors import NotARun
from agentmem_evals.metrics.retrieval import mean_measures, measure
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.records import Failure, Prediction, Record
from agentmem_evals.types import Level


def score_folder(folder: RunFolder) -> dict[str, Any]:
    """Score a run from its files alone, and write ``scores.json``.

    Raises:
        NotARun: the folder holds no run, or a damaged one.
    """
    manifest, records = folder.read_manifest(), folder.read_records()
    if not records:
        raise NotARun(f"{folder.path} holds no predictions. Give the folder that `agentmem-evals run --out` wrote.")
    scores = score(manifest, records)
    folder.write_scores(scores)
    return scores


def score(manifest: Manifest, records: Sequence[Record]) -> dict[str, Any]:
    """The contents of ``scores.json``. Measures are fractions, averaged over the ``n`` questions that were answered.

    ``metrics`` and each category hold the level that was ranked: ``turn`` and ``session``, or ``passage``.
    ``failed`` questions raised an exception and ``skipped`` ones have no evidence: neither is in ``n``. ``missing``
    ones were not asked yet (the run was interrupted).
    """
    predictions = [record for record in records if isinstance(record, Prediction)]
    failures = [record for record in records if isinstance(record, Failure)]
    ks: Sequence[int] = manifest.configuration["ks"]
    names: Mapping[str, str] = manifest.data["category_names"]
    level = Level(manifest.data["level"])
    categories = {
        category: [prediction for prediction in predictions if prediction.category == category]
        for category in sorted({prediction.category for prediction in predictions})
    }
    return {
        "n": len(predictions),
        "failed": len(failures),
        "skipped": manifest.data["skipped"],
        "missing": manifest.data["questions"] - len(predictions) - len(failures),
        "k": list(ks),
        "metrics": _levels(predictions, level, ks),
        "by_category": {
            category: {"name": names.get(category, category), "n": len(members), **_levels(members, level, ks)}
            for category, members in categories.items()
        },
        "latency_ms": _percentiles([prediction.latency_ms for prediction in predictions]),
        "cost": _cost(manifest, predictions),
    }


def _levels(predictions: Sequence[Prediction], level: Level, ks: Sequence[int]) -> dict[str, dict[str, float]]:
    """The measures of items under their level's name, and beside turns those of sessions."""
    levels = {level.value: mean_measures([measure(p.found, p.gold, ks) for p in predictions])}
    if level is Level.TURN:
        levels[Level.SESSION.value] = mean_measures([measure(p.sessions, p.gold_sessions, ks) for p in predictions])
    return levels


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    p50, p95 = np.percentile(np.asarray(values), [50, 95])
    return {"p50": float(p50), "p95": float(p95)}


def _cost(manifest: Manifest, predictions: Sequence[Prediction]) -> dict[str, Any]:
    ingests = list(manifest.ingests.values())
    return {
        "ingest_seconds": sum(ingest["seconds"] for ingest in ingests),
        "ingested_items": sum(ingest["items"] for ingest in ingests),
        "stored_bytes": sum(ingest["bytes"] for ingest in ingests),
        "ingest": _total(ingest["usage"] for ingest in ingests),
        "retrieve": _total(prediction.usage for prediction in predictions),
    }


def _total(usages: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: Counter[str] = Counter()
    for usage in usages:
        total.update(usage)
    return dict(total)
