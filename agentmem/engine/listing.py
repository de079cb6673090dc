"""Reading without a query: one memory, a page of them, history, counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agentmem.clock import aware
from agentmem.engine.filters import Filters, matches
from agentmem.engine.parts import EMBEDDER_META, Parts, model_key
from agentmem.errors import InvalidInput, NotFound
from agentmem.protocols import Listing
from agentmem.types import Episode, HistoryEntry, Memory, Page, Scope, State, Stats

MAX_PAGE = 1_000


def get(parts: Parts, scope: Scope, id: str, as_of: datetime | None, known_at: datetime | None) -> Memory:
    """One memory, whatever its state; with ``as_of`` the version that was true then, as was believed at ``known_at``.

    Raises:
        NotFound: no such memory, or none that was true then.
    """
    moment = None if as_of is None else aware(as_of, "as_of")
    known = None if known_at is None else aware(known_at, "known_at")
    with parts.store.read(scope) as reader:
        found = reader.get(id, moment, known)
    if found is None:
        then = "" if moment is None else f" that was true at {moment.isoformat()}"
        raise NotFound(f"There is no memory {id} in this scope{then}. 'list' shows those there are.")
    return found


def episode(parts: Parts, scope: Scope, id: str) -> Episode:
    """One episode, as it was stored.

    Raises:
        NotFound: no such episode.
    """
    with parts.store.read(scope) as reader:
        found = reader.episode(id)
    if found is None:
        raise NotFound(f"There is no episode {id} in this scope. A memory's sources name its episodes.")
    return found


def history(parts: Parts, scope: Scope, id: str) -> tuple[HistoryEntry, ...]:
    """Every version of a memory, oldest first, each with the journal entries that touched it.

    Raises:
        NotFound: no such memory.
    """
    with parts.store.read(scope) as reader:
        found = reader.history(id)
    if not found:
        raise NotFound(f"There is no memory {id} in this scope. 'list' shows those there are.")
    return found


def page(parts: Parts, scope: Scope, filters: Filters, state: str | None, limit: int, after: str | None) -> Page:
    """A page of memories in chronological order."""
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidInput(f"limit must lie between 1 and {MAX_PAGE}, not {limit}. Use 'after' for more.")
    if state is not None and state not in set(State):
        raise InvalidInput(f"Unknown state {state!r}. There are: {', '.join(State)}.")
    filters = filters.checked()
    moments = (filters.since, filters.until, filters.as_of, filters.known_at)
    listing = Listing(filters.kinds, filters.session, *moments, state)
    found: list[Memory] = []
    with parts.store.read(scope) as reader:
        while True:
            part = reader.page(listing, limit - len(found), after)
            found += [memory for memory in part if matches(memory.metadata, filters.where)]
            after = part.next
            if after is None or len(found) >= limit:
                return Page(tuple(found), after)


def stats(parts: Parts, scope: Scope) -> Stats:
    """How much the scope holds. Vectors are those of the model the database was made with, whatever is in use."""
    with parts.store.read(scope) as reader:
        identity = reader.meta(EMBEDDER_META) or parts.identity  # the first vectors may still be pending
        found = reader.stats(model_key(identity) if identity else None)
    fingerprint = identity.rpartition("|")[0] or None
    return replace(found, bytes_on_disk=parts.store.bytes_on_disk(), embedder=fingerprint)
