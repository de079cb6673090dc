"""``export`` and ``import``: a scope as a file of JSON lines, complete but for the vectors."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from agentmem.engine import embed_worker
from agentmem.engine.parts import Parts
from agentmem.engine.units import follower_of
from agentmem.errors import InvalidInput, StoreError
from agentmem.protocols import Follower
from agentmem.recipes import RECIPES
from agentmem.types import Imported, Scope

FORMAT = "agentmem"
FORMAT_VERSION = 2
_END = "end"
"""The type of the last record, which tells how many came before it: a file that was cut off lacks it."""


def export(parts: Parts, scope: Scope, path: str | os.PathLike[str]) -> int:
    """Write the scope to a file, replacing it only when all is written; returns the number of episodes.

    Raises:
        InvalidInput: the path names no file, or one of the database's own.
        StoreError: the file cannot be written.
    """
    header = {"type": "header", "format": FORMAT, "version": FORMAT_VERSION, "scope": list(scope.names)}
    path = _file(path, "to write")
    partial = path.with_name(path.name + ".partial")
    for own in parts.store.files():
        if _same(path, own) or _same(partial, own):
            raise InvalidInput(f"{path} would be written over the database ({own}). Export to another path.")
    episodes, number = 0, 0
    try:
        with partial.open("w", encoding="utf-8") as file, parts.store.read(scope) as reader:
            file.write(json.dumps(header, ensure_ascii=False) + "\n")
            for record in reader.records(_followers(parts)):
                number += 1
                episodes += record["type"] == "episode"
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
            file.write(json.dumps({"type": _END, "records": number}) + "\n")
        partial.replace(path)
    except BaseException as error:
        with suppress(OSError):  # such as a name that is too long, or a folder that takes no more writing
            partial.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise StoreError(f"{path} could not be written ({error.strerror}). Nothing was exported.") from error
    return episodes


def import_(parts: Parts, scope: Scope, path: str | os.PathLike[str]) -> Imported:
    """Read a file that :func:`export` wrote into this scope, all or nothing, then embed what is new.

    Raises:
        InvalidInput: the file cannot be read, is no export of agentmem's, is cut off, or would leave the scope unsound.
    """
    path = _file(path, "to read")
    with parts.store.write(scope) as writer:
        counts = writer.load(_records(path), _followers(parts))
        if parts.embedder is not None:
            embed_worker.claim(writer, parts)
    caught = embed_worker.finish(parts, scope)
    return Imported(**counts, pending=caught.pending, usage=caught.usage)


def _followers(parts: Parts) -> tuple[Follower, ...]:
    """The structures whose work a scope may hold: the store's own, and every recipe's."""
    known = (*parts.structures, *(make() for recipe in RECIPES.values() for make in recipe.structures))
    found = {follower_of(one): Follower(follower_of(one), one.kinds, one.reads) for one in reversed(known)}
    return tuple(found.values())


def _file(path: str | os.PathLike[str], purpose: str) -> Path:
    """The path of a file, looked at before anything is done with it."""
    if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str):
        raise InvalidInput(f"The path of the file {purpose} must be a string or a Path, not {path!r}.")
    try:
        named = Path(path).name not in ("", "..") and b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        named = False
    if not named:
        raise InvalidInput(f"{os.fspath(path)!r} names no file {purpose}. Give a path such as 'memories.jsonl'.")
    return Path(path)


def _same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, there or not yet; links are followed."""
    try:
        return os.path.realpath(one) == os.path.realpath(other) or one.samefile(other)
    except OSError:  # one of them is not there
        return False


def _records(path: Path) -> Iterator[dict[str, Any]]:
    number = 0
    record: dict[str, Any] = {}
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if record.get("type") == _END:
                    raise InvalidInput(f"{path}, line {number}: the export ended before. Nothing was imported.")
                record = _record(path, number, line)
                if number == 1:
                    _check_header(path, record)
                elif record.get("type") != _END:
                    yield record
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error.strerror}). Nothing was imported.") from error
    except UnicodeDecodeError as error:  # of the text that was being read
        raise InvalidInput(f"{path}, after line {number}: {error}. Nothing was imported.") from error
    if number == 0:
        raise InvalidInput(f"{path} is empty. Nothing was imported.")
    if record.get("type") != _END or record.get("records") != number - 2:
        raise InvalidInput(f"{path} is not whole: records are missing. Export the scope again. Nothing was imported.")


def _record(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line.rstrip("\n"))  # else the place of an error is on another line
    except json.JSONDecodeError as error:
        where = f"{path}, line {number}, column {error.colno}"
        raise InvalidInput(f"{where}: this is no JSON ({error.msg}). Nothing was imported.") from error
    except (ValueError, RecursionError) as error:  # a number of too many digits; nested too deeply
        raise InvalidInput(f"{path}, line {number}: {error}. Nothing was imported.") from error
    if not isinstance(record, dict):
        raise InvalidInput(f"{path}, line {number}: expected a JSON object. Nothing was imported.")
    return record


def _check_header(path: Path, record: dict[str, Any]) -> None:
    if record.get("type") != "header" or record.get("format") != FORMAT:
        raise InvalidInput(f"{path} was not written by 'agentmem export'. Nothing was imported.")
    if record.get("version") != FORMAT_VERSION:
        raise InvalidInput(
            f"{path} has export format {record.get('version')}; this version reads {FORMAT_VERSION}. "
            "Import it with the version of agentmem that wrote it, or a newer one."
        )
