"""``agentmem-evals fit``: refit the weights of turns, with facts and without, and tell what each signal adds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agentmem_evals.fitting.model import Example, calibrate, cross_validated, fit, mean_recall
from agentmem_evals.reports.table import Table

TURN_SIGNALS = (
    "context",
    "dense",
    "bm25_window",
    "bm25_thread",
    "speaker",
    "date",
    "answers",
    "opens",
    "asks",
    "length",
)
"""The signals that earn a weight; those the library measures besides were tried and added less than noise."""
FACT_SIGNALS = (*TURN_SIGNALS, "fact_dense", "fact_bm25")
"""The same where facts point to turns."""
DEPTH = 10


def fitted(examples: Sequence[Example], names: Sequence[str], fitted_on: str) -> dict[str, Any]:
    """The entry of ``weights.json``, rounded to what the data can tell apart."""
    weights = fit(examples)
    sums = np.concatenate([example.signals @ weights for example in examples])
    relevant = np.concatenate([example.relevant for example in examples])
    scale, bias = calibrate(sums, relevant)
    return {
        "fitted_on": fitted_on,
        "scale": round(scale, 4),
        "bias": round(bias, 4),
        "signals": {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
    }


def write_weights(path: Path, name: str, entry: dict[str, Any]) -> None:
    """Replace one set in a weights file, leaving the others as they are."""
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    stored[name] = entry
    path.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


def ablation(examples: Sequence[Example], names: Sequence[str]) -> Table:
    """What is lost, in points of cross-validated recall, without each signal; the first line has them all."""
    whole = cross_validated(examples, DEPTH)
    fitted_to_all = mean_recall(examples, fit(examples), DEPTH)
    rows: list[tuple[str, ...]] = [
        ("all, cross-validated", f"{whole[0]:.4f}", f"{whole[1]:.4f}"),
        ("all, fitted to the same data", f"{fitted_to_all[0]:.4f}", f"{fitted_to_all[1]:.4f}"),
    ]
    for number, name in enumerate(names):
        others = [place for place in range(len(names)) if place != number]
        without = cross_validated([_columns(example, others) for example in examples], DEPTH)
        rows.append(
            (f"without {name}", *(f"{100 * (now - then):+.2f}" for now, then in zip(without, whole, strict=True)))
        )
    return Table(f"Signals, {len(examples)} questions", ("signals", f"recall@{DEPTH}", f"all@{DEPTH}"), tuple(rows))


def _columns(example: Example, places: Sequence[int]) -> Example:
    return Example(example.group, example.signals[:, places], example.relevant, example.evidence)
