"""What the tests of the MCP server share: a server in this process, calls that must succeed, or must be refused."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from agentmem_mcp.serving import build_server
from agentmem_mcp.watching import watched
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from agentmem import AgentMemory, Scope
from agentmem.recipes import recipe_named
from agentmem.testing import FakeEmbedder

ANA, BO = Scope("acme", "ana"), Scope("acme", "bo")
SERVER = [sys.executable, "-m", "agentmem_mcp"]


def opened(database: Any, recipe: str = "default", **arguments: Any) -> AgentMemory:
    """A store as the server opens it, with a fake model."""
    return AgentMemory.open(database, recipe=watched(recipe_named(recipe)), **{"embedder": FakeEmbedder(), **arguments})


@asynccontextmanager
async def client_of(store: AgentMemory, *, mode: str = "auto", **arguments: Any) -> AsyncIterator[Client]:
    """A client of a server in this process, which closes the store."""
    async with Client(build_server(store, ANA, **arguments), mode=mode) as client:
        yield client


def over_stdio(database: Any, *arguments: str) -> StdioServerParameters:
    """A server as a process of its own, for Ana."""
    flags = ["--db", str(database), "--scope", ANA.path, "--embedder", "none", *arguments]
    return StdioServerParameters(command=SERVER[0], args=[*SERVER[1:], *flags])


async def done(client: Client, tool: str, **arguments: Any) -> tuple[str, Any]:
    """The text and the data of a call that must succeed."""
    result = await client.call_tool(tool, arguments)
    (content,) = result.content
    assert not result.is_error, content.text
    return content.text, result.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """What a call is told that must be refused."""
    result = await client.call_tool(tool, arguments)
    (content,) = result.content
    assert result.is_error and result.structured_content is None, content.text
    assert "Traceback" not in content.text
    return content.text
