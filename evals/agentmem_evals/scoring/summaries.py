"""What summaries of events are worth: the ``scores.json`` of the task ``summaries``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agentmem_evals.judging.facts.folder import current
from agentmem_evals.judging.facts.records import FACTS, FactJudgement, FactRecord
from agentmem_evals.judging.facts.sides import sides_of
from agentmem_evals.metrics.facts import fact_scores
from agentmem_evals.metrics.rouge import Rouge, rouge
from agentmem_evals.runner.configuration import SUMMARIES
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.records import Failure
from agentmem_evals.runner.summary_records import Summary, SummaryRecord, by_speaker
from agentmem_evals.scoring.judged import made_by
from agentmem_evals.scoring.reading import context_read, cost_of_reading, latency_of_reading
from agentmem_evals.scoring.totals import in_fixed_order, mean, total


def score_summaries(
    manifest: Manifest, records: Sequence[SummaryRecord], judgements: Sequence[FactRecord] = ()
) -> dict[str, Any]:
    """The contents of ``scores.json``. Measures are fractions.

    ``n`` sessions of speakers were summarised; ``failed`` ones raised an exception and ``missing`` ones were not asked
    yet: none of them is in ``n``, nor on either side of a measure. ``metrics`` are ROUGE F1: by ``speaker``, over all
    events of a conversation's speaker in order of the sessions, as LoCoMo's summaries are of whole conversations; and
    by ``session``, over those where either side has an event. ``judged`` holds what the judge ``facts`` found, if it
    was asked: precision, recall and F1 of each speaker's facts, averaged over the speakers of whom each can be said.
    ``events`` counts both sides. ``retrieval`` is about the context that was read: the mean share of the session's
    turns in it.
    """
    summaries = in_fixed_order(record for record in records if isinstance(record, Summary))
    speakers = by_speaker(summaries)
    failures = [record for record in records if isinstance(record, Failure)]
    failed = len(failures)
    return {
        "task": SUMMARIES,
        "n": len(summaries),
        "failed": failed,
        "skipped": manifest.data["skipped"],
        "missing": manifest.data["questions"] - len(summaries) - failed,
        "metrics": {
            "speaker": _mean_rouge(list(speakers.values())),
            "session": _mean_rouge([[one] for one in summaries]),
        },
        "judged": {FACTS: _facts(summaries, judgements)} if judgements else {},
        "events": {
            "said": sum(len(one.said) for one in summaries),
            "gold": sum(len(one.events) for one in summaries),
        },
        "retrieval": context_read(summaries, lambda one: one.turns),
        "latency_ms": latency_of_reading(summaries),
        "cost": cost_of_reading(manifest, summaries, in_fixed_order(failures)),
    }


def rouge_of(summaries: Sequence[Summary]) -> Rouge | None:
    """ROUGE of what was listed in some sessions against what happened there; ``None`` if neither side has an event."""
    said = [event for one in summaries for event in one.said]
    gold = [event for one in summaries for event in one.events]
    return rouge("\n".join(said), "\n".join(gold)) if said or gold else None


def _mean_rouge(groups: Sequence[Sequence[Summary]]) -> dict[str, float]:
    found = [measured for group in groups if (measured := rouge_of(group)) is not None]
    names = ("rouge1", "rouge2", "rouge_l")
    return {"n": len(found), **({name: mean([getattr(one, name) for one in found]) for name in names} if found else {})}


def _facts(summaries: Sequence[Summary], records: Sequence[FactRecord]) -> dict[str, Any]:
    """Means over speakers of what can be said of each; verdicts on lists that the run no longer gives are passed over.

    ``n`` speakers have facts on either side. ``sessions`` were judged and ``failed`` ones were not; a speaker is
    measured by the sessions that were judged. ``model`` and ``prompts`` are what
    :func:`agentmem_evals.scoring.judged.made_by` tells; ``usage`` is what judging cost,
    failures included.
    """
    verdicts = sorted(current(records, sides_of(summaries)), key=lambda one: one.question_id)
    done = {one.question_id for one in verdicts}
    failed = [one for one in records if isinstance(one, Failure)]
    failures = {one.question_id for one in failed}
    by_person: dict[tuple[str, str], list[FactJudgement]] = {}
    for one in verdicts:
        by_person.setdefault((one.body, one.speaker), []).append(one)
    scores = [
        fact_scores(
            [fact.supported for one in judged for fact in one.said],
            [fact.supported for one in judged for fact in one.gold],
        )
        for judged in by_person.values()
    ]
    found: dict[str, Any] = {
        "n": sum(one.f1 is not None for one in scores),
        "sessions": len(verdicts),
        "failed": len((failures & {one.question_id for one in summaries}) - done),
        **made_by((one.model for one in verdicts), (pair for one in verdicts for pair in one.prompts.items())),
    }
    for name in ("precision", "recall", "f1"):
        if values := [value for one in scores if (value := getattr(one, name)) is not None]:
            found[name] = mean(values)
    return found | {
        "facts_said": sum(len(one.said) for one in verdicts),
        "facts_gold": sum(len(one.gold) for one in verdicts),
        "usage": total([one.usage for one in verdicts] + [one.usage for one in in_fixed_order(failed)]),
    }
