"""Long-term memory for LLM agents: text-level, embedded, with sources.

    from agentmem import AgentMemory

    with AgentMemory.open("memory.db") as store:
        memory = store.scope("acme", "user-7")
        memory.add("I moved to Lisbon last week.", speaker="Ana", session="s1")
        print(memory.context("Where does Ana live?", tokens=200))

Names are imported on first use, so that ``import agentmem`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from agentmem.aio import AsyncAgentMemory, AsyncScopeHandle
    from agentmem.client import AgentMemory
    from agentmem.forgetting.policy import Forgetting
    from agentmem.handle import ScopeHandle
    from agentmem.redaction import Redaction
    from agentmem.types import Document, Hit, Memory, Message, Receipt, Scope

_HOMES = {
    "AgentMemory": "agentmem.client",
    "AsyncAgentMemory": "agentmem.aio",
    "AsyncScopeHandle": "agentmem.aio",
    "Document": "agentmem.types",
    "Forgetting": "agentmem.forgetting.policy",
    "Hit": "agentmem.types",
    "Memory": "agentmem.types",
    "Message": "agentmem.types",
    "Receipt": "agentmem.types",
    "Redaction": "agentmem.redaction",
    "Scope": "agentmem.types",
    "ScopeHandle": "agentmem.handle",
}

__all__ = [
    "AgentMemory",
    "AsyncAgentMemory",
    "AsyncScopeHandle",
    "Document",
    "Forgetting",
    "Hit",
    "Memory",
    "Message",
    "Receipt",
    "Redaction",
    "Scope",
    "ScopeHandle",
    "__version__",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'agentmem' has no attribute {name!r}")
    return getattr(import_module(home), name)
