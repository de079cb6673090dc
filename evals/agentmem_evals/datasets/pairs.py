"""Pairs of memories with the relation that a person gave them: the project's own, or a file in the same format.

The project's pairs are part of this package (``data/pairs``, with their definitions in its README): a development half,
and a held-out half that nothing is tuned to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any

from agentmem.updating.decision import Relation
from agentmem_evals.datasets.formats.json_lines import read_distinct
from agentmem_evals.errors import DataFormatError

NAME = "pairs"
_OLDER_TIME, _NEWER_TIME = time(9), time(18)
_FIELDS = frozenset({"text", "at", "speaker", "subject"})
_EXPECTED = (
    'A labelled pair is {"id", "kind", "older", "newer", "relation"}, both sides {"text", "at": "YYYY-MM-DD", '
    f'"speaker", "subject"}}, and a relation of: {", ".join(Relation)}.'
)


class Half(StrEnum):
    """Which of the project's pairs; the value is the file's name."""

    DEVELOPMENT = "development"
    HELD_OUT = "held_out"


@dataclass(frozen=True, slots=True)
class Statement:
    """One side of a pair. ``speaker`` said it, ``subject`` is whom it is about; ``None`` where nobody knows."""

    text: str
    at: datetime
    speaker: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two statements, ``older.at < newer.at``, and what the newer one is to the older one."""

    id: str
    kind: str
    older: Statement
    newer: Statement
    relation: Relation


@dataclass(frozen=True, slots=True)
class LabelledPairs:
    """A set of pairs. ``file_name`` has no folder; ``sha256`` is over what the file, or the files, hold."""

    name: str
    file_name: str
    sha256: str
    pairs: tuple[LabelledPair, ...]


def load_pairs(half: Half = Half.DEVELOPMENT) -> LabelledPairs:
    """One half of the project's own pairs."""
    name = f"{half}.jsonl"
    return _read(files("agentmem_evals").joinpath("data", "pairs", name).read_bytes(), name)


def read_pairs(path: Path) -> LabelledPairs:
    """Pairs from a file in the same format; kinds may be any words.

    Raises:
        DataFormatError: the file is not in the format, or two pairs have one id; the message names the line.
    """
    return _read(path.read_bytes(), path.name)


def _read(content: bytes, name: str) -> LabelledPairs:
    pairs = tuple(read_distinct(content, name, _pair, _EXPECTED))
    if not pairs:
        raise DataFormatError(f"{name} holds no pairs. {_EXPECTED}")
    return LabelledPairs(NAME, name, hashlib.sha256(content).hexdigest(), pairs)


def _pair(raw: Mapping[str, Any]) -> LabelledPair:
    older = _statement(raw["older"], _OLDER_TIME)
    newer = _statement(raw["newer"], _NEWER_TIME)
    if newer.at < older.at:
        raise ValueError("the newer statement is older than the older one")
    return LabelledPair(_text(raw["id"]), _text(raw["kind"]), older, newer, Relation(raw["relation"]))


def _statement(raw: Mapping[str, Any], hour: time) -> Statement:
    """Days become times of day, the older one's before the newer one's, so that two of one day keep their order."""
    if raw.keys() != _FIELDS:
        raise ValueError(f"a side has {', '.join(sorted(raw))}")
    at = datetime.combine(date.fromisoformat(raw["at"]), hour, tzinfo=UTC)
    return Statement(_text(raw["text"]), at, _name(raw["speaker"]), _name(raw["subject"]))


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"{value!r} is not a text")
    return value


def _name(value: Any) -> str | None:
    return None if value is None else _text(value)
