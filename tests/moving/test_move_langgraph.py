"""Origin ``langgraph-store``: databases that LangGraph's own ``SqliteStore`` made, and one shaped like them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from agentmem import Document, Message, Scope
from agentmem.errors import InvalidInput
from agentmem.moving import Item, Skipped, move_in, read_langgraph_store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FACT = {"kind": "Memory", "content": {"content": "Ana likes tea."}}


@pytest.fixture
def made(tmp_path):
    """A database in the shape of the package's, with rows of one's own."""

    def make(*rows):
        path = tmp_path / "store.db"
        with closing(sqlite3.connect(path)) as raw:
            raw.execute(
                "CREATE TABLE store (prefix text NOT NULL, key text NOT NULL, value text NOT NULL, "
                "created_at TIMESTAMP, updated_at TIMESTAMP, expires_at TIMESTAMP, ttl_minutes REAL, "
                "PRIMARY KEY (prefix, key))"
            )
            for prefix, key, value, *expires in rows:
                stored = value if isinstance(value, str | bytes) else json.dumps(value)
                times = ("2025-03-01 09:30:00", "2025-03-02 09:30:00", *(expires or [None]), None)
                raw.execute("INSERT INTO store VALUES (?, ?, ?, ?, ?, ?, ?)", (prefix, key, stored, *times))
            raw.commit()
        return path

    return make


def test_a_real_store_moves_in(tmp_path, store) -> None:
    langgraph = pytest.importorskip("langgraph.store.sqlite", reason="langgraph-checkpoint-sqlite is not installed")
    path = tmp_path / "langgraph.db"
    with langgraph.SqliteStore.from_conn_string(str(path)) as theirs:
        theirs.setup()
        theirs.put(("memories", "ana"), "m1", {"text": "I live in Lisbon.", "topic": "home"})
        theirs.put(("memories", "bo"), "m2", FACT)
        theirs.put(("memories", "ana"), "gone", {"text": "x"})
        theirs.delete(("memories", "ana"), "gone")
    before = path.read_bytes()
    report = move_in(store, read_langgraph_store(path))
    assert {scope.scope for scope in report.scopes} == {Scope("memories", "ana"), Scope("memories", "bo")}
    assert (report.new, report.left_out) == (2, 0)
    (memory,) = store.scope("memories", "ana").list().items
    assert memory.text == "I live in Lisbon." and memory.at.tzinfo is not None
    assert memory.metadata == {"topic": "home", "namespace": ["memories", "ana"], "key": "m1"}
    assert [hit.text for hit in store.scope("memories", "bo").retrieve("tea")] == ["Ana likes tea."]
    assert move_in(store, read_langgraph_store(path)).known == 2
    assert path.read_bytes() == before


def test_a_real_store_with_an_end(tmp_path) -> None:
    pytest.importorskip("langgraph.store.sqlite", reason="langgraph-checkpoint-sqlite is not installed")
    from langgraph.store.sqlite import SqliteStore

    path = tmp_path / "langgraph.db"
    with SqliteStore.from_conn_string(str(path)) as theirs:
        theirs.setup()
        theirs.put(("ana",), "m1", {"text": "The code is 1234."})
        end = datetime(2030, 1, 1, tzinfo=UTC)
        theirs.conn.execute("UPDATE store SET expires_at = ?", (end.isoformat(sep=" "),))
        theirs.conn.commit()
    (item,) = read_langgraph_store(path, now=end - timedelta(seconds=1))
    assert item.expires_at == end
    (skipped,) = read_langgraph_store(path, now=end)
    assert skipped.reason == "it has expired" and not skipped.malformed


def test_times_are_utc_and_refs_name_namespace_and_key(made) -> None:
    (item,) = read_langgraph_store(made(("memories.ana", "k", {"text": "x"})))
    assert item.content.at == datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
    assert item.content.ref == "langgraph-store:memories.ana/k" and isinstance(item.content, Document)
    assert item.content.metadata["updated_at"] == "2025-03-02T09:30:00+00:00"


@pytest.mark.parametrize(
    ("by", "scope", "found"),
    [
        ((), None, Scope("memories", "ana")),
        (("1",), None, Scope("ana")),
        (("1", "user"), None, Scope("ana", "u7")),
        (("0", "9", "key"), None, Scope("memories", "-", "k")),
        ((), Scope("acme"), Scope("acme")),
        (("namespace",), Scope("acme"), Scope("acme", "memories", "ana")),
    ],
)
def test_which_scope(made, by, scope, found) -> None:
    (item,) = read_langgraph_store(made(("memories.ana", "k", {"text": "x", "user": "u7"})), scope=scope, scope_by=by)
    assert item.scope == found


@pytest.mark.parametrize(
    ("value", "fields", "text"),
    [
        ({"text": "a", "content": "b"}, None, "a"),
        ({"content": "b", "memory": "c"}, None, "b"),
        (FACT, None, "Ana likes tea."),
        ({"content": {"city": "Porto", "since": 2020}}, None, "city: Porto\nsince: 2020"),
        ({"city": "Porto", "since": 2020}, None, "city: Porto\nsince: 2020"),
        ({"body": "d", "text": "a"}, {"text": "body"}, "d"),
        ({"data": {"note": "e"}}, {"text": "data.note"}, "e"),
        ({"messages": [1], "content": [{"type": "text", "text": "f"}]}, None, "f"),
    ],
)
def test_which_field_is_the_text(made, value, fields, text) -> None:
    (item,) = read_langgraph_store(made(("ana", "k", value)), fields=fields)
    assert item.content.text == text


def test_nothing_of_a_value_is_lost(made) -> None:
    (item,) = read_langgraph_store(made(("ana", "k", {"city": "Porto", "since": 2020})))
    assert item.content.metadata.items() >= {"city": "Porto", "since": 2020}.items()


def test_fields_say_who_and_where(made) -> None:
    path = made(("ana", "k", {"text": "x", "by": {"name": "Ana"}, "chat": "c1"}))
    (item,) = read_langgraph_store(path, fields={"speaker": "by.name", "session": "chat"})
    assert isinstance(item.content, Message) and (item.content.speaker, item.content.session) == ("Ana", "c1")


def test_what_cannot_be_read_is_skipped_with_its_key(made) -> None:
    path = made(
        ("ana", "a", "{"),
        ("ana", "b", "[1]"),
        ("ana", "c", b"\xff"),
        ("ana", "d", {"text": 7}),
        ("ana", "e", {"text": "x"}, "soon"),
        ("ana", "f", {"text": "good"}),
        ("ana", "g", {"text": "past"}, "2025-01-01 00:00:00"),
    )
    found = list(read_langgraph_store(path, now=NOW))
    assert [one.place for one in found] == [f"ana / {key}" for key in "abcdefg"]
    assert [isinstance(one, Skipped) and one.malformed for one in found] == [True] * 5 + [False] * 2
    assert isinstance(found[5], Item)
    (skipped,) = [one for one in read_langgraph_store(path, fields={"text": "body"}, now=NOW) if one.place == "ana / f"]
    assert "no field 'body'" in skipped.detail


def test_another_file_is_refused(tmp_path) -> None:
    with pytest.raises(InvalidInput, match="no file"):
        list(read_langgraph_store(tmp_path / "missing.db"))
    (tmp_path / "text.db").write_text("no database, but long enough to look at\n" * 20, encoding="utf-8")
    with pytest.raises(InvalidInput, match="SQLite"):
        list(read_langgraph_store(tmp_path / "text.db"))
    with closing(sqlite3.connect(tmp_path / "other.db")) as raw:
        raw.execute("CREATE TABLE store (a)")
    with pytest.raises(InvalidInput, match="no table 'store'"):
        list(read_langgraph_store(tmp_path / "other.db"))
