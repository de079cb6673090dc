"""The JSON schema of a reply, as servers that constrain their output want it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

_NAMED = ("properties", "$defs")
"""Under these, the keys are names of the model's, not words of the schema."""
_NOT_EVERYWHERE = frozenset(
    "title default examples format pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum "
    "multipleOf minItems maxItems uniqueItems".split()
)
"""What some servers refuse in a schema; replies are checked for it when they are parsed."""


@lru_cache(maxsize=256)
def schema_of(model: type[BaseModel]) -> Mapping[str, Any]:
    """A model's schema with every property required and no others allowed, as OpenAI's strict mode asks."""
    found: Mapping[str, Any] = _closed(model.model_json_schema())
    return found


def constraining(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without what servers refuse: the shape is constrained, ranges and lengths are not."""
    found: dict[str, Any] = _without(schema)
    return found


def name_of(model: type[BaseModel]) -> str:
    """A model's name in the letters that servers accept."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", model.__name__)[:64].strip("_") or "Reply"


def _closed(part: Any) -> Any:
    if isinstance(part, list):
        return [_closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    found = {
        key: {name: _closed(item) for name, item in value.items()} if key in _NAMED else _closed(value)
        for key, value in part.items()
        if key != "default"
    }
    if "properties" in found:
        found |= {"required": list(found["properties"]), "additionalProperties": False}
    return found


def _without(part: Any) -> Any:
    if isinstance(part, list):
        return [_without(item) for item in part]
    if not isinstance(part, Mapping):
        return part
    return {
        key: {name: _without(item) for name, item in value.items()} if key in _NAMED else _without(value)
        for key, value in part.items()
        if key not in _NOT_EVERYWHERE
    }
