"""What a system that ranks plain texts sees of an item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agentmem_evals.types import Item, Passage, Session


def bare(item: Item) -> str:
    """The words of a turn without its speaker; of a passage, as it is published: the title on a line of its own."""
    return f"{item.title}\n{item.text}" if isinstance(item, Passage) else item.text


def attributed(item: Item) -> str:
    """A turn behind the name of its speaker; a passage behind its title."""
    return bare(item) if isinstance(item, Passage) else f"{item.speaker}: {item.text}"


SPOKEN = "spoken"
"""The variant of a system by vectors in which a turn is embedded behind the name of its speaker."""


def dated(session: Session) -> str:
    """A session behind its date: what is said in it, turn by turn behind the speakers' names."""
    return "\n".join([session.date_text, *(attributed(turn) for turn in session.turns)])


def told(items: Iterable[Item]) -> Iterator[Item]:
    """The items that a memory can be told: those with words in them."""
    return (item for item in items if item.text.strip())
