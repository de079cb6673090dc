"""What keeps everything, and hands out transactions."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from agentmem.protocols.reader import Reader
from agentmem.protocols.writer import Writer
from agentmem.types import Scope


class Store(Protocol):
    """Keeps episodes, memories, edges, vectors and the journal; hands out transactions on one scope at a time."""

    def read(self, scope: Scope) -> AbstractContextManager[Reader]: ...

    def write(self, scope: Scope) -> AbstractContextManager[Writer]: ...

    def scopes(self) -> tuple[Scope, ...]:
        """Every scope that holds anything."""
        ...

    def home(self, id: str) -> Scope | None:
        """The scope of a memory or an episode, by its id; ``None`` if there is none."""
        ...

    def heads(self) -> Mapping[Scope, int]:
        """The number of each scope's last journal entry, in one look; 0 for a scope without any."""
        ...

    def get_meta(self, key: str) -> str | None: ...

    def set_meta(self, key: str, value: str) -> None: ...

    def switch_model(self, new: str, meta_key: str, identity: str, follower: str) -> bool:
        """Let only ``new``'s vectors count from now on, and drop all others; False if some memory has none yet.

        ``follower``, who makes them, has nothing left to do in any scope; no other is moved or loses its lease.
        """
        ...

    def has_vectors(self) -> bool:
        """Whether any vector is stored, of any model."""
        ...

    def bytes_on_disk(self) -> int: ...

    def files(self) -> tuple[Path, ...]:
        """The files that nobody else may write, there or not; none if it is kept in memory."""
        ...

    def compact(self) -> bool:
        """Rewrite the files so that nothing destroyed is left in them. False when another process is in the way."""
        ...

    def close(self) -> None: ...
