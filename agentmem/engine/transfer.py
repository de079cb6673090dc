"""``export`` and ``import``: a scope as a file of JSON lines, complete but for the vectors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agentmem.engine import embed_worker
from agentmem.engine.parts import Parts
from agentmem.errors import InvalidInput, StoreError
from agentmem.types import Imported, Scope

FORMAT = "agentmem"
FORMAT_VERSION = 1


def export(parts: Parts, scope: Scope, path: Path) -> int:
    """Write the scope to a file, replacing it only when all is written; returns the number of episodes."""
    header = {"type": "header", "format": FORMAT, "version": FORMAT_VERSION, "scope": list(scope.names)}
    partial = path.with_name(path.name + ".partial")
    episodes = 0
    try:
        with partial.open("w", encoding="utf-8") as file, parts.store.read(scope) as reader:
            file.write(json.dumps(header, ensure_ascii=False) + "\n")
            for record in reader.records():
                episodes += record["type"] == "episode"
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        partial.replace(path)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise StoreError(f"{path} could not be written ({error.strerror}). Nothing was exported.") from error
    return episodes


def import_(parts: Parts, scope: Scope, path: Path) -> Imported:
    """Read a file that :func:`export` wrote into this scope, all or nothing, then embed what is new.

    Raises:
        InvalidInput: the file cannot be read, or is no export of agentmem's.
    """
    with parts.store.write(scope) as writer:
        counts = writer.load(_records(path))
        if parts.embedder is not None:
            embed_worker.claim(writer, parts)
    caught = embed_worker.catch_up(parts, scope)
    return Imported(**counts, pending=caught.pending, usage=caught.usage)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                record = json.loads(line)
                if not isinstance(record, dict):
                    raise InvalidInput(f"{path}, line {number}: expected a JSON object. Nothing was imported.")
                if number == 1:
                    _check_header(path, record)
                else:
                    yield record
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error.strerror}). Nothing was imported.") from error
    except ValueError as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(f"{path}, line {number + 1}: {error}. Nothing was imported.") from error
    if number == 0:
        raise InvalidInput(f"{path} is empty. Nothing was imported.")


def _check_header(path: Path, record: dict[str, Any]) -> None:
    if record.get("type") != "header" or record.get("format") != FORMAT:
        raise InvalidInput(f"{path} was not written by 'agentmem export'. Nothing was imported.")
    if record.get("version") != FORMAT_VERSION:
        raise InvalidInput(
            f"{path} has export format {record.get('version')}; this version reads {FORMAT_VERSION}. "
            "Import it with the version of agentmem that wrote it, or a newer one."
        )
