"""A LangChain retriever over one scope."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from agentmem import AsyncScopeHandle, Hit, ScopeHandle
from agentmem.errors import InvalidInput
from agentmem.types import Source


class AgentMemRetriever(BaseRetriever):
    """Finds the memories of one scope, or of several with :meth:`agentmem.ScopeHandle.reading`, as documents.

        retriever = AgentMemRetriever(memory=store.scope("acme", "ana"), k=5)
        documents = retriever.invoke("Where does Ana live?")

    What is set here holds for every call; ``invoke(query, k=3, session="monday")`` says otherwise for one. Each
    argument is as for :meth:`agentmem.ScopeHandle.retrieve`, whose errors are raised. See :func:`document_of` for what
    a document holds. The scope is fixed: no argument of a call can choose another.

    With an ``AsyncScopeHandle`` only the awaited methods can be used; with a ``ScopeHandle`` both, on a thread where
    they are awaited.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    memory: ScopeHandle | AsyncScopeHandle = Field(repr=False)
    k: int = 10
    kinds: Sequence[str] | None = None
    session: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    where: Mapping[str, Any] | None = None
    tokens: int | None = None
    recipe: str | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain reports by it what was found
        **kwargs: Any,
    ) -> list[Document]:
        if not isinstance(self.memory, ScopeHandle):
            raise InvalidInput(
                "This retriever has an AsyncScopeHandle: await retriever.ainvoke(query), or give it a ScopeHandle."
            )
        return [document_of(hit) for hit in self.memory.retrieve(query, **self._arguments(kwargs))]

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,  # noqa: ARG002 - see above
        **kwargs: Any,
    ) -> list[Document]:
        arguments = self._arguments(kwargs)
        if isinstance(self.memory, ScopeHandle):
            hits = await asyncio.to_thread(self.memory.retrieve, query, **arguments)
        else:
            hits = await self.memory.retrieve(query, **arguments)
        return [document_of(hit) for hit in hits]

    def _arguments(self, said: Mapping[str, Any]) -> dict[str, Any]:
        names = ("k", "kinds", "session", "since", "until", "where", "tokens", "recipe")
        return {**{name: getattr(self, name) for name in names}, **said}


def document_of(hit: Hit) -> Document:
    """A hit as a document: its text, its id, and metadata, all of it JSON.

    The metadata are ``id``, ``score`` (in [0, 1]), ``kind``, ``version``, ``scope`` (a list of names), ``at`` (ISO
    8601, UTC), ``session``, ``speaker``, ``role``, ``title``, ``sources`` (where it comes from: ``episode``, the
    characters from ``start`` to ``end`` of its text, ``ref``, ``session``, ``speaker``, ``role``, ``at``), and under
    ``metadata`` what it was added with.
    """
    return Document(
        page_content=hit.text,
        id=hit.id,
        metadata={
            "id": hit.id,
            "score": hit.score,
            "kind": hit.kind,
            "version": hit.version,
            "scope": None if hit.scope is None else list(hit.scope.names),
            "at": hit.at.isoformat(),
            "session": hit.session,
            "speaker": hit.speaker,
            "role": hit.role,
            "title": hit.title,
            "sources": [_source(source) for source in hit.sources],
            "metadata": dict(hit.metadata),
        },
    )


def _source(source: Source) -> dict[str, Any]:
    return {
        "episode": source.episode,
        "start": source.start,
        "end": source.end,
        "ref": source.ref,
        "session": source.session,
        "speaker": source.speaker,
        "role": source.role,
        "at": None if source.at is None else source.at.isoformat(),
    }
