"""Sums and percentiles that the scores of several tasks have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.records import AboutQuestion


class OfCategory(Protocol):
    """What records and outcomes say."""

    @property
    def category(self) -> str:
        """As the data set has it."""
        ...


C = TypeVar("C", bound=OfCategory)
R = TypeVar("R", bound=AboutQuestion)


def in_fixed_order(records: Iterable[R]) -> list[R]:
    """The records by their questions' ids: sums of fractions must not depend on which answer came first."""
    return sorted(records, key=lambda record: record.question_id)


def by_category(records: Iterable[C]) -> dict[str, list[C]]:
    """The records of each category, categories in order."""
    found: dict[str, list[C]] = {}
    for record in records:
        found.setdefault(record.category, []).append(record)
    return dict(sorted(found.items()))


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """``p50`` and ``p95``; empty for no values, never zeros."""
    if not values:
        return {}
    p50, p95 = np.percentile(np.asarray(values, dtype=np.float64), [50, 95])
    return {"p50": float(p50), "p95": float(p95)}


def mean(values: Sequence[float]) -> float:
    """The mean of at least one value."""
    return sum(values) / len(values)


def total(usages: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The sum of usages, name by name."""
    sums: Counter[str] = Counter()
    for usage in usages:
        sums.update(usage)
    return dict(sums)


def ingest_cost(manifest: Manifest) -> dict[str, Any]:
    """What taking in all bodies cost: ``ingest_seconds``, ``ingested_items``, ``stored_bytes``, and ``ingest``."""
    ingests = list(manifest.ingests.values())
    return {
        "ingest_seconds": sum(ingest["seconds"] for ingest in ingests),
        "ingested_items": sum(ingest["items"] for ingest in ingests),
        "stored_bytes": sum(ingest["bytes"] for ingest in ingests),
        "ingest": total(ingest["usage"] for ingest in ingests),
    }


def in_usd(manifest: Manifest, costs: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """What each phase's tokens cost in US dollars at the manifest's prices; empty where no prices were told."""
    prices = manifest.prices
    if not prices:
        return {}
    return {
        phase: sum(usage.get(f"{kind}_tokens", 0) * price for kind, price in prices.items()) / 1e6
        for phase, usage in costs.items()
    }
