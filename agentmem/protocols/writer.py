"""What can be written in a transaction on one scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from agentmem.operations import Operation, Run
from agentmem.protocols.followers import Cursor, Deferred, Follower
from agentmem.protocols.reader import Reader
from agentmem.protocols.rows import StoredEpisode, VectorBatch
from agentmem.protocols.selections import Selection
from agentmem.types import Certificate


class Writer(Reader, Protocol):
    """One write transaction on one scope. Leaving the ``with`` block commits; an exception rolls back everything."""

    def find_refs(self, refs: Sequence[str]) -> dict[str, StoredEpisode]:
        """The episodes already stored under these refs."""
        ...

    def tombstoned(self, refs: Sequence[str]) -> tuple[str, ...]:
        """Those refs whose content was forgotten."""
        ...

    def apply(self, run: Run, operations: Sequence[Operation]) -> tuple[int, ...]:
        """Append to the journal and change the rows; returns the journal number of each operation.

        Raises:
            NotFound: an operation names a memory that is not there.
            VersionConflict: ``expected`` is not the current version.
        """
        ...

    def defer(self, follower: str, work: Sequence[Deferred]) -> None:
        """Remember work for later, or how often it failed; what is remembered already is overwritten."""
        ...

    def settle(self, follower: str, rows: Sequence[int]) -> None:
        """Forget that these were left undone: they are done."""
        ...

    def use(self, times: Mapping[str, int], at: datetime) -> None:
        """Count memories as used so often, the last time at a moment. Not journalled; unknown ones are left out."""
        ...

    def strengthen(self, id: str, strength: float) -> None:
        """Set a memory's strength. Not journalled."""
        ...

    def keep_reply(self, key: bytes, text: str) -> None:
        """Keep what a language model answered until anything in the scope is forgotten."""
        ...

    def put_vectors(self, run: str, model: str, batches: Sequence[VectorBatch], since: int | None = None) -> int:
        """Store vectors; rows that were forgotten meanwhile are left out. Returns how many were stored.

        ``since``: the journal number up to which the texts were read, for vectors that hold other memories' texts too.
        If anything was forgotten after it, none is stored: they are to be made again.
        """
        ...

    def set_meta(self, key: str, value: str) -> None: ...

    def set_cursor(self, follower: str, cursor: Cursor) -> None: ...

    def erase(
        self, run: Run, selection: Selection, reach: Mapping[str, int], followers: Sequence[Follower] = ()
    ) -> Certificate:
        """Destroy what is selected and everything derived from it.

        What was retired because it repeats something destroyed, or whose truth that ended, is set free.

        Args:
            run: whose doing it is.
            selection: what is meant.
            reach: by view, how many following memories of a session have vectors of it that were made with a memory's
                text; the survivors' vectors are dropped with it, to be made again.
            followers: structures; each has to do again what survives (episodes, or memories) of what it made something
                from that goes.
        """
        ...

    def load(self, records: Iterable[Mapping[str, Any]], followers: Sequence[Follower] = ()) -> dict[str, int]:
        """Insert records that are new; returns counts (see :class:`agentmem.types.Imported`).

        ``followers`` are the structures that are known: what each of them reads says what is left for it here.

        Raises:
            InvalidInput: a record cannot be what it should be, or the scope would be unsound with them.
        """
        ...

    def broken(self, run: str, after: int) -> tuple[str, ...]:
        """Which invariants what a run did after a journal number breaks, in words; empty when all is sound."""
        ...

    def note_run(self, run: Run) -> None:
        """Write down what a run has cost so far, and its cause, if it has applied anything."""
        ...

    def mark_undone(self, run: str, by: str) -> None: ...
