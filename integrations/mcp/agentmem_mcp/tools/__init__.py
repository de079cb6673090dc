"""The tools: what each takes and gives, as schemas, and what it does, as a function of a handle."""

from typing import Any

from agentmem_mcp.tool import Tool
from agentmem_mcp.tools.adding import ADD
from agentmem_mcp.tools.changing import UPDATE
from agentmem_mcp.tools.consolidating import CONSOLIDATE
from agentmem_mcp.tools.filing import MEMORY
from agentmem_mcp.tools.forgetting import FORGET
from agentmem_mcp.tools.looking_back import HISTORY
from agentmem_mcp.tools.recalling import CONTEXT, RETRIEVE

TOOLS: tuple[Tool[Any], ...] = (ADD, RETRIEVE, CONTEXT, UPDATE, FORGET, HISTORY, CONSOLIDATE, MEMORY)
"""All tools, in the order in which they are listed."""

__all__ = ["TOOLS", "Tool"]
