"""The origins by name, and what can be said of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

from agentmem.errors import InvalidInput
from agentmem.moving.chat_export import read_chat_export
from agentmem.moving.chroma import read_chroma
from agentmem.moving.item import Found
from agentmem.moving.jsonl import read_jsonl
from agentmem.moving.langgraph_store import read_langgraph_store
from agentmem.moving.mem0 import read_mem0
from agentmem.types import Scope


@dataclass(frozen=True, slots=True)
class Origin:
    """Where memories come from.

    Attributes:
        name: as it is typed.
        read: its reader.
        options: what else the reader can be told, beside path, ``scope`` and ``scope_by``.
        has_scopes: whether it says itself whose memory things are.
    """

    name: str
    read: Callable[..., Iterator[Found]]
    options: frozenset[str] = frozenset()
    has_scopes: bool = False


ORIGINS: Mapping[str, Origin] = {
    origin.name: origin
    for origin in (
        Origin("mem0", read_mem0, frozenset({"history", "collection"}), has_scopes=True),
        Origin("langgraph-store", read_langgraph_store, frozenset({"fields"}), has_scopes=True),
        Origin("chroma", read_chroma, frozenset({"collection", "fields", "zone"})),
        Origin("jsonl", read_jsonl, frozenset({"fields", "zone"})),
        Origin("chat-export", read_chat_export),
    )
}


def origin_named(name: str) -> Origin:
    """The origin of that name.

    Raises:
        InvalidInput: there is none.
    """
    if name not in ORIGINS:
        raise InvalidInput(f"There is no origin {name!r}. There are: {', '.join(ORIGINS)}.")
    return ORIGINS[name]


def read(
    name: str,
    path: str | PathLike[str],
    *,
    scope: Scope | None = None,
    scope_by: Sequence[str] = (),
    **options: Any,
) -> Iterator[Found]:
    """What an origin holds, by its name; an option that is ``None`` counts as not given.

    Raises:
        InvalidInput: there is no such origin, or an option is not for it; besides, what its reader raises.
    """
    origin = origin_named(name)
    given = {option: value for option, value in options.items() if value is not None}
    if wrong := sorted(given.keys() - origin.options):
        others = [other.name for other in ORIGINS.values() if wrong[0] in other.options]
        raise InvalidInput(
            f"{wrong[0]!r} says nothing about {name}; it is for {', '.join(others) or 'no origin'}. Leave it out."
        )
    return origin.read(path, scope=scope, scope_by=scope_by, **given)
