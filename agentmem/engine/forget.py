"""``forget``: destroys what is selected and everything derived from it, and says in a certificate what that was."""

from __future__ import annotations

import logging
from dataclasses import replace

from agentmem.engine import embed_worker
from agentmem.engine.parts import Parts
from agentmem.engine.units import follower_of
from agentmem.errors import AgentMemError, IndexFailure, InvalidInput, StoreClosed, StoreError
from agentmem.ids import RUN, new_id
from agentmem.operations import Op, Run
from agentmem.protocols import Selection
from agentmem.structures.views import reach
from agentmem.types import Certificate, Scope

logger = logging.getLogger(__name__)


def forget(parts: Parts, scope: Scope, selection: Selection, *, dry_run: bool, compact: bool) -> Certificate:
    """Destroy, erase from the indexes, and (``compact``) rewrite the files so that no free page holds the text.

    Raises:
        InvalidInput: nothing was selected.
        NotFound: an id that is not in this scope; nothing was destroyed.
    """
    if not any([selection.ids, selection.session, selection.before, selection.about, selection.everything]):
        raise InvalidInput("forget() needs to know what: ids=, session=, before=, about=, or everything=True.")
    for name in ("session", "about"):
        value = getattr(selection, name)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise InvalidInput(f"{name} must be a non-empty string, not {value!r}. Nothing was forgotten.")
    if dry_run:
        with parts.store.read(scope) as reader:
            return reader.would_erase(selection)
    with parts.store.write(scope) as writer:
        before = writer.head()
        run = Run(new_id(RUN), {"verb": "forget"})
        followers = [(follower_of(structure), structure.kinds) for structure in parts.structures if not structure.reads]
        certificate = writer.erase(run, selection, reach(parts.views), followers)
    if parts.embedder is not None:
        parts.embedder.forget()
    pending = _erase_from_index(parts, scope, before)
    parts.followers.drop()
    try:
        embed_worker.catch_up(parts, scope)
    except AgentMemError as error:  # the next retrieve tries again
        logger.warning("vectors of scope %s are pending: %s", scope.path, error)
    if not compact:
        return replace(certificate, pending=(*pending, "compact"))
    pending += compact_files(parts)
    return replace(certificate, compacted=not pending, pending=tuple(dict.fromkeys(pending)))


def _erase_from_index(parts: Parts, scope: Scope, before: int) -> tuple[str, ...]:
    """Take what was destroyed after a journal number out of the vector index; returns what is left to do."""
    try:
        with parts.store.read(scope) as reader:
            parts.followers.index.remove(reader.scope_id, reader.entries_since(before, Op.FORGET, Op.REFRESH))
    except IndexFailure as error:  # it follows the journal when it answers again
        logger.warning("the vector index still holds what was forgotten: %s", error)
        return ("index",)
    return ()


def compact_files(parts: Parts) -> tuple[str, ...]:
    """Rewrite the database and the index so that nothing destroyed is left in their files; returns what is left to do.

    ``"compact"``: another process was reading; call ``compact()`` later. ``"index"``: the log says what must be done
    about the vector index.
    """
    pending: tuple[str, ...] = ()
    try:
        if not parts.followers.compact():
            pending += ("index",)
    except IndexFailure as error:
        logger.warning("the vector index is not compacted yet: %s", error)
        pending += ("index",)
    try:
        if not parts.store.compact():
            pending += ("compact",)
    except StoreClosed:
        raise
    except StoreError as error:  # what was to go is gone; the certificate must not be lost
        logger.warning("the database's files are not compacted yet: %s", error)
        pending += ("compact",)
    return pending
