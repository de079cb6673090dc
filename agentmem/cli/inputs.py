"""From what is typed, or lies in a file, to what the library takes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from agentmem.cli.errors import UsageError
from agentmem.clock import aware
from agentmem.errors import InvalidInput

if TYPE_CHECKING:
    from agentmem.engine.intake import Content

STDIN = "-"
TEXT, JSONL, JSON = "text", "jsonl", "json"
FORMATS = {".txt": TEXT, ".md": TEXT, ".markdown": TEXT, ".jsonl": JSONL, ".ndjson": JSONL, ".json": JSON}


def moment(option: str, value: str | None) -> datetime | None:
    """The moment that an option names, in UTC.

    Raises:
        UsageError: it is not written as ISO 8601.
        InvalidInput: it has no time zone.
    """
    if value is None:
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError as error:
        raise UsageError(
            f"{option}: {value!r} is not a moment. Write it like 2026-03-01T09:30+01:00 or 2026-03-01T08:30Z."
        ) from error
    try:
        return aware(parsed, option.strip("-").replace("-", "_"))
    except InvalidInput as error:
        if parsed.tzinfo is not None:
            raise UsageError(str(error)) from error
        raise InvalidInput(f"{error} On the command line: {option} {parsed.isoformat(timespec='minutes')}Z") from error


def json_object(option: str, value: str | None) -> Mapping[str, Any] | None:
    """The JSON object that an option holds.

    Raises:
        UsageError: it is not one.
    """
    if value is None:
        return None
    try:
        parsed = json.loads(value)
    except ValueError as error:
        raise UsageError(f"""{option} is not JSON ({error}). Write it like '{{"topic": "travel"}}'.""") from error
    if not isinstance(parsed, dict):
        raise UsageError(f"""{option} must be a JSON object, like '{{"topic": "travel"}}'.""")
    return parsed


def filters(
    kinds: list[str] | None,
    session: str | None,
    since: str | None,
    until: str | None,
    as_of: str | None,
    where: str | None,
) -> dict[str, Any]:
    """The filtering options as the reading verbs' keyword arguments; errors as for :func:`moment`."""
    return {
        "kinds": kinds or None,
        "session": session,
        "since": moment("--since", since),
        "until": moment("--until", until),
        "as_of": moment("--as-of", as_of),
        "where": json_object("--where", where),
    }


@dataclass(frozen=True, slots=True)
class Input:
    """What a file or standard input holds; ``total`` is how many items, where that can be told beforehand."""

    content: Content
    total: int | None


@contextmanager
def open_input(path: str, format: str | None) -> Iterator[Input]:
    """The items of a file, or of standard input (``-``).

    Text is one document, titled with the file's name. JSON lines are read as they are needed.

    Raises:
        UsageError: an unknown format, or a file that cannot be opened.
        InvalidInput: a file that is not what it claims to be.
    """
    kind = _format(path, format)
    name = "standard input" if path == STDIN else path
    if path == STDIN:
        yield _read(sys.stdin, name, kind, title=None, total=None)
        return
    try:
        total = _count_lines(path) if kind == JSONL else None
        with Path(path).open(encoding="utf-8-sig") as file:
            yield _read(file, name, kind, title=Path(path).name, total=total)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error


def _format(path: str, format: str | None) -> str:
    found = format or (TEXT if path == STDIN else FORMATS.get(Path(path).suffix.lower()))
    if found is None:
        raise UsageError(f"{path}: what is in it? Say --format text, --format jsonl or --format json.")
    if found not in (TEXT, JSONL, JSON):
        raise UsageError(f"--format: {found!r} is unknown. There are: text, jsonl, json.")
    return found


def _count_lines(path: str) -> int:
    with Path(path).open("rb") as file:
        return sum(1 for line in file if line.strip())


def _read(file: IO[str], name: str, kind: str, *, title: str | None, total: int | None) -> Input:
    if kind == JSONL:
        return Input(_lines(file, name), total)
    try:
        text = file.read()
        if kind == TEXT:
            return Input(_document(text, title), 1)
        messages = _messages(json.loads(text), name)
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{name} is not UTF-8 text ({error.reason}). Convert it first.") from error
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{name}, line {error.lineno}: {error.msg}. Nothing was stored.") from error
    return Input(messages, len(messages))


def _document(text: str, title: str | None) -> Content:
    from agentmem.types import Document

    return text if title is None else Document(text, title=title)


def _lines(file: Iterable[str], name: str) -> Iterator[Any]:
    number = 0
    try:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _item(json.loads(line), f"{name}, line {number}")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{name}, after line {number}: this is not UTF-8 text ({error.reason}).") from error
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{name}, line {number}: {error.msg}.") from error


def _messages(document: Any, name: str) -> list[Any]:
    if isinstance(document, dict) and isinstance(document.get("messages"), list):
        document = document["messages"]
    if not isinstance(document, list):
        raise InvalidInput(f"{name} must hold a JSON list of messages, or an object with 'messages'.")
    return [_item(item, f"{name}, message {number}") for number, item in enumerate(document, 1)]


def _item(item: Any, place: str) -> Any:
    """A message with its time read; anything else as it is, for the library to judge."""
    if not isinstance(item, dict) or not isinstance(item.get("at"), str):
        return item
    try:
        return {**item, "at": datetime.fromisoformat(item["at"])}
    except ValueError as error:
        raise InvalidInput(
            f"{place}: 'at' is {item['at']!r}, which is not a moment. Write it like 2026-03-01T08:30Z."
        ) from error
