"""Storing, changing and destroying."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agentmem.compat.mem0.errors import ValidationError
from agentmem.compat.mem0.identity import DIGESTS, KEYS, Identity, stamped, with_labels
from agentmem.compat.mem0.items import SAID_BY, added
from agentmem.compat.mem0.moments import expiry, moment
from agentmem.compat.mem0.notes import FAILED
from agentmem.compat.mem0.places import Place, Places
from agentmem.engine.filters import matches
from agentmem.errors import AgentMemError, InvalidInput
from agentmem.handle import ScopeHandle
from agentmem.ids import new_id
from agentmem.kinds import CHUNK, FACT
from agentmem.types import Memory

logger = logging.getLogger(__name__)

_CONVERSATION = "conversation_"
"""The prefix of the session of messages that were given together, where there is no ``run_id``."""
_PAGE = 500
_ENDS = "expiration_date"
UNCHANGED: Any = object()
"""Where ``None`` means something else."""
_OWN_KEYS = frozenset({*KEYS, *DIGESTS.values(), *SAID_BY})
"""Metadata that says whose a memory is and who said it: no caller's metadata sets or changes it."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What ``add`` was told about all of its messages; ``ends``: what is shown as the expiry, and its moment."""

    run_id: str | None = None
    at: datetime | None = None
    ends: tuple[str, datetime] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


def refuse_unsupported(memory_type: str | None, prompt: str | None) -> None:
    """Raises InvalidInput for what ``add`` would have to ignore."""
    if memory_type is not None:
        raise ValidationError(
            f"memory_type={memory_type!r} is not supported.",
            error_code="VALIDATION_002",
            details={"provided_type": memory_type},
            suggestion="Leave it out; a procedure is remembered as text: add(text, agent_id=..., infer=False).",
        )
    if prompt is not None:
        raise InvalidInput("prompt= is not supported: facts are drawn with agentmem's own prompt. Leave it out.")


def circumstances(whose: Identity, metadata: Any, timestamp: Any, expiration_date: Any) -> Circumstances:
    """What ``add`` was told. mem0 takes a time, and an expiry, from metadata too.

    Raises:
        InvalidInput: something that cannot be read.
    """
    stated = without_own_keys({} if metadata is None else metadata, {}, "add()")
    created, ends = stated.pop("created_at", None), stated.pop(_ENDS, None)
    said = created if timestamp is None else timestamp
    ends = ends if expiration_date is None else expiration_date
    return Circumstances(
        whose.run_id,
        None if said is None else moment(said, "timestamp" if created is None else "created_at"),
        None if ends is None else expiry(ends),
        stated,
    )


def without_own_keys(metadata: Any, known: Mapping[str, Any], verb: str) -> dict[str, Any]:
    """A caller's metadata without identifiers, which are arguments; the log says what was left out, as mem0's does.

    Raises:
        InvalidInput: it is not a mapping.
    """
    if not isinstance(metadata, Mapping):
        raise InvalidInput(f"metadata must be a mapping, not {type(metadata).__name__}.")
    for key in sorted(_OWN_KEYS & metadata.keys()):
        if metadata[key] != known.get(key):
            logger.warning("%s: metadata[%r] is not used: it says whose a memory is, or who said it", verb, key)
    return {key: value for key, value in metadata.items() if key not in _OWN_KEYS}


def remember(place: Place, messages: list[dict[str, Any]], told: Circumstances, now: datetime) -> list[Memory]:
    """Store messages; the memories they became, in order. A long message becomes several."""
    if not messages:
        return []
    shared = {**told.metadata, **stamped(place.labels), **({} if told.ends is None else {_ENDS: told.ends[0]})}
    content = [
        {**message, "metadata": {**shared, "role": message["role"], **_actor(message)}, "index": True}
        for message in messages
    ]
    left = None if told.ends is None else told.ends[1] - now
    receipt = place.handle.add(
        content,
        session=told.run_id or new_id(_CONVERSATION),
        at=told.at,
        ttl=left if left is not None and left > timedelta(0) else None,
    )
    if told.ends is not None and left is not None and left <= timedelta(0):
        for id in receipt.ids:  # it was over before it began
            place.handle.expires_at(id, told.ends[1])
    return [place.handle.get(id) for id in receipt.ids]


def _actor(message: Mapping[str, Any]) -> dict[str, str]:
    return {"actor_id": message["name"]} if message["name"] else {}


def draw_facts(handle: ScopeHandle, stored: list[Memory]) -> list[Memory]:
    """Let the language model read what is new in a scope; the facts that came of these memories.

    What fails is kept for the next time, and the log says so: what was said is stored already.
    """
    try:
        failures = handle.consolidate().failures
    except AgentMemError as error:
        failures = (f"{type(error).__name__}: {error}",)
    if failures:
        logger.warning(FAILED, "; ".join(failures))
    origins = {source.episode for memory in stored for source in memory.sources}
    sessions = dict.fromkeys(memory.session for memory in stored)
    return [
        fact
        for session in sessions
        for fact in _pages(handle, FACT, session)
        if any(source.episode in origins for source in fact.sources)
    ]


def results(stored: list[Memory], facts: list[Memory]) -> list[dict[str, Any]]:
    """What ``add`` returns: the messages as they were stored, then the facts that were drawn from them."""
    return [*(added(memory, drawn=False) for memory in stored), *(added(fact, drawn=True) for fact in facts)]


def revise(handle: ScopeHandle, kept: Memory, text: str | None, metadata: Mapping[str, Any], ends: Any) -> None:
    """Put a memory into other words, give it more metadata, or another expiry (``None``: never)."""
    known = dict(kept.metadata)
    stated = without_own_keys(metadata, known, "update()")
    ends = stated.pop(_ENDS, UNCHANGED) if ends is UNCHANGED else ends
    changed = {**known, **stated}
    over = None
    if ends is not UNCHANGED:
        changed.pop(_ENDS, None)
        stated.pop(_ENDS, None)
    if ends is not UNCHANGED and ends is not None:
        changed[_ENDS], over = expiry(ends)
    if text is not None or changed != known:
        handle.update(kept.id, text=text, metadata=changed if changed != known else None)
    if ends is not UNCHANGED:
        handle.expires_at(kept.id, over)


def destroy(places: Places, whose: Identity) -> None:
    """Destroy everything of an identity.

    Raises:
        InvalidInput: users' memories hold this agent, or run, too, and they are not meant to be reached. Then nothing
            is destroyed.
    """
    if not places.across_users and (holding := [place for place in places.beyond(whose) if _selected(place)]):
        raise InvalidInput(
            f"Nothing was deleted: {len(holding)} users have memories with {whose.key}={getattr(whose, whose.key)!r}, "
            "and no user_id was given. Call delete_all() for each user, or open Memory(across_users=True)."
        )
    for place in places.reached(whose):
        if not place.labels:
            place.handle.forget(everything=True)
        elif ids := _selected(place):
            place.handle.forget(ids=ids)


def _selected(place: Place) -> list[str]:
    """What was said in a place, in whatever state; what was drawn from it goes with it."""
    return [
        memory.id
        for memory in _pages(place.handle, CHUNK, None, state=None)
        if matches(memory.metadata, with_labels(place.labels))
    ]


def _pages(handle: ScopeHandle, kind: str, session: str | None, state: str | None = "active") -> Iterator[Memory]:
    after: str | None = None
    while True:
        page = handle.list(kinds=[kind], session=session, state=state, limit=_PAGE, after=after)
        yield from page
        after = page.next
        if after is None:
            return
