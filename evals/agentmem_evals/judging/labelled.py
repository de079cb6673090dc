"""Answers that a person has labelled right or wrong at two levels of strictness: what judges are measured on.

They are part of this package (``data/agreement``, with their definitions in its README), or a file in the same format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.formats.json_lines import read_distinct
from agentmem_evals.errors import DataFormatError
from agentmem_evals.judging.judged import Judged

FILE_NAME = "answers.jsonl"
_TEXTS = ("id", "kind", "category", "question", "answer")
_FIELDS = frozenset({*_TEXTS, "gold", "unanswerable", "strict", "generous"})
_EXPECTED = f"A labelled answer has {', '.join(sorted(_FIELDS))}; strict, generous and unanswerable are true or false."


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """An answer, what makes it hard (``kind``), and whether it is right for a strict and for a generous reader."""

    id: str
    kind: str
    item: Judged
    strict: bool
    generous: bool


@dataclass(frozen=True, slots=True)
class LabelledAnswers:
    """A set of them. ``file_name`` has no folder; ``sha256`` is over what the file holds."""

    file_name: str
    sha256: str
    answers: tuple[LabelledAnswer, ...]


def load_labelled_answers() -> LabelledAnswers:
    """The project's own."""
    return _read(files("agentmem_evals").joinpath("data", "agreement", FILE_NAME).read_bytes(), FILE_NAME)


def read_labelled_answers(path: Path) -> LabelledAnswers:
    """Those of a file in the same format; kinds may be any words.

    Raises:
        DataFormatError: the file is not in the format, or two answers have one id; the message names the line.
    """
    return _read(path.read_bytes(), path.name)


def _read(content: bytes, name: str) -> LabelledAnswers:
    answers = tuple(read_distinct(content, name, _answer, _EXPECTED))
    if not answers:
        raise DataFormatError(f"{name} holds no labelled answers. {_EXPECTED}")
    return LabelledAnswers(name, hashlib.sha256(content).hexdigest(), answers)


def _answer(raw: Mapping[str, Any]) -> LabelledAnswer:
    if raw.keys() != _FIELDS:
        raise ValueError(f"it has {', '.join(sorted(raw))}")
    if wrong := [name for name in _TEXTS if not isinstance(raw[name], str) or not raw[name].strip()]:
        raise TypeError(f"{wrong} are not texts")
    if wrong := [name for name in ("strict", "generous", "unanswerable") if not isinstance(raw[name], bool)]:
        raise TypeError(f"{wrong} are not true or false")
    if not (raw["gold"] is None and raw["unanswerable"]) and not isinstance(raw["gold"], str):
        raise TypeError("gold is a text, or null where the question is unanswerable")
    if raw["strict"] and not raw["generous"]:
        raise ValueError("what is right for a strict reader is right for a generous one")
    item = Judged(raw["question"], raw["gold"], raw["answer"], raw["category"], raw["unanswerable"])
    return LabelledAnswer(raw["id"], raw["kind"], item, raw["strict"], raw["generous"])
