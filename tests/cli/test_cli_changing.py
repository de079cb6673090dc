"""Commands that change and destroy, and those for the database as a whole."""

from __future__ import annotations

import sqlite3

import pytest

from agentmem import AgentMemory
from agentmem.cli import output
from agentmem.models import loading
from agentmem.testing import FakeEmbedder

CERTIFICATE = {
    "run", "at", "dry_run", "episodes", "memories", "versions", "sources", "edges", "vectors", "tombstones",
    "compacted", "pending",
}  # fmt: skip


def test_update_opens_a_version(cli) -> None:
    id = cli.add("I live in Lisbon.")
    changed = cli.json("update", id, "--text", "I live in Porto.", "--metadata", '{"a": 1}', "--expected-version", 1)
    assert (changed["version"], changed["text"], changed["metadata"]) == (2, "I live in Porto.", {"a": 1})
    error = cli.error("update", id, "--text", "x", "--expected-version", 1, code=4)
    assert error["type"] == "VersionConflict"
    assert cli.error("update", id, code=2)["type"] == "UsageError"


def test_retire_and_restore(cli) -> None:
    id = cli.add("x")
    assert cli.json("retire", id, "--expected-version", 1)["state"] == "retired"
    assert cli.json("restore", id)["state"] == "active"
    assert "state    active" in cli("restore", id).stdout
    assert cli.error("retire", id, "--expected-version", 9, code=4)["type"] == "VersionConflict"


def test_pin_and_expire(cli) -> None:
    id = cli.add("x")
    assert cli.json("pin", id)["pinned"] is True
    assert cli.json("pin", id, "--off")["pinned"] is False
    assert cli.json("expire", id, "--at", "2001-01-01T00:00Z")["expires_at"] == "2001-01-01T00:00:00+00:00"
    assert cli.json("retrieve", "x")["hits"] == []
    assert cli.json("expire", id, "--never")["expires_at"] is None
    for wrong in ([], ["--never", "--at", "2001-01-01T00:00Z"]):
        assert cli.error("expire", id, *wrong, code=2)["type"] == "UsageError"


def test_undo_takes_back_and_can_be_undone(cli) -> None:
    receipt = cli.json("add", "x")
    undone = cli.json("undo", receipt["run"])
    assert undone == {"undone": receipt["run"], "run": undone["run"]} and cli.json("list")["items"] == []
    assert cli.error("undo", receipt["run"], code=4)["type"] == "CannotUndo"
    assert "Undone." in cli("undo", undone["run"]).stdout and len(cli.json("list")["items"]) == 1


@pytest.mark.parametrize("command", ["get", "history", "retire", "restore", "pin"])
def test_an_unknown_id_is_not_found(cli, command: str) -> None:
    cli("add", "x")
    assert cli.error(command, "mem_unknown", code=3)["type"] == "NotFound"
    assert cli(command, "mem_unknown", code=3).stderr.startswith("Error: There is no memory mem_unknown")


def test_other_unknown_names_are_not_found(cli) -> None:
    cli("add", "x")
    for arguments in (["undo", "run_x"], ["get", "epi_x"], ["forget", "--id", "mem_x", "--yes"]):
        assert cli.error(*arguments, code=3)["type"] == "NotFound"


def test_refs_conflict(cli) -> None:
    cli("add", "x", "--ref", "r")
    assert cli.error("add", "y", "--ref", "r", code=4)["type"] == "RefConflict"
    cli("forget", "--everything", "--yes")
    assert cli.error("add", "x", "--ref", "r", code=4)["type"] == "ForgottenRef"


@pytest.mark.parametrize(
    ("selection", "left"),
    [
        (["--session", "s1"], 1),
        (["--before", "2025-02-01T00:00Z"], 1),
        (["--about", "Lisbon"], 1),
        (["--everything"], 0),
        (["--about", "Lisbon", "--session", "s2"], 0),
    ],
)
def test_forget_destroys_what_is_selected(cli, selection, left: int) -> None:
    cli("add", "I live in Lisbon.", "--session", "s1", "--at", "2025-01-01T00:00Z", "--ref", "r")
    cli("add", "I have a dog.", "--session", "s2", "--at", "2025-03-01T00:00Z")
    counted = cli.json("forget", *selection, "--dry-run")
    assert set(counted) == CERTIFICATE and counted["dry_run"] and counted["memories"] == 2 - left
    assert "nothing was touched" in cli("forget", *selection, "--dry-run").stdout
    assert len(cli.json("list")["items"]) == 2
    done = cli.json("forget", *selection, "--yes")
    assert not done["dry_run"] and done["memories"] == 2 - left and done["compacted"] and done["tombstones"] == 1
    assert len(cli.json("list")["items"]) == left


