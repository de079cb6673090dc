"""Which memories are meant: by a listing, and by a destruction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """What a listing or an erasure selects; ``None`` means "any"."""

    kinds: Sequence[str] | None = None
    session: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    known_at: datetime | None = None
    state: str | None = "active"


@dataclass(frozen=True, slots=True)
class Selection:
    """What ``forget`` shall destroy, before following it to everything derived.

    ``alone``: the memories that ``ids`` name do not take the episodes along that they were made from.
    """

    ids: tuple[str, ...] = ()
    session: str | None = None
    before: datetime | None = None
    about: str | None = None
    everything: bool = False
    alone: bool = False
