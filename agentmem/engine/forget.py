"""``forget``: destroys what is selected and everything derived from it, and says in a certificate what that was."""

from __future__ import annotations

from dataclasses import replace

from agentmem.engine import embed_worker
from agentmem.engine.parts import Parts
from agentmem.errors import InvalidInput
from agentmem.ids import RUN, new_id
from agentmem.operations import Op, Run
from agentmem.protocols import Selection
from agentmem.structures.views import reach
from agentmem.types import Certificate, Scope


def forget(parts: Parts, scope: Scope, selection: Selection, *, dry_run: bool, compact: bool) -> Certificate:
    """Destroy, erase from the indexes, and (``compact``) rewrite the files so that no free page holds the text.

    Raises:
        InvalidInput: nothing was selected.
        NotFound: an id that is not in this scope; nothing was destroyed.
    """
    if not any([selection.ids, selection.session, selection.before, selection.about, selection.everything]):
        raise InvalidInput("forget() needs to know what: ids=, session=, before=, about=, or everything=True.")
    run = None if dry_run else Run(new_id(RUN), {"verb": "forget"})
    with parts.store.write(scope) as writer:
        before = writer.head()
        certificate = writer.erase(run, selection, reach(parts.views))
    if dry_run:
        return certificate
    if parts.embedder is not None:
        parts.embedder.forget()
    with parts.store.read(scope) as reader:
        parts.followers.index.remove(reader.scope_id, reader.entries_since(before, Op.FORGET, Op.REFRESH))
    parts.followers.drop()
    embed_worker.catch_up(parts, scope)
    if not compact:
        return replace(certificate, pending=("compact",))
    parts.followers.index.compact()
    compacted = parts.store.compact()
    return replace(certificate, compacted=compacted, pending=() if compacted else ("compact",))
