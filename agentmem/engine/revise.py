"""Changing memories: a new version, retirement and return, pin and expiry. Nothing is lost; history keeps it all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from agentmem.clock import aware
from agentmem.engine import embed_worker
from agentmem.engine.drawn import GONE, drawn_from, retired_with
from agentmem.engine.intake import clean_metadata, clean_text
from agentmem.engine.parts import Parts
from agentmem.errors import InvalidInput, NotFound, VersionConflict
from agentmem.forgetting.strength import after_feedback
from agentmem.ids import EPISODE, RUN, new_id
from agentmem.operations import Close, Mark, Operation, Record, Restore, Retire, Revise, Run
from agentmem.protocols import Reader
from agentmem.types import Episode, EpisodeKind, Memory, Metadata, Scope, Source, State

_NO_TEXT = "-"
"""What hooks see as the text of an update that only changes metadata."""


def current(reader: Reader, id: str) -> Memory:
    """The current version.

    Raises:
        NotFound: there is none.
    """
    found = reader.get(id)
    if found is None:
        raise NotFound(f"There is no memory {id} in this scope. 'list' shows those there are.")
    return found


def update(
    parts: Parts,
    scope: Scope,
    id: str,
    text: str | None,
    metadata: Mapping[str, Any] | None,
    valid_from: datetime | None,
    expected_version: int | None,
) -> Memory:
    """Open the next version. Its wording is kept as an episode of its own, so that it too has a source.

    The world changed at ``valid_from`` (default: now): until then the older version was true, and ``as_of`` finds it.
    """
    if text is None and metadata is None:
        raise InvalidInput("update() needs a new text= or metadata=.")
    text = None if text is None else clean_text(text)
    metadata = None if metadata is None else clean_metadata(metadata)
    now = parts.clock()
    text, metadata = _let_through(parts, text, metadata, now)
    starts = now if valid_from is None else aware(valid_from, "valid_from")
    with parts.store.write(scope) as writer:
        embed_worker.check_model(parts, writer)
        old = current(writer, id)
        if expected_version is not None and old.version != expected_version:
            raise VersionConflict(
                f"Memory {id} is at version {old.version}, not {expected_version}: it changed since it was read. "
                "Read it again with get(), decide anew, and retry."
            )
        if starts > now:
            raise InvalidInput(f"valid_from={starts.isoformat()} lies in the future. Update when it has become true.")
        if text is not None and starts < old.valid_from and valid_from is not None:
            raise InvalidInput(
                f"valid_from={starts.isoformat()} lies before the version it replaces became true "
                f"({old.valid_from.isoformat()}). Give a later moment."
            )
        if text is not None and old.valid_to is not None and old.valid_to <= max(starts, old.valid_from):
            raise InvalidInput(
                f"Memory {id} was true until {old.valid_to.isoformat()}, and what it would say now is true from "
                f"{starts.isoformat()}: nobody would find it. Add what is true now, or give a valid_from= before that."
            )
        new = replace(
            old,
            version=old.version + 1,
            text=old.text if text is None else text,
            metadata=old.metadata if metadata is None else metadata,
            valid_from=max(starts, old.valid_from) if text is not None else old.valid_from,
            superseded_at=None,
        )
        operations: list[Operation] = []
        if text is not None:
            correction = _correction(new, now)
            operations.append(Record(correction, corrects=id))
            new = replace(new, sources=(*old.sources, Source(correction.id, 0, len(text))))
            operations += [
                Close(drawn.id, max(new.valid_from, drawn.valid_from), drawn.version)
                for drawn in drawn_from(writer, [id])
                if drawn.valid_to is None or drawn.valid_to > new.valid_from
            ]
        operations.append(Revise(new, expected=old.version, retract=text is None))
        written = writer.apply(Run(new_id(RUN), {"verb": "update"}), operations)
        if parts.embedder is not None:
            embed_worker.claim(writer, parts)
    embed_worker.finish(parts, scope, own=written[0])
    with parts.store.read(scope) as reader:
        return current(reader, id)


def _let_through(parts: Parts, text: str | None, metadata: Metadata | None, now: datetime) -> tuple[str | None, Any]:
    """The new wording and metadata as the hooks before writing let them through."""
    if not parts.hooks.before_write:
        return text, metadata
    draft = Episode(new_id(EPISODE), EpisodeKind.CORRECTION, text or _NO_TEXT, now, now, metadata=metadata or {})
    let = parts.hooks.written(draft)
    if let is None:
        raise InvalidInput("A hook before writing kept this update out: it may not be stored. Nothing was changed.")
    return None if text is None else let.text, None if metadata is None else let.metadata


def _correction(memory: Memory, now: datetime) -> Episode:
    return Episode(
        id=new_id(EPISODE),
        kind=EpisodeKind.CORRECTION,
        text=memory.text,
        at=now,
        recorded_at=now,
        session=memory.session,
        speaker=memory.speaker,
        role=memory.role,
        title=memory.title,
        indexed=False,
    )


def retire(parts: Parts, scope: Scope, id: str, expected_version: int | None) -> Memory:
    """Take a memory out of retrieval, with what was drawn from it alone; retiring a retired one changes nothing."""

    def operations(reader: Reader, memory: Memory) -> list[Operation]:
        if memory.state is State.RETIRED:
            return []
        drawn = [Retire(one.id, one.version, reason=GONE) for one in drawn_from(reader, [id])]
        return [Retire(id, expected_version), *drawn]

    return _change(parts, scope, "retire", id, operations)


def restore(parts: Parts, scope: Scope, id: str, expected_version: int | None) -> Memory:
    """Bring a retired memory back, with what was retired with it; restoring an active one changes nothing."""

    def operations(reader: Reader, memory: Memory) -> list[Operation]:
        if memory.state is State.ACTIVE:
            return []
        return [Restore(id, expected_version), *(Restore(one) for one in retired_with(reader, id))]

    return _change(parts, scope, "restore", id, operations)


def feedback(parts: Parts, scope: Scope, id: str, useful: bool) -> Memory:
    """Strengthen or weaken a memory; see :mod:`agentmem.forgetting.strength`. Not journalled."""
    with parts.store.write(scope) as writer:
        writer.strengthen(id, after_feedback(current(writer, id).strength, useful))
        return current(writer, id)


def mark(parts: Parts, scope: Scope, verb: str, id: str, change: Mapping[str, Any]) -> Memory:
    """Set pin or expiry; what was drawn from a text alone expires with it."""

    def operations(reader: Reader, memory: Memory) -> list[Operation]:
        marked = replace(memory, **change)
        if marked == memory:
            return []
        drawn = drawn_from(reader, [id]) if marked.expires_at != memory.expires_at else []
        passed_on = [Mark(one.id, one.pinned, marked.expires_at) for one in drawn]
        return [Mark(id, marked.pinned, marked.expires_at), *passed_on]

    return _change(parts, scope, verb, id, operations)


def _change(
    parts: Parts, scope: Scope, verb: str, id: str, propose: Callable[[Reader, Memory], list[Operation]]
) -> Memory:
    with parts.store.write(scope) as writer:
        operations = propose(writer, current(writer, id))
        if operations:
            writer.apply(Run(new_id(RUN), {"verb": verb}), operations)
        if operations and isinstance(operations[0], Restore):  # somebody wants it: it has not faded
            writer.use({id: 1}, parts.clock())
        return current(writer, id)
