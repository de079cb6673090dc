"""Which runs are in force: an undoing can be undone, and that again, and so on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agentmem.store import schema
from agentmem.store.scoped import Scoped, slices


def in_force(scoped: Scoped, runs: Iterable[str]) -> dict[str, str | None]:
    """Of runs that were undone, or undid one of these: by which run each is in force, ``None`` if by none.

    Undoing an undoing does the first run again: of a chain with an odd number of runs the first is in force, by the
    last; the others are not.
    """
    undone = _undone(scoped, sorted(runs))
    found: dict[str, str | None] = {}
    for first in undone.keys() - set(undone.values()):
        chain = [first]
        while (after := undone.get(chain[-1])) is not None and after not in found:
            chain.append(after)
            found[after] = None
        found[first] = chain[-1] if len(chain) % 2 else None
    return found


def _undone(scoped: Scoped, chosen: Sequence[str]) -> Mapping[str, str]:
    """Those of these runs that were undone, and of the runs that did so, each with the run that undid it."""
    runs = schema.runs
    found: dict[str, str] = {}
    while chosen:
        fresh: dict[str, str] = {}
        for part in slices(chosen):
            statement = scoped.select_by_key(runs, runs.c.id, runs.c.undone_by)
            rows = scoped.rows(statement.where(runs.c.id.in_(part), runs.c.undone_by.is_not(None)))
            fresh |= {row.id: row.undone_by for row in rows}
        found |= fresh
        chosen = sorted(set(fresh.values()) - found.keys())
    return found
