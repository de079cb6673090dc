"""What a system that ranks plain texts sees of an item."""

from __future__ import annotations

from agentmem_evals.types import Item, Passage


def bare(item: Item) -> str:
    """The words of a turn without its speaker; of a passage, as it is published: the title on a line of its own."""
    return f"{item.title}\n{item.text}" if isinstance(item, Passage) else item.text


def attributed(item: Item) -> str:
    """A turn behind the name of its speaker; a passage behind its title."""
    return bare(item) if isinstance(item, Passage) else f"{item.speaker}: {item.text}"
