"""What must hold in any database, whatever happened: each rule as a statement that finds what breaks it.

Every statement selects one column, by which the offenders are named: an identifier or a number, never text. It can be
narrowed to one scope, and, where a run of operations could break the rule, to what that run touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from agentmem.kinds import SUMMARISES
from agentmem.operations import Op
from agentmem.store import schema
from agentmem.types import State

SCOPE: BindParameter[int] = bindparam("scope_id")
RUN: BindParameter[str] = bindparam("run")
AFTER: BindParameter[int] = bindparam("after")
"""What narrowed statements are given."""

_memories, _episodes, _sources, _edges = schema.memories, schema.episodes, schema.sources, schema.edges
_journal, _scopes, _runs, _vectors = schema.journal, schema.scopes, schema.runs, schema.vectors

_IN_RUN = and_(_journal.c.run == RUN, _journal.c.seq > AFTER)

_CHANGES = (Op.ADD, Op.REVISE, Op.RETIRE, Op.RESTORE, Op.MARK, Op.CLOSE)
"""Operations whose journal entry names a memory."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule.

    Attributes:
        broken: what is said of those that break it, in front of their names.
        offenders: selects one column that names them.
        in_scope: narrows the statement to the scope ``:scope_id``.
        in_run: narrows it to what the run ``:run`` touched; ``None`` where no run of operations can break the rule.
    """

    broken: str
    offenders: Select[Any]
    in_scope: ColumnElement[bool]
    in_run: ColumnElement[bool] | None = None

    def of_scope(self) -> Select[Any]:
        """The offenders in the scope ``:scope_id``."""
        return self.offenders.where(self.in_scope)

    def of_run(self) -> Select[Any] | None:
        """The offenders among what the run ``:run`` touched, which is in its scope."""
        return None if self.in_run is None else self.offenders.where(self.in_run)


def _lacks(table: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """No row of the table meets the conditions. Joins nothing: the other tables are those of the statement around."""
    return ~select(1).select_from(table).where(*conditions).correlate_except(table).exists()


def _beside(table: FromClause, other: Table) -> ColumnElement[bool]:
    """In the same scope, of a row found by its key: adding 0 keeps the planner from looking through the whole scope."""
    return table.c.scope_id + 0 == other.c.scope_id


def _is_one_of(*ops: Op) -> ColumnElement[bool]:
    return or_(*(_journal.c.op == op for op in ops))


def _subjects(*ops: Op) -> Select[Any]:
    """What the run's entries of these operations are about."""
    return select(_journal.c.subject).where(_IN_RUN, _is_one_of(*ops))


_touched_memory = _memories.c.id.in_(
    _subjects(*_CHANGES).union(select(_edges.c.source).where(_edges.c.id.in_(_subjects(Op.LINK))))
)
_opened = select(_journal.c.row).where(_IN_RUN, _is_one_of(Op.ADD, Op.REVISE))
SPANS_IN_RUN = _sources.c.memory_row.in_(_opened)
_in_this_scope = _memories.c.scope_id == SCOPE
_is_current = _memories.c.superseded_at.is_(None)
_own = _memories.alias("own")
_before = _journal.alias("before")

SPANS_IN_SCOPE = _sources.c.memory_row.in_(select(_memories.c.row).where(_in_this_scope))

