"""Files with a JSON object on each line, read so that what is wrong can be said with its line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from agentmem_evals.errors import DataFormatError


class Named(Protocol):
    """What has an id."""

    @property
    def id(self) -> str:
        """It differs from those of all others in the file."""
        ...


T = TypeVar("T")
N = TypeVar("N", bound=Named)


def read_lines(
    content: bytes, name: str, read: Callable[[Mapping[str, Any]], T], expected: str
) -> Iterator[tuple[int, T]]:
    """What ``read`` makes of each line's object, with the line's number; blank lines are passed over.

    Lines end with a line feed alone: texts may hold the other characters that Python takes for the end of a line.

    Raises:
        DataFormatError: a line is no JSON object, or ``read`` raised ``ValueError``, ``KeyError``, ``TypeError`` or
            ``AttributeError``; the message names file and line and ends with ``expected``.
    """
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            if not isinstance(raw, Mapping):
                raise TypeError("not a JSON object")
            made = read(raw)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataFormatError(f"Line {number} of {name}: {_what(error)}. {expected}") from error
        yield number, made


def read_distinct(content: bytes, name: str, read: Callable[[Mapping[str, Any]], N], expected: str) -> Iterator[N]:
    """What ``read`` makes of each line's object, each with an id of its own: see :func:`read_lines`.

    Raises:
        DataFormatError: as there; or two lines have one id.
    """
    seen: set[str] = set()

    def distinct(raw: Mapping[str, Any]) -> N:
        made = read(raw)
        if made.id in seen:
            raise ValueError(f"the id {made.id} comes twice")
        seen.add(made.id)
        return made

    return (made for _, made in read_lines(content, name, distinct, expected))


def _what(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it lacks {error.args[0]!r}"
    return str(error).rstrip(".") or type(error).__name__
