"""The server as a process of its own, over standard input and output, with the official client."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time

import pytest
from agentmem_mcp.main import main
from mcp import Client
from mcp.client.stdio import stdio_client
from mcp_parts import ANA, SERVER, done, over_stdio, refused

from agentmem import AgentMemory

INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


def test_a_conversation_over_stdio_is_on_disk_when_the_client_leaves(database):
    async def talk():
        async with Client(stdio_client(over_stdio(database, "--without", "forget"))) as client:
            assert client.server_info is not None and client.server_info.name == "agentmem"
            assert "forget" not in [tool.name for tool in (await client.list_tools()).tools]
            await done(client, "add", text="The vet is Dr. Claes.", speaker="Ana", session="pets")
            text, found = await done(client, "retrieve", query="Who is the vet?")
            assert found["memories"][0]["text"] == "The vet is Dr. Claes." and "Dr. Claes" in text
            await done(client, "memory", command="create", path="/memories/pets.md", file_text="cat: Misu\n")
            assert "no tool takes one" in await refused(client, "retrieve", query="vet", scope="acme/bo")

    asyncio.run(talk())
    assert remembered(database) == ["The vet is Dr. Claes.", "cat: Misu\n"]


class Process:
    """The bare protocol, so that the process can be killed at a moment."""

    def __init__(self, database, **environment):
        flags = ["--db", str(database), "--scope", ANA.path, "--embedder", "none"]
        self.process = subprocess.Popen(
            [*SERVER, *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self.ask(1, "initialize", INITIALIZE)
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def send(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def ask(self, id, method, params):
        self.send({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
        return json.loads(self.process.stdout.readline())["result"]

    def add(self, id, text):
        assert not self.ask(id, "tools/call", {"name": "add", "arguments": {"text": text}})["isError"]

    def end(self):
        self.process.stdin.close()
        status = self.process.wait(30)
        errors = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        return status, errors


def remembered(database):
    with AgentMemory.open(database, embedder="none") as store:
        assert store.check() == ()
        return [memory.text for memory in store.scope(ANA).list()]


def test_what_was_acknowledged_survives_kill_9(database):
    server = Process(database)
    for number in range(3):
        server.add(number + 2, f"Fact number {number}.")
    server.process.kill()
    assert server.end()[0] == -signal.SIGKILL
    assert remembered(database) == [f"Fact number {number}." for number in range(3)]


@pytest.mark.parametrize("how", ["end of input", "SIGTERM"])
def test_it_ends_cleanly(database, how):
    server = Process(database)
    server.add(2, "Ana is here.")
    started = time.monotonic()
    if how == "SIGTERM":
        server.process.terminate()
        server.process.wait(30)
    status, errors = server.end()
    assert status == (0 if how == "end of input" else -signal.SIGTERM)
    assert "Traceback" not in errors and time.monotonic() - started < 15
    assert not database.with_name(database.name + "-wal").exists(), "the database was closed"
    assert remembered(database) == ["Ana is here."]


def test_a_database_that_cannot_be_opened_is_said_before_serving(tmp_path):
    (tmp_path / "other.db").write_text("this is no database, but a text of some length\n" * 20)
    with pytest.raises(SystemExit, match=r"^agentmem-mcp: .*other\.db"):  # a text: status 1
        main(["--db", str(tmp_path / "other.db"), "--scope", "a", "--embedder", "none"])
