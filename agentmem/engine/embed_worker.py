"""The follower that gives memories their vectors. It runs right after ``add``, and catches up wherever it was stopped.

It works in three steps so that no model call happens inside a transaction: read what lacks vectors; embed; store. A
lease on its cursor keeps other processes from embedding what one is at already; a process that died loses its lease
when it runs out, and the next one goes on. A model that fails leaves a stored failure on the cursor, never a lost text.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from agentmem.engine.outage import FIRST_RETRY, LAST_RETRY
from agentmem.engine.parts import EMBEDDER_META, Parts
from agentmem.errors import AgentMemError, EmbedderError, EmbedderMismatch
from agentmem.models.checked import CheckedEmbedder
from agentmem.observing.followers import EMBEDDER, catching_up, failed
from agentmem.protocols import CatalogRow, Cursor, FloatArray, Reader, VectorBatch, Writer
from agentmem.structures.views import BARE, REACH, SPOKEN, view_text, views_of
from agentmem.types import Scope, Usage

logger = logging.getLogger(__name__)

FOLLOWER = "embed"
LEASE = timedelta(seconds=60)
BATCH = 1_000
WORTH_A_STEP = 1_000
"""How far the cursor may lag behind, with nothing missing, before it is moved: moving it is a write."""
WORTH_A_LEASE = 64
"""From how many memories on another process should be kept from embedding the same."""
RUN = "embed"
"""Vectors are derived, not undone: their journal entries belong to no run of their own."""


@dataclass(frozen=True, slots=True)
class Caught:
    """How an attempt to catch up ended: ``upto`` is the journal number up to which every memory has its vectors.

    ``upto`` is ``None`` while some are missing: another process is at them, or the model failed.
    """

    upto: int | None
    usage: Usage = field(default_factory=Usage)

    @property
    def pending(self) -> tuple[str, ...]:
        """What a receipt says is left to do."""
        return ("vectors",) if self.upto is None else ()


def claim(writer: Writer, parts: Parts) -> None:
    """Take the lease, inside the transaction that creates the work, if it is enough to be worth one."""
    cursor = writer.cursor(FOLLOWER)
    now = parts.clock()
    if _is_free(cursor, parts.owner, now):
        writer.set_cursor(FOLLOWER, Cursor(cursor.position, parts.owner, now + LEASE, cursor.attempts))


def embed_fresh(parts: Parts, scope: Scope, rows: Sequence[CatalogRow]) -> Caught:
    """Give memories that the caller has just written their vectors.

    The cursor stays where it is after a small batch, so that a single ``add`` is two short transactions; whoever
    catches up next finds nothing missing and moves it.
    """
    embedder, model = parts.embedder, parts.model
    if embedder is None or model is None or not rows:
        return Caught(0)
    if parts.outage.lasts(parts.clock()):
        return Caught(None)
    texts, seconds = embedder.texts, embedder.seconds
    try:
        texts_by_view, since = _fresh_texts(parts, scope, rows)
        batches = embed_rows(parts, texts_by_view)
    except EmbedderError as error:
        _remember_failure(parts, scope, error)
        return Caught(None, _usage(embedder, texts, seconds))
    stored = False
    with suppress(EmbedderMismatch), parts.store.write(scope) as writer:
        stored = _put(writer, parts, model, batches, since)
        if len(rows) >= WORTH_A_LEASE:
            _move(writer, parts, model)
    spent = _usage(embedder, texts, seconds)
    if stored:
        return Caught(rows[-1].seq, spent)
    # Meanwhile something that stood in the texts was forgotten, or the model was changed.
    again = finish(parts, scope, own=rows[0].seq)
    return replace(again, usage=spent + again.usage)


def finish(parts: Parts, scope: Scope, own: int | None = None) -> Caught:
    """:func:`catch_up` for a verb that has written: it must not seem to have failed if the model was changed since.

    What this process exchanged is used at once; where another did, the vectors are pending, and the next verb says why.
    """
    try:
        return catch_up(parts, scope, own)
    except EmbedderMismatch as error:
        if (renewed := parts.renewed()) is not None:
            return finish(renewed, scope, own)
        logger.warning("vectors of scope %s are pending: %s", scope.path, error)
        return Caught(None)


def _fresh_texts(parts: Parts, scope: Scope, rows: Sequence[CatalogRow]) -> tuple[dict[str, ViewTexts], int | None]:
    """What to embed, and the journal number up to which it was read, where it holds others' texts."""
    if not read_by_neighbours(parts.views):
        return {BARE: ViewTexts([row.row for row in rows], [view_text(BARE, row, ()) for row in rows])}, None
    with parts.store.read(scope) as reader:
        return view_texts(reader, parts.views, rows), reader.head()


def read_by_neighbours(views: Sequence[str]) -> bool:
    """Whether the texts of these views hold those of other memories."""
    return SPOKEN in views


def catch_up(parts: Parts, scope: Scope, own: int | None = None) -> Caught:
    """Embed whatever of the scope lacks vectors.

    What another process is embedding right now is left to it; but memories from journal number ``own`` on, which the
    caller has just written, are embedded here whoever holds the lease, so that they can be found when ``add`` returns.
    """
    model, embedder = parts.model, parts.embedder
    if model is None or embedder is None:
        return Caught(0)
    texts, seconds = embedder.texts, embedder.seconds
    upto: int | None = None
    while upto is None:
        with parts.store.read(scope) as reader:
            check_model(parts, reader)
            cursor, now = reader.cursor(FOLLOWER), parts.clock()
            head = reader.head()
            if cursor.position >= head:
                upto = head
                break
            start = _start(cursor, parts.owner, now, own)
            rows = [] if start is None else reader.unembedded(model, start, BATCH)
            if start == cursor.position and not rows and head - start < WORTH_A_STEP:
                upto = head  # nothing is missing; the cursor need not be moved for so little
                break
            texts_by_view = view_texts(reader, parts.views, rows)
            since = head if read_by_neighbours(parts.views) else None
        if start is None or (start > cursor.position and not rows) or (rows and parts.outage.lasts(now)):
            break
        try:
            with catching_up(parts.observer, EMBEDDER, head - cursor.position, scope) as told:
                batches = embed_rows(parts, texts_by_view)
                told(len(rows))
        except EmbedderError as error:
            _remember_failure(parts, scope, error)
            break
        with parts.store.write(scope) as writer:
            _put(writer, parts, model, batches, since)
            upto = _move(writer, parts, model)
    return Caught(upto, _usage(embedder, texts, seconds))


