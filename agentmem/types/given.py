"""What goes in: what was said, and what was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Metadata = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation on its way in.

    ``speaker`` is who talks (a name); ``role`` is the chat role (``user``, ``assistant``, ``tool``, ``system``).
    ``at`` is when it was said, which may lie in the past. ``ref`` is an idempotency key, unique in the scope.
    ``index`` forces (``True``) or forbids (``False``) searchability; ``None`` goes by role.
    """

    text: str
    role: str | None = None
    speaker: str | None = None
    session: str | None = None
    at: datetime | None = None
    ref: str | None = None
    metadata: Metadata = field(default_factory=dict)
    index: bool | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A text that was read rather than said. Long ones are split on sentence borders, with spans."""

    text: str
    title: str | None = None
    session: str | None = None
    at: datetime | None = None
    ref: str | None = None
    metadata: Metadata = field(default_factory=dict)
    index: bool | None = None
