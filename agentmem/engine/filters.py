"""Which memories a request may return: columns compared in the catalog, metadata compared value by value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from agentmem.clock import aware, to_micros
from agentmem.engine.arguments import named, names
from agentmem.errors import InvalidInput
from agentmem.index.catalog import Catalog, true_at
from agentmem.protocols import BoolArray, IntArray
from agentmem.retrieval.scene import Surroundings

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Filters:
    """What the keyword arguments of the reading verbs say. ``since`` is inclusive, ``until`` exclusive."""

    kinds: Sequence[str] | None = None
    session: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    known_at: datetime | None = None
    where: Mapping[str, Any] = field(default_factory=dict)

    def checked(self) -> Filters:
        """The same with every moment in UTC.

        Raises:
            InvalidInput: a naive datetime, kinds or a session of another type, or an unknown operator in ``where``.
        """
        if isinstance(self.kinds, str):
            raise InvalidInput(f"kinds is a list: kinds=[{self.kinds!r}].")
        if self.kinds is not None:
            names(self.kinds, "kinds")
        if self.session is not None:
            named(self.session, "session")
        matches({}, self.where)
        moments = {
            name: None if getattr(self, name) is None else aware(getattr(self, name), name)
            for name in ("since", "until", "as_of", "known_at")
        }
        return Filters(kinds=self.kinds, session=self.session, where=self.where, **moments)

    def of_place_and_time(self) -> Filters:
        """The same without kinds and metadata, which derived memories have of their own."""
        return replace(self, kinds=None, where={})


def mask(
    catalog: Catalog, around: Surroundings, filters: Filters, now: int, believed: IntArray | None = None
) -> BoolArray:
    """Which slots pass everything but ``where``, shape ``(len(catalog),)``.

    ``believed`` are the numbers of the versions that time lets pass, where ``known_at`` is asked for.
    """
    columns = catalog.columns
    if believed is not None:
        passing = columns["alive"] & np.isin(columns["row"], believed, kind="sort")
    else:
        passing = around.live(now) if filters.as_of is None else true_at(columns, to_micros(filters.as_of))
    if filters.kinds is not None:
        passing &= np.isin(columns["kind"], [catalog.kinds.find(kind) for kind in filters.kinds])
    if filters.session is not None:
        passing &= columns["session"] == _found(catalog.sessions.find(filters.session))
    if filters.since is not None:
        passing &= columns["at"] >= to_micros(filters.since)
    if filters.until is not None:
        passing &= columns["at"] < to_micros(filters.until)
    return passing


def _found(code: int) -> int:
    """A code that absent values do not share."""
    return code if code >= 0 else -2


def matches(metadata: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Whether metadata satisfies every condition of ``where``.

    A condition is a value (equality) or ``{operator: operand}`` with ``eq ne in nin gt gte lt lte contains exists
    icontains`` (the last whatever the case); ``{"or": [...]}``, ``{"and": [...]}`` and ``{"not": {...}}`` combine
    whole conditions. A missing key satisfies only ``ne``, ``nin`` and ``exists: False``; values that cannot be compared
    do not satisfy an ordering.

    Raises:
        InvalidInput: an unknown operator, or an operand of the wrong shape.
    """
    if not isinstance(where, Mapping):
        raise InvalidInput(f"where must be a mapping such as {{'topic': 'travel'}}, not {type(where).__name__}.")
    # Every condition is looked at, so that a malformed one is refused whatever the memories hold.
    results = [_holds(metadata, key, condition) for key, condition in where.items()]
    return all(results)


def _holds(metadata: Mapping[str, Any], key: str, condition: Any) -> bool:
    if key in ("or", "and"):
        if not isinstance(condition, list | tuple):
            raise InvalidInput(f"'{key}' in where takes a list of conditions.")
        results = [matches(metadata, part) for part in condition]
        return any(results) if key == "or" else all(results)
    if key == "not":
        return not matches(metadata, condition)
    value = metadata.get(key, _MISSING)
    if not isinstance(condition, Mapping):
        return bool(value == condition)
    results = []
    for operator, operand in condition.items():
        compare = _OPERATORS.get(operator)
        if compare is None:
            raise InvalidInput(f"Unknown operator {operator!r} in where. There are: {', '.join(_OPERATORS)}.")
        if operator in ("in", "nin") and not isinstance(operand, list | tuple | set | frozenset):
            raise InvalidInput(f"'{operator}' in where takes a list of values.")
        results.append(compare(value, operand))
    return all(results)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(value: Any, operand: Any) -> bool:
        if value is _MISSING:
            return False
        try:
            return bool(compare(value, operand))
        except TypeError:
            return False

    return holds


def _contains(value: Any, operand: Any) -> bool:
    return (
        isinstance(value, str | list) and (not isinstance(value, str) or isinstance(operand, str)) and operand in value
    )


def _folded(value: Any) -> Any:
    """Text without its case, in lists too."""
    if isinstance(value, list):
        return [_folded(part) for part in value]
    return value.casefold() if isinstance(value, str) else value


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, operand: bool(value == operand),
    "ne": lambda value, operand: bool(value != operand),
    "in": lambda value, operand: value in list(operand),  # a list: a value may be one too, which no set can hold
    "nin": lambda value, operand: value not in list(operand),
    "gt": _ordered(lambda value, operand: value > operand),
    "gte": _ordered(lambda value, operand: value >= operand),
    "lt": _ordered(lambda value, operand: value < operand),
    "lte": _ordered(lambda value, operand: value <= operand),
    "contains": _contains,
    "exists": lambda value, operand: (value is not _MISSING) == bool(operand),
    "icontains": lambda value, operand: _contains(_folded(value), _folded(operand)),
}
