"""Working with Chroma's client: connecting, two collections for each identity, and errors made typed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from agentmem.errors import IndexFailure
from agentmem.index.chroma_folder import ChromaFolder
from agentmem.protocols import FloatArray, IntArray, Space

logger = logging.getLogger(__name__)

Client: TypeAlias = Any
Collection: TypeAlias = Any

_GRAPH = {"space": "ip", "ef_construction": 200, "ef_search": 400, "max_neighbors": 24}
_PATIENCE = 60.0
"""Seconds for one answer of a server."""
PART = 2_000
"""Rows in one request; SQLite, beneath Chroma, refuses statements of more than 32,766 values."""


class CollectionLost(IndexFailure):
    """Somebody deleted our collection; the next use makes it again."""


@dataclass(frozen=True, slots=True)
class Session:
    """A connected client, the collection with the vectors of one identity, and the one with the positions.

    ``own``: the client is closed at the end. ``passing``: what it holds is dropped then.
    """

    client: Client
    identity: str
    content: Collection
    positions: Collection
    batch: int
    own: bool
    passing: bool
    folder: ChromaFolder | None

    def position(self, scope: int) -> int:
        """The position noted for a scope; one of a collection that was lost and made again does not count."""
        known = self.positions.get(ids=[str(scope)], include=["metadatas"])["metadatas"]
        return int(known[0]["position"]) if known and known[0]["content"] == str(self.content.id) else 0

    def commit(self, scope: int, position: int) -> None:
        """Note a position."""
        entry = {"position": position, "content": str(self.content.id)}
        self.positions.upsert(ids=[str(scope)], embeddings=[[1.0]], metadatas=[entry])
        self._scrub()

    def upsert(self, space: Space, rows: IntArray, vectors: FloatArray) -> None:
        """Insert or replace."""
        for part in parts(len(rows), self.batch):
            numbers = rows[part].tolist()
            self.content.upsert(
                ids=ids_of(space, numbers),
                embeddings=np.ascontiguousarray(vectors[part], dtype=np.float32),
                metadatas=[{"scope": space.scope, "view": space.view, "row": row} for row in numbers],
            )
        self._scrub()

    def _scrub(self) -> None:
        if self.folder is not None:
            self.folder.scrub()

    def rows(self, space: Space) -> IntArray:
        """The rows of a space, ascending."""
        found = self.content.get(where=_where(space), include=[])["ids"]
        return np.sort(_rows(found))

    def compare(self, space: Space, query: FloatArray, rows: IntArray) -> tuple[IntArray, FloatArray]:
        """Those of the rows that are there, with the scores of their vectors."""
        found: list[tuple[IntArray, FloatArray]] = []
        for part in parts(len(rows), PART):
            answer = self.content.get(ids=ids_of(space, rows[part].tolist()), include=["embeddings"])
            if answer["ids"]:
                cosines = np.asarray(answer["embeddings"], dtype=np.float32) @ query
                found.append((_rows(answer["ids"]), _to_score(1.0 - cosines)))
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        return np.concatenate([rows for rows, _ in found]), np.concatenate([scores for _, scores in found])

    def nearest(self, space: Space, query: FloatArray, n: int) -> tuple[IntArray, FloatArray]:
        """What the graph finds, with the scores."""
        answer = self.content.query(
            query_embeddings=query[None, :].astype(np.float32), n_results=n, where=_where(space), include=["distances"]
        )
        return _rows(answer["ids"][0]), _to_score(np.array(answer["distances"][0], dtype=np.float32))

    def drop(self) -> None:
        """Delete both collections; first the positions, so that nobody believes a half-deleted one."""
        self.client.delete_collection(self.positions.name)
        self.client.delete_collection(self.content.name)

    def again(self) -> Session:
        """A session on new collections, after ``drop``."""
        return open_session(self.client, self.identity, own=self.own, passing=self.passing, folder=self.folder)

    def close(self, *, keep: bool) -> None:
        """Let go of everything; ``keep``: what the folder holds can be believed."""
        if self.passing:
            with _ignored_when_ending():
                self.drop()
        if self.own:
            _close(self.client)
        if self.folder is not None:
            if keep:
                self.folder.seal(self.identity)
            self.folder.release()


def open_session(
    client: Client, identity: str, *, own: bool = False, passing: bool = False, folder: ChromaFolder | None = None
) -> Session:
    """A session of a connected client; the client is closed if that fails and it is our ``own``."""
    name = "agentmem-" + hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()
    try:
        make = client.get_or_create_collection
        # Without embedding_function=None, Chroma would fetch a model of its own.
        content = make(name, embedding_function=None, configuration={"hnsw": _GRAPH})
        positions = make(f"{name}-positions", embedding_function=None)
        if folder is not None:
            _load(content)
        batch = min(PART, client.get_max_batch_size())
    except BaseException:
        if own:
            _close(client)
        raise
    return Session(client, identity, content, positions, batch, own, passing, folder)


def _load(content: Collection) -> None:
    """Make Chroma read the graph, which it puts off until the first query; a missing file is noticed here."""
    first = content.get(limit=1, include=["embeddings"])["embeddings"]
    if len(first):
        content.query(query_embeddings=first, n_results=1, include=[])


def embedded(path: Path) -> Client:
    """A Chroma in this process, kept in a folder."""
    import chromadb

    return chromadb.PersistentClient(path, settings=_settings())


def in_memory() -> Client:
    """A Chroma in this process, kept nowhere."""
    import chromadb

    try:
        return chromadb.EphemeralClient(settings=_settings())
    except ValueError as error:  # all of a process's in-memory clients are one
        raise IndexFailure(
            "This process uses Chroma in memory already, with other settings. Pass that client: "
            "index=ChromaIndex(client=...)."
        ) from error


def server(host: str, port: int) -> Client:
    """A connection to a Chroma server."""
    import chromadb

    try:
        client = chromadb.HttpClient(host, port, settings=_settings())
    except ValueError as error:  # so does Chroma say that it cannot connect
        raise _unreachable(error) from error
    for connection in _connections(client):
        connection.timeout = _PATIENCE
    return client


def _close(client: Client) -> None:
    client.close()
    for connection in _connections(client):
        connection.close()


def _connections(client: Client) -> list[Any]:
    """The HTTP connections of a client: Chroma neither closes them nor lets a time limit be set on them (1.5)."""
    servers = [getattr(part, "_server", None) for part in (client, getattr(client, "_admin_client", None))]
    found = [getattr(server, "_session", None) for server in servers]
    return [connection for connection in found if connection is not None]


def _settings() -> Any:
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


@contextmanager
def failures() -> Iterator[None]:
    """Chroma's and its connection's errors as :class:`IndexFailure`."""
    from chromadb.errors import ChromaError, NotFoundError
    from httpx import HTTPError

    try:
        yield
    except NotFoundError as error:
        raise CollectionLost(
            "The index's collection was deleted in Chroma. Try again: it is made and filled anew from the database."
        ) from error
    except ChromaError as error:
        raise IndexFailure(
            f"Chroma failed: {error}. Close the store and open it again; if that does not help, delete the index's "
            "folder (it is filled again from the database), or use index='exact'."
        ) from error
    except HTTPError as error:
        raise _unreachable(error) from error


@contextmanager
def _ignored_when_ending() -> Iterator[None]:
    try:
        with failures():
            yield
    except IndexFailure as error:
        logger.debug("an index in memory could not be dropped: %s", error)


def _unreachable(error: Exception) -> IndexFailure:
    return IndexFailure(
        f"The Chroma server does not answer ({type(error).__name__}). Start it, or check host and port, and try again; "
        "the memories are safe in the database, and index='exact' works without a server."
    )


def _to_score(distances: FloatArray) -> FloatArray:
    """Chroma's inner-product distance is ``1 - cosine``."""
    return np.asarray(np.clip(1.0 - distances / 2.0, 0.0, 1.0), dtype=np.float32)


def _where(space: Space) -> dict[str, Any]:
    return {"$and": [{"scope": space.scope}, {"view": space.view}]}


def ids_of(space: Space, rows: list[int]) -> list[str]:
    """Chroma's ids of these rows."""
    return [f"{space.scope}/{space.view}/{row}" for row in rows]


def _rows(ids: list[str]) -> IntArray:
    return np.array([int(id.rpartition("/")[2]) for id in ids], dtype=np.int64)


def parts(length: int, size: int) -> Iterator[slice]:
    """Slices that together cover so many rows."""
    return (slice(start, start + size) for start in range(0, length, size))
