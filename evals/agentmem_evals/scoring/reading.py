"""What the tasks with a reader have in common: the context that was read, the time that took, and what it cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from agentmem_evals.metrics.retrieval import recall_at
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.scoring.totals import in_usd, ingest_cost, mean, percentiles, total


class Read(Protocol):
    """What records say of what was read: see :class:`agentmem_evals.runner.answer_records.Answer`."""

    @property
    def found(self) -> Sequence[str]:
        """The ids of the items in the context."""
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
    """The mean share of the evidence that was in the context, over the ``n`` records with some, and its tokens."""
    recalls = [recall_at(one.found, evidence(one), len(one.found)) for one in records if evidence(one)]
    return {
        **({"recall": mean(recalls)} if recalls else {}),
        "n": len(recalls),
        "context_tokens": percentiles([one.context_tokens for one in records]),
    }


def latency_of_reading(records: Sequence[Read]) -> dict[str, dict[str, float]]:
    """Milliseconds of both phases."""
    return {
        "retrieve": percentiles([one.retrieve_ms for one in records]),
        "answer": percentiles([one.answer_ms for one in records]),
    }


def cost_of_reading(manifest: Manifest, records: Sequence[Read]) -> dict[str, Any]:
    """What taking in and both phases cost; in US dollars too where the manifest has prices."""
    phases: Mapping[str, Mapping[str, float]] = {
        "retrieve": total(one.retrieve_usage for one in records),
        "answer": total(one.answer_usage for one in records),
    }
    cost = {**ingest_cost(manifest), **phases}
    usd = in_usd(manifest, {"ingest": cost["ingest"], **phases})
    return {**cost, "usd": usd} if usd else cost
