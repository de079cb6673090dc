"""Long-term memory for LangChain agents and LangGraph, by agentmem.

    from agentmem import AgentMemory
    from langchain.agents import create_agent
    from langchain_agentmem import AgentMemMiddleware

    store = AgentMemory.open("memory.db")
    memory = AgentMemMiddleware(store, scope="user_id")
    agent = create_agent(model, middleware=[memory], context_schema=Context)

Names are imported on first use, so that each costs only what it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from langchain_agentmem.errors import CaptureFailed, CaptureUnfinished, FailedCapture, MissingScope

    # Store, retriever, chat history, bridges:
    from langchain_agentmem.history import AgentMemChatMessageHistory
    from langchain_agentmem.middleware import AgentMemMiddleware
    from langchain_agentmem.models import LangChainChatModel, LangChainEmbedder
    from langchain_agentmem.retriever import AgentMemRetriever
    from langchain_agentmem.store import AgentMemStore
    from langchain_agentmem.tools import memory_tools

_HOMES = {
    "AgentMemMiddleware": "langchain_agentmem.middleware",
    "CaptureFailed": "langchain_agentmem.errors",
    "CaptureUnfinished": "langchain_agentmem.errors",
    "FailedCapture": "langchain_agentmem.errors",
    "MissingScope": "langchain_agentmem.errors",
    "memory_tools": "langchain_agentmem.tools",
    # Store, retriever, chat history, bridges:
    "AgentMemChatMessageHistory": "langchain_agentmem.history",
    "AgentMemRetriever": "langchain_agentmem.retriever",
    "AgentMemStore": "langchain_agentmem.store",
    "LangChainChatModel": "langchain_agentmem.models",
    "LangChainEmbedder": "langchain_agentmem.models",
}

_NEEDED = ("langchain", "langchain_core", "langgraph")

__all__ = [  # noqa: RUF022 - in the order of the parts
    "AgentMemMiddleware",
    "CaptureFailed",
    "CaptureUnfinished",
    "FailedCapture",
    "MissingScope",
    "memory_tools",
    # Store, retriever, chat history, bridges:
    "AgentMemStore",
    "AgentMemRetriever",
    "AgentMemChatMessageHistory",
    "LangChainChatModel",
    "LangChainEmbedder",
    "__version__",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'langchain_agentmem' has no attribute {name!r}")
    try:
        return getattr(import_module(home), name)
    except ModuleNotFoundError as error:
        module = error.name or ""
        if module.partition(".")[0] not in _NEEDED:
            raise
        from langchain_agentmem.errors import MissingPackage

        raise MissingPackage(name, module) from error
