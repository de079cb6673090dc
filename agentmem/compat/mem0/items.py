"""Memories in the form in which mem0 gives them out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agentmem.compat.mem0.identity import unstamped
from agentmem.types import HistoryEntry, Memory

_PROMOTED = ("user_id", "agent_id", "run_id", "actor_id", "role", "expiration_date")
"""Metadata that stands beside ``metadata``, where it is known."""
SAID_BY = ("role", "actor_id")
"""Metadata that a memory does not take over from what it was drawn from."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A memory as it is given out.

    Attributes:
        id: of the memory.
        text: its wording.
        created_at: when it was said.
        updated_at: when it was last changed.
        metadata: with what it takes over from what it was drawn from.
        whose: the identifier that its scope stands for.
        speaker: who said it.
        role: the chat role of whoever did.
        score: how well it answers, if something was asked.
        details: what the score is made of, if that was asked.
    """

    id: str
    text: str
    created_at: datetime
    updated_at: datetime
    metadata: Mapping[str, Any]
    whose: Mapping[str, str] = field(default_factory=dict)
    speaker: str | None = None
    role: str | None = None
    score: float | None = None
    details: Mapping[str, Any] | None = None


def item(shown: Shown) -> dict[str, Any]:
    """mem0's dictionary of one memory, as ``get`` and ``search`` return it."""
    known = {"actor_id": shown.speaker, "role": shown.role, **unstamped(shown.metadata), **shown.whose}
    metadata = {key: value for key, value in known.items() if key not in _PROMOTED}
    found: dict[str, Any] = {
        "id": shown.id,
        "memory": shown.text,
        "hash": hashlib.md5(shown.text.encode(), usedforsecurity=False).hexdigest(),
        "metadata": metadata or None,
        "score": shown.score,
        "created_at": shown.created_at.isoformat(),
        "updated_at": shown.updated_at.isoformat(),
    }
    found.update((key, known[key]) for key in _PROMOTED if known.get(key) is not None)
    if shown.details is not None:
        found["score_details"] = dict(shown.details)
    return found


def listed(shown: Shown) -> dict[str, Any]:
    """The same as ``get_all`` returns it: without a score."""
    return {key: value for key, value in item(shown).items() if key != "score"}


def added(memory: Memory, *, drawn: bool) -> dict[str, Any]:
    """The entry of a new memory in what ``add`` returns; ``drawn``: by a language model, from what was said."""
    entry: dict[str, Any] = {"id": memory.id, "memory": memory.text, "event": "ADD"}
    return entry if drawn else {**entry, "actor_id": memory.speaker, "role": memory.role}


def changes(entries: Sequence[HistoryEntry]) -> list[dict[str, Any]]:
    """A row for each version, oldest first."""
    rows: list[dict[str, Any]] = []
    before: Memory | None = None
    for entry in entries:
        memory = entry.memory
        rows.append(
            {
                "id": f"{memory.id}:{memory.version}",
                "memory_id": memory.id,
                "old_memory": None if before is None else before.text,
                "new_memory": memory.text,
                "event": "ADD" if before is None else "UPDATE",
                "created_at": entries[0].memory.at.isoformat(),
                "updated_at": (memory.at if before is None else memory.recorded_at).isoformat(),
                "is_deleted": False,
                "actor_id": memory.speaker,
                "role": memory.role,
            }
        )
        before = memory
    return rows
