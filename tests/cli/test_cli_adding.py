"""``add``, from the command line, files and standard input; ``export`` and ``import``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agentmem.config import settings

RECEIPT = {"skipped", "run", "ids", "episodes", "duplicates", "pending", "usage"}


def texts(cli: Any, *options: object) -> list[str]:
    return [memory["text"] for memory in cli.json("list", *options)["items"]]


def test_add_keeps_what_its_options_say(cli) -> None:
    receipt = cli.json(
        "add", "I moved to Lisbon.", "--session", "s1", "--at", "2025-06-01T12:00+02:00", "--speaker", "Ana",
        "--role", "user", "--ref", "m1", "--metadata", '{"topic": "move"}',
    )  # fmt: skip
    assert set(receipt) == RECEIPT and receipt["duplicates"] == 0
    memory = cli.json("get", receipt["ids"][0])
    assert memory["at"] == "2025-06-01T10:00:00+00:00"
    assert (memory["session"], memory["speaker"], memory["role"]) == ("s1", "Ana", "user")
    assert memory["metadata"] == {"topic": "move"} and memory["sources"][0]["ref"] == "m1"


def test_add_says_what_it_did_and_how_to_take_it_back(cli) -> None:
    output = cli("add", "One.", "Two.", "--ref", "r").stdout
    assert "Remembered 2 items; 2 memories: mem_" in output and "agentmem undo run_" in output
    again = cli("add", "One.", "Two.", "--ref", "r").stdout
    assert "Remembered 0 items" in again and "2 items were known already" in again and "undo" not in again


def test_several_texts_are_several_memories(cli) -> None:
    assert len(cli.json("add", "One.", "Two.")["ids"]) == 2


def test_personal_data_is_taken_out_when_asked(cli, monkeypatch) -> None:
    (id,) = cli.json("add", "Write to ana@example.org.", "--redact")["ids"]
    assert cli.json("get", id)["text"] == "Write to [EMAIL]."
    assert cli.json("update", id, "--text", "Or ben@example.org.", "--redact")["text"] == "Or [EMAIL]."
    (kept,) = cli.json("add", "Write to ana@example.org.")["ids"]
    assert cli.json("get", kept)["text"] == "Write to ana@example.org."
    monkeypatch.setenv("AGENTMEM_REDACT", "1")
    (id,) = cli.json("add", "Write to carla@example.org.")["ids"]
    assert cli.json("get", id)["text"] == "Write to [EMAIL]."


@pytest.mark.parametrize(
    ("word", "is_on"), [("1", 1), ("on", 1), ("Yes", 1), ("off", 0), ("n", 0), ("F", 0), ("no", 0), (" 0 ", 0), ("", 0)]
)
def test_redaction_is_switched_by_any_word_for_on_or_off(cli, monkeypatch, word, is_on) -> None:
    monkeypatch.setenv("AGENTMEM_REDACT", word)
    assert settings().redact == bool(is_on)


def test_a_word_that_is_neither_on_nor_off_is_refused(cli, monkeypatch) -> None:
    monkeypatch.setenv("AGENTMEM_REDACT", "perhaps")
    error = cli.error("add", "Write to carla@example.org.", code=1)
    assert error["type"] == "InvalidInput" and "AGENTMEM_REDACT" in error["message"]
    assert not (cli.folder / "agentmem.db").exists()


def test_memories_quoted_from_a_prompt_are_not_stored_again(cli) -> None:
    cli("add", "I moved to Lisbon.")
    quoted = cli.json("context", "Lisbon")["text"]
    assert "1 item was nothing but memories quoted, not stored." in cli("add", quoted).stdout


def test_index_and_no_index_overrule_the_role(cli) -> None:
    assert cli.json("add", "Be kind.", "--role", "system")["ids"] == []
    assert len(cli.json("add", "Be kind.", "--role", "system", "--index")["ids"]) == 1
    assert cli.json("add", "Hello.", "--role", "user", "--no-index")["ids"] == []
    assert "nothing of it is searched" in cli("add", "Hello.", "--no-index").stdout


@pytest.mark.parametrize("name", ["notes.txt", "notes.md"])
def test_a_text_file_is_a_document_titled_with_its_name(cli, name: str) -> None:
    (cli.folder / name).write_text("The boiler was serviced.\n", encoding="utf-8")
    receipt = cli.json("add", "--file", name)
    assert cli.json("get", receipt["ids"][0])["title"] == name
    assert cli.json("get", receipt["episodes"][0])["kind"] == "document"


MESSAGES = [
    {"role": "user", "speaker": "Ana", "content": "I like surfing.", "at": "2025-01-01T10:00Z", "session": "s"},
    {"role": "assistant", "content": "Where?", "at": "2025-01-01T10:01Z", "session": "s"},
]


def test_messages_come_from_json_lines(cli) -> None:
    lines = "\n\n".join(map(json.dumps, MESSAGES))
    (cli.folder / "chat.jsonl").write_text(lines, encoding="utf-8")
    assert len(cli.json("add", "-f", "chat.jsonl")["ids"]) == 2
    first = cli.json("list")["items"][0]
    assert (first["text"], first["speaker"], first["at"]) == ("I like surfing.", "Ana", "2025-01-01T10:00:00+00:00")


@pytest.mark.parametrize("document", [MESSAGES, {"messages": MESSAGES, "model": "x"}])
def test_messages_come_from_a_json_list(cli, document: object) -> None:
    (cli.folder / "chat.json").write_text(json.dumps(document), encoding="utf-8")
    assert len(cli.json("add", "--file", "chat.json")["ids"]) == 2


def test_standard_input_is_text_unless_a_format_is_said(cli) -> None:
    cli("add", "-", input="A thought.\nIn two lines.")
    assert texts(cli) == ["A thought.\nIn two lines."]
    lines = "\n".join(map(json.dumps, MESSAGES))
    assert len(cli.json("add", "-", "--format", "jsonl", input=lines)["ids"]) == 2
    assert len(cli.json("add", "--file", "-", "--format", "json", input=json.dumps(MESSAGES))["ids"]) == 2


def test_bad_files_are_refused_with_their_place(cli) -> None:
    bad = {
        "bad.jsonl": ('{"role": "user", "content": "x"}\n{oops\n', "bad.jsonl, line 2"),
        "when.jsonl": ('{"content": "x", "at": "soon"}\n', "when.jsonl, line 1: 'at' is 'soon'"),
        "bad.json": ("[\n{]", "bad.json, line 2"),
        "one.json": ('"text"', "must hold a JSON list of messages"),
        "naive.jsonl": ('{"content": "x", "at": "2025-01-01T10:00"}\n', "no time zone"),
    }
    for name, (content, message) in bad.items():
        (cli.folder / name).write_text(content, encoding="utf-8")
        assert message in cli.error("add", "--file", name, code=1)["message"]
    (cli.folder / "latin.txt").write_bytes("café".encode("latin-1"))
    assert "not UTF-8" in cli.error("add", "--file", "latin.txt", code=1)["message"]
    (cli.folder / "latin.jsonl").write_bytes('{"content": "café"}'.encode("latin-1"))
    assert "not UTF-8" in cli.error("add", "--file", "latin.jsonl", code=1)["message"]


def test_a_long_file_that_breaks_off_says_how_much_is_stored(cli) -> None:
    lines = [json.dumps({"role": "user", "content": f"Number {n}."}) for n in range(250)]
    (cli.folder / "long.jsonl").write_text("\n".join([*lines, "{oops"]), encoding="utf-8")
    assert cli.error("add", "--file", "long.jsonl", code=1)["message"].endswith(
        "The 200 items before this batch are stored."
    )
    assert cli.json("stats")["episodes"] == 200


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Say what to remember"),
        (("x", "--file", "y.txt"), "Say what to remember"),
        (("--file", "missing.txt"), "cannot be read"),
        (("--file", "what.bin"), "--format"),
        (("--file", "what.bin", "--format", "xml"), "unknown"),
        (("x", "--at", "yesterday"), "is not a moment"),
        (("x", "--at", "9999-12-31T23:59-14:00"), "outside the years"),
        (("x", "--metadata", "{"), "is not JSON"),
        (("x", "--metadata", "[1]"), "must be a JSON object"),
    ],
)
def test_what_cannot_be_read_is_a_usage_error_and_creates_no_database(cli, arguments, message: str) -> None:
    error = cli.error("add", *arguments, code=2)
    assert error["type"] == "UsageError" and message in error["message"]
    assert not list(cli.folder.iterdir())


def test_a_naive_time_is_refused_in_the_librarys_words(cli) -> None:
    error = cli.error("add", "x", "--at", "2025-06-01", code=1)
    assert error["type"] == "InvalidInput"
    assert "has no time zone" in error["message"] and "--at 2025-06-01T00:00Z" in error["message"]


def test_an_export_can_be_imported_elsewhere_and_again(cli) -> None:
    cli("add", "One.", "Two.", "--ref", "r")
    assert cli.json("export", "out.jsonl") == {"path": "out.jsonl", "episodes": 2}
    found = cli.json("--db", "other.db", "import", "out.jsonl")
    assert set(found) == {"episodes", "memories", "edges", "present", "refused", "pending", "usage"}
    assert (found["episodes"], found["present"]) == (2, 0)
    assert texts(cli, "--db", "other.db") == ["One.", "Two."]
    assert "0 new, 2 known already" in cli("import", "out.jsonl", "--db", "other.db").stdout


def test_export_replaces_a_file_only_when_told_and_the_database_never(cli) -> None:
    cli("add", "One.")
    assert "Wrote 1 episodes" in cli("export", "out.jsonl").stdout
    assert cli.error("export", "out.jsonl", code=1)["type"] == "NotConfirmed"
    cli("export", "out.jsonl", "--force")
    assert "the database itself" in cli.error("export", "agentmem.db", "--force", code=1)["message"]
    assert texts(cli) == ["One."]


def test_import_refuses_what_is_no_export(cli) -> None:
    (cli.folder / "x.jsonl").write_text('{"a": 1}\n', encoding="utf-8")
    assert cli.error("import", "x.jsonl", code=1)["type"] == "InvalidInput"
    assert cli.error("import", "missing.jsonl", code=2)["type"] == "UsageError"
