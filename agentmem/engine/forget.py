"""``forget``: destroys what is selected and everything derived from it, and says in a certificate what that was."""

from __future__ import annotations

import logging
from dataclasses import replace

from agentmem.engine.destruction import destroy
from agentmem.engine.parts import Parts
from agentmem.errors import IndexFailure, InvalidInput, StoreClosed, StoreError
from agentmem.ids import RUN, new_id
from agentmem.operations import Run
from agentmem.protocols import Selection
from agentmem.types import Certificate, Scope

logger = logging.getLogger(__name__)


def forget(parts: Parts, scope: Scope, selection: Selection, *, dry_run: bool, compact: bool) -> Certificate:
    """Destroy, erase from the indexes, and (``compact``) rewrite the files so that no free page holds the text.

    What stays: identifiers and the journal's numbers, keyed hashes of refs, causes and costs of runs, and the scope's
    name, also when all it held is gone.

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
    certificate = destroy(parts, scope, Run(new_id(RUN), {"verb": "forget"}), selection)
    if not compact:
        return replace(certificate, pending=(*certificate.pending, "compact"))
    pending = (*certificate.pending, *compact_files(parts))
    return replace(certificate, compacted=not pending, pending=tuple(dict.fromkeys(pending)))


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
