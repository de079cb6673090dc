"""``undo``: the operations that take a run back, as a new run in the journal. Forgetting cannot be undone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from itertools import islice

from agentmem.clock import from_micros
from agentmem.engine import embed_worker
from agentmem.engine.drawn import GONE, drawn_from
from agentmem.engine.parts import Parts
from agentmem.errors import CannotUndo, NotFound
from agentmem.ids import RUN, new_id
from agentmem.kinds import SUMMARISES
from agentmem.operations import Close, Link, Mark, Op, Operation, Restore, Retire, Revise, Run, Unlink
from agentmem.protocols import JournalEntry, Reader, Writer
from agentmem.types import Edge, Memory, Scope, State


def undo(parts: Parts, scope: Scope, run: str) -> str:
    """Take a run back, last operation first; returns the id of the run that did it (which can itself be undone).

    What the run added is retired, what it retired returns, what it rewrote reads as before, in a new version.

    Raises:
        NotFound: the scope has no such run.
        CannotUndo: it was undone before, it forgot something, or later runs changed the same memories.
    """
    by = Run(new_id(RUN), {"verb": "undo", "of": run})
    with parts.store.write(scope) as writer:
        entries = [entry for entry in writer.run_entries(run) if entry.op not in (Op.RECORD, Op.EMBED)]
        if not entries and not writer.run_entries(run):
            raise NotFound(f"There is no run {run} in this scope. Receipts and history() name the runs there are.")
        _check_not_undone(writer, run)
        _check(writer, run, entries)
        written: list[int] = []
        for operations in _batches(writer, entries):
            written += _apply(writer, by, operations)
        added = [entry.subject for entry in entries if entry.op == Op.ADD and entry.subject is not None]
        written += writer.apply(by, [Retire(drawn.id, reason=GONE) for drawn in drawn_from(writer, added)])
        if not written:
            writer.apply(by, [])
        writer.mark_undone(run, by.id)
        if parts.embedder is not None:
            embed_worker.claim(writer, parts)
    embed_worker.finish(parts, scope, own=written[0] if written else None)
    return by.id


def _batches(reader: Reader, entries: Sequence[JournalEntry]) -> Iterator[list[Operation]]:
    """The inverse operations, last entry first: all at once where each touches another subject, else one by one."""
    subjects = [entry.subject for entry in entries]
    size = len(entries) if len(set(subjects)) == len(subjects) else 1
    added = {entry.subject for entry in entries if entry.op == Op.ADD and entry.subject is not None}
    inverses = (_inverse(reader, entry, added) for entry in reversed(entries))
    found = (operation for operation in inverses if operation is not None)
    while batch := list(islice(found, max(size, 1))):
        yield batch


def _apply(writer: Writer, by: Run, operations: Sequence[Operation]) -> tuple[int, ...]:
    try:
        return writer.apply(by, operations)
    except NotFound as error:  # an edge whose end was forgotten since
        raise CannotUndo(f"What the run needs was forgotten since; it cannot be undone. {error}") from error


def _check_not_undone(reader: Reader, run: str) -> None:
    """Refuse a run that was undone, also one that was done again since by undoing that: both belong to the last one."""
    chain = [run]
    while (after := reader.undone_by(chain[-1])) is not None and after not in chain:
        chain.append(after)
    if len(chain) == 1:
        return
    if len(chain) % 2:
        raise CannotUndo(f"Run {run} was undone, and done again by {chain[-1]}. To take it back, undo that one.")
    raise CannotUndo(f"Run {run} was undone already, by {chain[-1]}. To do it again, undo that one.")


def _check(reader: Reader, run: str, entries: Sequence[JournalEntry]) -> None:
    if any(entry.op in (Op.FORGET, Op.REFRESH) for entry in entries):
        raise CannotUndo(f"Run {run} forgot something: that is destroyed, and cannot come back.")
    own = {entry.subject: entry.seq for entry in entries if entry.subject is not None}
    for subject, (last, later) in reader.last_changes(sorted(own)).items():
        if last > own[subject]:
            raise CannotUndo(f"{subject} was changed again later, by run {later}. Undo that one first.")
    memories = sorted({entry.subject for entry in entries if entry.subject and entry.row is not None})
    alive = reader.present(memories)
    if gone := [id for id in memories if id not in alive]:
        raise CannotUndo(f"Memory {gone[0]} of run {run} was forgotten since; the run cannot be undone.")


def _inverse(reader: Reader, entry: JournalEntry, added: Set[str]) -> Operation | None:
    """What takes one journal entry back; ``added`` are the memories that the run made."""
    subject = entry.subject or ""
    match entry.op:
        case Op.ADD:
            return Retire(subject)
        case Op.RETIRE | Op.RESTORE:
            return _stood_before(reader, subject, entry)
        case Op.MARK:
            expires = entry.detail["expires_at"]
            return Mark(subject, bool(entry.detail["pinned"]), None if expires is None else from_micros(expires))
        case Op.CLOSE:
            ended = entry.detail["valid_to"]
            return Close(subject, None if ended is None else from_micros(ended))
        case Op.REVISE:
            return _revert(reader, subject, entry)
        case Op.LINK:
            edge = reader.edge(subject)
            if edge is None or (edge.kind == SUMMARISES and edge.source in added):
                return None  # what is retired keeps the edges that say what it was made of
            before = entry.detail.get("weight")
            return Unlink(edge) if before is None else Link(replace(edge, weight=before))
        case Op.UNLINK:
            detail = entry.detail
            return Link(Edge(subject, detail["kind"], detail["source"], detail["target"], detail["weight"]))
    return None


def _stood_before(reader: Reader, id: str, entry: JournalEntry) -> Operation:
    """A retired or restored memory in the state that it had before."""
    state, since = State(entry.detail["state"]), entry.detail["retired_at"]
    if state is not State.RETIRED:
        return Restore(id, state=state)
    changes = (change for version in reader.history(id) for change in version.changes)
    retired = [change for change in changes if change.op == Op.RETIRE and change.seq < entry.seq]
    reason = max(retired, key=lambda change: change.seq).reason if retired else None
    return Retire(id, reason=reason, at=None if since is None else from_micros(since))


def _revert(reader: Reader, id: str, entry: JournalEntry) -> Revise:
    """The earlier version once more, as the newest; the one being undone is withdrawn as a mistake.

    It stands as it stood when it was closed; only how it was used is counted on.
    """
    now = reader.get(id)
    before = next(v.memory for v in reader.history(id) if v.version == entry.detail["before"])
    assert now is not None
    valid_to, retired_at = entry.detail["valid_to"], entry.detail["retired_at"]
    again: Memory = replace(
        before,
        version=now.version + 1,
        valid_from=now.valid_from,  # before that, the version of that time is still there to be found
        valid_to=None if valid_to is None else from_micros(valid_to),
        superseded_at=None,
        retired_at=None if retired_at is None else from_micros(retired_at),
        state=State(entry.detail["state"]),
        strength=now.strength,
        uses=now.uses,
        used_at=now.used_at,
    )
    return Revise(again, expected=now.version, retract=True)
