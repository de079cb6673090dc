"""Destroying what was selected, in the database and in every index: what ``forget`` and purging share."""

from __future__ import annotations

import logging
from dataclasses import replace

from agentmem.engine import embed_worker
from agentmem.engine.parts import Parts
from agentmem.engine.units import follower_of
from agentmem.errors import AgentMemError, IndexFailure
from agentmem.operations import Op, Run
from agentmem.protocols import Follower, Selection
from agentmem.structures.views import REACH, SPOKEN
from agentmem.types import Certificate, Scope

logger = logging.getLogger(__name__)


def destroy(parts: Parts, scope: Scope, run: Run, selection: Selection) -> Certificate:
    """Destroy it with everything derived from it; the files may still hold it in free pages.

    Raises:
        NotFound: an id that is not in this scope; nothing was destroyed.
    """
    followers = [Follower(follower_of(one), one.kinds, one.reads) for one in parts.structures]
    with parts.store.write(scope) as writer:
        before = writer.head()
        certificate = writer.erase(run, selection, {SPOKEN: REACH}, followers)
    if parts.embedder is not None:
        parts.embedder.forget()
    pending = _erase_from_index(parts, scope, before)
    parts.followers.drop()
    try:
        embed_worker.catch_up(parts, scope)
    except AgentMemError as error:  # the next retrieve tries again
        logger.warning("vectors of scope %s are pending: %s", scope.path, error)
    return replace(certificate, pending=pending)


def _erase_from_index(parts: Parts, scope: Scope, before: int) -> tuple[str, ...]:
    """Take what was destroyed after a journal number out of the vector index; returns what is left to do."""
    try:
        with parts.store.read(scope) as reader:
            parts.followers.index.remove(reader.scope_id, reader.entries_since(before, Op.FORGET, Op.REFRESH))
    except IndexFailure as error:  # it follows the journal when it answers again
        logger.warning("the vector index still holds what was forgotten: %s", error)
        return ("index",)
    return ()
