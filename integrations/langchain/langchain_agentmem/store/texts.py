"""Which texts of an item can be searched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from langgraph.store.base import get_text_at_path

WHOLE = "$"
"""The path of a whole value."""


def searched_texts(
    value: Mapping[str, Any], index: Literal[False] | Sequence[str] | None, fields: Sequence[str]
) -> list[str]:
    """The texts by which an item can be found: each is searched for itself, and the best counts for the item.

    Args:
        value: the item's value.
        index: what ``put`` said: ``False`` for none, a list of paths, or ``None`` for the store's own.
        fields: the store's own paths.
    """
    if index is False:
        return []
    paths = fields if index is None else index
    found = (text for path in paths for text in _at(value, path))
    return [text for text in dict.fromkeys(found) if text.strip()]


def _at(value: Mapping[str, Any], path: str) -> list[str]:
    if path == WHOLE:  # as lines, not as JSON: brackets and quotes are no words, and only blur a vector
        return ["\n".join(_lines(value, ""))]
    return get_text_at_path(value, path)


def _lines(part: Any, name: str) -> Iterator[str]:
    """``name: value`` for each scalar, nested names joined by spaces."""
    if isinstance(part, Mapping):
        for key, inner in part.items():
            yield from _lines(inner, f"{name} {key}".strip())
    elif isinstance(part, list):
        for inner in part:
            yield from _lines(inner, name)
    elif part is not None:
        yield f"{name}: {part}" if name else str(part)
