"""Origin ``chat-export``: ChatGPT's tree of messages, Claude's list of them, as zip or JSON."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime

import pytest

from agentmem import Scope
from agentmem.errors import InvalidInput
from agentmem.moving import Item, Skipped, move_in, read_chat_export

ANA = Scope("ana")
T0 = 1740821400  # 2025-03-01 09:30 UTC


def node(id, parent, role, parts, *, kind="text", at=T0, recipient="all", **metadata):
    message = {
        "id": id,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": at,
        "update_time": None,
        "content": {"content_type": kind, "parts": parts},
        "status": "finished_successfully",
        "end_turn": True,
        "weight": 1.0,
        "metadata": metadata,
        "recipient": recipient,
        "channel": None,
    }
    return {"id": id, "message": message, "parent": parent, "children": []}


def chatgpt():
    nodes = [
        {"id": "root", "message": None, "parent": None, "children": ["sys"]},
        node("sys", "root", "system", [""], is_visually_hidden_from_conversation=True),
        node(
            "ctx", "sys", "user", ["profile"], kind="user_editable_context", is_visually_hidden_from_conversation=True
        ),
        node("q1", "ctx", "user", ["Which fish swim in Lisbon?"]),
        node("old", "q1", "assistant", ["Herring."], at=T0 + 5),
        node("think", "q1", "assistant", [], kind="thoughts", at=T0 + 9),
        node("call", "think", "assistant", ["search('fish')"], kind="code", recipient="web", at=T0 + 10),
        node("out", "call", "tool", ["results"], at=T0 + 11),
        node("a1", "out", "assistant", ["Sardines, mostly."], at=T0 + 12.5, model_slug="gpt-4o"),
        node(
            "q2",
            "a1",
            "user",
            [{"content_type": "image_asset_pointer", "asset_pointer": "file-service://f1"}, "And this one?"],
            kind="multimodal_text",
            at=None,
            attachments=[{"id": "f1", "name": "fish.png", "mime_type": "image/png"}],
        ),
        node("q3", "q2", "user", [{"content_type": "image_asset_pointer"}], kind="multimodal_text", at=T0 + 60),
        node("empty", "q3", "assistant", [""], at=T0 + 61),
    ]
    return {
        "title": "Fish",
        "create_time": T0,
        "update_time": T0 + 61,
        "mapping": {one["id"]: one for one in nodes},
        "moderation_results": [],
        "current_node": "empty",
        "conversation_id": "c-1",
        "id": "c-1",
    }


def claude():
    return {
        "uuid": "u-1",
        "name": "Otters",
        "summary": "",
        "created_at": "2025-03-01T09:30:00.123456Z",
        "updated_at": "2025-03-01T09:31:00Z",
        "account": {"uuid": "acc-1"},
        "chat_messages": [
            {
                "uuid": "m-1",
                "text": "Do otters use tools?",
                "content": [{"type": "text", "text": "Do otters use tools?", "citations": []}],
                "sender": "human",
                "created_at": "2025-03-01T10:30:00+01:00",
                "updated_at": "2025-03-01T09:30:00Z",
                "attachments": [
                    {"file_name": "otter.txt", "file_size": 5, "file_type": "txt", "extracted_content": "x"}
                ],
                "files": [{"file_name": "photo.jpg"}],
            },
            {
                "uuid": "m-2",
                "text": "This block is not supported on your current device yet. Yes, stones.",
                "content": [
                    {"type": "thinking", "thinking": "Hm."},
                    {"type": "tool_use", "name": "search", "input": {}},
                    {"type": "text", "text": "Yes, stones."},
                ],
                "sender": "assistant",
                "created_at": "2025-03-01T09:30:05Z",
                "attachments": [],
                "files": [],
            },
            {"uuid": "m-3", "text": "Older exports have text only.", "sender": "human", "created_at": None},
            {"uuid": "m-4", "text": "", "content": [], "sender": "human", "files": [], "attachments": []},
        ],
    }


@pytest.fixture
def export(tmp_path):
    def write(conversations, *, zipped=False, names=("conversations.json",)):
        text = conversations if isinstance(conversations, str) else json.dumps(conversations)
        if not zipped:
            path = tmp_path / "conversations.json"
            path.write_text(text, encoding="utf-8")
            return path
        path = tmp_path / "export.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("user.json", "{}")
            for name in names:
                archive.writestr(name, text)
        return path

    return write


def items(found):
    return [one for one in found if isinstance(one, Item)]


def skipped(found):
    return {one.reason: one.count for one in found if isinstance(one, Skipped)}


def test_chatgpt_the_current_branch_becomes_a_session(export) -> None:
    found = list(read_chat_export(export([chatgpt()]), scope=ANA))
    turns = [item.content for item in items(found)]
    assert [(turn.role, turn.text) for turn in turns] == [
        ("user", "Which fish swim in Lisbon?"),
        ("assistant", "Sardines, mostly."),
        ("user", "And this one?"),
        ("user", "[image_asset_pointer]"),
    ]
    assert {turn.session for turn in turns} == {"c-1"} and turns[0].ref == "chatgpt:c-1/q1"
    assert turns[0].at == datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
    assert turns[2].at == turns[1].at == datetime(2025, 3, 1, 9, 30, 12, 500_000, tzinfo=UTC)  # none of its own
    assert turns[1].metadata == {"vendor": "chatgpt", "title": "Fish", "model": "gpt-4o"}
    assert turns[2].metadata["attachments"] == ["fish.png"]


def test_chatgpt_what_nobody_saw_is_left_out_and_counted(export) -> None:
    found = list(read_chat_export(export([chatgpt()]), scope=ANA))
    reasons = [one.reason for one in found if isinstance(one, Skipped)]
    assert sorted(reasons) == [
        "it is a call of a tool, or its output",
        "it is a call of a tool, or its output",
        "it is empty",
        "it is hidden, or a system message",
        "it is hidden, or a system message",
        "it is on a branch that was left (an edit, or a second answer)",
        "its content is thoughts, no text",
    ]
    assert not any(one.malformed for one in found if isinstance(one, Skipped))


def test_claude_text_blocks_become_turns(export) -> None:
    found = list(read_chat_export(export([claude()]), scope=ANA))
    turns = [item.content for item in items(found)]
    assert [(turn.role, turn.text, turn.session, turn.ref) for turn in turns] == [
        ("user", "Do otters use tools?", "u-1", "claude:u-1/m-1"),
        ("assistant", "Yes, stones.", "u-1", "claude:u-1/m-2"),
        ("user", "Older exports have text only.", "u-1", "claude:u-1/m-3"),
    ]
    assert turns[0].at == datetime(2025, 3, 1, 9, 30, tzinfo=UTC) and turns[2].at == turns[1].at
    assert turns[0].metadata == {"vendor": "claude", "title": "Otters", "attachments": ["otter.txt", "photo.jpg"]}
    assert skipped(found) == {"it is empty": 1}


def test_a_zip_is_read_whole_also_when_its_conversations_are_in_several_files(export) -> None:
    path = export([chatgpt(), claude()], zipped=True)
    assert len(items(read_chat_export(path, scope=ANA))) == 7
    path = export([claude()], zipped=True, names=("conversations-000.json", "a/conversations-001.json"))
    assert len(items(read_chat_export(path, scope=ANA))) == 6


def test_scopes_by_vendor_and_account(export) -> None:
    path = export([chatgpt(), claude()])
    found = items(read_chat_export(path, scope=Scope("me"), scope_by=["vendor", "account"]))
    assert {item.scope for item in found} == {Scope("me", "chatgpt"), Scope("me", "claude", "acc-1")}
    with pytest.raises(InvalidInput, match="Whose memory"):
        list(read_chat_export(path))


def test_moving_in_twice_changes_nothing_and_times_are_kept(export, store) -> None:
    path = export([chatgpt(), claude()])
    assert move_in(store, read_chat_export(path, scope=ANA)).new == 7
    again = move_in(store, read_chat_export(path, scope=ANA))
    assert (again.new, again.known) == (0, 7)
    (hit,) = store.scope(ANA).retrieve("Which fish?", k=1, where={"title": "Fish"})
    assert hit.at.year == 2025 and hit.session == "c-1"


def broken_tree(change):
    record = chatgpt()
    change(record["mapping"], record)
    return record


@pytest.mark.parametrize(
    "record",
    [
        7,
        {"messages": []},
        {"mapping": {}, "id": "x"},
        {"mapping": [], "id": "x"},
        {"chat_messages": {}, "uuid": "x"},
        {"chat_messages": []},
        broken_tree(lambda mapping, _record: mapping["root"].update(parent="q1")),
        broken_tree(lambda mapping, _record: mapping.pop("q1")),
        broken_tree(lambda _mapping, record: record.update(current_node=None)),
        broken_tree(lambda _mapping, record: record.update(current_node=[1])),
        broken_tree(lambda mapping, _record: mapping["q1"].update(parent={"id": "root"})),
    ],
)
def test_a_conversation_that_cannot_be_read_is_skipped_with_its_place(export, record) -> None:
    found = list(read_chat_export(export([record, claude()]), scope=ANA))
    assert found[0].malformed and found[0].place == "conversations.json, conversation 1" and found[0].detail
    assert len(items(found)) == 3


@pytest.mark.parametrize(
    "message",
    [
        7,
        {"sender": "robot"},
        {"sender": "human", "text": 7},
        {"sender": "human", "created_at": "soon"},
        {"sender": "human", "content": [7]},
        {"sender": "human", "attachments": [7], "text": "x"},
    ],
)
def test_a_message_that_cannot_be_read_is_skipped_with_its_place(export, message) -> None:
    record = claude()
    record["chat_messages"].insert(1, message)
    found = list(read_chat_export(export([record]), scope=ANA))
    (one,) = [one for one in found if isinstance(one, Skipped) and one.malformed]
    assert one.place == "conversation u-1, message 2" and len(items(found)) == 3


@pytest.mark.parametrize(
    "content", [None, 7, {"content_type": "text", "parts": 7}, {"content_type": "text", "parts": [7]}]
)
def test_a_node_that_cannot_be_read_is_skipped_with_its_place(export, content) -> None:
    record = chatgpt()
    record["mapping"]["a1"]["message"]["content"] = content
    record["mapping"]["old"]["message"] = 7
    found = list(read_chat_export(export([record]), scope=ANA))
    assert "conversation c-1, message a1" in [one.place for one in found if isinstance(one, Skipped)]
    assert len(items(found)) == 3


@pytest.mark.parametrize(
    "message",
    [
        7,
        {"content": {"content_type": "text", "parts": ["Whose?"]}},
        {"author": {}, "content": {"content_type": "text", "parts": ["Whose?"]}},
        {"author": "user", "content": {"content_type": "text", "parts": ["Whose?"]}},
        {"author": {"role": "user"}, "content": "text"},
        {"author": {"role": "user"}, "content": [1]},
        {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["x"]}, "metadata": [1]},
    ],
)
@pytest.mark.parametrize("place", ["a1", "old"])
def test_one_malformed_message_ends_nothing(export, message, place) -> None:
    record = chatgpt()
    record["mapping"][place]["message"] = message
    found = list(read_chat_export(export([record, claude()]), scope=ANA))
    assert len(items(found)) == (6 if place == "a1" else 7)
    (one,) = [one for one in found if isinstance(one, Skipped) and place in one.place] if place == "a1" else [None]
    assert one is None or (one.malformed and one.detail)


def test_an_integer_without_end_is_told(export) -> None:
    found = list(read_chat_export(export(json.dumps([claude()])[:-1] + ', {"n": ' + "1" * 5_000 + "}]"), scope=ANA))
    assert len(items(found)) == 3
    assert found[-1].malformed and "too many digits" in found[-1].detail


def test_a_file_that_breaks_off_keeps_what_came_before(export, store) -> None:
    found = list(read_chat_export(export(json.dumps([claude(), chatgpt()])[:-50]), scope=ANA))
    assert len(items(found)) == 3
    assert found[-1].malformed and "after conversation 1" in found[-1].detail
    with pytest.raises(InvalidInput, match="breaks off"):
        move_in(store, found, strict=True)


def test_what_holds_no_conversations_is_refused(export, tmp_path) -> None:
    with pytest.raises(InvalidInput, match="no file"):
        list(read_chat_export(tmp_path / "missing.zip", scope=ANA))
    with pytest.raises(InvalidInput, match=r"no conversations\.json"):
        list(read_chat_export(export([], zipped=True, names=("other.json",)), scope=ANA))
    path = export([claude()] * 50, zipped=True)
    raw = bytearray(path.read_bytes())
    raw[200:220] = bytes(20)
    path.write_bytes(raw)
    try:
        found = list(read_chat_export(path, scope=ANA))
    except InvalidInput:
        return
    assert any(isinstance(one, Skipped) and one.malformed for one in found)
