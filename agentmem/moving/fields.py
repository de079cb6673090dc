"""Which field of a foreign record is the text, the time, the speaker, ... Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from agentmem.errors import InvalidInput
from agentmem.moving.parts import text_and_attachments
from agentmem.moving.stamps import moment_of
from agentmem.types import Document, Message

KEYS = ("text", "at", "speaker", "role", "session", "ref", "title", "metadata", "scope")
"""What a record may say of an item."""
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Fields:
    """For each key, the fields that may hold it, the first that is there counting; ``a.b`` is ``b`` inside ``a``."""

    names: Mapping[str, tuple[str, ...]]

    def mapped(self, chosen: Mapping[str, str] | None) -> Fields:
        """With the user's choice in the place of the default.

        Raises:
            InvalidInput: an unknown key, or no field.
        """
        for key, field in (chosen or {}).items():
            if key not in KEYS or not field:
                raise InvalidInput(f"A map says KEY=FIELD with one of the keys {', '.join(KEYS)}, not {key}={field}.")
        return Fields({**self.names, **{key: (field,) for key, field in (chosen or {}).items()}})

    def field(self, record: Mapping[str, Any], key: str) -> str | None:
        """The field in which a record holds a key; ``None`` if in none."""
        return next((name for name in self.names.get(key, ()) if _inside(record, name) not in (_MISSING, None)), None)

    def value(self, record: Mapping[str, Any], key: str) -> Any:
        """What a record holds under a key; ``None`` if nothing."""
        name = self.field(record, key)
        return None if name is None else _inside(record, name)

    def used(self, record: Mapping[str, Any]) -> set[str]:
        """The fields that are used up: by their first name, so that what is inside of one is not kept twice."""
        return {name for key in KEYS if (name := self.field(record, key)) is not None}

    def rest(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """What a record holds besides."""
        used = self.used(record)
        return {key: value for key, value in record.items() if key not in used and value is not None}


def content_of(
    record: Mapping[str, Any],
    fields: Fields,
    *,
    text: Any,
    ref: str,
    metadata: Mapping[str, Any],
    zone: tzinfo | None,
    at: datetime | None = None,
) -> Message | Document:
    """A record as a message, if it says who spoke, in which role or session; as a document otherwise.

    Args:
        record: what the origin holds.
        fields: where in it things are.
        text: its text, or parts of one.
        ref: its ref, where it does not name one itself.
        metadata: what is kept with it.
        zone: the time zone of times that name none.
        at: its time, where it does not name one itself.

    Raises:
        InvalidInput: a value is of another type than it should be.
    """
    said, attachments = text_and_attachments(text)
    if attachments:
        metadata = {**metadata, "attachments": attachments}
    names = {key: _name(key, fields.value(record, key)) for key in ("speaker", "role", "session", "ref", "title")}
    moment = moment_of(fields.value(record, "at"), zone) or at
    if names["role"] or names["speaker"] or (names["session"] and not names["title"]):
        if names["title"]:
            metadata = {**metadata, "title": names["title"]}
        return Message(
            said,
            role=names["role"],
            speaker=names["speaker"],
            session=names["session"],
            at=moment,
            ref=names["ref"] or ref,
            metadata=metadata,
        )
    return Document(
        said,
        title=names["title"],
        session=names["session"],
        at=moment,
        ref=names["ref"] or ref,
        metadata=metadata,
    )


def _inside(record: Any, name: str) -> Any:
    """A field by its name, or inside others by a dotted one."""
    if isinstance(record, Mapping) and name in record:
        return record[name]
    head, dot, tail = name.partition(".")
    return _inside(record[head], tail) if dot and isinstance(record, Mapping) and head in record else _MISSING


def _name(key: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InvalidInput(f"its {key} is {value!r}, not text")
    return str(value)


def read_metadata(value: Any, names: Sequence[str] = ("metadata",)) -> dict[str, Any]:
    """A record's metadata, which must be an object.

    Raises:
        InvalidInput: it is not.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInput(f"its {names[0]} is {value!r}, not an object")
    return dict(value)
