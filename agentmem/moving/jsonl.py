"""Origin ``jsonl``: one JSON object a line, with documented keys."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from os import PathLike
from pathlib import Path
from typing import Any

from agentmem.engine.transfer import FORMAT
from agentmem.errors import InvalidInput
from agentmem.moving.fields import Fields, content_of, read_metadata
from agentmem.moving.item import Found, Item, Skipped
from agentmem.moving.placing import Placing, placing
from agentmem.types import Scope

FIELDS = Fields(
    {
        "text": ("text", "content"),
        "at": ("at",),
        "speaker": ("speaker", "name"),
        "role": ("role",),
        "session": ("session",),
        "ref": ("ref",),
        "title": ("title",),
        "metadata": ("metadata",),
        "scope": ("scope",),
    }
)
OWN = "scope"
"""The field of ``scope_by`` that is the record's own scope."""
LONGEST_LINE = 1 << 26
"""Bytes of the longest line that is read."""


def read_jsonl(
    path: str | PathLike[str],
    *,
    scope: Scope | None = None,
    scope_by: Sequence[str] = (),
    fields: Mapping[str, str] | None = None,
    zone: tzinfo | None = None,
) -> Iterator[Found]:
    """The records of a file of JSON lines.

    A record says ``text`` or ``content`` (text, or parts of it), and may say ``at``, ``speaker`` or ``name``, ``role``,
    ``session``, ``ref``, ``title``, ``metadata`` and ``scope`` (a path, or a list of names). Everything else it holds
    is kept as metadata. Without a ``ref`` it gets one made from its content, so that a second import knows it again.

    Args:
        path: the file.
        scope: where everything goes. Without it, where each record's ``scope`` says.
        scope_by: fields that name the scope instead, below ``scope`` if that is given too; ``"scope"`` is the path that
            the record names.
        fields: other names of the keys above: ``{"text": "body", "at": "meta.created"}``.
        zone: the time zone of times that name none; without it such records are skipped.

    Raises:
        InvalidInput: the file cannot be read, or was written by agentmem's own export.
    """
    chosen = FIELDS.mapped(fields)
    where = placing(scope, scope_by) if scope is not None or scope_by else None
    if is_own_export(path):
        raise InvalidInput(
            f"{path} was written by 'agentmem export'. Import it as such, complete and exact: agentmem import FILE, or "
            "memory.import_(path)."
        )
    return _items(_lines(Path(path)), chosen, where, zone)


def _items(
    lines: Iterator[tuple[int, bytes]], fields: Fields, where: Placing | None, zone: tzinfo | None
) -> Iterator[Found]:
    seen: Counter[bytes] = Counter()
    for number, line in lines:
        place = f"line {number}"
        try:
            yield _item(_record(line), place, fields, where, zone, seen)
        except InvalidInput as error:
            yield Skipped(place, "it is no record that can be read", str(error), malformed=True)


def is_own_export(path: str | PathLike[str]) -> bool:
    """Whether a file begins as one that agentmem's own export wrote, which :meth:`agentmem.ScopeHandle.import_` reads.

    Raises:
        InvalidInput: the file cannot be read.
    """
    first = next((line for _number, line in _lines(Path(path))), b"{}")
    try:
        record = _record(first)
    except InvalidInput:
        return False
    return record.get("type") == "header" and record.get("format") == FORMAT


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                    raise InvalidInput(f"{path}, line {number}: it has more than {LONGEST_LINE:,} bytes.")
                if number == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")
                if line.strip():
                    yield number, line
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error.strerror}).") from error


def _record(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidInput(f"it is not UTF-8 text ({error.reason})") from error
    except json.JSONDecodeError as error:
        raise InvalidInput(f"it is not JSON ({error.msg}, at column {error.colno})") from error
    except ValueError as error:  # Python reads integers of so many digits only
        raise InvalidInput("it holds an integer of too many digits") from error
    except RecursionError as error:
        raise InvalidInput("it is nested too deeply") from error
    if not isinstance(record, dict):
        raise InvalidInput("it is not a JSON object")
    return record


def _item(
    record: dict[str, Any],
    place: str,
    fields: Fields,
    where: Placing | None,
    zone: tzinfo | None,
    seen: Counter[bytes],
) -> Item:
    text = fields.value(record, "text")
    if text is None:
        raise InvalidInput(f"it has no {' or '.join(fields.names['text'])}")
    metadata = {**fields.rest(record), **read_metadata(fields.value(record, "metadata"))}
    content = content_of(record, fields, text=text, ref=_ref(record, seen), metadata=metadata, zone=zone)
    named = fields.value(record, "scope")
    if where is None:
        return Item(_scope(named), content, place)
    own = {} if named is None or OWN not in where.by else {OWN: list(_scope(named).names)}
    return Item(where.scope({**record, **own}), content, place)


def _ref(record: Mapping[str, Any], seen: Counter[bytes]) -> str:
    """A ref made from the content; the second record that is the same gets another one."""
    plain = json.dumps(record, sort_keys=True, separators=(",", ":"))
    digest = hashlib.blake2b(plain.encode(), digest_size=12).digest()
    seen[digest] += 1
    return f"jsonl:{digest.hex()}" + (f"#{seen[digest]}" if seen[digest] > 1 else "")


def _scope(value: Any) -> Scope:
    if isinstance(value, str):
        return Scope.from_path(value)
    if isinstance(value, list):
        return Scope(*value)
    raise InvalidInput("it names no scope: give scope= (--scope acme/ana), or scope_by= (--scope-by FIELD)")
