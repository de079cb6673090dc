"""``import --from``: what moves in, the report, and what is refused."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest


@pytest.fixture
def lines(cli):
    path = cli.folder / "notes.jsonl"
    records = [
        {"text": "I live in Lisbon.", "at": "2025-03-01T09:30:00Z", "session": "monday", "user": "ana"},
        {"text": "Soap is made of fat.", "at": "2025-04-01T09:30:00Z", "user": "bo"},
        {"texts": "odd"},
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def langgraph(cli):
    path = cli.folder / "store.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE store (prefix, key, value, created_at, updated_at, expires_at)")
        for name in ("ana", "bo"):
            value = json.dumps({"text": f"I am {name}."})
            times = ("2025-03-01 09:30:00", "2025-03-01 09:30:00", None)
            raw.execute("INSERT INTO store VALUES (?, 'k', ?, ?, ?, ?)", (f"memories.{name}", value, *times))
        raw.commit()
    return path


def test_json_lines_move_in_with_a_report(cli, lines) -> None:
    found = cli.json("import", lines, "--from", "jsonl")
    assert (found["origin"], found["dry_run"], len(found["runs"])) == ("jsonl", False, 1)
    (scope,) = found["scopes"]
    assert (scope["scope"], scope["new"], scope["kinds"]) == ("acme/user-7", 2, {"turn": 1, "document": 1})
    assert (scope["first_at"], scope["last_at"]) == ("2025-03-01T09:30:00+00:00", "2025-04-01T09:30:00+00:00")
    assert found["skipped"][0]["malformed"] and found["skipped"][0]["examples"][0].startswith("line 3: ")
    assert [memory["text"] for memory in cli.json("list")["items"]] == ["I live in Lisbon.", "Soap is made of fat."]
    assert cli.json("import", lines, "--from", "jsonl")["scopes"][0]["known"] == 2
    cli("undo", found["runs"][0])
    assert cli.json("list")["items"] == []


def test_the_table_says_what_came_where_and_what_was_left_out(cli, lines) -> None:
    shown = cli("import", lines, "--from", "jsonl").stdout
    assert "Moved in 2 items into 1 scope." in shown and "acme/user-7" in shown and "2025-03-01" in shown
    assert (
        "Left out 1: it is no record that can be read" in shown and "line 3" in shown and "agentmem undo run_" in shown
    )
    assert "Moved in 0 items into 1 scope; 2 known already." in cli("import", lines, "--from", "jsonl").stdout


def test_a_dry_run_tells_the_same_and_makes_no_database(cli, lines) -> None:
    told = cli.json("import", lines, "--from", "jsonl", "--dry-run")
    assert not (cli.folder / "agentmem.db").exists()
    assert "Would move in 2 items" in cli("import", lines, "--from", "jsonl", "--dry-run").stdout
    done = cli.json("import", lines, "--from", "jsonl")
    assert told["dry_run"] and (told["scopes"], told["skipped"]) == (done["scopes"], done["skipped"])
    assert cli.json("import", lines, "--from", "jsonl", "--dry-run")["scopes"][0]["known"] == 2


def test_scopes_come_from_fields_or_from_the_origin(cli, lines, langgraph) -> None:
    cli("import", lines, "--from", "jsonl", "--scope-by", "user")
    cli("import", lines, "--from", "jsonl", "--scope-by", "user", "--scope", "moved")
    cli("import", langgraph, "--from", "langgraph-store")
    cli("import", langgraph, "--from", "langgraph-store", "--scope", "all")
    cli("import", langgraph, "--from", "langgraph-store", "--scope-by", "1")
    assert cli("scopes").stdout.split() == ["all", "ana", "bo", "memories/ana", "memories/bo", "moved/ana", "moved/bo"]


def test_fields_and_zones_are_mapped(cli) -> None:
    path = cli.folder / "x.jsonl"
    path.write_text('{"body": "Hello.", "made": "2025-03-01T10:30:00"}\n', encoding="utf-8")
    options = ["--map", "text=body", "--map", "at=made", "--zone", "Europe/Brussels"]
    cli("import", path, "--from", "jsonl", *options)
    assert cli.json("list")["items"][0]["at"] == "2025-03-01T09:30:00+00:00"


def test_strict_stops_with_1_at_what_cannot_be_read(cli, lines) -> None:
    error = cli.error("import", lines, "--from", "jsonl", "--strict", code=1)
    assert error["type"] == "InvalidInput" and error["message"].startswith("line 3: ")


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_a_file_of_which_nothing_can_be_read_is_a_failure(cli, options) -> None:
    path = cli.folder / "notes.txt"
    path.write_text("These are notes,\nnot records.\n", encoding="utf-8")
    shown = cli("import", path, "--from", "jsonl", *options, code=1).stdout
    assert "in 0 items" in shown and "Left out 2: it is no record that can be read" in shown
    path.write_text("", encoding="utf-8")
    cli("import", path, "--from", "jsonl", *options)  # nothing to read is nothing wrong


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_so_is_an_export_of_chats_of_which_nothing_can_be_read(cli, options) -> None:
    path = cli.folder / "conversations.json"
    node = {"parent": None, "message": {"content": {"content_type": "text", "parts": ["Whose?"]}}}
    path.write_text(json.dumps([{"id": "c", "mapping": {"n": node}, "current_node": "n"}]), encoding="utf-8")
    shown = cli("import", path, "--from", "chat-export", *options, code=1).stdout
    assert "in 0 items" in shown and "conversation c, message n" in shown


def test_agentmems_own_export_is_recognised(cli) -> None:
    cli.add("One.")
    cli("export", "out.jsonl")
    assert cli.json("import", "out.jsonl", "--from", "jsonl", "--db", "other.db")["episodes"] == 1
    assert "agentmem export" in cli.error("import", "out.jsonl", "--from", "jsonl", "--dry-run", code=1)["message"]


def test_a_wrong_command_line_is_said_to_be_so(cli, lines) -> None:
    for arguments, told in (
        (["--from", "letta"], "mem0, langgraph-store, chroma, jsonl, chat-export"),
        (["--from", "jsonl", "--map", "text"], "KEY=FIELD"),
        (["--dry-run"], "--dry-run goes with --from"),
        (["--scope-by", "x"], "--scope-by goes with --from"),
    ):
        error = cli.error("import", lines, *arguments, code=2)
        assert error["type"] == "UsageError" and told in error["message"]
    for arguments in (["--collection", "x"], ["--map", "colour=x"], ["--zone", "Nowhere"]):
        assert cli.error("import", lines, "--from", "jsonl", *arguments, code=1)["type"] == "InvalidInput"
    assert not (cli.folder / "agentmem.db").exists()


def test_whose_memory_must_be_said_where_the_origin_does_not(cli, lines, monkeypatch) -> None:
    monkeypatch.delenv("AGENTMEM_SCOPE")
    (cli.folder / "conversations.json").write_text("[]", encoding="utf-8")
    error = cli.error("import", "conversations.json", "--from", "chat-export", code=1)
    assert "--scope acme/ana" in error["message"]
    assert cli.json("import", "conversations.json", "--from", "chat-export", "--scope", "me")["scopes"] == []
