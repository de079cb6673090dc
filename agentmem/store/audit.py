"""Whether a database is sound: every broken invariant, in words.

Nothing here mends anything. ``agentmem db check`` shows it to people; :func:`audit_run` is for a writer that wants to
know, before it commits, that what it did leaves every rule intact.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, String, TextClause, bindparam, cast, literal, select, text, true, union_all

from agentmem.protocols import Store
from agentmem.store import schema
from agentmem.store.invariants import (
    INVARIANTS,
    SPANS_IN_RUN,
    SPANS_IN_SCOPE,
    SUPPORTED,
    UNLINKED,
    UNSUPPORTED_AMONG,
    suspicious_spans,
)
from agentmem.store.scoped import Scoped, slices
from agentmem.types import Scope

_NAMED = 10
"""How many offenders are named for each rule; the others are counted."""
_SPANS = "memory versions with a source span outside its episode, by row"

_WHOLE = (tuple((rule.broken, rule.offenders) for rule in INVARIANTS), suspicious_spans(true()))
_SCOPE = (tuple((rule.broken, rule.of_scope()) for rule in INVARIANTS), suspicious_spans(SPANS_IN_SCOPE))
_RUN = tuple((rule.broken, found) for rule in INVARIANTS if (found := rule.of_run()) is not None)
_RUN_SPANS = suspicious_spans(SPANS_IN_RUN)
_Rules = tuple[tuple[tuple[str, Select[Any]], ...], Select[Any]]
_SCOPE_ID = select(schema.scopes.c.id).where(schema.scopes.c.path == bindparam("path"))


def audit(of: Connection | Store, scope: Scope | None = None) -> tuple[str, ...]:
    """Every broken invariant in words, one string for each rule; empty if the database is sound.

    Looks at all rows: a second or two for a hundred thousand. The words hold identifiers and numbers, never content.

    Args:
        of: a store, or a connection in a transaction.
        scope: look at this one only. Default: all, and what belongs to no scope that is there.

    Raises:
        StoreError: the file cannot be read; its subclasses say why and what to do.
    """
    if isinstance(of, Connection):
        return _audit(of, scope)
    chosen = scope or next(iter(of.scopes()), None)
    if chosen is None:
        return ()
    with of.read(chosen) as reader:
        assert isinstance(reader, Scoped)  # rows can only be looked at where there are some
        return _audit(reader.connection, scope)


def _audit(connection: Connection, scope: Scope | None) -> tuple[str, ...]:
    if scope is None:
        return _told(_found(connection, _WHOLE, {}))
    scope_id = connection.execute(_SCOPE_ID, {"path": scope.path}).scalar()
    return () if scope_id is None else _told(_found(connection, _SCOPE, {"scope_id": scope_id}))


def audit_run(connection: Connection, scope_id: int, run: str, after: int = 0) -> tuple[str, ...]:
    """The same for what one run touched: its journal entries, memories, sources and edges, and the scope's cursors.

    To be called inside the write transaction, after the run was applied and before it is committed: a few
    milliseconds, whatever the size of the database. What the run destroyed with ``forget`` is not looked for, nor what
    it did up to the journal number ``after``.
    """
    parameters = {"scope_id": scope_id, "run": run, "after": after}
    found: dict[str, list[Any]] = {broken: [] for broken, _offenders in _RUN}
    for number, name in connection.execute(_all_of_a_run(), parameters):
        found[_RUN[number][0]].append(name)
    found[_SPANS] = _outside(connection.execute(_RUN_SPANS, parameters))
    removed = [json.loads(detail)["source"] for detail in connection.execute(UNLINKED, parameters).scalars()]
    for ids in slices(removed):
        found[SUPPORTED.broken] += connection.execute(UNSUPPORTED_AMONG, {**parameters, "ids": ids}).scalars()
    return _told(found)


@cache
def _all_of_a_run() -> TextClause:
    """All rules for a run in one statement, written once: asking for each would take longer than answering."""
    parts = []
    for number, (_broken, offenders) in enumerate(_RUN):
        found = offenders.subquery(f"rule{number}")
        parts.append(select(literal(number), cast(found.c[0], String)))
    compiled = union_all(*parts).compile()
    constants = {name: value for name, value in compiled.params.items() if name not in ("run", "after", "scope_id")}
    return text(str(compiled)).bindparams(**constants)


def _found(connection: Connection, rules: _Rules, parameters: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The offenders by what is said of them."""
    statements, spans = rules
    found = {broken: list(connection.execute(find, parameters).scalars()) for broken, find in statements}
    found[_SPANS] = _outside(connection.execute(spans, parameters))
    return found


def _outside(sources: Iterable[Any]) -> list[int]:
    """Those of :func:`~agentmem.store.invariants.suspicious_spans` that do; SQLite's ``length`` stops at a NUL."""
    return [row.memory_row for row in sources if not 0 <= row.start < row.end <= len(row.text)]


def _told(found: Mapping[str, Sequence[Any]]) -> tuple[str, ...]:
    said = []
    for broken, offenders in found.items():
        names = sorted({str(name) for name in offenders}, key=lambda name: (len(name), name))  # numbers by size
        more = len(names) - _NAMED
        if names:
            said.append(f"{broken}: {', '.join(names[:_NAMED])}" + (f" and {more} more" if more > 0 else ""))
    return tuple(said)
