"""The benchmarks still run: each at a size at which its figures mean nothing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

SMALL: dict[str, dict[str, Any]] = {
    "graph": {"PASSAGES": 60, "SYNONYMS": 200, "QUERIES": 2, "INSERTS": 3, "TOP": 5},
    "ingest": {"TURNS": 60, "ADDS": 3},
    "reconcile": {"FACTS": 60},
    "retrieve": {"SIZES": (60,), "QUERIES": 3},
    "tree": {"TEXTS": 60, "INSERTS": 2},
}


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module(f"evals.benchmarks.{name}")
    for constant, value in SMALL[name].items():
        monkeypatch.setattr(module, constant, value)
    result = module.measure()
    assert result.rows
