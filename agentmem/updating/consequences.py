"""From decisions to operations, so that nothing is lost and nothing has two fates at once.

Nothing is overwritten: what is merged is retired behind an ``absorbs`` edge, what is no longer true gets an end and a
``supersedes`` edge from what replaced it. All of it can be undone, memory by memory or run by run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from agentmem.ids import EDGE, new_id
from agentmem.kinds import ABSORBS, SUPERSEDES
from agentmem.operations import Close, Link, Operation, Retire, Revise
from agentmem.types import Edge, Memory, State
from agentmem.updating.decision import Decision, Pair, Relation
from agentmem.updating.intervals import end_at, is_later, overlap

Ruling = tuple[Pair, Decision]

_MERGES = (Relation.REPEATS, Relation.REFINES)
_ENDS = (Relation.SUPERSEDES, Relation.CANCELS)


@dataclass(slots=True)
class _Batch:
    """What became of memories so far."""

    merged_before: frozenset[frozenset[str]]
    ended_before: frozenset[tuple[str, str]]
    gone: set[str] = field(default_factory=set)
    ends: dict[str, datetime] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)

    def now(self, memory: Memory) -> Memory:
        """The memory with the end it got in this batch."""
        return replace(memory, valid_to=self.ends[memory.id]) if memory.id in self.ends else memory

    def is_standing(self, memory: Memory) -> bool:
        return memory.id not in self.gone and memory.state == State.ACTIVE and memory.superseded_at is None

    def link(self, kind: str, source: Memory, target: Memory) -> None:
        self.operations.append(Link(Edge(new_id(EDGE), kind, source.id, target.id)))

    def retire(self, memory: Memory, reason: str) -> None:
        self.gone.add(memory.id)
        self.operations.append(Retire(memory.id, memory.version, reason))

    def close(self, older: Memory, newer: Memory, reason: str) -> None:
        self.ends[older.id] = end_at(older, newer)
        self.operations.append(Close(older.id, self.ends[older.id], older.version, reason))


def consequences(rulings: Iterable[Ruling], edges: Sequence[Edge] = ()) -> tuple[Operation, ...]:
    """The operations that carry out decisions, in order of time whatever the order they come in.

    A memory that an earlier one of them retired or reworded takes no part in later ones; one that was given an end
    takes part only with what began before it. A merge that was done before (an ``absorbs`` edge joins the two) and
    taken back is not done again, and no more is an end (a ``supersedes`` edge) that somebody opened again. What is
    pinned is never retired. Where one newer memory repeats one older memory and replaces another that came after it, it
    is news again, and stays.

    Args:
        rulings: pairs with what was decided about them.
        edges: those of the kinds ``absorbs`` and ``supersedes`` that are there.

    Returns:
        Operations that each state the version they expect; only the identifiers of new edges differ between calls.
    """
    batch = _Batch(
        frozenset(frozenset((edge.source, edge.target)) for edge in edges if edge.kind == ABSORBS),
        frozenset((edge.source, edge.target) for edge in edges if edge.kind == SUPERSEDES),
    )
    told = [ruling for ruling in rulings if ruling[1].relation != Relation.INDEPENDENT]
    ordered = sorted(told, key=lambda ruling: (_moment(ruling[0].newer), _moment(ruling[0].older)))
    for _id, group in groupby(ordered, key=lambda ruling: ruling[0].newer.id):
        _settle(batch, list(group))
    return tuple(batch.operations)


def _settle(batch: _Batch, group: Sequence[Ruling]) -> None:
    """Everything that was decided about one newer memory."""
    newer = group[0][0].newer
    ends = [pair for pair, _decision in _open(batch, group, _ENDS)]
    repeated = [pair.older for pair, _ in _open(batch, group, (Relation.REPEATS,))]
    latest = max((_moment(pair.older) for pair in ends), default=None)
    if repeated and not newer.pinned and (latest is None or _moment(repeated[-1]) > latest):
        batch.link(ABSORBS, repeated[-1] if latest is not None else repeated[0], newer)
        batch.retire(newer, "repeats another")
        return
    cancels = {pair.older.id for pair, _ in _open(batch, group, (Relation.CANCELS,))}
    for pair in ends:
        batch.close(pair.older, newer, "ended by a cancellation" if pair.older.id in cancels else "superseded")
        batch.link(SUPERSEDES, newer, pair.older)
    if cancels and not newer.pinned:
        batch.retire(newer, "only ended another")
        return
    for pair, decision in _open(batch, group, (Relation.REFINES,)):
        if batch.is_standing(newer):
            _refine(batch, pair, decision)


def _refine(batch: _Batch, pair: Pair, decision: Decision) -> None:
    older, newer = pair.older, batch.now(pair.newer)
    if decision.text is not None and older.sources and newer.sources and not newer.pinned:
        sources = tuple(dict.fromkeys((*older.sources, *newer.sources)))
        reworded = replace(
            older,
            version=older.version + 1,
            text=decision.text,
            valid_from=newer.valid_from,
            valid_to=newer.valid_to,
            sources=sources,
        )
        batch.operations.append(Revise(reworded, older.version))
        batch.gone.add(older.id)
        batch.link(ABSORBS, older, newer)
        batch.retire(newer, "merged into another")
    elif not older.pinned:  # it ends rather than goes: before the newer began, it is all there was to know
        batch.close(older, newer, "refined by another")
        batch.gone.add(older.id)
        batch.link(ABSORBS, newer, older)


def _open(batch: _Batch, group: Sequence[Ruling], relations: Sequence[Relation]) -> Iterator[Ruling]:
    """Those of these relations that can still be carried out."""
    for pair, decision in group:
        if decision.relation not in relations or pair.older.id == pair.newer.id:
            continue
        older, newer = batch.now(pair.older), batch.now(pair.newer)
        if not (batch.is_standing(older) and batch.is_standing(newer) and overlap(older, newer)):
            continue
        if decision.relation in _MERGES:
            if frozenset((older.id, newer.id)) not in batch.merged_before:
                yield pair, decision
        elif is_later(newer, older) and (newer.id, older.id) not in batch.ended_before:
            yield pair, decision


def _moment(memory: Memory) -> tuple[datetime, datetime, str]:
    return memory.valid_from, memory.recorded_at, memory.id
