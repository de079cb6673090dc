"""Origin ``mem0``: the memories of the open-source library mem0, with their history.

Written against mem0ai 2.2. What lives is what its vector store holds; its history database adds what a memory said
before. The history alone can be read too, but does not tell whose memories they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any

from agentmem.clock import now as present
from agentmem.errors import InvalidInput
from agentmem.moving.item import Found, Item, Skipped, Wording
from agentmem.moving.mem0_history import Past, is_history, pasts, with_last
from agentmem.moving.mem0_points import Point, check, points, points_folder
from agentmem.moving.placing import Placing, placing
from agentmem.moving.sqlite_files import opened
from agentmem.moving.stamps import moment_of
from agentmem.structures.chunks import CHUNK_CHARACTERS
from agentmem.types import Document, Message, Scope

COLLECTION = "mem0"
HISTORY = "history.db"
SCOPE_BY = ("user_id", "agent_id")
_NOT_KEPT = frozenset({"data", "hash", "text_lemmatized", "created_at", "updated_at", "expiration_date", "role"})
"""What a payload holds besides metadata: what an item has a place for, and what follows from the text."""
_BATCH = 200


def read_mem0(
    path: str | PathLike[str],
    *,
    history: str | PathLike[str] | None = None,
    collection: str | None = None,
    scope: Scope | None = None,
    scope_by: Sequence[str] = (),
    now: datetime | None = None,
) -> Iterator[Found]:
    """The memories of mem0, each with its former wordings.

    Args:
        path: the folder of its vector store (Qdrant or Chroma), or one with that folder in it; or a history database,
            to read that alone, which needs ``scope``.
        history: its history database; ``history.db`` in ``path`` if it is there. Without one there are no former
            wordings.
        collection: the vector store's collection; ``"mem0"`` by default.
        scope: where everything goes. By default each ``user_id`` is a scope, and each ``agent_id`` one below it.
        scope_by: fields that name the scope instead, below ``scope`` if that is given too: ``"user_id"``,
            ``"agent_id"``, ``"run_id"``, ``"actor_id"``, or any of the metadata.
        now: what has expired by then is left out; the present by default.

    Raises:
        MissingExtra: the package that reads the vector store is not installed.
        InvalidInput: there is no such store.
    """
    place = Path(path)
    past = _history(place, history)
    folder = points_folder(place)
    if folder is None:
        if past is None:
            raise InvalidInput(
                f"{place} is neither a folder with mem0's vector store (Qdrant's, with meta.json in it, or Chroma's, "
                "with chroma.sqlite3) nor its history database."
            )
        return _history_alone(past, placing(scope, scope_by))
    where = placing(scope, scope_by, default=SCOPE_BY)
    check(folder)
    return _items(points(folder, collection or COLLECTION), past, where, present() if now is None else now)


def _items(stream: Iterator[Point], past: Path | None, where: Placing, now: datetime) -> Iterator[Found]:
    with ExitStack() as stack:
        connection = None if past is None else stack.enter_context(opened(past))
        seen: set[str] = set()
        while batch := list(islice(stream, _BATCH)):
            ids = [id for id, _payload in batch]
            seen.update(ids)
            known = {} if connection is None else {found.id: found for found in pasts(connection, ids)}
            for point in batch:
                yield from _found(point, known.get(point[0]), where, now)
        if connection is not None:
            yield from _gone(connection, seen)


def _history(place: Path, given: str | PathLike[str] | None) -> Path | None:
    chosen = Path(given) if given is not None else place if place.is_file() else place / HISTORY
    if is_history(chosen):
        return chosen
    if given is not None:
        raise InvalidInput(f"{chosen} is no history database of mem0's. Leave it out to move in without history.")
    return None


def _found(point: Point, past: Past | None, where: Placing, now: datetime) -> Iterator[Found]:
    id, payload = point
    place = f"memory {id}"
    text = payload.get("data")
    if text is None and payload.get("type") == "user_identity":
        yield Skipped(place, "it is mem0's own record, no memory")
        return
    if past is not None and past.fault:
        yield Skipped(place, "its history cannot be read: it is moved in without", past.fault, malformed=True)
    try:
        expires = _expiry(payload.get("expiration_date"))
        if expires is not None and expires <= now:
            yield Skipped(place, "it has expired")
            return
        if not isinstance(text, str):
            raise InvalidInput("it has no text")
        created, updated = (moment_of(payload.get(name), UTC) for name in ("created_at", "updated_at"))
        wordings, left = _versions(with_last(past, text, created, updated))
        first = wordings[0] if wordings else None
        metadata = {name: value for name, value in payload.items() if name not in _NOT_KEPT}
        if updated is not None and updated != created:
            metadata["updated_at"] = updated.isoformat()
        content = _content(id, payload, metadata, first.text if first else text, first.at if first else None)
        yield Item(where.scope(payload), content, place, wordings[1:], expires)
        if left:
            yield _too_long(place, left)
    except InvalidInput as error:
        yield Skipped(place, "it cannot be read", str(error), malformed=True)


def _history_alone(path: Path, where: Placing) -> Iterator[Found]:
    with opened(path) as connection:
        for past in pasts(connection):
            place = f"memory {past.id}"
            if past.deleted:
                yield Skipped(place, "it was deleted")
                continue
            if past.fault or not past.wordings:
                yield Skipped(place, "it cannot be read", past.fault or "it has no text", malformed=True)
                continue
            payload = {"role": past.role, "actor_id": past.actor}
            wordings, left = _versions(past.wordings)
            metadata = {} if past.actor is None else {"actor_id": past.actor}
            try:
                content = _content(past.id, payload, metadata, wordings[0].text, wordings[0].at)
                yield Item(where.scope(payload), content, place, wordings[1:])
            except InvalidInput as error:
                yield Skipped(place, "it cannot be read", str(error), malformed=True)
                continue
            if left:
                yield _too_long(place, left)


def _gone(connection: sqlite3.Connection, seen: set[str]) -> Iterator[Skipped]:
    """What the history knows and the vector store does not."""
    for past in pasts(connection):
        if past.id not in seen:
            reason = "it was deleted" if past.deleted else "only the history knows it, not the vector store"
            yield Skipped(f"memory {past.id}", reason)


def _versions(wordings: tuple[Wording, ...]) -> tuple[tuple[Wording, ...], int]:
    """The wordings that become versions of one memory, and how many are left out.

    A text that is split into several memories cannot be the former wording of one: then only the last one counts.
    """
    if len(wordings) > 1 and any(len(wording.text) > CHUNK_CHARACTERS for wording in wordings):
        return wordings[-1:], len(wordings) - 1
    return wordings, 0


def _too_long(place: str, count: int) -> Skipped:
    return Skipped(place, "a former wording is too long to be a version of one memory", count=count)


def _content(
    id: str, payload: Mapping[str, Any], metadata: Mapping[str, Any], text: str, at: datetime | None
) -> Message | Document:
    """A memory as a message if it says who spoke, as a document otherwise. It can be found, whatever its role."""
    role = _name(payload, "role") or _name(payload, "attributed_to")
    speaker, session, ref = _name(payload, "actor_id"), _name(payload, "run_id"), f"mem0:{id}"
    if role or speaker or session:
        return Message(text, role, speaker, session, at, ref, metadata, index=True)
    return Document(text, at=at, ref=ref, metadata=metadata, index=True)


def _name(payload: Mapping[str, Any], key: str) -> str | None:
    value = payload.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"its {key} is {value!r}, not text")
    return value or None


def _expiry(value: Any) -> datetime | None:
    """The end of the last day (UTC) on which mem0 shows it."""
    if not value:
        return None
    try:
        return datetime.combine(date.fromisoformat(str(value)), datetime.min.time(), UTC) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"its expiration_date is {value!r}, no date") from error
