"""A conversation that is read when its turns are asked for, for data sets that are larger than memory."""

from __future__ import annotations

from collections.abc import Callable

from agentmem_evals.types import Conversation, Session


class LazyConversation(Conversation):
    """A conversation of which the id is known; the sessions are asked for each time and not kept.

    Whoever makes it keeps the conversation that was read last, so that using one at a time reads each once.

    Args:
        id: the conversation's id.
        read: gives its sessions; may raise what reading a file raises.
    """

    __slots__ = ("_read",)
    _read: Callable[[], tuple[Session, ...]]

    def __init__(self, id: str, read: Callable[[], tuple[Session, ...]]) -> None:
        object.__setattr__(self, "id", id)  # the class is frozen
        object.__setattr__(self, "_read", read)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions, read now."""
        return self._read()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"
