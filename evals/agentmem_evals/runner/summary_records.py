"""What a run writes of each session and speaker whose events were listed, or how it failed. One JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agentmem_evals.runner.codec import Codec
from agentmem_evals.runner.records import Failure


@dataclass(frozen=True, slots=True)
class Summary:
    """What was listed of one session and speaker, with the gold beside it, so that scoring needs no data set.

    ``session`` has the ``place`` in its conversation, counted from 0, and the date ``date``. ``said`` are the events
    that were listed, ``events`` those that people wrote down; either may be empty. ``turns`` are those of the session,
    ``found`` the items in the context that was read, in its order, and ``cited`` those that ``said`` rests on.
    ``earlier`` is how many events of earlier sessions stood beside them; ``context_tokens`` is what the items cost,
    without these. ``left_out`` is how many more items were found that the reader's budget had no room for. The usages
    hold what models were asked for (the non-zero fields of :class:`agentmem.types.Usage`).
    """

    question_id: str
    body: str
    speaker: str
    session: str
    place: int
    date: str
    question: str
    events: tuple[str, ...]
    said: tuple[str, ...]
    turns: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    earlier: int = 0
    context_tokens: int = 0
    retrieve_ms: float = 0.0
    answer_ms: float = 0.0
    retrieve_usage: Mapping[str, float] = field(default_factory=dict)
    answer_usage: Mapping[str, float] = field(default_factory=dict)
    left_out: int = 0


SummaryRecord = Summary | Failure

SUMMARISED: Codec[SummaryRecord] = Codec("a summary", {"summary": Summary, "failure": Failure})
"""The lines of a run of the task ``summaries``."""


def by_speaker(records: Iterable[SummaryRecord]) -> dict[tuple[str, str], list[Summary]]:
    """The summaries of each conversation and speaker, in order of the sessions, however the file has them."""
    found: dict[tuple[str, str], list[Summary]] = {}
    summaries = (record for record in records if isinstance(record, Summary))
    for one in sorted(summaries, key=lambda one: (one.body, one.speaker, one.place)):
        found.setdefault((one.body, one.speaker), []).append(one)
    return found
