"""A LangGraph store whose items are memories: :class:`AgentMemStore`."""

from langchain_agentmem.store.agentmem_store import AgentMemStore

__all__ = ["AgentMemStore"]
