"""What waits where: for each structure of the recipe, and for the embedder. And another try for what has failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agentmem.engine import embed_worker
from agentmem.engine.building import NEVER
from agentmem.engine.parts import EMBEDDER_META, Parts, model_key
from agentmem.engine.units import follower_of
from agentmem.protocols import Cursor, Deferred, Reader
from agentmem.structures.structure import Structure
from agentmem.types import Scope, Waiting

VECTORS = "vectors"
"""What the embedder's work is called."""
_ALL = 10**9


def waiting(parts: Parts, scope: Scope) -> tuple[Waiting, ...]:
    """What waits in a scope: for each structure of the recipe in its order, then for the embedder.

    Empty for a scope that holds nothing. Vectors are those of the model the database was made with.
    """
    now = parts.clock()
    with parts.store.read(scope) as reader:
        if not reader.scope_id:
            return ()
        found = [_for_structure(reader, structure, now) for structure in parts.structures]
        if identity := reader.meta(EMBEDDER_META) or parts.identity:
            found.append(_for_embedder(reader, model_key(identity), now))
    return tuple(found)


def _for_structure(reader: Reader, structure: Structure, now: datetime) -> Waiting:
    cursor = reader.cursor(follower_of(structure))
    new = _new(reader, structure, cursor.position, _ALL)
    undone = reader.deferred(follower_of(structure))
    failed = [item for item in undone if item.attempts]
    later = [item.retry_at for item in undone if item.retry_at is not None and now < item.retry_at < NEVER]
    return Waiting(
        structure.name,
        cursor.position,
        reader.head(),
        new=new,
        deferred=len(undone),
        due=new + sum(_is_due(item, now) for item in undone),
        failed=len(failed),
        dead=sum(is_dead(item) for item in undone),
        retry_at=min(later, default=None),
        owner=cursor.owner,
        lease_until=cursor.lease_until,
        last_error=failed[-1].last_error if failed else None,
    )


def _for_embedder(reader: Reader, model: str, now: datetime) -> Waiting:
    cursor = reader.cursor(embed_worker.FOLLOWER)
    new = len(reader.unembedded(model, cursor.position, _ALL))
    rests = cursor.retry_at is not None and cursor.retry_at > now
    return Waiting(
        VECTORS,
        cursor.position,
        reader.head(),
        new=new,
        due=0 if rests else new,
        failed=new if cursor.attempts else 0,
        retry_at=cursor.retry_at if rests else None,
        owner=cursor.owner,
        lease_until=cursor.lease_until,
        last_error=cursor.last_error,
    )


def is_dead(item: Deferred) -> bool:
    """Whether it failed too often to be tried again by itself."""
    return item.retry_at is not None and item.retry_at >= NEVER


def retry(parts: Parts, scope: Scope, *, dead_only: bool = True) -> int:
    """Make what failed due at once, as if it had never been tried; returns how much that is.

    With ``dead_only`` only what is not tried again by itself; otherwise everything that waits for its next try, the
    vectors that could not be made included.
    """
    with parts.store.read(scope) as reader:
        if not reader.scope_id:  # writing would create it
            return 0
    count = 0
    with parts.store.write(scope) as writer:
        for structure in parts.structures:
            follower = follower_of(structure)
            failed = [item for item in writer.deferred(follower) if item.attempts]
            chosen = [item for item in failed if is_dead(item) or not dead_only]
            writer.defer(follower, [Deferred(item.row) for item in chosen])
            count += len(chosen)
        cursor = writer.cursor(embed_worker.FOLLOWER)
        identity = writer.meta(EMBEDDER_META) or parts.identity
        if cursor.attempts and not dead_only and identity:
            writer.set_cursor(embed_worker.FOLLOWER, replace(cursor, attempts=0, last_error=None, retry_at=None))
            count += len(writer.unembedded(model_key(identity), cursor.position, _ALL))
            parts.outage.end()
    return count


@dataclass(frozen=True, slots=True)
class Outlook:
    """Whether a worker's turn on a scope is worth it: what :func:`waiting` says, told cheaply.

    Attributes:
        head: the journal number at which this holds.
        due: something can be worked on now, by this process.
        left: something waits, perhaps for another process or a later time.
        quiet_at: when the scope will have been quiet for long enough, if nothing is added; ``None`` if it is.
    """

    head: int
    due: bool
    left: bool
    quiet_at: datetime | None = None


def outlook(parts: Parts, scope: Scope, quiet: timedelta) -> Outlook:
    """See :class:`Outlook`; ``quiet`` is how long nothing must have been added."""
    now = parts.clock()
    with parts.store.read(scope) as reader:
        head = reader.head()
        added = reader.added_at() if quiet else None
        if added is not None and now < added + quiet:
            return Outlook(head, due=False, left=True, quiet_at=added + quiet)
        found = [_structure_outlook(parts, reader, structure, now) for structure in parts.structures]
        if parts.model is not None:
            found.append(_embedder_outlook(parts, reader, parts.model, now))
    return Outlook(head, due=any(due for due, _left in found), left=any(left for _due, left in found))


def _structure_outlook(parts: Parts, reader: Reader, structure: Structure, now: datetime) -> tuple[bool, bool]:
    """Whether something is due for this process, and whether anything is left."""
    cursor = reader.cursor(follower_of(structure))
    undone = reader.deferred(follower_of(structure))
    new = _new(reader, structure, cursor.position, 1)
    due = bool(new) or any(_is_due(item, now) for item in undone)
    return due and not _is_held(cursor, parts.owner, now), bool(new or undone)


def _embedder_outlook(parts: Parts, reader: Reader, model: str, now: datetime) -> tuple[bool, bool]:
    cursor = reader.cursor(embed_worker.FOLLOWER)
    left = bool(reader.unembedded(model, cursor.position, 1))
    rests = cursor.retry_at is not None and cursor.retry_at > now
    return left and not rests and not _is_held(cursor, parts.owner, now), left


def _new(reader: Reader, structure: Structure, position: int, limit: int) -> int:
    """How much a structure has not taken up yet, counted up to ``limit``."""
    found: Sequence[object]
    if structure.reads:
        found = reader.memories_after(position, structure.reads)[:limit]
    else:
        found = reader.episodes_after(position, limit)
    return len(found)


def _is_due(item: Deferred, now: datetime) -> bool:
    return item.retry_at is None or item.retry_at <= now


def _is_held(cursor: Cursor, owner: str, now: datetime) -> bool:
    return cursor.owner not in (None, owner) and cursor.lease_until is not None and cursor.lease_until > now
