"""Finding the JSON objects in what a model wrote: in code fences, in prose, after reasoning, with trailing commas.

Half a surrogate pair (half an emoji), which nothing can store or send, becomes a question mark.

Tolerant of what stands around an object, not of what it is: single quotes, missing ends and the like are for the
model to repair. Takes time in proportion to the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

_THINKING = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_START = re.compile(r'\{(?=\s*["}])|\[(?=\s*[\[{])')
"""Where an object, or a list of them, begins. A brace in prose is followed by something else."""
_MARK = re.compile(r'[\[\]{}]|"(?:[^"\\]|\\.)*+"|"', re.DOTALL)
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*[}\]])', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
"""What may be half a pair; two escapes that are a pair were joined when the text was read."""


def objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a reply, in order; those inside lists and other objects are no replies and not among them.

    What begins like an object and never ends (a reply that was cut) ends the search, so that no part of it is taken
    for the whole.
    """
    thinking = _THINKING.match(text)
    at = thinking.end() if thinking else 0
    while start := _START.search(text, at):
        end = _end_of_value(text, start.start())
        if end is None:
            return
        value = _loaded(text[start.start() : end])
        if isinstance(value, dict):
            yield value
        at = end


def _end_of_value(text: str, start: int) -> int | None:
    """Where the bracket that opens at ``start`` is closed; ``None`` if it never is."""
    depth = 0
    for mark in _MARK.finditer(text, start):
        if mark[0] in "[{":
            depth += 1
        elif mark[0] in "]}":
            depth -= 1
            if depth == 0:
                return mark.end()
        elif mark[0] == '"':  # a string that does not end
            return None
    return None


def _loaded(text: str) -> Any:
    for attempt in (text, _COMMA.sub(lambda found: found[1] or "", text)):
        try:
            return _sound(json.loads(attempt, strict=False, parse_constant=_refuse), attempt)
        except (ValueError, RecursionError):
            continue
    return None


def _sound(value: Any, text: str) -> Any:
    """A value without halves of surrogate pairs; ``text`` is what it was read from."""
    if _SURROGATE.search(text) is None:
        return value
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), strict=False)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