def _put(writer: Writer, parts: Parts, model: str, batches: Sequence[VectorBatch], since: int | None) -> bool:
    """Store vectors; the first ones put the model's name on the database. False: none was, they are out of date."""
    if writer.meta(EMBEDDER_META) != parts.identity:
        check_model(parts, writer)
        writer.set_meta(EMBEDDER_META, parts.identity)
    return writer.put_vectors(RUN, model, batches, since) > 0


def _usage(embedder: CheckedEmbedder, texts: int, seconds: float) -> Usage:
    """What the model was asked since its counters stood there."""
    return Usage(embedded_texts=embedder.texts - texts, embedding_seconds=embedder.seconds - seconds)


def _start(cursor: Cursor, owner: str, now: datetime, own: int | None) -> int | None:
    """After which journal number to work; ``None``: leave it to whoever is at it, or to a later try."""
    if _is_free(cursor, owner, now) and (cursor.retry_at is None or cursor.retry_at <= now or own is not None):
        return cursor.position
    return None if own is None else max(cursor.position, own - 1)


def _move(writer: Writer, parts: Parts, model: str) -> int | None:
    """Move the cursor to where everything before has vectors; the lease stays while work is left.

    Returns the journal number up to which nothing is missing, ``None`` while work is left.
    """
    cursor = writer.cursor(FOLLOWER)
    left = writer.unembedded(model, cursor.position, 1)
    if left:
        mine = cursor.owner == parts.owner  # another's lease is left to run out: it may have died
        until = parts.clock() + LEASE if mine else cursor.lease_until
        writer.set_cursor(FOLLOWER, Cursor(left[0].seq - 1, cursor.owner, until))
        return None
    head = writer.head()
    writer.set_cursor(FOLLOWER, Cursor(head))
    return head


def embed_query(embedder: CheckedEmbedder, query: str) -> FloatArray:
    """The query's vector.

    Raises:
        EmbedderError: whatever the model raised, as a type callers can handle.
    """
    try:
        return embedder.embed_query(query)
    except AgentMemError:
        raise
    except Exception as error:
        raise _failure(embedder, error) from error


def embed_rows(parts: Parts, texts: Mapping[str, ViewTexts]) -> list[VectorBatch]:
    """The vectors of every view; ``texts`` as :func:`view_texts` gave them.

    Raises:
        EmbedderError: whatever the model raised, as a type callers can handle.
    """
    embedder = parts.embedder
    if embedder is None or not texts:
        return []
    with parts.outage.watched(parts.clock):
        try:
            return [
                VectorBatch(view, np.array(of.rows, dtype=np.int64), embedder.embed_documents(of.texts))
                for view, of in texts.items()
            ]
        except AgentMemError:
            raise
        except Exception as error:
            raise _failure(embedder, error) from error


def check_model(parts: Parts, reader: Reader) -> None:
    """Refuse to go on with a model that another process has replaced meanwhile.

    Raises:
        EmbedderMismatch: the database was re-indexed with another model since it was opened.
    """
    if parts.embedder is None:
        return
    known = reader.meta(EMBEDDER_META)
    if known is not None and known != parts.identity and reader.has_vectors():
        raise EmbedderMismatch(
            "Another process re-indexed this database with another embedding model. Close it and open it again."
        )


@dataclass(slots=True)
class ViewTexts:
    """What to embed under one view: the memory versions, and a text for each."""

    rows: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def view_texts(reader: Reader, views: Sequence[str], rows: Sequence[CatalogRow]) -> dict[str, ViewTexts]:
    """What to embed of these memories, by view."""
    found: dict[str, ViewTexts] = defaultdict(ViewTexts)
    for row in rows:
        for view in views_of(row.kind, views):
            before = reader.preceding(row.session, row.at, row.position, row.start, REACH) if view == SPOKEN else ()
            found[view].rows.append(row.row)
            found[view].texts.append(view_text(view, row, before))
    return found


def _is_free(cursor: Cursor, owner: str, now: datetime) -> bool:
    return cursor.owner in (None, owner) or cursor.lease_until is None or cursor.lease_until <= now


def _remember_failure(parts: Parts, scope: Scope, error: EmbedderError) -> None:
    logger.warning("vectors of scope %s are pending: %s", scope.path, error)
    failed(parts.observer, EMBEDDER, type(error).__name__)
    with parts.store.write(scope) as writer:
        cursor = writer.cursor(FOLLOWER)
        wait = min(FIRST_RETRY * 2**cursor.attempts, LAST_RETRY)
        writer.set_cursor(
            FOLLOWER,
            Cursor(
                position=cursor.position,
                attempts=min(cursor.attempts + 1, 30),
                last_error=str(error),
                retry_at=parts.clock() + wait,
            ),
        )


def _failure(embedder: CheckedEmbedder, error: Exception) -> EmbedderError:
    return EmbedderError(
        f"The embedder {embedder.fingerprint} failed with {type(error).__name__}. Texts are stored and found by words; "
        "vectors are made when it works again."
    )
