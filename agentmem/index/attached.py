"""A vector index that passes from one embedding model to the next while threads are using it.

Vectors of two models must not meet in one index: their cosines mean nothing, and their dimensions may differ. So the
users of each model have a view of the index of their own, and only the view that was attached last may use it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from agentmem.errors import EmbedderMismatch, IndexFailure
from agentmem.protocols import FloatArray, IntArray, Ranked, Space, VectorIndex


class _Hold:
    """Which view has the index, and how many threads are using it at this moment. ``changed`` guards both."""

    def __init__(self, holder: AttachedIndex) -> None:
        self.holder = holder
        self.users = 0
        self.changed = threading.Condition()


class AttachedIndex:
    """One model's view of an index, itself a :class:`agentmem.protocols.VectorIndex`. The first one has it.

    When another view was attached, every question put to this one, and everything it is fed, is refused.

    Raises:
        EmbedderMismatch: the index was passed on to another model.
    """

    def __init__(self, index: VectorIndex, hold: _Hold | None = None) -> None:
        self.name = index.name
        self._index = index
        self._hold = _Hold(self) if hold is None else hold

    def another(self) -> AttachedIndex:
        """Another view of the same index, to be attached."""
        return AttachedIndex(self._index, self._hold)

    def attach(self, identity: str) -> None:
        """Take the index over, when those who are using it at this moment have their answers."""
        hold = self._hold
        with hold.changed:
            hold.holder = self  # from here on nobody else begins
            hold.changed.wait_for(lambda: not hold.users)
            self._index.attach(identity)

    def position(self, scope: int) -> int:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._held():
            return self._index.position(scope)

    def commit(self, scope: int, position: int) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._held():
            self._index.commit(scope, position)

    def upsert(self, space: Space, rows: IntArray, vectors: FloatArray) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._held():
            self._index.upsert(space, rows, vectors)

    def remove(self, scope: int, rows: IntArray) -> None:
        """See :class:`agentmem.protocols.VectorIndex`.

        Raises:
            IndexFailure: the index was passed on. Whoever has it now removes them when it follows the journal.
        """
        try:
            with self._held():
                self._index.remove(scope, rows)
        except EmbedderMismatch as error:
            raise IndexFailure("The vector index has passed to another model, which has yet to catch up.") from error

    def search(self, space: Space, query: FloatArray, k: int, allowed: IntArray | None = None) -> Ranked:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._held():
            return self._index.search(space, query, k, allowed)

    def scores(self, space: Space, query: FloatArray, rows: IntArray) -> FloatArray | None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._held():
            return self._index.scores(space, query, rows)

    def count(self, space: Space) -> int:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._held():
            return self._index.count(space)

    def clear(self, scope: int | None = None) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._held():
            self._index.clear(scope)

    def compact(self) -> bool:
        """See :class:`agentmem.protocols.VectorIndex`. It erases what was removed, whoever has the index."""
        return self._index.compact()

    def close(self) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        self._index.close()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Keep the index from being passed on meanwhile. Readers do not keep each other waiting."""
        hold = self._hold
        with hold.changed:
            if hold.holder is not self:
                raise EmbedderMismatch(
                    "This store was re-indexed with another embedding model while it was being asked. Ask again."
                )
            hold.users += 1
        try:
            yield
        finally:
            with hold.changed:
                hold.users -= 1
                hold.changed.notify_all()
