"""The store that is served."""

from __future__ import annotations

from agentmem import AgentMemory, Redaction
from agentmem.recipes import recipe_named
from agentmem_mcp.settings import Settings
from agentmem_mcp.watching import watched


def open_store(settings: Settings) -> AgentMemory:
    """Open the database, creating it if it is not there; the embedding model is loaded when it is first needed.

    Raises what :meth:`agentmem.AgentMemory.open` raises.
    """
    return AgentMemory.open(
        settings.database,
        embedder=settings.embedder,
        recipe=watched(recipe_named(settings.recipe)),
        llm=settings.llm,
        before_write=Redaction() if settings.redact else (),
    )
