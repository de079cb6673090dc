"""What the tools show of memories: as the store's hooks before prompts let it be shown, whichever tool it is."""

from __future__ import annotations

import asyncio

import pytest
from agentmem_mcp.files import MemoryFiles
from agentmem_mcp.files.showing import shown_file
from mcp_parts import ANA, client_of, done, opened, refused

from agentmem import Redaction, ScopeHandle

PRIVATE = "-----BEGIN PRIVATE KEY-----\nabc\ndef\n-----END PRIVATE KEY-----"


def test_no_tool_shows_what_a_hook_before_prompts_takes_out(database):
    async def talk():
        async with client_of(opened(database, before_prompt=Redaction())) as client:
            said = {"text": "Write to ana@example.org about tea.", "speaker": "Ana bo@example.org"}
            _, added = await done(client, "add", **said)
            (id,) = added["ids"]
            path = "/memories/of/ana@example.org"
            answers = [
                await done(client, "memory", command="create", path=path, file_text="Mail ana@example.org.\nTea."),
                await done(client, "memory", command="create", path="/memories/empty/bo@example.org", file_text=""),
            ]
            _, created = answers[0]
            (file,) = created["files"]
            for tool, arguments in (
                ("retrieve", {"query": "tea"}),
                ("context", {"query": "tea"}),
                ("history", {"id": id}),
                ("history", {"id": file["id"]}),
                ("forget", {"ids": [id, file["id"]]}),
                ("update", {"id": id, "metadata": {"x": 1}}),
                ("memory", {"command": "view", "path": path}),
                ("memory", {"command": "view", "path": file["path"]}),
                ("memory", {"command": "view", "path": "/memories"}),
                ("memory", {"command": "insert", "path": file["path"], "insert_line": 2, "insert_text": "Rum."}),
                ("memory", {"command": "str_replace", "path": path, "old_str": "Tea.", "new_str": "Gin."}),
                ("memory", {"command": "rename", "old_path": path, "new_path": "/memories/at/ana@example.org"}),
                ("memory", {"command": "delete", "path": "/memories/at/ana@example.org"}),
            ):
                answers.append(await done(client, tool, **arguments))
            told = await refused(client, "update", id=file["id"], text="x")
            assert all("example.org" not in text and "example.org" not in str(data) for text, data in answers)
            assert "example.org" not in told and "[EMAIL]" in told
            _, viewed = answers[8]
            assert viewed["content"] == "Mail [EMAIL].\nTea." and viewed["lines"] == [1, 2, 2]

    asyncio.run(talk())


@pytest.mark.parametrize(
    ("show", "lines"),
    [
        (Redaction(), ["a", "[PRIVATE_KEY]", "", "", "", "z"]),
        (lambda text: text.replace("abc", "x\ny"), ["a", *PRIVATE.replace("abc", "x y").split("\n"), "z"]),
        (lambda text: "\n" + text, None),
        (lambda _: "gone", None),
    ],
)
def test_lines_keep_their_numbers_when_parts_are_taken_out(handle, show, lines):
    file = MemoryFiles(handle).create("/memories/keys", f"a\n{PRIVATE}\nz")
    shown = shown_file(file, None, show)
    assert (shown.first, shown.last, shown.lines) == (1, 6, 6) and shown.said.count("\n") == 5
    assert lines is None or shown.said.split("\n") == lines
    assert shown_file(file, (6, 6), show).said == shown.said.split("\n")[-1]


def test_of_a_pasted_document_the_ends_are_asked(database, monkeypatch):
    asked, context = [], ScopeHandle.context

    def asking(self, query, **arguments):
        asked.append(query)
        return context(self, query, **arguments)

    monkeypatch.setattr(ScopeHandle, "context", asking)
    store = opened(database)
    store.scope(ANA).add("Ana lives in Lisbon.")

    async def talk():
        async with client_of(store) as client:
            query = f"This is a letter. {'word ' * 40_000} Where does Ana live?"
            for tool in ("retrieve", "context"):
                text, _ = await done(client, tool, query=query)
                assert "Lisbon" in text

    asyncio.run(talk())
    for query in asked:
        assert len(query) == 2_000 and query.startswith("This is") and query.endswith("Where does Ana live?")
