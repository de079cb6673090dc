"""The store: one SQLite database, opened once, handing out transactions on one scope at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select

from agentmem.clock import to_micros
from agentmem.errors import StoreClosed
from agentmem.ids import EPISODE
from agentmem.operations import Op
from agentmem.protocols import Clock
from agentmem.store import lifecycle, schema, sqlite
from agentmem.store.meta import get_meta, put_meta
from agentmem.store.standing import StandingReader
from agentmem.store.writing import ScopeWriter
from agentmem.types import Scope


class SqlStore:
    """See :class:`agentmem.protocols.Store` for what each method promises.

    Args:
        path: a file, created when it is not there, or ``":memory:"``.
        durability: see :func:`agentmem.store.sqlite.open_engine`.
        clock: gives the times that are recorded.
    """

    def __init__(self, path: str | Path, *, durability: sqlite.Durability, clock: Clock) -> None:
        self.path = str(path)
        if self.path not in ("", sqlite.IN_MEMORY):
            self.path = str(Path(path).absolute())  # the same file, whatever the working folder is later
        sqlite.check_folder(self.path)
        self._clock = clock
        self._engine = sqlite.open_engine(self.path, durability)
        self._write_lock = threading.RLock()  # writers of this process queue here, other processes' in SQLite
        self._scope_ids: dict[str, int] = {}
        self._closed = False
        try:
            lifecycle.prepare(self._engine, self.path)
        except BaseException:
            self._engine.dispose()
            raise

    @contextmanager
    def read(self, scope: Scope) -> Iterator[StandingReader]:
        """A snapshot: everything read inside the block is of one moment."""
        self._check_open()
        with self._exclusive_if_in_memory(), self._engine.connect() as connection, connection.begin():
            yield StandingReader(connection, self._scope_id(connection, scope), scope.path, self._clock)

    @contextmanager
    def write(self, scope: Scope) -> Iterator[ScopeWriter]:
        """A write transaction: commits when the block ends, rolls everything back when it raises."""
        self._check_open()
        with self._write_lock:
            with sqlite.writing(self._engine.connect()) as connection, connection.begin():
                scope_id = self._scope_id(connection, scope) or self._create_scope(connection, scope)
                yield ScopeWriter(connection, scope_id, scope.path, self._clock)
            self._scope_ids[scope.path] = scope_id

    @contextmanager
    def _exclusive_if_in_memory(self) -> Iterator[None]:
        """An in-memory database has one connection, which threads must share."""
        if self.path != sqlite.IN_MEMORY:
            yield
            return
        with self._write_lock:
            yield

    def _scope_id(self, connection: Connection, scope: Scope) -> int:
        """The scope's number; 0 while it holds nothing."""
        path = scope.path
        if known := self._scope_ids.get(path):
            return known
        found = connection.execute(select(schema.scopes.c.id).where(schema.scopes.c.path == path)).scalar()
        if found:
            self._scope_ids[path] = int(found)
        return int(found or 0)

    def _create_scope(self, connection: Connection, scope: Scope) -> int:
        now = to_micros(self._clock())
        result = connection.execute(insert(schema.scopes).values(path=scope.path, created_at=now))
        key = result.inserted_primary_key
        assert key is not None
        return int(key[0])

    def scopes(self) -> tuple[Scope, ...]:
        """Every scope that was ever written to, in order of path."""
        self._check_open()
        with self._exclusive_if_in_memory(), self._engine.connect() as connection:
            paths = connection.execute(select(schema.scopes.c.path).order_by(schema.scopes.c.path)).scalars()
            return tuple(Scope.from_path(path) for path in paths)

    def home(self, id: str) -> Scope | None:
        """See :class:`agentmem.protocols.Store`."""
        self._check_open()
        scopes = schema.scopes
        kept = schema.episodes if id.startswith(EPISODE) else schema.memories
        wanted = select(scopes.c.path).join(kept, kept.c.scope_id == scopes.c.id).where(kept.c.id == id).limit(1)
        with self._exclusive_if_in_memory(), self._engine.connect() as connection:
            path = connection.execute(wanted).scalar()
        return None if path is None else Scope.from_path(path)

    def heads(self) -> dict[Scope, int]:
        """See :class:`agentmem.protocols.Store`."""
        self._check_open()
        scopes, journal = schema.scopes, schema.journal
        head = select(func.max(journal.c.seq)).where(journal.c.scope_id == scopes.c.id).scalar_subquery()
        with self._exclusive_if_in_memory(), self._engine.connect() as connection:
            rows = connection.execute(select(scopes.c.path, head).order_by(scopes.c.path)).all()
        return {Scope.from_path(path): int(seq or 0) for path, seq in rows}

    def get_meta(self, key: str) -> str | None:
        """A setting of the whole database."""
        self._check_open()
        with self._exclusive_if_in_memory(), self._engine.connect() as connection:
            return get_meta(connection, key)

    def set_meta(self, key: str, value: str) -> None:
        """Set a setting of the whole database."""
        self._check_open()
        with self._write_lock, sqlite.writing(self._engine.connect()) as connection, connection.begin():
            put_meta(connection, key, value)

    def has_vectors(self) -> bool:
        """Whether any vector is stored, of any model."""
        self._check_open()
        with self._exclusive_if_in_memory(), self._engine.connect() as connection:
            return connection.execute(select(schema.vectors.c.memory_row).limit(1)).first() is not None

    def switch_model(self, new: str, meta_key: str, identity: str, follower: str) -> bool:
        """Make ``new`` the model whose vectors count and drop all others, unless some memory lacks a vector of it.

        One transaction over all scopes; a journal entry in each tells the followers. Only ``follower``, which makes the
        vectors, is moved: the others have their own work to do, and others' work to leave alone.
        """
        self._check_open()
        vectors, memories, cursors = schema.vectors, schema.memories, schema.cursors
        with self._write_lock, sqlite.writing(self._engine.connect()) as connection, connection.begin():
            has_vector = select(vectors.c.memory_row).where(
                vectors.c.memory_row == memories.c.row, vectors.c.model == new
            )
            if connection.execute(select(memories.c.row).where(~has_vector.exists()).limit(1)).first():
                return False
            connection.execute(delete(vectors).where(vectors.c.model != new))
            put_meta(connection, meta_key, identity)
            for scope_id, path in connection.execute(select(schema.scopes.c.id, schema.scopes.c.path)).all():
                writer = ScopeWriter(connection, scope_id, path, self._clock)
                seq = writer.next_seq()
                connection.execute(
                    insert(schema.journal), [writer.entry(seq, "reindex", Op.EMBED, None, None, writer.now())]
                )
                done = {"position": seq, "owner": None, "lease_until": None}
                connection.execute(writer.update_in(cursors).where(cursors.c.follower == follower).values(**done))
            return True

    def bytes_on_disk(self) -> int:
        """The size of the database file and its log."""
        return sqlite.bytes_on_disk(self.path)

    def files(self) -> tuple[Path, ...]:
        """The database's file and those that SQLite keeps beside it."""
        return sqlite.files(self.path)

    def compact(self) -> bool:
        """Rewrite the file; see :func:`agentmem.store.sqlite.compact`."""
        self._check_open()
        with self._write_lock:
            return sqlite.compact(self._engine, self.path)

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed("This store was closed. Open it again: AgentMemory.open(path).")

    def close(self) -> None:
        """Release the file. Closing twice does no harm."""
        if not self._closed:
            self._closed = True
            self._engine.dispose()
