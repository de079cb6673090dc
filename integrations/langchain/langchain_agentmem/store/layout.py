"""How items stand in a scope: what is an item's memory, what its namespace and value become, and back again.

An item is one memory, the *head*: its text is what is searched, its metadata hold key and value, its session is the
namespace. What is compared in metadata are digests of key and namespaces, which hooks leave alone; the key itself is
there to be shown. Further or longer texts of an item are memories of their own, *parts*, which the head names. A
namespace that others lie below has a *marker*, so that a search in one without need not look further.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from langgraph.store.base import InvalidNamespaceError, Item, SearchItem

from agentmem import Hit, Memory
from agentmem.errors import InvalidInput
from agentmem.redaction.addresses import address_of as key_address
from agentmem.redaction.addresses import digest_of, shown_name, stored_name
from langchain_agentmem.store.filtering import SHORT, pushed

Namespace = tuple[str, ...]

ROLE = "langgraph_store"
"""The metadata key that says what a memory is to the store."""
FOUND = "item"  # a head whose text is searched
HIDDEN = "unindexed item"  # a head that no search by meaning returns
PART = "part"
MARKER = "namespaces below"
HEADS = (FOUND, HIDDEN)

KEY, UNDER = "key_digest", "under"
VALUE = "value."
_ITEMS = "langgraph "
_ONE_MEMORY = 1_000
"""Characters that agentmem keeps in one memory; longer texts become parts, which it splits."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an item is. Items are told apart by ``id``; ``key`` is how the item is called."""

    namespace: Namespace
    id: str
    key: str = field(compare=False)

    @classmethod
    def of(cls, namespace: Namespace, key: str) -> Self:
        """The address of a key."""
        return cls(namespace, key_address(key), key)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is written for an item: the head's text, whether it is searched, and the texts of parts."""

    text: str
    role: str
    parts: tuple[str, ...] = field(default=())


def checked_namespace(namespace: Sequence[str]) -> Namespace:
    """The namespace as a tuple.

    Raises:
        InvalidNamespaceError: a label is empty or no string.
    """
    if isinstance(namespace, str) or not all(isinstance(label, str) and label for label in namespace):
        raise InvalidNamespaceError(f"A namespace is a tuple of non-empty strings, not {namespace!r}.")
    return tuple(namespace)


def as_json(namespace: Sequence[str]) -> str:
    """A namespace in one string, which no other namespace has."""
    return json.dumps(list(namespace), ensure_ascii=False, separators=(",", ":"))


def session_of(namespace: Namespace) -> str:
    """The session of a namespace's items."""
    return f"{_ITEMS}{as_json(namespace)}"


def marker_of(prefix: Namespace) -> str:
    """The session of a prefix's marker."""
    return f"langgraph below {as_json(prefix)}"


def wordless(address: Address) -> str:
    """A text for what shall not be found by words; the same for the same address."""
    return digest_of(address.namespace, address.id)


def shape_of(address: Address, texts: Sequence[str]) -> Shape:
    """Where an item's texts go: the first into the head if it fits, the others into parts."""
    if texts and len(texts[0]) <= _ONE_MEMORY:
        return Shape(texts[0], FOUND, tuple(texts[1:]))
    return Shape(wordless(address), HIDDEN, tuple(texts))


def as_stored(value: Mapping[str, Any]) -> dict[str, Any]:
    """The value as JSON gives it back.

    Raises:
        InvalidInput: it is no mapping with string keys, or holds what JSON cannot.
    """
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise InvalidInput(f"An item's value is a mapping with string keys, not {type(value).__name__}.")
    try:
        copy: dict[str, Any] = json.loads(json.dumps(dict(value), ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"An item's value must be JSON: {error}. Convert such values first.") from error
    return copy


def head_metadata(
    address: Address, value: Mapping[str, Any], role: str, ttl: float | None, parts: Sequence[str]
) -> dict[str, Any]:
    """The metadata of a head. ``ttl`` is in minutes; ``parts`` are the ids of its parts."""
    found = {ROLE: role, **place_metadata(address)}
    found |= {VALUE + name: inner for name, inner in value.items()}
    if ttl is not None:
        found["ttl_minutes"] = ttl
    if parts:
        found["parts"] = list(parts)
    return found


def part_metadata(address: Address, value: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of a part: with what of the value filters can go by."""
    found = {ROLE: PART, **place_metadata(address)}
    return found | {VALUE + name: inner for name, inner in value.items() if _is_short(inner)}


def _is_short(inner: Any) -> bool:
    return not isinstance(inner, list | dict) and (not isinstance(inner, str) or len(inner) <= SHORT)


def place_metadata(address: Address) -> dict[str, Any]:
    """Where an item is, and what it is called."""
    return {UNDER: prefixes_of(address.namespace), KEY: address.id, "key": stored_name(address.key)}


def prefixes_of(namespace: Namespace) -> list[str]:
    """What the namespace and every one above it are found by."""
    return [digest_of(*namespace[:depth]) for depth in range(1, len(namespace) + 1)]


def where(roles: Sequence[str], prefix: Namespace = (), conditions: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Conditions on metadata: the roles, below a prefix, with a filter as far as it can be said."""
    found: dict[str, Any] = {ROLE: {"in": list(roles)}}
    if prefix:
        found[UNDER] = {"contains": digest_of(*prefix)}
    if conditions and (parts := pushed(conditions, VALUE)):
        found["and"] = parts
    return found


def address_of(memory: Memory | Hit) -> Address:
    """Whose head or part it is. The namespace is read from the session, which no hook before writing changes."""
    assert memory.session is not None
    id = memory.metadata[KEY]
    return Address(tuple(json.loads(memory.session.removeprefix(_ITEMS))), id, shown_name(memory.metadata["key"], id))


def value_of(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The value in a head's metadata."""
    return {name.removeprefix(VALUE): inner for name, inner in metadata.items() if name.startswith(VALUE)}


def parts_of(memory: Memory) -> list[str]:
    """The ids of a head's parts."""
    return list(memory.metadata.get("parts", ()))


def ttl_of(memory: Memory) -> float | None:
    """A head's time to live in minutes."""
    ttl: float | None = memory.metadata.get("ttl_minutes")
    return ttl


def item_of(memory: Memory, key: str | None = None) -> Item:
    """The item of a head, under the key that it was asked for by."""
    address = address_of(memory)
    return Item(
        value=value_of(memory.metadata),
        key=address.key if key is None else key,
        namespace=address.namespace,
        created_at=memory.at,
        updated_at=memory.recorded_at,
    )


def search_item_of(memory: Memory, score: float | None = None) -> SearchItem:
    """The search result of a head."""
    address = address_of(memory)
    return SearchItem(
        namespace=address.namespace,
        key=address.key,
        value=value_of(memory.metadata),
        created_at=memory.at,
        updated_at=memory.recorded_at,
        score=score,
    )
