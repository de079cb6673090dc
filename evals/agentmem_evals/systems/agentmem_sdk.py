"""System ``agentmem``: the library itself, used only through its public SDK."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from agentmem import AgentMemory
from agentmem.llm import ChatModel
from agentmem.models.chat.metering import MeteredChat
from agentmem.types import Consolidation, Usage
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.errors import EvalError
from agentmem_evals.systems.background import Background, item_of
from agentmem_evals.systems.item_text import told
from agentmem_evals.systems.ranking import AT_ONCE, ranked_items
from agentmem_evals.systems.session_ranking import POWER, rank_sessions
from agentmem_evals.systems.units import as_input
from agentmem_evals.systems.variant import Variant
from agentmem_evals.types import Body, Hidden, Level, Retrieved

SCOPE = "evals"
NONE = "none"
SESSION_DEPTH = 200
"""How many hits a session ranking is made from, at least: sessions need more turns than a reader does."""
MAX_RETIRED, REPEATED = 0.2, 1.0
"""The share of memories that consolidating may take out of retrieval: the library's own bound, and none where book text
repeats itself, because its facts then do too."""
PASSAGE_DEPTH = 3
"""How many hits are asked for, for each passage wanted: a long passage is found in several chunks."""


class AgentMemorySystem:
    """A store in a temporary folder with one scope for each body.

    ``chat`` is asked only to build: recordings know what was extracted, and nothing about questions. Questions are put
    to the same database opened without a language model, so that steps which would ask one take their other way,
    instead of failing at each question. Without ``chat`` no language model is asked at all.
    """

    name = "agentmem"

    def __init__(
        self, embedder: MeteredEmbedder | None, batch: int, variant: Variant, chat: ChatModel | None = None
    ) -> None:
        self._variant = variant
        self._embedder = embedder
        self._chat = None if chat is None else MeteredChat(chat)
        self._batch = batch
        self._folder = tempfile.TemporaryDirectory(prefix="agentmem-evals-")
        self._open: list[AgentMemory] = []
        try:
            self._built = self._opened(self._chat)
            self._asked = self._built if chat is None else self._opened(None)
        except BaseException:
            self.close()
            raise
        self._handle = self._asked.scope(SCOPE)
        self._level, self._hidden = Level.TURN, False
        self._bytes = 0
        self._background = Background()

    def describe(self) -> Mapping[str, Any]:
        """The models, and how items and sessions are ranked."""
        return {
            "name": self.name,
            "variant": self._variant.name,
            "recipe": self._variant.recipe,
            "embedder": NONE if self._embedder is None else self._embedder.fingerprint,
            "llm_to_build": NONE if self._chat is None else self._chat.name,
            "llm_for_queries": NONE,
            "sources_at_once": AT_ONCE,
            "passage_depth": PASSAGE_DEPTH,
            "session_depth": SESSION_DEPTH,
            "session_power": POWER,
        }

    def ingest(self, body: Body) -> None:
        """Add every item to a scope of the body's own, and build what the recipe is made of.

        Bodies hidden in one background share a scope: the sessions in which they differ are forgotten and added.

        Raises:
            EvalError: a part could not be built; a memory that lacks it would be measured as if it had it.
        """
        name = body.background if isinstance(body, Hidden) else body.id
        building = self._built.scope(SCOPE, name)
        self._handle = self._asked.scope(SCOPE, name)
        self._level, self._hidden = body.level, isinstance(body, Hidden)
        before = self._folder_bytes()
        if isinstance(body, Hidden):
            self._background.exchange(building, body, self._batch)
        else:
            building.add([as_input(item) for item in told(body.items)], batch_size=self._batch)
        built = building.consolidate(max_retired=REPEATED if self._hidden else MAX_RETIRED)
        if not built.done:
            raise EvalError(f"The memory of {body.id} is incomplete: {_why(built)}")
        if self._hidden:  # catching up is part of building: each of these bodies is asked only once
            self._handle.retrieve(body.id, k=1)
        self._bytes = self._folder_bytes() - before

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:  # noqa: ARG002
        """Retrieval as the recipe does it; sessions are ranked from more hits than ``k``."""
        passages = self._level is Level.PASSAGE
        hits = self._handle.retrieve(question, k=PASSAGE_DEPTH * k if passages else max(SESSION_DEPTH, k))
        ranked = {item_of(ref): why for ref, why in ranked_items(hits).items()} if self._hidden else ranked_items(hits)
        sessions = None if passages else rank_sessions(hits)[:k]
        return Retrieved(tuple(ranked)[:k], sessions, tuple(ranked.values())[:k])

    def order(self, first: str, second: str) -> int | None:
        """Which of two passages comes first, as the library's verb says: 0, 1, or ``None``."""
        return self._handle.order(first, second).first

    def usage(self) -> Usage:
        """What the library asked of its models so far, questions included."""
        embedded = Usage() if self._embedder is None else self._embedder.usage
        return embedded if self._chat is None else embedded + self._chat.usage

    def stored_bytes(self) -> int:
        """By how much the body made the store's files grow."""
        return self._bytes

    def close(self) -> None:
        """Close the store and delete its folder."""
        for store in self._open:
            store.close()
        self._folder.cleanup()

    def _opened(self, chat: ChatModel | None) -> AgentMemory:
        store = AgentMemory.open(
            Path(self._folder.name) / "memory.db",
            embedder=self._embedder or NONE,
            views=self._variant.views,
            retrieval=self._variant.retrieval,
            recipe=self._variant.recipe,
            llm=chat,
        )
        self._open.append(store)
        return store

    def _folder_bytes(self) -> int:
        return sum(path.stat().st_size for path in Path(self._folder.name).rglob("*") if path.is_file())


def _why(built: Consolidation) -> str:
    if built.failures:
        return f"{len(built.failures)} parts failed. The first: {built.failures[0]}"
    stops = [f"{one.structure}: {one.stopped}" for one in built.built if one.stopped is not None]
    return "; ".join(stops) or f"left to do are {', '.join(built.pending) or 'some episodes'}."
