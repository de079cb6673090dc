"""What a run writes for each question: what the system answered, or how it failed. One JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from agentmem_evals.errors import NotARun

INGEST = "ingest"
RETRIEVE = "retrieve"


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer to one question, with the gold beside it, so that scoring needs no data set.

    ``gold`` and ``found`` are items: turns or passages, as the manifest's ``level`` says. ``sessions_from`` says who
    ranked the sessions: ``"system"``, or ``"turns"`` for the order of first appearance; passages have no sessions.
    ``usage`` holds what models were asked for (the non-zero fields of :class:`agentmem.types.Usage`).
    """

    question_id: str
    body: str
    category: str
    question: str
    gold: tuple[str, ...]
    gold_sessions: tuple[str, ...]
    found: tuple[str, ...]
    sessions: tuple[str, ...]
    sessions_from: str
    latency_ms: float
    usage: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that got no answer: an exception, which is not a score of zero. ``stage`` is where it was raised."""

    question_id: str
    body: str
    category: str
    stage: str
    error: str
    message: str


Record = Prediction | Failure

_KINDS: Mapping[str, type[Prediction] | type[Failure]] = {"prediction": Prediction, "failure": Failure}


def to_line(record: Record) -> str:
    """One line of ``predictions.jsonl``, without its end."""
    kind = "prediction" if isinstance(record, Prediction) else "failure"
    return json.dumps({"kind": kind, **asdict(record)}, ensure_ascii=False)


def from_lines(text: str) -> list[Record]:
    """Every record of a file. A last line without an end was cut off by a crash, and is passed over.

    Raises:
        NotARun: another line is not a record.
    """
    return [_from_line(line, number) for number, line in enumerate(text.split("\n")[:-1], start=1)]


def _from_line(line: str, number: int) -> Record:
    try:
        raw: dict[str, Any] = json.loads(line)
        kind = _KINDS[raw.pop("kind")]
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()
        }
        return kind(**fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotARun(
            f"Line {number} of the predictions is not a record ({error}). Run again with --overwrite."
        ) from error
