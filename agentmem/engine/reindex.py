"""Changing the embedding model of a database in use: new vectors beside the old ones, then one switch."""

from __future__ import annotations

from dataclasses import replace

from agentmem.engine.embed_worker import BATCH, FOLLOWER, RUN, embed_rows, read_by_neighbours, view_texts
from agentmem.engine.parts import EMBEDDER_META, Parts
from agentmem.engine.remember import ProgressCallback
from agentmem.store.lifecycle import STORE_ID_META
from agentmem.types import Progress


def reindex(new: Parts, progress: ProgressCallback | None) -> int:
    """Make vectors with ``new``'s model for every memory of every scope, then switch; returns how many were made.

    Readers and writers go on with the old model meanwhile. What they add is picked up by another round, until the
    switch finds nothing missing in the transaction that makes it. Interrupted, it can be run again and goes on.
    """
    assert new.model is not None and new.embedder is not None
    made = 0
    while True:
        for scope in new.store.scopes():
            while True:
                with new.store.read(scope) as reader:
                    rows = reader.unembedded(new.model, 0, BATCH)
                    texts = view_texts(reader, new.views, rows)
                    since = reader.head() if read_by_neighbours(new.views) else None
                if not rows:
                    break
                batches = embed_rows(new, texts)
                with new.store.write(scope) as writer:
                    made += writer.put_vectors(RUN, new.model, batches, since)
                if progress is not None:
                    progress(Progress(made, None, "reindex"))
        if _switch(new):
            return made


def _switch(new: Parts) -> bool:
    """Make the new model the database's and this store's; False, and nothing is changed: some memory lacks a vector.

    Verbs that are at work with the old parts are refused by the database or by the index, whichever they ask first;
    :meth:`~agentmem.engine.parts.Parts.renewed`, which waits until both have changed, gives them the new ones.
    """
    assert new.model is not None
    with new.exchange.under_way():
        if not new.store.switch_model(new.model, EMBEDDER_META, new.identity, FOLLOWER):
            return False
        now = new.exchange.newest
        if now.identity == new.identity:
            new.exchange.finish(replace(new, followers=now.followers))
            return True
        new = replace(new, followers=now.followers.another())
        try:
            attach(new)
        finally:  # the database has changed, whatever becomes of the index
            new.exchange.finish(new)
    return True


def attach(parts: Parts) -> None:
    """Tie the vector index to this database and model."""
    parts.followers.index.attach(f"{parts.store.get_meta(STORE_ID_META)}-{parts.model}")
