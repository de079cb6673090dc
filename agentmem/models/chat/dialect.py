"""How servers that speak OpenAI's protocol differ, and what to try next when one refuses a request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Format(StrEnum):
    """How a server is asked for JSON."""

    SCHEMA = "json_schema"  # its output is constrained to the schema
    OBJECT = "json_object"  # its output is constrained to JSON; the schema is told in words
    TEXT = "text"  # nothing is constrained; the schema is told in words


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server is taken to understand.

    Attributes:
        format: how it is asked for JSON.
        temperature: whether it accepts a temperature; reasoning models do not.
        length: the name under which it takes the longest length of a reply.
    """

    format: Format = Format.SCHEMA
    temperature: bool = True
    length: str = "max_tokens"


_SIMPLER = {Format.SCHEMA: Format.OBJECT, Format.OBJECT: Format.TEXT}
_ABOUT_FORMAT = ("response_format", "response format", "json_schema", "json_object", "schema", "structured output")


def next_dialect(dialect: Dialect, refusal: str) -> Dialect | None:
    """A simpler dialect, to be tried after a server refused a request (400) with these words.

    ``None`` when the refusal is not about the dialect: the same request in other words would be refused as well.
    """
    said = refusal.lower()
    if "max_tokens" in said and "max_completion_tokens" in said and dialect.length == "max_tokens":
        return replace(dialect, length="max_completion_tokens")
    if "temperature" in said and dialect.temperature:
        return replace(dialect, temperature=False)
    if dialect.format in _SIMPLER and any(word in said for word in _ABOUT_FORMAT):
        return replace(dialect, format=_SIMPLER[dialect.format])
    return None
