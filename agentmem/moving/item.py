"""What a reader finds in another system: items to move in, and what it leaves out, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agentmem.types import Document, EpisodeKind, Message, Scope


@dataclass(frozen=True, slots=True)
class Wording:
    """A later wording of an item: its text, and since when it holds."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to move in.

    Attributes:
        scope: whose memory it becomes.
        content: its text, with time, ref, metadata, and who said it where and in which session. With ``later``, this is
            the first wording.
        place: where it stands in the origin, for the report: ``"line 7"``, ``"point 2f46…"``.
        later: the wordings that replaced it, oldest first; each becomes a version.
        expires_at: when it drops out of retrieval; ``None``: never.
    """

    scope: Scope
    content: Message | Document
    place: str
    later: tuple[Wording, ...] = ()
    expires_at: datetime | None = None

    @property
    def kind(self) -> EpisodeKind:
        """What it is stored as."""
        return EpisodeKind.TURN if isinstance(self.content, Message) else EpisodeKind.DOCUMENT


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is not moved in.

    Attributes:
        place: where it stands in the origin.
        reason: why, in words that many have in common, so that they can be counted.
        detail: what is particular to this one.
        malformed: it could not be read, rather than being left out on purpose. ``strict`` stops at it.
        count: how many things this stands for.
    """

    place: str
    reason: str
    detail: str = ""
    malformed: bool = False
    count: int = 1


Found = Item | Skipped
"""What readers yield."""
