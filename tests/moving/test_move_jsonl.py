"""Origin ``jsonl``: documented keys, other names for them, and lines that cannot be read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from agentmem import Document, Message, Scope
from agentmem.errors import InvalidInput
from agentmem.moving import Item, Skipped, move_in, read_jsonl
from agentmem.moving.jsonl import is_own_export

ANA = Scope("acme", "ana")
MARCH = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def lines(tmp_path):
    def write(*records, name="x.jsonl"):
        path = tmp_path / name
        shown = [record if isinstance(record, str) else json.dumps(record) for record in records]
        path.write_text("".join(line + "\n" for line in shown), encoding="utf-8")
        return path

    return write


def test_the_documented_keys_are_read(lines) -> None:
    path = lines(
        {
            "text": "I moved to Lisbon.",
            "at": "2025-03-01T10:30:00+01:00",
            "speaker": "Ana",
            "role": "user",
            "session": "monday",
            "ref": "chat-1",
            "metadata": {"topic": "home"},
            "stars": 5,
        },
        {"content": "Soap is made of fat.", "title": "Soap"},
    )
    first, second = read_jsonl(path, scope=ANA)
    metadata = {"topic": "home", "stars": 5}
    assert first == Item(
        ANA, Message("I moved to Lisbon.", "user", "Ana", "monday", MARCH, "chat-1", metadata), "line 1"
    )
    assert isinstance(second.content, Document) and second.content.title == "Soap"
    assert second.content.ref.startswith("jsonl:") and second.content.at is None


def test_other_names_are_mapped_also_inside_objects(lines) -> None:
    path = lines({"body": {"en": "Hello.", "fr": "Salut."}, "made": 1740821400, "who": "Ana", "text": "another"})
    fields = {"text": "body.en", "at": "made", "speaker": "who"}
    (item,) = read_jsonl(path, scope=ANA, fields=fields)
    assert (item.content.text, item.content.at, item.content.speaker) == ("Hello.", MARCH, "Ana")
    assert item.content.metadata["text"] == "another"
    with pytest.raises(InvalidInput, match="KEY=FIELD"):
        list(read_jsonl(path, scope=ANA, fields={"colour": "who"}))


def test_parts_of_a_content_become_text_and_the_rest_is_noted(lines) -> None:
    content = [{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {"url": "x"}}, "nice"]
    (item,) = read_jsonl(lines({"role": "user", "content": content}), scope=ANA)
    assert item.content.text == "Look:\nnice" and item.content.metadata == {"attachments": ["image_url"]}


def test_scopes_come_from_the_records_only_if_nobody_says_otherwise(lines) -> None:
    path = lines({"text": "x", "scope": "acme/ana", "user": "bo"}, {"text": "y", "scope": ["a/b", "c"]}, {"text": "z"})
    own = list(read_jsonl(path))
    assert [item.scope for item in own[:2]] == [ANA, Scope("a/b", "c")]
    assert isinstance(own[2], Skipped) and "names no scope" in own[2].detail
    assert [item.scope for item in read_jsonl(path, scope=ANA)] == [ANA] * 3
    below = list(read_jsonl(path, scope=Scope("moved"), scope_by=["scope", "user"]))
    assert [item.scope for item in below] == [
        Scope("moved", "acme", "ana", "bo"),
        Scope("moved", "a/b", "c"),
        Scope("moved"),
    ]


def test_times_without_a_zone_need_one(lines) -> None:
    path = lines({"text": "x", "at": "2025-03-01T10:30:00"})
    (skipped,) = read_jsonl(path, scope=ANA)
    assert skipped.malformed and "zone" in skipped.detail
    (item,) = read_jsonl(path, scope=ANA, zone=ZoneInfo("Europe/Brussels"))
    assert item.content.at == MARCH


def test_equal_lines_are_two_items_and_moving_in_again_changes_nothing(lines, store) -> None:
    path = lines({"text": "ok", "session": "s"}, {"text": "ok", "session": "s"})
    assert move_in(store, read_jsonl(path, scope=ANA)).new == 2
    lines({"text": "ok", "session": "s"}, {"text": "before", "session": "s"}, {"text": "ok", "session": "s"})
    report = move_in(store, read_jsonl(path, scope=ANA))
    assert (report.new, report.known) == (1, 2)


def test_what_cannot_be_read_is_skipped_with_its_line(tmp_path) -> None:
    path = tmp_path / "x.jsonl"
    bad = [b"{", b"\xff", b"[1]", b'{"a": 1}', b'{"text": 7}', b'{"text": "x", "session": {}}', b'{"text": [7]}']
    bad += [
        b'{"text": "x", "metadata": [1]}',
        b'{"text": "x", "at": "soon"}',
        b"[" * 100_000,
        b'{"text": "x", "n": ' + b"1" * 5_000 + b"}",
    ]
    path.write_bytes(b"\xef\xbb\xbf" + b"\n\n".join([*bad, b'{"text": "good"}', b""]))
    found = list(read_jsonl(path, scope=ANA))
    assert all(isinstance(one, Skipped) and one.malformed and one.detail for one in found[:-1])
    assert [one.place for one in found] == [f"line {2 * number + 1}" for number in range(len(bad) + 1)]
    assert found[-1].content.text == "good"


def test_agentmems_own_export_is_left_to_import(tmp_path, handle) -> None:
    handle.add("One.")
    path = tmp_path / "out.jsonl"
    handle.export(path)
    assert is_own_export(path)
    with pytest.raises(InvalidInput, match="agentmem import FILE"):
        list(read_jsonl(path, scope=ANA))


def test_a_file_that_is_not_there_or_has_an_endless_line_is_refused(tmp_path, monkeypatch) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(read_jsonl(tmp_path / "missing.jsonl", scope=ANA))
    monkeypatch.setattr("agentmem.moving.jsonl.LONGEST_LINE", 10)
    (tmp_path / "x.jsonl").write_text('{"text": "too long"}', encoding="utf-8")
    with pytest.raises(InvalidInput, match="more than 10 bytes"):
        list(read_jsonl(tmp_path / "x.jsonl", scope=ANA))
