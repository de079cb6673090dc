"""LangGraph's filters: conditions on an item's value, and what of them agentmem can check by itself."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from agentmem.errors import InvalidInput

SHORT = 200
"""Strings up to this length are copied to every text of an item, so that filters can go by them."""

_DEEPEST = 100
"""How deep a filter may be nested: each level takes a few frames of the stack."""
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}
_OPERATORS = ("$eq", "$ne", *_ORDER)


def checked(conditions: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The filter, or an empty one.

    Raises:
        InvalidInput: it is no mapping, is nested too deep, or has an operator that is unknown.
    """
    if conditions is None:
        return {}
    if not isinstance(conditions, Mapping):
        raise InvalidInput(f"filter must be a mapping such as {{'topic': 'travel'}}, not {type(conditions).__name__}.")
    for condition in conditions.values():
        _check(condition, 1)
    return conditions


def _check(condition: Any, depth: int) -> None:
    if depth > _DEEPEST:
        raise InvalidInput(f"filter is nested deeper than {_DEEPEST} levels. Compare a field further up, or a part.")
    if isinstance(condition, Mapping):
        if _is_operation(condition) and (unknown := [name for name in condition if name not in _OPERATORS]):
            raise InvalidInput(f"Unsupported operator: {unknown[0]}. There are: {', '.join(_OPERATORS)}.")
        for inner in condition.values():
            _check(inner, depth + 1)
    elif isinstance(condition, list | tuple):
        for inner in condition:
            _check(inner, depth + 1)


def _is_operation(condition: Mapping[str, Any]) -> bool:
    return any(str(name).startswith("$") for name in condition)


def matches(value: Mapping[str, Any], conditions: Mapping[str, Any]) -> bool:
    """Whether a value satisfies every condition; a field that is missing is ``None``.

    A condition is a value, a mapping of operators (``$eq $ne $gt $gte $lt $lte``), or a mapping of conditions on the
    fields of a nested object. Lists are compared element by element. Numbers, and strings that read as numbers, are
    ordered as numbers; other strings by code points, so ISO dates by time; what has no order satisfies none.
    """
    return all(_holds(value.get(name), condition) for name, condition in conditions.items())


def _holds(found: Any, condition: Any) -> bool:
    if isinstance(condition, Mapping):
        if _is_operation(condition):
            return all(_compare(found, name, operand) for name, operand in condition.items())
        return isinstance(found, Mapping) and matches(found, condition)
    if isinstance(condition, list | tuple):
        return (
            isinstance(found, list)
            and len(found) == len(condition)
            and all(_holds(one, wanted) for one, wanted in zip(found, condition, strict=True))
        )
    return bool(found == condition)


def _compare(found: Any, name: str, operand: Any) -> bool:
    if name == "$eq":
        return bool(found == operand)
    if name == "$ne":
        return bool(found != operand)
    one, other = _number(found), _number(operand)
    if one is not None and other is not None:
        return _ORDER[name](one, other)
    return isinstance(found, str) and isinstance(operand, str) and _ORDER[name](found, operand)


def _number(found: Any) -> float | None:
    if not isinstance(found, int | float | str):
        return None
    try:
        return float(found)
    except (ValueError, OverflowError):
        return None


def pushed(conditions: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """Conditions for ``where=`` that everything satisfies which :func:`matches`; they may let more pass.

    ``prefix`` stands before a field's name in the metadata of a memory.
    """
    found: list[dict[str, Any]] = []
    for name, condition in conditions.items():
        key = prefix + name
        if not isinstance(condition, Mapping):
            found += _equal(key, condition)
        elif _is_operation(condition):
            for operation, operand in condition.items():
                if operation == "$eq":
                    found += _equal(key, operand)
                elif operation == "$ne" and _is_short(operand) and operand is not None:
                    found.append({key: {"ne": operand}})
                elif operation in _ORDER and isinstance(operand, int | float):
                    # A string may read as a number: every string passes here.
                    found.append({"or": [{key: {operation.removeprefix("$"): operand}}, {key: {"gte": ""}}]})
    return found


def _equal(key: str, operand: Any) -> list[dict[str, Any]]:
    if operand is None:
        return [{"or": [{key: {"exists": False}}, {key: {"eq": None}}]}]
    return [{key: {"eq": operand}}] if _is_short(operand) else []


def _is_short(operand: Any) -> bool:
    return operand is None or isinstance(operand, int | float) or (isinstance(operand, str) and len(operand) <= SHORT)
