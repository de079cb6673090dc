"""What rankings are worth: the ``scores.json`` of the task ``retrieval``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentmem_evals.metrics.retrieval import mean_measures, measure
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.records import RETRIEVE, Failure, Prediction, Record
from agentmem_evals.scoring.longmemeval import official_scores
from agentmem_evals.scoring.totals import by_category, in_fixed_order, ingest_cost, percentiles, total
from agentmem_evals.types import Level


def score_retrieval(manifest: Manifest, records: Sequence[Record]) -> dict[str, Any]:
    """The contents of ``scores.json``. Measures are fractions, averaged over the ``n`` questions that were answered.

    ``metrics`` and each category hold the level that was ranked, ``turn``, ``observation`` or ``passage``, and beside
    it ``session``, over the questions whose evidence is in sessions, where there are any.
    ``failed`` questions raised an exception and ``skipped`` ones have no evidence: neither is in ``n``. ``missing``
    ones were not asked yet (the run was interrupted). ``longmemeval`` is that data set's own: see
    :func:`agentmem_evals.scoring.longmemeval.official_scores`.
    """
    predictions = in_fixed_order(record for record in records if isinstance(record, Prediction))
    failures = [record for record in records if isinstance(record, Failure)]
    asked = in_fixed_order(one for one in failures if one.stage == RETRIEVE)  # what failed was paid for as well
    ks: Sequence[int] = manifest.configuration["ks"]
    names: Mapping[str, str] = manifest.data["category_names"]
    level = Level(manifest.data["level"])
    official = official_scores(manifest, predictions)
    return {
        "n": len(predictions),
        "failed": len(failures),
        "skipped": manifest.data["skipped"],
        "missing": manifest.data["questions"] - len(predictions) - len(failures),
        "k": list(ks),
        "metrics": _levels(predictions, level, ks),
        **({"longmemeval": official} if official else {}),
        "by_category": {
            category: {"name": names.get(category, category), "n": len(members), **_levels(members, level, ks)}
            for category, members in by_category(predictions).items()
        },
        "latency_ms": percentiles([prediction.latency_ms for prediction in predictions]),
        "cost": {
            **ingest_cost(manifest),
            "retrieve": total([one.usage for one in predictions] + [one.usage for one in asked]),
        },
    }


def _levels(predictions: Sequence[Prediction], level: Level, ks: Sequence[int]) -> dict[str, dict[str, float]]:
    """The measures of items under their level's name, and those of sessions where there are some."""
    levels = {level.value: mean_measures([measure(p.found, p.gold, ks) for p in predictions])}
    sessions = [measure(p.sessions, p.gold_sessions, ks) for p in predictions if p.gold_sessions]
    if level is Level.PASSAGE or (predictions and not sessions):
        return levels
    return {**levels, Level.SESSION.value: mean_measures(sessions)}
