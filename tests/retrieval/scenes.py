"""Hand-made scenes: a catalog, a lexical index and cosines, without a store or a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from agentmem.clock import to_micros
from agentmem.index.catalog import Catalog
from agentmem.index.lexical import LexicalIndex
from agentmem.protocols import CatalogRow, FloatArray
from agentmem.retrieval.query import analyse
from agentmem.retrieval.scene import Scene, Surroundings
from agentmem.retrieval.signals import ALL_SIGNALS, SIGNALS, measure
from agentmem.text.words import terms

NOW = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)  # a Wednesday
UNKNOWN = float("nan")


def row(number: int, text: str, **fields) -> CatalogRow:
    at = fields.pop("at", NOW)
    values = {
        "row": number,
        "seq": number,
        "id": f"mem_{number}",
        "kind": "chunk",
        "text": text,
        "title": None,
        "session": "s",
        "speaker": None,
        "role": None,
        "at": to_micros(at),
        "valid_from": 0,
        "valid_to": None,
        "superseded_at": None,
        "state": "active",
        "expires_at": None,
        "position": number,
        "start": 0,
        "pinned": False,
    }
    return CatalogRow(**(values | fields))


def said(text: str, **fields) -> tuple[str, dict[str, object]]:
    """A memory of a scene: its text and what differs from the usual."""
    return text, fields


def scene(
    memories: Sequence[str | tuple[str, Mapping[str, object]]],
    query: str,
    *,
    bare: Sequence[float] | None = None,
    spoken: Sequence[float] | None = None,
    passing: Sequence[bool] | None = None,
) -> Scene:
    """One session in the given order, unless a memory says otherwise; ``UNKNOWN`` is a cosine not yet known."""
    catalog, lexical = Catalog(), LexicalIndex()
    pairs = [(memory, {}) if isinstance(memory, str) else memory for memory in memories]
    if pairs:
        catalog.upsert([row(number, text, **fields) for number, (text, fields) in enumerate(pairs, 1)])
    lexical.add([terms(text) for text, _fields in pairs])
    views = {"bare": bare, "spoken": spoken}
    return Scene(
        query=analyse(query, tuple(catalog.speakers.values), NOW),
        columns=catalog.columns,
        lexical=lexical,
        around=Surroundings(catalog.columns, lexical.lengths),
        passing=np.array([True] * len(pairs) if passing is None else passing, dtype=np.bool_),
        assistant_role=catalog.roles.find("assistant"),
        dense={view: np.array(values, dtype=np.float32) for view, values in views.items() if values is not None},
        complete=lambda slots: None,
    )


def every(stage: Scene) -> np.ndarray:
    return np.arange(len(stage.columns))


def signal(stage: Scene, name: str) -> list[float]:
    """One signal of every memory, as ``measure`` gives it."""
    assert name in SIGNALS
    return measure(stage, every(stage))[name].tolist()


def signals_of(count: int, **values: Sequence[float]) -> dict[str, FloatArray]:
    """All signals of so many candidates, 0 where nothing else is said."""
    found = {name: np.zeros(count, dtype=np.float32) for name in sorted(ALL_SIGNALS)}
    return found | {name: np.array(given, dtype=np.float32) for name, given in values.items()}