def test_forget_takes_several_ids(cli) -> None:
    ids = [cli.add(text) for text in ("one", "two", "three")]
    assert cli.json("forget", "--id", ids[0], "--id", ids[1], "-y")["memories"] == 2


def test_forget_can_leave_the_file_to_compact(cli) -> None:
    cli("add", "x")
    output = cli("forget", "--everything", "--yes", "--no-compact").stdout
    assert "Destroyed for good" in output and "agentmem compact" in output
    assert cli.json("compact") == {"compacted": True} and "Rewritten" in cli("compact").stdout


def test_forget_refuses_when_nobody_can_be_asked(cli) -> None:
    cli("add", "x")
    error = cli.error("forget", "--everything", code=1)
    assert error["type"] == "NotConfirmed" and "1 memory and 1 episode" in error["message"]
    assert "--yes" in error["message"] and len(cli.json("list")["items"]) == 1
    assert cli.error("forget", "--yes", code=2)["type"] == "UsageError"


def test_forget_asks_on_a_terminal(cli, monkeypatch) -> None:
    monkeypatch.setattr(output, "is_interactive", lambda: True)
    cli("add", "x")
    refused = cli("forget", "--everything", input="n\n", code=1)
    assert "Destroy 1 memory and 1 episode for good? [y/N]" in refused.output
    assert "Nothing was touched" in refused.stderr and len(cli.json("list")["items"]) == 1
    cli("forget", "--everything", input="", code=130)  # Ctrl-D
    assert len(cli.json("list")["items"]) == 1
    cli("forget", "--everything", input="y\n")
    assert cli.json("list")["items"] == []


def test_upgrade_tells_the_schema(cli) -> None:
    cli("add", "x")
    found = cli.json("db", "upgrade")
    assert set(found) == {"before", "after"} and found["before"] == found["after"]
    assert "Nothing to do" in cli("--db", "agentmem.db", "db", "upgrade").stdout
    with sqlite3.connect("agentmem.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    error = cli.error("list", code=5)
    assert error["type"] == "SchemaMismatch" and "agentmem.db db upgrade" in error["message"]


@pytest.fixture
def fakes(monkeypatch) -> None:
    """Embedders named ``fake:8``, ``fake:16``, ... beside those there are."""
    load = loading.load_embedder

    def load_fake(name: str = "default"):
        return FakeEmbedder(int(name[5:])) if name.startswith("fake:") else load(name)

    monkeypatch.setattr(loading, "load_embedder", load_fake)
    monkeypatch.setattr("agentmem.client.load_embedder", load_fake)


@pytest.mark.usefixtures("fakes")
def test_reindex_follows_the_advice_of_a_mismatch(cli) -> None:
    cli("add", "x", "--embedder", "fake:8")
    error = cli.error("retrieve", "x", "--embedder", "fake:16", code=5)
    assert (
        error["type"] == "EmbedderMismatch" and "agentmem --db agentmem.db reindex --embedder NAME" in error["message"]
    )
    assert cli.json("--db", "agentmem.db", "reindex", "--embedder", "fake:16") == {"vectors": 1, "embedder": "fake:16"}
    assert cli.json("retrieve", "x", "--embedder", "fake:16")["hits"]
    assert "Made 2 vectors" in cli("reindex", "--embedder", "fake:8", "--view", "bare", "--view", "spoken").stdout
    assert cli.error("reindex", "--embedder", "none", code=1)["type"] == "InvalidInput"


@pytest.mark.usefixtures("fakes")
def test_commands_that_embed_nothing_work_with_vectors_of_any_model(cli) -> None:
    id = cli.add("I live in Lisbon.", "--embedder", "fake:8")
    stats = cli.json("stats")
    assert (stats["embedder"], stats["vectors"], stats["pending_vectors"]) == ("fake:8", 1, 0)
    for command in (["list"], ["get", id], ["history", id], ["pin", id], ["retire", id], ["scopes"], ["compact"]):
        cli(*command)
    assert cli.json("forget", "--everything", "--yes")["vectors"] == 1
    with AgentMemory.open("agentmem.db", embedder=FakeEmbedder(8)) as store:
        assert store.scope("acme", "user-7").retrieve("Lisbon") == []
