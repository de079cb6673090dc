"""System time: how memory versions stood at an earlier moment; the journal tells what was changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from agentmem.clock import to_micros
from agentmem.operations import Op
from agentmem.protocols import Listing
from agentmem.store import schema
from agentmem.store.rows import micros_or_none, moment_or_none
from agentmem.store.scoped import Scoped
from agentmem.types import Memory, State

_memories, _journal = schema.memories, schema.journal
_CHANGES = (Op.REVISE, Op.RETIRE, Op.RESTORE, Op.MARK, Op.CLOSE)


class Belief(NamedTuple):
    """How a memory version stood. Times are microseconds since 1970 (UTC), as stored."""

    row: int
    id: str
    version: int
    kind: str
    session: str | None
    at: int
    valid_from: int
    valid_to: int | None
    superseded_at: int | None
    state: str
    retired_at: int | None
    expires_at: int | None
    pinned: bool


_COLUMNS = tuple(_memories.c[name] for name in Belief._fields)


def beliefs(scoped: Scoped, known_at: int, id: str | None = None) -> list[Belief]:
    """The versions that were recorded by then, as they stood then, in order of number; of one memory, or of all."""
    choose = scoped.select_in if id is None else scoped.select_by_key
    versions = choose(_memories, *_COLUMNS).where(_memories.c.recorded_at <= known_at)
    later = scoped.select_in(_journal, _journal.c[("op", "subject", "row", "detail")])
    later = later.where(_journal.c.at > known_at, _journal.c.op.in_(_CHANGES)).order_by(_journal.c.seq.desc())
    if id is not None:
        versions, later = versions.where(_memories.c.id == id), later.where(_journal.c.subject == id)
    known: dict[int, dict[str, Any]] = {row.row: row._asdict() for row in scoped.rows(versions.order_by("row"))}
    numbers = {(values["id"], values["version"]): row for row, values in known.items()}
    for change in scoped.rows(later):  # the last first: what is left in the end is how it was before the first
        before: Mapping[str, Any] = json.loads(change.detail)
        row = change.row
        if change.op == Op.REVISE:  # it closed the version before
            row = numbers.get((change.subject, before["before"]))
            before = {"superseded_at": None, **before}
        if row in known:
            known[row].update((name, value) for name, value in before.items() if name in Belief._fields)
    return [Belief(**values) for values in known.values()]


def true_then(versions: list[Belief], known_at: int, as_of: int | None) -> list[Belief]:
    """Those that were true at a world time; without one, those that could be retrieved at ``known_at``."""
    if as_of is not None:
        return true_of(versions, as_of)
    return [belief for belief in versions if _found(belief, known_at)]


def true_of(versions: list[Belief], moment: int) -> list[Belief]:
    """Those that were held to be true of a moment of world time; none of a memory that was out of retrieval."""
    away = {belief.id for belief in versions if belief.superseded_at is None and belief.state != State.ACTIVE}
    return [
        belief
        for belief in versions
        if belief.id not in away
        and belief.state == State.ACTIVE
        and belief.valid_from <= moment
        and (belief.valid_to is None or belief.valid_to > moment)
    ]


def _found(belief: Belief, known_at: int) -> bool:
    if belief.state != State.ACTIVE:
        return False
    expired = belief.expires_at is not None and belief.expires_at <= known_at and not belief.pinned
    ended = belief.valid_to is not None and belief.valid_to <= known_at
    return belief.superseded_at is None and not ended and not expired


def listed(versions: list[Belief], listing: Listing, known_at: int) -> list[Belief]:
    """Those that a listing selects, in its order."""
    if listing.as_of is not None:
        found = true_of(versions, to_micros(listing.as_of))
    else:  # what has ended is listed, too; a retrieval leaves it out
        found = [belief for belief in versions if belief.superseded_at is None and _of_state(belief, listing, known_at)]
    since, until = micros_or_none(listing.since), micros_or_none(listing.until)
    return sorted(
        (
            belief
            for belief in found
            if (listing.kinds is None or belief.kind in listing.kinds)
            and (listing.session is None or belief.session == listing.session)
            and (since is None or belief.at >= since)
            and (until is None or belief.at < until)
        ),
        key=lambda belief: (belief.at, belief.row),
    )


def _of_state(belief: Belief, listing: Listing, known_at: int) -> bool:
    if listing.state == State.ACTIVE and belief.expires_at is not None and not belief.pinned:
        return belief.state == State.ACTIVE and belief.expires_at > known_at
    return listing.state is None or belief.state == listing.state


def as_believed(memory: Memory, belief: Belief) -> Memory:
    """A version as it read then."""
    return replace(
        memory,
        valid_to=moment_or_none(belief.valid_to),
        superseded_at=moment_or_none(belief.superseded_at),
        retired_at=moment_or_none(belief.retired_at),
        state=State(belief.state),
        expires_at=moment_or_none(belief.expires_at),
        pinned=bool(belief.pinned),
    )
