"""Nearest neighbours with Chroma: in memory, in a folder of one's own, or on a server. Vectors only, never a text.

The graph (HNSW) is approximate; it is set so that little is missed, and where Chroma finds fewer rows than there are,
or only a few are allowed, the vectors are compared one by one.

What erasing means depends on where Chroma is. Its ``delete``, of vectors as of whole collections, leaves the vectors
in its files. In a folder of one's own, :meth:`ChromaIndex.compact` deletes the files, and the index is filled again
from the database. A server's files are out of reach: see :meth:`ChromaIndex.compact`.
"""

from __future__ import annotations

import importlib.util
import logging
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from agentmem.errors import InvalidInput, MissingExtra
from agentmem.index.chroma_folder import ChromaFolder
from agentmem.index.chroma_session import (
    PART,
    Client,
    CollectionLost,
    Session,
    embedded,
    failures,
    in_memory,
    open_session,
    parts,
    server,
)
from agentmem.protocols import BoolArray, FloatArray, IntArray, Ranked, Space

logger = logging.getLogger(__name__)

ONE_BY_ONE = 512
"""Up to how many allowed rows are compared one by one: that is as fast as asking the graph, and exact."""
_EMPTY = Ranked(np.empty(0, np.int64), np.empty(0, np.float32))


class ChromaIndex:
    """See :class:`agentmem.protocols.VectorIndex`.

    Without arguments it lives in memory. One process at a time can have a folder; where it is taken already, an index
    in memory takes its place, with a warning. A server may be shared by many processes and databases.

    Args:
        path: a folder for an embedded Chroma; made if it is not there. It holds nothing else.
        host: a Chroma server's name or address.
        port: the server's port; 8000 if not given.
        client: a Chroma client to use instead, e.g. one with authentication. It is not closed.

    Raises:
        MissingExtra: the package ``chromadb`` is not installed.
        InvalidInput: more than one place was given.
    """

    name = "chroma"

    def __init__(
        self,
        path: str | PathLike[str] | None = None,
        *,
        host: str | None = None,
        port: int | None = None,
        client: Client | None = None,
    ) -> None:
        if importlib.util.find_spec("chromadb") is None:
            raise MissingExtra("chromadb", "chroma", "The index 'chroma'")
        if sum(place is not None for place in (path, host, client)) > 1 or (port is not None and host is None):
            raise InvalidInput("Give ChromaIndex one place: a path, a host (and port), or a client.")
        self._folder = None if path is None else ChromaFolder(Path(path))
        self._address = None if host is None else (host, 8000 if port is None else port)
        self._client = client
        self._lock = threading.RLock()
        self._identity: str | None = None
        self._session: Session | None = None
        self._finalizer: weakref.finalize[Any, Any] | None = None

    def attach(self, identity: str) -> None:
        """See :class:`agentmem.protocols.VectorIndex`. What this object kept for another identity is deleted."""
        with self._lock:
            if self._session is not None and self._identity != identity:
                with failures():
                    self._session.drop()
            self.close()
            self._identity = identity
            self._open(identity)

    def position(self, scope: int) -> int:
        """See :class:`agentmem.protocols.VectorIndex`."""
        try:
            with self._attached() as session:
                return 0 if session is None else session.position(scope)
        except CollectionLost:
            return 0

    def commit(self, scope: int, position: int) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._attached() as session:
            if session is not None:
                session.commit(scope, position)

    def upsert(self, space: Space, rows: IntArray, vectors: FloatArray) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._attached() as session:
            if session is not None:
                session.upsert(space, rows, vectors)

    def remove(self, scope: int, rows: IntArray) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._attached() as session:
            if session is not None:
                for part in parts(len(rows), PART):
                    chosen: list[dict[str, Any]] = [{"scope": scope}, {"row": {"$in": rows[part].tolist()}}]
                    session.content.delete(where={"$and": chosen})

    def search(self, space: Space, query: FloatArray, k: int, allowed: IntArray | None = None) -> Ranked:
        """See :class:`agentmem.protocols.VectorIndex`."""
        if k <= 0 or (allowed is not None and not len(allowed)):
            return _EMPTY
        with self._attached() as session:
            if session is None:
                return _EMPTY
            if allowed is not None and len(allowed) <= ONE_BY_ONE:
                return _best(*session.compare(space, query, allowed), k)
            rows, scores = _widening(session, space, query, k, allowed)
            if len(rows) < k:
                held = session.rows(space)
                wanted = held if allowed is None else held[_among(held, allowed)]
                if len(rows) < len(wanted):  # the graph did not reach them all
                    rows, scores = session.compare(space, query, wanted)
            return _best(rows, scores, k)

    def scores(self, space: Space, query: FloatArray, rows: IntArray) -> FloatArray | None:  # noqa: ARG002 - the protocol's
        """``None``: the caller, who has the vectors, computes them without asking."""
        return None

    def count(self, space: Space) -> int:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._attached() as session:
            return 0 if session is None else len(session.rows(space))

    def clear(self, scope: int | None = None) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._attached() as session:
            if session is None:
                return
            if scope is None:
                session.drop()
                self._session = session.again()
            else:
                session.positions.delete(ids=[str(scope)])
                session.content.delete(where={"scope": scope})

    def compact(self) -> bool:
        """See :class:`agentmem.protocols.VectorIndex`. In a folder: delete it all, to be filled again when next used.

        A server keeps the vectors of deleted rows and collections in its files, and no client can change that; a
        warning says so. To erase them, its operator stops it, deletes its folder and starts it: the index is filled
        again. Vectors are not texts, but texts can be guessed from them.
        """
        with self._lock:
            if self._folder is not None and (self._session is None or self._session.folder is not None):
                return self._compact_folder(self._folder)
            if self._address is None and self._client is None:
                self.clear()
                if self._folder is None:
                    return True
                logger.warning("%s is in use by another process, which must compact it too", self._folder.path)
                return False
            logger.warning(
                "the Chroma server keeps removed vectors in its files. To erase them, stop it, delete its folder "
                "and start it again; the index is filled again from the database"
            )
            return False

    def _compact_folder(self, folder: ChromaFolder) -> bool:
        """Delete the files; False while another process uses them."""
        attached = self._session is not None
        self._end(keep=False)
        erased = True
        if folder.path.is_dir():
            erased = folder.claim()
            if erased:
                folder.erase()
                folder.release()
        if attached and self._identity is not None:
            self._open(self._identity)
        return erased

    def close(self) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._lock:
            self._end(keep=True)
            self._identity = None

    # -- sessions ---------------------------------------------------------------------------------------------------

    @contextmanager
    def _attached(self) -> Iterator[Session | None]:
        """The open session (``None`` before ``attach``), with its lock held and Chroma's errors made typed."""
        with self._lock:
            if self._session is None and self._identity is not None:
                self._open(self._identity)
            try:
                with failures():
                    yield self._session
            except CollectionLost:
                self._end(keep=False)
                raise

    def _open(self, identity: str) -> None:
        with failures():
            self._session = self._connect(identity)
        self._finalizer = weakref.finalize(self, self._session.close, keep=True)

    def _connect(self, identity: str) -> Session:
        if self._client is not None:
            return open_session(self._client, identity)
        if self._address is not None:
            return open_session(server(*self._address), identity, own=True)
        if self._folder is None or not self._folder.claim():
            if self._folder is not None:
                logger.warning("%s is in use by another process; this one indexes in memory", self._folder.path)
            return open_session(in_memory(), identity, own=True, passing=True)
        from chromadb.errors import ChromaError

        try:
            return open_session(embedded(self._folder.resume(identity)), identity, own=True, folder=self._folder)
        except ChromaError as error:
            logger.warning("%s is damaged (%s); the index is built again", self._folder.path, error)
            return open_session(embedded(self._folder.empty()), identity, own=True, folder=self._folder)
        except BaseException:
            self._folder.release()
            raise

    def _end(self, *, keep: bool) -> None:
        if self._finalizer is not None:
            self._finalizer.detach()
            self._finalizer = None
        session, self._session = self._session, None
        if session is not None:
            session.close(keep=keep)


def _widening(
    session: Session, space: Space, query: FloatArray, k: int, allowed: IntArray | None
) -> tuple[IntArray, FloatArray]:
    """The nearest that are allowed: of ever more neighbours, until there are ``k`` or no more neighbours."""
    wanted = k if allowed is None else 2 * k + 32
    while True:
        rows, scores = session.nearest(space, query, wanted)
        kept = _among(rows, allowed)
        if int(kept.sum()) >= k or len(rows) < wanted:
            return rows[kept], scores[kept]
        wanted *= 4


def _among(rows: IntArray, allowed: IntArray | None) -> BoolArray:
    """Which rows are in ``allowed`` (ascending)."""
    if allowed is None:
        return np.ones(len(rows), dtype=np.bool_)
    places = np.minimum(np.searchsorted(allowed, rows), len(allowed) - 1)
    found: BoolArray = allowed[places] == rows
    return found


def _best(rows: IntArray, scores: FloatArray, k: int) -> Ranked:
    order = np.lexsort((rows, -scores))[:k]
    return Ranked(rows[order], scores[order])
