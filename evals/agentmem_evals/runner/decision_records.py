"""What a run writes for each pair: what was decided, or how the decider failed. One JSON object a line."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from agentmem.updating.decision import Relation
from agentmem_evals.errors import NotARun
from agentmem_evals.runner.records import Failure

DECIDE = "decide"
"""The stage of a failure."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision about one pair, with the pair beside it, so that scoring needs no data set.

    ``category`` is the pair's kind, ``gold`` its label and ``said`` the decision. ``text`` is the wording that the
    decider proposes for both, where it does.
    """

    pair_id: str
    category: str
    older: str
    newer: str
    gold: Relation
    said: Relation
    reason: str
    text: str | None
    cosine: float | None


DecisionRecord = Verdict | Failure


def to_line(record: DecisionRecord) -> str:
    """One line of ``predictions.jsonl``, without its end."""
    kind = "verdict" if isinstance(record, Verdict) else "failure"
    return json.dumps({"kind": kind, **asdict(record)}, ensure_ascii=False)


def from_lines(text: str) -> list[DecisionRecord]:
    """Every record of a file. A last line without an end was cut off by a crash, and is passed over.

    Raises:
        NotARun: another line is not a record.
    """
    return [_from_line(line, number) for number, line in enumerate(text.split("\n")[:-1], start=1)]


def _from_line(line: str, number: int) -> DecisionRecord:
    try:
        raw: dict[str, Any] = json.loads(line)
        if raw.pop("kind") == "failure":
            return Failure(**raw)
        return Verdict(**{**raw, "gold": Relation(raw["gold"]), "said": Relation(raw["said"])})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotARun(
            f"Line {number} of the predictions is not a decision ({error}). Run again with --overwrite."
        ) from error
