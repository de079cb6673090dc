"""The MCP server as its own process, and a client of it, as any MCP application is one; twice, so that it remembers."""

import asyncio
import sys

from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

# An application is told the same in its settings: the command, and whose memory in which file.
FLAGS = ["--db", "mcp.db", "--scope", "acme/ana", "--embedder", "none"]
SERVER = StdioServerParameters(command=sys.executable, args=["-m", "agentmem_mcp", *FLAGS])


async def call(client: Client, tool: str, **arguments: object) -> str:
    result = await client.call_tool(tool, arguments)
    return "\n".join(part.text for part in result.content if part.type == "text")


async def monday() -> None:
    async with Client(stdio_client(SERVER)) as client:
        print("tools:", ", ".join(tool.name for tool in (await client.list_tools()).tools))
        await call(client, "add", text="The vet is Dr. Claes, in the Rua das Flores.", speaker="Ana", session="pets")
        await call(client, "memory", command="create", path="/memories/pets.md", file_text="Misu: cat, 4 years\n")


async def tuesday() -> None:
    async with Client(stdio_client(SERVER)) as client:
        print(await call(client, "context", query="Who is the vet?", tokens=200))
        edit = {"path": "/memories/pets.md", "old_str": "4 years", "new_str": "5 years"}
        print(await call(client, "memory", command="str_replace", **edit))
        print(await call(client, "memory", command="view", path="/memories/pets.md"))
        print(await call(client, "retrieve", query="vet", scope="acme/bo"))  # refused: no tool takes a scope
        print(await call(client, "forget", about="Dr. Claes"))  # only looks; a second call, with the code, destroys


asyncio.run(monday())
asyncio.run(tuesday())
