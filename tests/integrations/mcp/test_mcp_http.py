"""The server over HTTP on this machine: who may come in, as whom, and that nobody gets at another's memory."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import httpx2
import pytest
import uvicorn
from agentmem_mcp.serving import Service
from agentmem_mcp.settings import read
from agentmem_mcp.tokens import Tokens, digest_of
from agentmem_mcp.transports import http_app
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_parts import ANA, BO, done, opened, refused

from agentmem import AgentMemory

TOKENS = Tokens({digest_of("token-of-ana"): ANA, digest_of("token-of-bo"): BO})
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
ACCEPT = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@asynccontextmanager
async def served(database, *flags, tokens=TOKENS):
    """A server in this event loop; gives its URL."""
    settings = read(["--transport", "http", *flags])
    service = Service(opened(database))
    config = uvicorn.Config(
        http_app(service, settings, tokens), port=0, log_level="error", lifespan="on", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def as_user(url, token, mode="auto"):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


@pytest.fixture
def tokens_file(tmp_path):
    path = tmp_path / "tokens.toml"
    path.write_text("")  # read by the command, not by the application
    return str(path)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_two_users_of_one_server_have_two_memories(database, tokens_file, mode):
    async def talk():
        async with (
            served(database, "--tokens", tokens_file) as url,
            as_user(url, "token-of-ana", mode) as ana,
            as_user(url, "token-of-bo", mode) as bo,
        ):
            _, of_ana = await done(ana, "add", text="The code of the safe is 4711.")
            await done(ana, "memory", command="create", path="/memories/a.md", file_text="of ana")
            assert (await done(bo, "retrieve", query="What is the code of the safe?"))[1]["memories"] == []
            assert "nothing is in it" in (await done(bo, "memory", command="view", path="/memories"))[0]
            (id,) = of_ana["ids"]
            for tool, arguments in [
                ("history", {"id": id}),
                ("update", {"id": id, "text": "x"}),
                ("forget", {"ids": [id]}),
                ("retrieve", {"query": "safe", "scope": "acme/ana"}),
                ("memory", {"command": "view", "path": "/memories/a.md"}),
            ]:
                assert "4711" not in await refused(bo, tool, **arguments)
            _, looked = await done(ana, "forget", ids=[id])
            await refused(bo, "forget", ids=[id], confirm=looked["confirm"])
            many = await asyncio.gather(
                *(
                    done(user, "add", text=f"{name} number {n}.")
                    for n in range(5)
                    for user, name in ((ana, "A"), (bo, "B"))
                )
            )
            assert len(many) == 10

    asyncio.run(talk())
    with AgentMemory.open(database, embedder="none") as store:
        assert store.check() == ()
        assert {memory.text[0] for memory in store.scope(BO).list()} == {"B"}
        assert len(store.scope(ANA).list()) == 7


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": "Basic token-of-ana"}, 401),
        ({"authorization": f"Bearer {digest_of('token-of-ana')}"}, 401),  # what stands in the file opens nothing
        ({"authorization": "Bearer token-of-ana"}, 200),
        ({"authorization": "Bearer token-of-ana", "host": "evil.example"}, 421),
        ({"authorization": "Bearer token-of-ana", "origin": "https://evil.example"}, 403),
        ({"authorization": "Bearer token-of-ana", "origin": "http://localhost:3000"}, 200),
        ({"authorization": "Bearer token-of-ana", "origin": "https://chat.example"}, 200),
        ({"authorization": "Bearer token-of-ana", "host": "memory.example"}, 200),
    ],
)
def test_who_may_come_in(database, tokens_file, headers, status):
    flags = ("--tokens", tokens_file, "--allow-origin", "https://chat.example", "--allow-host", "memory.example")

    async def knock():
        async with served(database, *flags) as url, httpx2.AsyncClient(timeout=30) as http:
            return await http.post(url, json=INITIALIZE, headers={**ACCEPT, **headers})

    answer = asyncio.run(knock())
    assert answer.status_code == status
    if status == 401:
        assert "www-authenticate" in answer.headers and "acme" not in answer.text


def test_a_session_belongs_to_the_token_that_opened_it(database, tokens_file):
    async def steal():
        async with served(database, "--tokens", tokens_file) as url, httpx2.AsyncClient(timeout=30) as http:
            ana = {**ACCEPT, "authorization": "Bearer token-of-ana"}
            session = (await http.post(url, json=INITIALIZE, headers=ana)).headers["mcp-session-id"]
            listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
            bo = {**ACCEPT, "authorization": "Bearer token-of-bo", "mcp-session-id": session}
            assert (await http.post(url, json=listing, headers={**ana, "mcp-session-id": session})).status_code == 200
            return await http.post(url, json=listing, headers=bo)

    assert asyncio.run(steal()).status_code == 404


def test_without_tokens_there_is_one_scope_and_foreign_pages_are_kept_out(database):
    async def talk():
        async with served(database, "--scope", ANA.path, tokens=None) as url:
            async with as_user(url, None) as client:
                await done(client, "add", text="Ana is here.")
            async with httpx2.AsyncClient(timeout=30) as http:
                for headers, status in [({"host": "rebound.example"}, 421), ({"origin": "https://evil.example"}, 403)]:
                    answer = await http.post(url, json=INITIALIZE, headers={**ACCEPT, **headers})
                    assert answer.status_code == status
                answer = await http.post(url, content=b"x" * (5 * 1024 * 1024), headers=ACCEPT)
                assert answer.status_code == 413

    asyncio.run(talk())
    with AgentMemory.open(database, embedder="none") as store:
        assert [memory.text for memory in store.scope(ANA).list()] == ["Ana is here."]
