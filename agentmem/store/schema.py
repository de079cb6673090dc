"""The tables. Two generic ones, ``memories`` and ``edges``, hold every structure.

Numbers instead of autoincrement: a row of ``episodes`` or ``memories`` is numbered by the journal entry that opened
it (``row``), so numbers are never used twice, and carries the number of the entry that touched it last (``seq``), so
"what changed since my cursor" is an index scan. Times are microseconds since 1970 in UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

HEAD_REVISION = "0001"
"""The newest migration in ``migrations/versions``; a database at another one is refused by ``open()``."""

metadata = MetaData()
_Number = BigInteger().with_variant(Integer, "sqlite")

scopes = Table(
    "scopes",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("path", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
)

episodes = Table(
    "episodes",
    metadata,
    Column("row", _Number, primary_key=True, autoincrement=False),
    Column("id", String(40), nullable=False, unique=True),
    Column("scope_id", ForeignKey("scopes.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("ref", Text),
    Column("session", Text),
    Column("speaker", Text),
    Column("role", String(32)),
    Column("title", Text),
    Column("at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("indexed", Boolean, nullable=False),
    Column("corrects", String(40)),  # kind "correction": the memory it rewrote
    Column("digest", LargeBinary(16), nullable=False),  # of the content, to tell a repeated ref from a clashing one
    UniqueConstraint("scope_id", "ref", name="uq_episodes_ref"),
    Index("ix_episodes_session", "scope_id", "session"),
    Index("ix_episodes_at", "scope_id", "at"),
)

memories = Table(
    "memories",
    metadata,
    Column("row", _Number, primary_key=True, autoincrement=False),
    Column("id", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("scope_id", ForeignKey("scopes.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("title", Text),
    Column("session", Text),
    Column("speaker", Text),
    Column("role", String(32)),
    Column("at", BigInteger, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_to", BigInteger),
    Column("recorded_at", BigInteger, nullable=False),
    Column("superseded_at", BigInteger),
    Column("retired_at", BigInteger),
    Column("state", String(16), nullable=False),
    Column("metadata", Text, nullable=False),
    Column("strength", Float, nullable=False),  # this and the next two are usage: not journalled, not undone
    Column("uses", Integer, nullable=False),
    Column("used_at", BigInteger),
    Column("pinned", Boolean, nullable=False),
    Column("expires_at", BigInteger),
    Column("position", BigInteger, nullable=False),  # order among equal times: row of the first source episode
    Column("start", Integer, nullable=False),  # where the text starts in that episode
    UniqueConstraint("id", "version", name="uq_memories_version"),
    Index("ix_memories_seq", "scope_id", "seq"),
    Index("ix_memories_session", "scope_id", "session", "at"),
)

sources = Table(
    "sources",
    metadata,
    Column("memory_row", ForeignKey("memories.row"), primary_key=True),
    Column("episode_row", ForeignKey("episodes.row"), primary_key=True),
    Column("start", Integer, primary_key=True),
    Column("end", Integer, nullable=False),
    Index("ix_sources_episode", "episode_row"),
)

edges = Table(
    "edges",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("scope_id", ForeignKey("scopes.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("source", String(40), nullable=False),
    Column("target", String(40), nullable=False),
    Column("weight", Float, nullable=False),
    Column("seq", BigInteger, nullable=False),
    UniqueConstraint("scope_id", "kind", "source", "target", name="uq_edges_ends"),
    Index("ix_edges_source", "scope_id", "source"),
    Index("ix_edges_target", "scope_id", "target"),
    Index("ix_edges_seq", "scope_id", "seq"),
)

vectors = Table(
    "vectors",
    metadata,
    Column("memory_row", ForeignKey("memories.row"), primary_key=True),
    Column("view", String(16), primary_key=True),
    Column("model", String(16), primary_key=True),  # the first 16 hex digits of sha256(fingerprint)
    Column("scope_id", ForeignKey("scopes.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),  # float32, little endian
    Index("ix_vectors_seq", "scope_id", "model", "seq"),
)

journal = Table(
    "journal",
    metadata,
    Column("seq", _Number, primary_key=True, autoincrement=False),
    Column("scope_id", ForeignKey("scopes.id"), nullable=False),
    Column("run", String(40), nullable=False),
    Column("op", String(16), nullable=False),
    Column("subject", String(40)),  # the id of an episode, memory or edge
    Column("row", BigInteger),  # the memory version concerned
    Column("at", BigInteger, nullable=False),
    Column("detail", Text),  # what undo needs, as JSON: never text, names or refs of the content
    Index("ix_journal_scope", "scope_id", "seq"),
    Index("ix_journal_run", "run"),
    Index("ix_journal_subject", "scope_id", "subject"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("scope_id", ForeignKey("scopes.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("cause", Text, nullable=False),
    Column("usage", Text, nullable=False),
    Column("undone_by", String(40)),
)

cursors = Table(
    "cursors",
    metadata,
    Column("follower", String(64), primary_key=True),
    Column("scope_id", ForeignKey("scopes.id"), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("owner", String(64)),
    Column("lease_until", BigInteger),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("retry_at", BigInteger),
)

deferred = Table(
    "deferred",  # what a follower was to work on and has not done: it was stopped, or failed
    metadata,
    Column("follower", String(64), primary_key=True),
    Column("row", _Number, primary_key=True, autoincrement=False),  # of an episode or a memory version
    Column("scope_id", ForeignKey("scopes.id"), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),  # a type and a prompt's name, never content
    Column("retry_at", BigInteger),
    Index("ix_deferred_scope", "scope_id", "follower"),
)

replies = Table(
    "replies",  # what a language model answered, so that it is not asked twice
    metadata,
    Column("scope_id", ForeignKey("scopes.id"), primary_key=True),
    Column("key", LargeBinary(32), primary_key=True),  # of the model, the prompt and its data
    Column("text", Text, nullable=False),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("scope_id", ForeignKey("scopes.id"), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),  # HMAC of the forgotten ref; the key is in ``meta``
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
