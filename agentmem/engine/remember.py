"""``add``: what happened is stored first, durably, and made searchable before the call returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from agentmem.engine import embed_worker
from agentmem.engine.intake import Content, Defaults, Item, checked, episode_of, is_single, items
from agentmem.engine.parts import Parts
from agentmem.engine.recalls import Captured
from agentmem.errors import EmbedderMismatch, ForgottenRef, InvalidInput, RefConflict
from agentmem.ids import RUN, new_id
from agentmem.operations import Add, Mark, Operation, Record, Restore, Run
from agentmem.protocols import CatalogRow, Writer
from agentmem.store.rows import catalog_row, digest
from agentmem.structures.chunks import propose_chunks
from agentmem.types import Episode, Progress, Receipt, Scope

ProgressCallback = Callable[[Progress], None]


def add(
    parts: Parts,
    scope: Scope,
    content: Content,
    defaults: Defaults,
    *,
    batch_size: int,
    progress: ProgressCallback | None,
) -> Receipt:
    """Store episodes and their chunks, in batches, each one transaction; then embed them.

    Every batch is complete on disk before the next is read, so a stream that breaks off loses nothing that was
    reported. All batches belong to one run.
    """
    defaults = checked(defaults)
    run = Run(new_id(RUN), {"verb": "add"})
    single = is_single(content)
    total = 1 if single else (len(content) if isinstance(content, Sequence) else None)
    receipt = Receipt(run=run.id, ids=(), episodes=())
    stream = enumerate(items(content))
    captured = Captured()
    while batch := list(islice(stream, batch_size)):
        episodes = _episodes(parts, batch, defaults, single, captured)
        skipped = len(batch) - len(episodes)
        parts, added = _as_it_is_now(parts, scope, run, episodes, defaults.ttl, skipped)
        receipt = _join(receipt, added)
        if progress is not None:
            progress(Progress(len(receipt.episodes) + receipt.skipped, total, "add"))
    return receipt


def _episodes(
    parts: Parts, batch: Sequence[tuple[int, Item]], defaults: Defaults, single: bool, captured: Captured
) -> list[Episode]:
    """What is to be stored of a batch: without memories that come back, and as the hooks let it through."""
    now = parts.clock()
    found: list[Episode] = []
    for number, item in batch:
        episode = captured.cleaned(episode_of(item, defaults, now, None if single else number))
        episode = None if episode is None else parts.hooks.written(episode)
        if episode is not None:
            found.append(episode)
    return found


def _as_it_is_now(
    parts: Parts, scope: Scope, run: Run, episodes: list[Episode], ttl: timedelta | None, skipped: int
) -> tuple[Parts, Receipt]:
    """Add a batch with the model that counts now; returns the parts that have it, for the next batch."""
    while True:
        try:
            return parts, _add_batch(parts, scope, run, episodes, ttl, skipped)
        except EmbedderMismatch:  # nothing of the batch was written
            if (renewed := parts.renewed()) is None:
                raise
            parts = renewed


def _add_batch(
    parts: Parts, scope: Scope, run: Run, episodes: list[Episode], ttl: timedelta | None, skipped: int
) -> Receipt:
    if not episodes:
        return Receipt(run.id, (), (), skipped=skipped)
    try:
        expires_at = None if ttl is None else parts.clock() + ttl
    except OverflowError as error:
        raise InvalidInput(f"ttl={ttl} ends after the year 9999. Without ttl it can be found for ever.") from error
    proposed = [(episode, list(propose_chunks(episode, expires_at=expires_at))) for episode in episodes]
    with parts.store.write(scope) as writer:
        embed_worker.check_model(parts, writer)
        known = _known(writer, episodes)
        operations, ids, kept, duplicates = _operations(proposed, known, expires_at)
        numbers = writer.apply(run, operations) if operations else ()
        rows = _rows(operations, numbers)
        if parts.embedder is not None and len(rows) >= embed_worker.WORTH_A_LEASE:
            embed_worker.claim(writer, parts)
    # Where nothing is new, the vectors of what was there may still be pending.
    caught = embed_worker.embed_fresh(parts, scope, rows) if rows else embed_worker.catch_up(parts, scope)
    return Receipt(run.id, tuple(ids), tuple(kept), duplicates, skipped, caught.pending, caught.usage)


Known = dict[str, tuple[str, bytes | Episode, tuple[str, ...], tuple[str, ...]]]
"""By ref: the id of what is stored (or about to be), its digest (or itself), its memories, and which come back."""


def _known(writer: Writer, episodes: list[Episode]) -> Known:
    """What is stored already under these episodes' refs. Refuses refs that were forgotten."""
    refs = [episode.ref for episode in episodes if episode.ref is not None]
    if not refs:
        return {}
    if forgotten := writer.tombstoned(refs):
        raise ForgottenRef(
            f"Content under ref {', '.join(map(repr, forgotten[:5]))} was forgotten and is not learnt again; nothing "
            "of this batch was stored. Leave it out, or give it a new ref if it is meant to come back."
        )
    found = writer.find_refs(refs)
    return {ref: (one.id, one.digest, one.memories, one.taken_back) for ref, one in found.items()}


def _operations(
    proposed: list[tuple[Episode, list[Add]]], known: Known, expires_at: datetime | None
) -> tuple[list[Operation], list[str], list[str], int]:
    """What must be written, the memory and episode ids of every item, and how many were there already.

    What was added before, and taken back by undoing that, comes back as it was then.
    """
    operations: list[Operation] = []
    ids: list[str] = []
    kept: list[str] = []
    duplicates = 0
    for episode, adds in proposed:
        if episode.ref is not None and episode.ref in known:
            id, stored, memories, taken_back = known[episode.ref]
            if (stored if isinstance(stored, bytes) else digest(stored)) != digest(episode):
                raise RefConflict(
                    f"Ref {episode.ref!r} is taken by other content; nothing of this batch was stored. Use update() on "
                    f"its memory ({', '.join(memories) or id}), or another ref."
                )
            duplicates += not taken_back
            for memory in taken_back:
                operations += [Restore(memory), Mark(memory, False, expires_at)]
            known[episode.ref] = (id, stored, memories, ())
        else:
            id, memories = episode.id, tuple(add.memory.id for add in adds)
            operations += [Record(episode), *adds]
            if episode.ref is not None:
                known[episode.ref] = (id, episode, memories, ())
        kept.append(id)
        ids += memories
    return operations, ids, kept, duplicates


def _rows(operations: Sequence[Operation], numbers: Sequence[int]) -> list[CatalogRow]:
    """The memories just added, as followers would read them."""
    episodes: dict[str, int] = {}
    rows: list[CatalogRow] = []
    for operation, number in zip(operations, numbers, strict=True):
        if isinstance(operation, Record):
            episodes[operation.episode.id] = number
        elif isinstance(operation, Add):
            source = operation.memory.sources[0]
            rows.append(catalog_row(operation.memory, number, episodes[source.episode], source.start))
    return rows


def _join(one: Receipt, other: Receipt) -> Receipt:
    return Receipt(
        run=one.run,
        ids=one.ids + other.ids,
        episodes=one.episodes + other.episodes,
        duplicates=one.duplicates + other.duplicates,
        skipped=one.skipped + other.skipped,
        pending=tuple(sorted({*one.pending, *other.pending})),
        usage=one.usage + other.usage,
    )
