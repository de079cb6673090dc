"""``from agentmem.compat.mem0 import Memory`` in place of ``from mem0 import Memory``.

The call shapes are those of mem0 2.x (open source); docs/from-mem0.md says what is the same, what differs, and why.
"""

from agentmem.compat.mem0.asynchronous import AsyncMemory
from agentmem.compat.mem0.errors import MemoryNotFound, ValidationError
from agentmem.compat.mem0.memory import Memory

__all__ = ["AsyncMemory", "Memory", "MemoryNotFound", "ValidationError"]
