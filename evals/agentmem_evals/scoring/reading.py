"""What the tasks with a reader have in common: the context that was read, the time that took, and what it cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from agentmem_evals.metrics.retrieval import recall_at
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.records import ANSWER, READ, RETRIEVE, Failure
from agentmem_evals.scoring.totals import in_usd, ingest_cost, mean, percentiles, total


class Read(Protocol):
    """What records say of what was read: see :class:`agentmem_evals.runner.answer_records.Answer`."""

    @property
    def found(self) -> Sequence[str]:
        """The ids of the items in the context."""
        ...

    @property
    def left_out(self) -> int:
        """How many more were found that the reader's budget had no room for."""
        ...

    @property
    def context_tokens(self) -> int:
        """What those cost."""
        ...

    @property
    def retrieve_ms(self) -> float:
        """How long the system took."""
        ...

    @property
    def answer_ms(self) -> float:
        """How long the reader took."""
        ...

    @property
    def retrieve_usage(self) -> Mapping[str, float]:
        """What the system spent."""
        ...

    @property
    def answer_usage(self) -> Mapping[str, float]:
        """What the reader spent."""
        ...


R = TypeVar("R", bound=Read)


def context_read(records: Sequence[R], evidence: Callable[[R], Sequence[str]]) -> dict[str, Any]:
    """The mean share of the evidence that was in the context, over the ``n`` records with some, and its tokens.

    ``left_out`` is there where the reader's budget cut what was handed over: how many ``items`` ``of`` all were not
    read, and of how many ``questions``.
    """
    recalls = [recall_at(one.found, evidence(one), len(one.found)) for one in records if evidence(one)]
    return {
        **({"recall": mean(recalls)} if recalls else {}),
        "n": len(recalls),
        "context_tokens": percentiles([one.context_tokens for one in records]),
        **_left_out(records),
    }


def _left_out(records: Sequence[Read]) -> dict[str, dict[str, int]]:
    cut = [one.left_out for one in records if one.left_out]
    if not cut:
        return {}
    read = sum(len(one.found) for one in records)
    return {"left_out": {"items": sum(cut), "of": sum(cut) + read, "questions": len(cut)}}


def latency_of_reading(records: Sequence[Read]) -> dict[str, dict[str, float]]:
    """Milliseconds of both phases."""
    return {
        "retrieve": percentiles([one.retrieve_ms for one in records]),
        "answer": percentiles([one.answer_ms for one in records]),
    }


def cost_of_reading(manifest: Manifest, records: Sequence[Read], failures: Sequence[Failure]) -> dict[str, Any]:
    """What taking in and both phases cost; in US dollars too where the manifest has prices.

    What failed was paid for as well. Of a question that was tried again only the last try is in the run's files: what
    all starts together cost is the manifest's ``spent``.
    """
    finding = [one.usage if one.stage == RETRIEVE else one.retrieve_usage for one in failures]
    reading = [one.usage for one in failures if one.stage in (READ, ANSWER)]
    phases: Mapping[str, Mapping[str, float]] = {
        "retrieve": total([*(one.retrieve_usage for one in records), *finding]),
        "answer": total([*(one.answer_usage for one in records), *reading]),
    }
    cost = {**ingest_cost(manifest), **phases}
    usd = in_usd(manifest, {"ingest": cost["ingest"], **phases})
    return {**cost, "usd": usd} if usd else cost
