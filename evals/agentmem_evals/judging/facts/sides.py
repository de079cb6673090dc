"""What the judge ``facts`` is given of one summary: its events, the gold events, and what each side is held against."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from agentmem_evals.runner.summary_records import SummaryRecord, by_speaker


@dataclass(frozen=True, slots=True)
class Sides:
    """Both lists of events of one session and speaker.

    A fact of one side is held against all that the other side has about the speaker, whatever the session
    (``said_in_all`` and ``gold_in_all``, in order of the sessions): what people noted with another session than the one
    in which it was found is told all the same. LoCoMo too compares summaries of whole conversations.
    """

    question_id: str
    body: str
    speaker: str
    said: tuple[str, ...]
    gold: tuple[str, ...]
    said_in_all: tuple[str, ...]
    gold_in_all: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The first 16 hex digits of a SHA-256 over all of it: a judgement of another list is not one of this."""
        parts = [self.speaker, self.said, self.gold, self.said_in_all, self.gold_in_all]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def sides_of(records: Iterable[SummaryRecord]) -> list[Sides]:
    """Every summary of a run beside its gold; sessions that failed are on neither side."""
    found: list[Sides] = []
    for (body, speaker), summaries in by_speaker(records).items():
        said = tuple(event for one in summaries for event in one.said)
        gold = tuple(event for one in summaries for event in one.events)
        found += [Sides(one.question_id, body, speaker, one.said, one.events, said, gold) for one in summaries]
    return found
