"""The memories of one scope as columns: what filters compare, what cues look at, and who is whose neighbour.

A *slot* is a position in these columns. A memory version gets the next one when it is first seen and keeps it; a
forgotten version leaves a dead slot behind, until the follower rebuilds the catalog because dead slots abound.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agentmem.index.growing import Growing
from agentmem.protocols import BoolArray, CatalogRow, IntArray
from agentmem.text.plain import is_plain
from agentmem.types import State

FOREVER = np.iinfo(np.int64).max
_REMARK = re.compile(r"\s*\[[^\]]*\]\s*$")
"""A remark in brackets at the end ("[shares a picture of ...]") is not what was said."""
NONE = -1
"""The code of an absent value, and the slot of an absent neighbour."""

COLUMNS = np.dtype(
    [
        ("row", np.int64),
        ("at", np.int64),
        ("valid_from", np.int64),
        ("valid_to", np.int64),
        ("expires_at", np.int64),
        ("position", np.int64),
        ("start", np.int32),
        ("kind", np.int32),
        ("session", np.int32),
        ("speaker", np.int32),
        ("role", np.int32),
        ("thread", np.int32),  # the session, or the document: what neighbours share
        ("before", np.int64),  # slot of the neighbour in the thread, or NONE
        ("after", np.int64),
        ("alive", np.bool_),  # not forgotten
        ("active", np.bool_),  # state "active"
        ("current", np.bool_),  # not superseded
        ("spoken", np.bool_),  # somebody said it: it has a speaker or a role
        ("asks", np.bool_),  # holds a question mark
        ("ends_asking", np.bool_),  # its last sentence is a question
        ("words", np.int32),
        ("plain", np.bool_),  # one short sentence that says by itself who did what
    ]
)
"""Times are microseconds since 1970; a missing end is ``FOREVER``."""


class Vocabulary:
    """Numbers for the distinct values of a column."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self.values: list[str] = []

    def code(self, value: str | None) -> int:
        """The value's number, given out on first sight; ``NONE`` for ``None``."""
        if value is None:
            return NONE
        found = self._codes.get(value)
        if found is None:
            found = self._codes[value] = len(self.values)
            self.values.append(value)
        return found

    def find(self, value: str) -> int:
        """The value's number; ``NONE`` if it never occurred."""
        return self._codes.get(value, NONE)


class Catalog:
    """See the module's docstring. ``columns`` is a structured array of :data:`COLUMNS`, shape ``(len(self),)``."""

    def __init__(self) -> None:
        self.sessions, self.speakers, self.roles, self.kinds, self._threads = (Vocabulary() for _ in range(5))
        self._table = Growing(COLUMNS)
        self._tails: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._table)

    @property
    def columns(self) -> NDArray[np.void]:
        """Every column of every slot. Valid until the next ``upsert``."""
        return self._table.view()

    @property
    def threads(self) -> int:
        """How many threads there are."""
        return len(self._threads.values)

    def slots(self, rows: IntArray) -> IntArray:
        """The slot of each row; ``NONE`` where it is unknown. Slots ascend with rows."""
        mine = self.columns["row"]
        if not len(mine):
            return np.full(len(rows), NONE, dtype=np.int64)
        found = np.minimum(np.searchsorted(mine, rows), len(mine) - 1)
        return np.where(mine[found] == rows, found, NONE)

    def upsert(self, rows: Sequence[CatalogRow]) -> IntArray:
        """Take in new and changed versions, in order of ``row``; returns the slot of each."""
        first = len(self)
        numbers = np.array([row.row for row in rows], dtype=np.int64)
        known = self.slots(numbers) != NONE
        self._table.extend(np.array([self._values(r) for r, old in zip(rows, known, strict=True) if not old], COLUMNS))
        slots = self.slots(numbers)
        columns = self.columns
        for place in np.flatnonzero(known).tolist():
            slot = slots[place]
            links = columns[slot]["before"], columns[slot]["after"]
            columns[slot] = self._values(rows[place])
            columns[slot]["before"], columns[slot]["after"] = links
        self._link(slots, first)
        return slots

    def kill(self, rows: IntArray) -> IntArray:
        """Drop forgotten versions; returns their slots."""
        slots = self.slots(rows)
        slots = np.asarray(slots[slots != NONE], dtype=np.int64)
        columns = self.columns
        for flag in ("alive", "active", "current"):
            columns[flag][slots] = False
        self._relink(set(columns["thread"][slots].tolist()))
        return slots

    def _values(self, row: CatalogRow) -> tuple[object, ...]:
        thread = self._threads.code(f"s{row.session}" if row.session is not None else f"d{row.position}")
        return (
            row.row,
            row.at,
            row.valid_from,
            FOREVER if row.valid_to is None else row.valid_to,
            FOREVER if row.expires_at is None or row.pinned else row.expires_at,
            row.position,
            row.start,
            self.kinds.code(row.kind),
            self.sessions.code(row.session),
            self.speakers.code(row.speaker),
            self.roles.code(row.role),
            thread,
            NONE,
            NONE,
            True,
            row.state == State.ACTIVE,
            row.superseded_at is None,
            row.speaker is not None or row.role is not None,
            "?" in row.text,
            _REMARK.sub("", row.text).rstrip(" \"')*").endswith("?"),
            len(row.text.split()),
            is_plain(row.text),
        )

    def _link(self, slots: IntArray, first: int) -> None:
        """Link what arrived: at the end of its thread where it belongs there, else the thread is linked anew."""
        columns = self.columns
        broken: set[int] = set()
        for slot in slots.tolist():
            entry = columns[slot]
            thread = int(entry["thread"])
            tail = self._tails.get(thread)
            in_order = slot >= first and entry["current"] and entry["active"]
            if thread in broken:
                continue
            if in_order and (tail is None or _place(columns[tail]) < _place(entry)):
                if tail is not None:
                    columns["after"][tail], columns["before"][slot] = slot, tail
                self._tails[thread] = slot
            else:
                broken.add(thread)
        self._relink(broken)

    def _relink(self, threads: set[int]) -> None:
        columns = self.columns
        for thread in threads:
            members = np.flatnonzero(columns["thread"] == thread)
            columns["before"][members] = columns["after"][members] = NONE
            members = members[columns["current"][members] & columns["active"][members]]
            order = members[
                np.lexsort((columns["start"][members], columns["position"][members], columns["at"][members]))
            ]
            columns["before"][order[1:]] = order[:-1]
            columns["after"][order[:-1]] = order[1:]
            if len(order):
                self._tails[thread] = int(order[-1])
            else:
                self._tails.pop(thread, None)


def _place(entry: np.void) -> tuple[int, int, int]:
    return int(entry["at"]), int(entry["position"]), int(entry["start"])


def true_at(columns: NDArray[np.void], moment: int) -> BoolArray:
    """Versions that were true at a world time, as we believe now."""
    mask: BoolArray = columns["active"] & (columns["valid_from"] <= moment) & (columns["valid_to"] > moment)
    return mask


def live_at(columns: NDArray[np.void], now: int) -> BoolArray:
    """Current versions that neither ended nor expired."""
    mask: BoolArray = (
        columns["current"] & columns["active"] & (columns["valid_to"] > now) & (columns["expires_at"] > now)
    )
    return mask
