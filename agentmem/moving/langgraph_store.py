"""Origin ``langgraph-store``: the database of LangGraph's ``SqliteStore``, read as the SQLite file it is.

Written against langgraph-checkpoint-sqlite 3.1: table ``store`` with ``prefix`` (the namespace, joined by dots),
``key``, ``value`` (JSON), ``created_at`` and ``updated_at`` (UTC; each ``put`` sets both), and ``expires_at``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any

from agentmem.clock import now as present
from agentmem.errors import InvalidInput
from agentmem.moving.fields import Fields, content_of
from agentmem.moving.item import Found, Item, Skipped
from agentmem.moving.placing import Placing, placing
from agentmem.moving.sqlite_files import columns, opened
from agentmem.moving.stamps import moment_of
from agentmem.types import Scope

TEXT_FIELDS = ("text", "content", "memory", "data", "page_content", "fact", "summary", "message", "value")
"""Where a value's text is looked for, in this order, unless a field is named."""
FIELDS = Fields({"text": TEXT_FIELDS})
_NEEDED = frozenset({"prefix", "key", "value", "created_at", "updated_at"})


def read_langgraph_store(
    path: str | PathLike[str],
    *,
    scope: Scope | None = None,
    scope_by: Sequence[str] = (),
    fields: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Iterator[Found]:
    """The items of a ``SqliteStore``.

    Args:
        path: its database file.
        scope: where everything goes. By default each namespace is a scope.
        scope_by: fields that name the scope instead, below ``scope`` if that is given too: ``"namespace"`` (all of it),
            ``"0"``, ``"1"``, ... (its parts), ``"key"``, or a field of the value.
        fields: which field of a value is what, e.g. ``{"text": "body", "speaker": "author.name"}``. By default the
            text is the first of :data:`TEXT_FIELDS`; a value with none of them is kept as lines ``field: value``.
        now: what has expired by then is left out; the present by default.

    Raises:
        InvalidInput: the file is no such database.
    """
    chosen = FIELDS.mapped(fields)
    where = placing(scope, scope_by, default=("namespace",))
    moment = present() if now is None else now
    with opened(Path(path)) as connection:
        there = columns(connection, "store")
    if not there >= _NEEDED:
        raise InvalidInput(
            f"{path} holds no table 'store' as LangGraph's SqliteStore makes it. Give the path of its database."
        )
    return _items(Path(path), there, chosen, where, moment)


def _items(path: Path, there: frozenset[str], fields: Fields, where: Placing, now: datetime) -> Iterator[Found]:
    with opened(path) as connection:
        expires = "expires_at" if "expires_at" in there else "NULL"
        rows = connection.execute(
            f"SELECT prefix, key, value, created_at, updated_at, {expires} FROM store ORDER BY created_at, prefix, key"  # noqa: S608 - a constant
        )
        for row in rows:
            place = f"{row[0]} / {row[1]}"
            try:
                yield _found(row, place, fields, where, now)
            except InvalidInput as error:
                yield Skipped(place, "its value cannot be read", str(error), malformed=True)


def _found(row: sqlite3.Row, place: str, fields: Fields, where: Placing, now: datetime) -> Found:
    prefix, key, value, created_at, updated_at, expires_at = row
    expires = moment_of(expires_at, UTC)
    if expires is not None and expires <= now:
        return Skipped(place, "it has expired")
    record = _value(value)
    namespace = str(prefix).split(".")
    text, from_field = _text(record, fields)
    metadata = {name: item for name, item in fields.rest(record).items() if from_field or item is not None}
    created, updated = moment_of(created_at, UTC), moment_of(updated_at, UTC)
    kept = {"namespace": namespace, "key": str(key)}
    if updated is not None and updated != created:
        kept["updated_at"] = updated.isoformat()
    parts = {str(number): part for number, part in enumerate(namespace)}
    ref = f"langgraph-store:{prefix}/{key}"
    content = content_of(record, fields, text=text, ref=ref, metadata={**metadata, **kept}, zone=UTC, at=created)
    names = {**record, **parts, "namespace": namespace, "key": str(key)}
    return Item(where.scope(names), content, place, expires_at=expires)


def _value(value: Any) -> dict[str, Any]:
    try:
        record = json.loads(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"it is not JSON ({error})") from error
    if not isinstance(record, dict):
        raise InvalidInput("it is not a JSON object")
    return record


def _text(record: Mapping[str, Any], fields: Fields) -> tuple[Any, bool]:
    """The text of a value, and whether one field held it."""
    found = fields.value(record, "text")
    if isinstance(found, Mapping):  # such as {"kind": "Memory", "content": {"content": "..."}}
        found = fields.value(found, "text") or _lines(found)
    if found is not None:
        return found, True
    if fields.names["text"] != TEXT_FIELDS:
        raise InvalidInput(f"it has no field {fields.names['text'][0]!r}")
    return _lines(record), False


def _lines(record: Mapping[str, Any]) -> str:
    """A record without a text as words: ``field: value``, a line for each."""
    shown = {
        name: item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for name, item in record.items()
    }
    return "\n".join(f"{name}: {text}" for name, text in shown.items())
