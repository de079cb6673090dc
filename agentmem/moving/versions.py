"""Later wordings become versions of a memory, and its end is set. Doing it again does nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agentmem.client import AgentMemory
from agentmem.engine.intake import Defaults, episode_of
from agentmem.errors import InvalidInput
from agentmem.handle import ScopeHandle
from agentmem.kinds import CHUNK
from agentmem.moving.item import Item, Skipped


def complete(store: AgentMemory, item: Item, ids: Sequence[str]) -> tuple[int, Skipped | None]:
    """Give the memories of an item its later wordings and its end, as far as they lack them.

    Args:
        store: the open database.
        item: what was moved in.
        ids: the memories made from it.

    Returns:
        How many versions were made, and why not all, if so.
    """
    memory = store.scope(item.scope)
    own = [found for id in ids if (found := memory.get(id)).kind == CHUNK]
    if item.expires_at is not None:
        for one in own:
            if one.expires_at is None:
                memory.expires_at(one.id, item.expires_at)
    if not item.later:
        return 0, None
    if len(own) != 1:
        return 0, Skipped(item.place, "its later wordings: it is not one memory here", count=len(item.later))
    wordings = [as_written(store, item, text) for text in (item.content.text, *(later.text for later in item.later))]
    here = _wordings(memory, own[0].id)
    if here[: len(wordings)] == wordings:
        return 0, None
    if here != wordings[: len(here)]:
        return 0, Skipped(item.place, "its later wordings: the memory was changed here", count=len(item.later))
    made = 0
    for wording in item.later[len(here) - 1 :]:
        try:
            memory.update(own[0].id, text=wording.text, valid_from=wording.at)
        except InvalidInput as error:
            left = len(wordings) - len(here) - made
            return made, Skipped(item.place, "its later wordings: they cannot be versions", str(error), count=left)
        made += 1
    return made, None


def as_written(store: AgentMemory, item: Item, text: str) -> str | None:
    """A wording of an item as the hooks before writing let it through; ``None``: not at all."""
    draft = episode_of(replace(item.content, text=text), Defaults(), store.parts.clock(), None)
    let = store.parts.hooks.written(draft)
    return None if let is None else let.text


def _wordings(memory: ScopeHandle, id: str) -> list[str]:
    """What a memory said, oldest first, without changes of other things."""
    found: list[str] = []
    for entry in memory.history(id):
        if not found or found[-1] != entry.text:
            found.append(entry.text)
    return found
