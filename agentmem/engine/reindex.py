"""Changing the embedding model of a database in use: new vectors beside the old ones, then one switch."""

from __future__ import annotations

from agentmem.engine.embed_worker import BATCH, FOLLOWER, RUN, embed_rows, read_by_neighbours, view_texts
from agentmem.engine.parts import EMBEDDER_META, Parts
from agentmem.engine.remember import ProgressCallback
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
        if new.store.switch_model(new.model, EMBEDDER_META, new.identity, FOLLOWER):
            return made
