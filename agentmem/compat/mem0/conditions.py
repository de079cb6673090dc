"""mem0's filters as agentmem's ``where=``, ``since=`` and ``until=``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agentmem.compat.mem0.identity import KEYS, labelled
from agentmem.compat.mem0.moments import moment
from agentmem.errors import InvalidInput

_OPERATORS = frozenset({"eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "contains", "icontains"})
_NOT_METADATA = frozenset({"id", "memory", "data", "hash", "score", "updated_at"})
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions on metadata, and a span of time: from ``since``, and before ``until``."""

    where: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None


def conditions(filters: Mapping[str, Any], labels: Mapping[str, str]) -> Conditions:
    """The conditions that filters and an identity's labels make together.

    ``created_at`` may be compared where everything must hold, so not in an ``OR`` or ``NOT``.

    Raises:
        InvalidInput: an unknown operator, an operand of the wrong shape, or a condition on what is no metadata.
    """
    span = _Span()
    parts = [*(labelled(key, value) for key, value in labels.items()), *_parts(filters, span)]
    return Conditions({"and": parts} if parts else {}, span.since, span.until)


@dataclass(slots=True)
class _Span:
    since: datetime | None = None
    until: datetime | None = None

    def narrow(self, condition: Any) -> None:
        """Take in a comparison of ``created_at``."""
        if not isinstance(condition, Mapping) or not condition or set(condition) - {"gt", "gte", "lt", "lte"}:
            raise InvalidInput(f"created_at is compared with gt, gte, lt and lte, not {condition!r}.")
        for operator, operand in condition.items():
            bound = moment(operand, "created_at") + (_TICK if operator in ("gt", "lte") else timedelta(0))
            if operator in ("gt", "gte"):
                self.since = bound if self.since is None else max(self.since, bound)
            else:
                self.until = bound if self.until is None else min(self.until, bound)


def _parts(filters: Any, span: _Span | None) -> list[dict[str, Any]]:
    """One condition for each key; ``span`` is absent where not everything has to hold."""
    if not isinstance(filters, Mapping):
        raise InvalidInput(f"A filter must be a mapping such as {{'topic': 'travel'}}, not {filters!r}.")
    found: list[dict[str, Any]] = []
    for key, value in filters.items():
        if key == "AND":
            found += [condition for part in _several(key, value) for condition in _parts(part, span)]
        elif key in ("OR", "NOT"):
            either = {"or": [{"and": _parts(part, None)} for part in _several(key, value)]}
            found.append(either if key == "OR" else {"not": either})
        elif key == "created_at":
            if span is None:
                raise InvalidInput("created_at cannot be compared in OR or NOT: ask in a call for each.")
            span.narrow(value)
        elif key in _NOT_METADATA:
            raise InvalidInput(f"filters cannot look at {key!r}; they look at metadata, role, actor_id and created_at.")
        elif key == "user_id":
            raise InvalidInput("user_id says whose memory it is: it cannot stand in OR or NOT, nor with an operator.")
        else:
            found += _of_identifier(key, _condition(key, value)) if key in KEYS else [{key: _condition(key, value)}]
    return found


def _of_identifier(key: str, condition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A condition on an agent or a run. What is the same, or not, is told by digests; the rest by what is shown."""
    found: list[dict[str, Any]] = []
    for operator, operand in condition.items():
        several = operand if operator in ("in", "nin") and isinstance(operand, list | tuple) else [operand]
        if operator in ("eq", "ne", "in", "nin") and all(isinstance(value, str) for value in several):
            is_one = {"or": [labelled(key, value) for value in several]}
            found.append(is_one if operator in ("eq", "in") else {"not": is_one})
        else:
            found.append({key: {operator: operand}})
    return found


def _several(key: str, value: Any) -> list[Any]:
    if not isinstance(value, list | tuple) or not value:
        raise InvalidInput(f"{key} takes a list of at least one filter, such as {key}: [{{'topic': 'travel'}}].")
    return list(value)


def _condition(key: str, value: Any) -> Any:
    if value == "*":
        return {"exists": True}
    if isinstance(value, list):
        return {"in": value}
    if not isinstance(value, Mapping):
        return {"eq": value}
    if not value or (unknown := sorted(set(value) - _OPERATORS)):
        raise InvalidInput(
            f"Unsupported filter operator {unknown[0] if value else value!r} for {key!r}. There are: "
            f"{', '.join(sorted(_OPERATORS))}; AND, OR and NOT around conditions; and '*' for any value."
        )
    return dict(value)
