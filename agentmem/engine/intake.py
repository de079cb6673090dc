"""What callers hand to ``add``, made uniform: strings, messages, OpenAI-style dicts, documents, and streams of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from agentmem.clock import aware
from agentmem.engine.messages import is_bytes, message_of
from agentmem.errors import InvalidInput
from agentmem.ids import EPISODE, new_id
from agentmem.types import Document, Episode, EpisodeKind, Message, Metadata

Item = str | Message | Document | Mapping[str, Any]
Content = Item | Iterable[Item]

SILENT_ROLES = frozenset({"system", "developer", "tool", "function"})
"""Roles whose messages are kept but not searchable unless asked: instructions and tool output are no memories."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What ``add``'s keyword arguments say for items that do not say it themselves."""

    session: str | None = None
    at: datetime | None = None
    speaker: str | None = None
    role: str | None = None
    ref: str | None = None
    metadata: Metadata = field(default_factory=dict)
    index: bool | None = None
    ttl: timedelta | None = None


def is_single(content: Content) -> bool:
    """Whether the content is one item rather than several."""
    return isinstance(content, str | Message | Document | Mapping)


def items(content: Content) -> Iterator[Item]:
    """The items of a content, lazily."""
    if isinstance(content, str | Message | Document | Mapping):
        yield content
        return
    if isinstance(content, AsyncIterable):
        raise InvalidInput(
            "add() takes no asynchronous stream. Gather it, or add each item as it comes: "
            "await add([item async for item in stream])."
        )
    if is_bytes(content) or not isinstance(content, Iterable):
        raise InvalidInput(
            f"add() takes text, a message, a document, or an iterable of them, not {type(content).__name__}."
        )
    yield from content


def episode_of(item: Item, defaults: Defaults, now: datetime, number: int | None) -> Episode:
    """The episode of one item.

    ``number`` is the item's place in a batch: a batch given one ``ref`` numbers its items ``ref#0``, ``ref#1``, ...

    Raises:
        InvalidInput: empty text, unpaired surrogates, a naive datetime, an unknown key, metadata that is not JSON.
    """
    if isinstance(item, Mapping):
        item = message_of(item)
    if isinstance(item, str):
        spoken = defaults.speaker is not None or defaults.role is not None
        item = Message(item) if spoken else Document(item)
    if not isinstance(item, Message | Document):
        raise InvalidInput(f"An item must be text, a message or a document, not {type(item).__name__}.")
    ref = item.ref
    if ref is None and defaults.ref is not None:
        ref = defaults.ref if number is None else f"{defaults.ref}#{number}"
    is_turn = isinstance(item, Message)
    role = (item.role or defaults.role) if isinstance(item, Message) else None
    at = item.at if item.at is not None else defaults.at
    index = item.index if item.index is not None else defaults.index
    return Episode(
        id=new_id(EPISODE),
        kind=EpisodeKind.TURN if is_turn else EpisodeKind.DOCUMENT,
        text=clean_text(item.text),
        at=now if at is None else aware(at, "at"),
        recorded_at=now,
        ref=_name(ref, "ref"),
        session=_name(item.session if item.session is not None else defaults.session, "session"),
        speaker=_name(item.speaker or defaults.speaker, "speaker") if isinstance(item, Message) else None,
        role=_name(role, "role"),
        title=_name(item.title, "title") if isinstance(item, Document) else None,
        metadata=clean_metadata({**defaults.metadata, **_mapping(item.metadata)}),
        indexed=role not in SILENT_ROLES if index is None else _flag(index),
    )


def clean_text(text: Any) -> str:
    """The text, surrogate pairs joined.

    Raises:
        InvalidInput: not a string, nothing but white space, or a surrogate without its partner.
    """
    if not isinstance(text, str):
        raise InvalidInput(
            f"Text must be a string, not {type(text).__name__}. Decode bytes first: data.decode('utf-8')."
        )
    if not text or text.isspace():
        raise InvalidInput("The text is empty: there is nothing to remember.")
    return _encodable(text, "The text")


def _encodable(text: str, what: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError as error:
            raise InvalidInput(
                f"{what} holds half of a surrogate pair, which is no character. Drop it with: "
                "text.encode('utf-8', 'ignore').decode()"
            ) from error
    return text


def _name(value: Any, what: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"{what} must be a non-empty string, not {value!r}.")
    return _encodable(value, what)


def clean_metadata(metadata: Any) -> Metadata:
    """A copy of metadata that JSON gives back as it was.

    Raises:
        InvalidInput: not a mapping with string keys, or a value that JSON cannot hold.
    """
    if not _mapping(metadata):
        return {}
    try:
        text = json.dumps(dict(metadata), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"metadata must be JSON: {error}. Convert such values to strings or numbers.") from error
    copy: Metadata = json.loads(text)
    if copy != dict(metadata):
        raise InvalidInput("metadata changes when written as JSON: use string keys, and lists instead of tuples.")
    return copy


def _mapping(metadata: Any) -> Metadata:
    if not isinstance(metadata, Mapping):
        raise InvalidInput(f"metadata must be a mapping, not {type(metadata).__name__}.")
    return metadata


def _flag(index: Any) -> bool:
    if not isinstance(index, bool):
        raise InvalidInput(f"index must be True, False or None, not {index!r}.")
    return index


def checked(defaults: Defaults) -> Defaults:
    """The keyword arguments, checked once for a whole batch."""
    ttl = defaults.ttl
    if ttl is not None and (not isinstance(ttl, timedelta) or ttl <= timedelta(0)):
        raise InvalidInput(f"ttl is how long it shall be found, a timedelta above 0, not {ttl!r}.")
    at = None if defaults.at is None else aware(defaults.at, "at")
    return replace(defaults, at=at, metadata=clean_metadata(defaults.metadata))
