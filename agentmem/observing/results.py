"""What a span says of a verb's result: how much it was, never what."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch

from agentmem.observing.instruments import HITS, TOKENS
from agentmem.protocols import Attribute, Span
from agentmem.retrieval.context import ContextBlock
from agentmem.retrieval.hits import Hits
from agentmem.types import Certificate, Consolidation, Imported, Page, Receipt, Stats, Waiting

Described = Mapping[str, Attribute]


def tell(span: Span, result: object) -> None:
    """Put into a span what it says of a result."""
    for name, value in described(result).items():
        span.set(name, value)


@singledispatch
def described(_result: object) -> Described:
    """Attributes of a span, from what a verb returned."""
    return {}


@described.register
def _(hits: Hits) -> Described:
    return {
        HITS: len(hits),
        "agentmem.llm.calls": hits.usage.llm_calls,
        "agentmem.llm.failures": len(hits.failures),
        "agentmem.llm.stopped": hits.stopped is not None,
    }


@described.register
def _(block: ContextBlock) -> Described:
    return {HITS: len(block.hits), TOKENS: block.tokens}


@described.register
def _(receipt: Receipt) -> Described:
    return {
        "agentmem.run": receipt.run,
        "agentmem.episodes": len(receipt.episodes),
        "agentmem.memories": len(receipt.ids),
        "agentmem.duplicates": receipt.duplicates,
        "agentmem.pending": receipt.pending,
    }


@described.register
def _(done: Consolidation) -> Described:
    return {
        "agentmem.run": done.run or "",
        "agentmem.units": sum(built.units for built in done.built),
        "agentmem.added": sum(sum(built.added.values()) for built in done.built),
        "agentmem.failed": len(done.failures),
        "agentmem.waiting": sum(built.waiting for built in done.built),
        "agentmem.pending": done.pending,
    }


@described.register
def _(certificate: Certificate) -> Described:
    return {
        "agentmem.run": certificate.run or "",
        "agentmem.dry_run": certificate.dry_run,
        "agentmem.episodes": certificate.episodes,
        "agentmem.memories": certificate.memories,
        "agentmem.versions": certificate.versions,
        "agentmem.compacted": certificate.compacted,
        "agentmem.pending": certificate.pending,
    }


@described.register
def _(imported: Imported) -> Described:
    return {
        "agentmem.episodes": imported.episodes,
        "agentmem.memories": imported.memories,
        "agentmem.duplicates": imported.present,
        "agentmem.refused": imported.refused,
        "agentmem.pending": imported.pending,
    }


@described.register
def _(stats: Stats) -> Described:
    return {"agentmem.memories": stats.memories, "agentmem.episodes": stats.episodes}


@described.register
def _(page: Page) -> Described:
    return {"agentmem.memories": len(page)}


@described.register
def _(several: tuple) -> Described:  # type: ignore[type-arg]
    waiting = [one for one in several if isinstance(one, Waiting)]
    if not waiting:
        return {"agentmem.count": len(several)}
    return {
        "agentmem.waiting": sum(one.left for one in waiting),
        "agentmem.failed": sum(one.failed for one in waiting),
        "agentmem.dead": sum(one.dead for one in waiting),
    }


@described.register
def _(count: int) -> Described:
    return {"agentmem.count": count}


@described.register
def _(done: bool) -> Described:
    return {"agentmem.done": done}
