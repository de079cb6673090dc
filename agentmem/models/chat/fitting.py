"""Whether a JSON value fits a JSON schema: the part of JSON Schema that pydantic models are described by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def fits(value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any] | None = None) -> bool:
    """Whether the value has the schema's types, required properties, choices and ranges.

    Stricter than pydantic, which also takes "3" for 3; formats and patterns are not looked at.
    """
    known = schema.get("$defs", {}) if definitions is None else definitions
    if "$ref" in schema:
        return fits(value, known.get(schema["$ref"].rpartition("/")[2], {}), known)
    if any(part in schema for part in ("anyOf", "oneOf")):
        return any(fits(value, part, known) for part in schema.get("anyOf", schema.get("oneOf", ())))
    if not all(fits(value, part, known) for part in schema.get("allOf", ())):
        return False
    if not _has_type(value, schema) or not _is_in_range(value, schema):
        return False
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return all(name in value for name in schema.get("required", ())) and all(
            fits(item, properties[name], known) for name, item in value.items() if name in properties
        )
    if isinstance(value, list):
        return all(fits(item, schema.get("items", {}), known) for item in value)
    return True


def _has_type(value: Any, schema: Mapping[str, Any]) -> bool:
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "const" in schema and value != schema["const"]:
        return False
    wanted = schema.get("type")
    if wanted is None:
        return True
    if isinstance(value, bool):  # which Python counts among the integers
        return "boolean" in _as_list(wanted)
    return any(isinstance(value, _TYPES.get(name, ())) for name in _as_list(wanted))


def _is_in_range(value: Any, schema: Mapping[str, Any]) -> bool:
    if isinstance(value, int | float):
        beyond = value in (schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum"))
        return not beyond and all(
            _between(value, schema, least, most)
            for least, most in (("minimum", "maximum"), ("exclusiveMinimum", "exclusiveMaximum"))
        )
    if isinstance(value, str):
        return _between(len(value.strip()), schema, "minLength", "maxLength")
    if isinstance(value, list):
        return _between(len(value), schema, "minItems", "maxItems")
    return True


def _between(number: float, schema: Mapping[str, Any], least: str, most: str) -> bool:
    return bool(schema.get(least, number) <= number <= schema.get(most, number))


def _as_list(wanted: str | Sequence[str]) -> Sequence[str]:
    return [wanted] if isinstance(wanted, str) else wanted
