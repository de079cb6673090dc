"""mem0's history database: what each memory said before, and what was deleted.

Written against mem0ai 2.2: table ``history`` with a row for each event (``ADD``, ``UPDATE``, ``DELETE``), its wording
before and after, when the memory was made (``created_at``) and when the event happened (``updated_at``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from agentmem.errors import InvalidInput
from agentmem.moving.item import Wording
from agentmem.moving.sqlite_files import columns, opened
from agentmem.moving.stamps import moment_of

_NEEDED = frozenset({"memory_id", "new_memory", "event", "created_at", "updated_at", "is_deleted", "actor_id", "role"})
_ORDER = "created_at, DATETIME(updated_at), updated_at, rowid"

_Event = tuple[str, str | None, int, str | None, str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Past:
    """What the history tells of one memory.

    Attributes:
        id: mem0's.
        wordings: what it said, oldest first, each with the moment since when.
        deleted: whether it was deleted at last.
        actor: who said it.
        role: the chat role it was said in.
        fault: why its wordings cannot be read; then there are none.
    """

    id: str
    wordings: tuple[Wording, ...]
    deleted: bool
    actor: str | None
    role: str | None
    fault: str | None = None


def is_history(path: Path) -> bool:
    """Whether a file is such a database."""
    if not path.is_file():
        return False
    try:
        with opened(path) as connection:
            return columns(connection, "history") >= _NEEDED
    except InvalidInput:
        return False


def pasts(connection: sqlite3.Connection, ids: Sequence[str] | None = None) -> Iterator[Past]:
    """What the history tells of these memories; of all, in order of id, where none are named."""
    chosen = "" if ids is None else f" WHERE memory_id IN ({','.join('?' * len(ids))})"
    rows = connection.execute(
        f"SELECT memory_id, new_memory, is_deleted, created_at, updated_at, actor_id, role FROM history{chosen} "  # noqa: S608 - placeholders
        f"ORDER BY memory_id, {_ORDER}",
        tuple(ids or ()),
    )
    for id, events in groupby(rows, key=lambda row: row[0]):
        yield _past(str(id), list(events))


def _past(id: str, events: Sequence[_Event]) -> Past:
    *_, deleted, _created, _updated, actor, role = events[-1]
    try:
        return Past(id, tuple(_wordings(events)), bool(deleted), actor, role)
    except InvalidInput as error:
        return Past(id, (), bool(deleted), actor, role, str(error))


def _wordings(events: Sequence[_Event]) -> list[Wording]:
    found: list[Wording] = []
    for _id, text, _deleted, created, updated, _actor, _role in events:
        if not text or (found and found[-1].text == text):
            continue  # deleted, or only its metadata changed
        moment = moment_of((updated or created) if found else created, UTC)
        if moment is None:
            raise InvalidInput("an event of its history has no time")
        found.append(Wording(text, max(moment, found[-1].at) if found else moment))
    return found


def with_last(past: Past | None, text: str, created: datetime | None, updated: datetime | None) -> tuple[Wording, ...]:
    """The wordings of a memory that now says ``text``, whatever the history knows of it; empty if no time is known."""
    known = list(past.wordings) if past is not None else []
    if known and known[-1].text == text:
        return tuple(known)
    moment = (updated if known else created) or created
    if moment is None:
        return ()
    return (*known, Wording(text, max(moment, known[-1].at) if known else moment))