VERSIONS = Invariant(
    "memories whose versions are not numbered 1, 2, 3, ..., with the last one, and only that, current",
    select(_memories.c.id)
    .group_by(_memories.c.id)
    .having(
        or_(
            func.min(_memories.c.version) != 1,
            func.max(_memories.c.version) != func.count(),
            func.sum(case((_is_current, 1), else_=0)) != 1,
            func.max(case((_is_current, _memories.c.version), else_=0)) != func.max(_memories.c.version),
        )
    ),
    _in_this_scope,
    _touched_memory,
)
ONE_SCOPE = Invariant(
    "memories with versions in several scopes",
    select(_memories.c.id)
    .group_by(_memories.c.id)
    .having(func.min(_memories.c.scope_id) != func.max(_memories.c.scope_id)),
    _memories.c.id.in_(select(_own.c.id).where(_own.c.scope_id == SCOPE)),
    _touched_memory,
)
MEMORY_OPENED = Invariant(
    "memory versions that no journal entry opened, by row",
    select(_memories.c.row).where(
        _lacks(
            _journal,
            _journal.c.seq == _memories.c.row,
            _journal.c.subject == _memories.c.id,
            _beside(_journal, _memories),
            _is_one_of(Op.ADD, Op.REVISE),
        )
    ),
    _in_this_scope,
    _memories.c.row.in_(_opened),
)
EPISODE_OPENED = Invariant(
    "episodes that no journal entry recorded",
    select(_episodes.c.id).where(
        _lacks(
            _journal,
            _journal.c.seq == _episodes.c.row,
            _journal.c.subject == _episodes.c.id,
            _beside(_journal, _episodes),
            _journal.c.op == Op.RECORD,
        )
    ),
    _episodes.c.scope_id == SCOPE,
    _episodes.c.row.in_(select(_journal.c.seq).where(_IN_RUN, _is_one_of(Op.RECORD))),
)
SUPPORTED = Invariant(
    "memories made of nothing: no source, and no edge to what they summarise",
    select(_memories.c.id).where(
        _is_current,
        _lacks(_sources, _sources.c.memory_row == _memories.c.row),
        _lacks(
            _edges,
            _edges.c.source == _memories.c.id,
            _edges.c.scope_id == _memories.c.scope_id,
            _edges.c.kind == SUMMARISES,
        ),
    ),
    _in_this_scope,
    _touched_memory,
)
SOURCED = Invariant(
    "sources of memory versions that are not there, by row",
    select(_sources.c.memory_row).where(_lacks(_memories, _memories.c.row == _sources.c.memory_row)),
    _sources.c.episode_row.in_(select(_episodes.c.row).where(_episodes.c.scope_id == SCOPE)),
)
SOURCE_THERE = Invariant(
    "memory versions with a source that is not there, or in another scope, by row",
    select(_sources.c.memory_row).where(
        _memories.c.row == _sources.c.memory_row,
        _lacks(_episodes, _episodes.c.row == _sources.c.episode_row, _beside(_episodes, _memories)),
    ),
    SPANS_IN_SCOPE,
    SPANS_IN_RUN,
)
EDGE_ENDS = Invariant(
    "edges to or from a memory that is not there, or in another scope",
    select(_edges.c.id).where(
        or_(
            *(
                _lacks(_memories, _memories.c.id == end, _beside(_memories, _edges))
                for end in (_edges.c.source, _edges.c.target)
            )
        )
    ),
    _edges.c.scope_id == SCOPE,
    _edges.c.id.in_(_subjects(Op.LINK)),
)
VECTOR_OF = Invariant(
    "vectors of memory versions that are not there, or in another scope, by row",
    select(_vectors.c.memory_row).where(
        _lacks(_memories, _memories.c.row == _vectors.c.memory_row, _beside(_memories, _vectors))
    ),
    _vectors.c.scope_id == SCOPE,
)
GAPLESS = Invariant(
    "journal entries without the entry before them",
    select(_journal.c.seq).where(_journal.c.seq > 1, _lacks(_before, _before.c.seq == _journal.c.seq - 1)),
    _journal.c.scope_id == SCOPE,
    _IN_RUN,
)
RUN_THERE = Invariant(
    "journal entries of a run that is not there, or of another scope",
    select(_journal.c.seq).where(
        _journal.c.op != Op.EMBED,  # vectors are derived, and belong to no run
        _lacks(_runs, _runs.c.id == _journal.c.run, _beside(_runs, _journal)),
    ),
    _journal.c.scope_id == SCOPE,
    _IN_RUN,
)
RETIRED_BY = Invariant(
    "retired memory versions that no journal entry retired, by row",
    select(_memories.c.row).where(
        _memories.c.state == State.RETIRED,
        _lacks(
            _journal,
            _journal.c.scope_id == _memories.c.scope_id,
            _journal.c.subject == _memories.c.id,
            or_(
                _journal.c.op == Op.RETIRE,  # undo retires with this one too
                and_(  # withdrawn by the revision that followed
                    _journal.c.op == Op.REVISE,
                    _journal.c.detail.contains('"retract": true'),
                    _memories.c.superseded_at.is_not(None),
                ),
            ),
        ),
    ),
    _in_this_scope,
    _touched_memory,
)
DEFERRED_THERE = Invariant(
    "deferred work on episodes or memories that are not there, or in another scope, by row",
    select(schema.deferred.c.row).where(
        *(
            _lacks(table, table.c.row == schema.deferred.c.row, _beside(table, schema.deferred))
            for table in (_episodes, _memories)
        )
    ),
    schema.deferred.c.scope_id == SCOPE,
)
CURSOR_BEHIND = Invariant(
    "followers that are ahead of the journal",
    select(schema.cursors.c.follower).where(
        schema.cursors.c.position
        > select(func.coalesce(func.max(_journal.c.seq), 0))
        .where(_journal.c.scope_id == schema.cursors.c.scope_id)
        .correlate(schema.cursors)
        .scalar_subquery()
    ),
    schema.cursors.c.scope_id == SCOPE,
    schema.cursors.c.scope_id == SCOPE,  # a scope has few followers
)


def _scope_there(table: Table) -> Invariant:
    name = table.c.get("id", table.c.get("row", table.c.scope_id)) if table is not _vectors else table.c.memory_row
    return Invariant(
        f"rows of {table.name} in a scope that is not there",
        select(name).where(_lacks(_scopes, _scopes.c.id == table.c.scope_id)),
        table.c.scope_id == SCOPE,
    )


INVARIANTS = (
    *(_scope_there(table) for table in schema.metadata.sorted_tables if "scope_id" in table.c),
    *(VERSIONS, ONE_SCOPE, MEMORY_OPENED, EPISODE_OPENED, SUPPORTED, SOURCED, SOURCE_THERE, EDGE_ENDS, VECTOR_OF),
    *(GAPLESS, RUN_THERE, RETIRED_BY, DEFERRED_THERE, CURSOR_BEHIND),
)
"""All but one: that spans lie inside their episodes is told in :mod:`agentmem.store.audit`, since counting the code
points of a text that holds a NUL is beyond SQL.
"""


def suspicious_spans(narrow: ColumnElement[bool]) -> Select[Any]:
    """Sources whose span may lie outside its episode: ``memory_row``, ``start``, ``end`` and the episode's ``text``."""
    return (
        select(_sources.c.memory_row, _sources.c.start, _sources.c.end, _episodes.c.text)
        .join(_episodes, _episodes.c.row == _sources.c.episode_row)
        .where(
            or_(
                _sources.c.start < 0,
                _sources.c.end <= _sources.c.start,
                _sources.c.end > func.length(_episodes.c.text),
            ),
            narrow,
        )
    )


UNSUPPORTED_AMONG = SUPPORTED.offenders.where(_memories.c.id.in_(bindparam("ids", expanding=True)))
"""Breakers of :data:`SUPPORTED` among ``:ids``, which lost an edge: no journal entry leads to them any more."""
UNLINKED = select(_journal.c.detail).where(_IN_RUN, _journal.c.op == Op.UNLINK)
"""The details of the edges that the run ``:run`` removed, as JSON."""
