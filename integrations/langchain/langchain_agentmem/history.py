"""A chat history for ``RunnableWithMessageHistory``, which LangChain deprecates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.chat_history import BaseChatMessageHistory
from langchain_core.messages import BaseMessage

from agentmem import Memory, ScopeHandle
from agentmem.errors import InvalidInput
from agentmem.types import State
from langchain_agentmem.messages import CHARACTERS, SEARCHED, STORED, message_of, restored

_CLEARED = "cleared"


class AgentMemChatMessageHistory(BaseChatMessageHistory):
    """One conversation, kept word for word in one session of a scope, and found by meaning like any memory.

        chain = RunnableWithMessageHistory(model, lambda id: AgentMemChatMessageHistory(store.scope("ana"), id))

    LangChain deprecates these classes; new code uses :class:`~langchain_agentmem.AgentMemMiddleware`. Every message
    comes back as it was, whatever its type, with ids, tool calls and content of several parts. What people and models
    say is searched; system messages and results of tools are only kept.

    Args:
        memory: the scope of the user.
        session_id: the conversation; becomes the session.
        destroy: whether :meth:`clear` destroys.

    Raises:
        InvalidInput: the memory is no scope's handle, or the session has no name.
    """

    def __init__(self, memory: ScopeHandle, session_id: str, *, destroy: bool = False) -> None:
        if not isinstance(memory, ScopeHandle):
            raise InvalidInput(
                f"A chat history takes the handle of a scope, store.scope('acme', 'ana'), not a "
                f"{type(memory).__name__}. Its async methods need no async handle."
            )
        if not isinstance(session_id, str) or not session_id:
            raise InvalidInput(f"A chat history needs the conversation's id, a string, not {session_id!r}.")
        self.memory = memory
        self.session_id = session_id
        self._destroy = destroy

    @property
    def messages(self) -> list[BaseMessage]:  # type: ignore[override]
        """The conversation, oldest first."""
        found: dict[str, BaseMessage] = {}
        for memory in self._kept():
            source = memory.sources[0]
            if source.episode not in found and STORED in memory.metadata:
                found[source.episode] = restored(memory.metadata[STORED], self._text_of(memory))
        return list(found.values())

    def _text_of(self, memory: Memory) -> str:
        """What was said: the memory itself holds it, unless it was split, or reworded since."""
        source = memory.sources[0]
        whole = (source.start, source.end) == (0, memory.metadata[CHARACTERS])
        return memory.text if whole and memory.version == 1 else self.memory.episode(source.episode).text

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Store messages; they can be found when this returns.

        Raises:
            InvalidInput: a message holds what JSON cannot; none of them is stored.
        """
        given = [message_of(message, self.session_id) for message in messages]
        if not given:
            return
        receipt = self.memory.add(given)
        if not all(message.metadata[SEARCHED] for message in given):
            for id in receipt.ids:
                if not self.memory.get(id).metadata[SEARCHED]:
                    self.memory.retire(id)

    def clear(self) -> None:
        """Begin the conversation anew.

        What was said is taken out of this history and out of retrieval. It stays in the database's history, and
        ``restore`` brings it back; with ``destroy=True`` it is destroyed, with all that was made from it.
        """
        if self._destroy:
            self.memory.forget(session=self.session_id, compact=False)
            return
        for memory in list(self._kept()):
            if memory.metadata.get(SEARCHED):
                self.memory.retire(memory.id)
            elif SEARCHED in memory.metadata:
                self.memory.update(memory.id, metadata={**memory.metadata, _CLEARED: True})

    def _kept(self) -> Iterator[Memory]:
        """The memories of the conversation that :meth:`clear` did not take out."""
        after: str | None = None
        known: dict[str, Any] = {"kinds": ("chunk",), "session": self.session_id, "state": None, "limit": 1_000}
        while True:
            page = self.memory.list(after=after, **known)
            for memory in page:
                searched = memory.metadata.get(SEARCHED)
                if (searched and memory.state is State.ACTIVE) or (
                    searched is False and _CLEARED not in memory.metadata
                ):
                    yield memory
            after = page.next
            if after is None:
                return
