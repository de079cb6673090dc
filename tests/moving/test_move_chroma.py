"""Origin ``chroma``: collections that Chroma itself made. They are read, never changed."""

from __future__ import annotations

import importlib.util
from contextlib import closing
from datetime import UTC, datetime

import pytest

from agentmem import Document, Message, Scope
from agentmem.errors import InvalidInput, MissingExtra
from agentmem.moving import Item, Skipped, move_in, read_chroma

ANA = Scope("ana")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two collections, made by Chroma with vectors of one's own."""
    chromadb = pytest.importorskip("chromadb", reason="chromadb is not installed")
    from chromadb.config import Settings

    path = tmp_path_factory.mktemp("chroma")
    with closing(chromadb.PersistentClient(path, settings=Settings(anonymized_telemetry=False))) as client:
        notes = client.create_collection("notes", embedding_function=None)
        notes.add(
            ids=["a", "b", "c"],
            embeddings=[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]],
            documents=["I live in Lisbon.", "Soap is made of fat.", None],
            metadatas=[
                {"created": "2025-03-01T09:30:00", "who": "Ana", "chat": "c1", "user": "ana"},
                {"created": 1740821400, "stars": 5, "user": "bo"},
                {"user": "bo"},
            ],
        )
        many = client.create_collection("many", embedding_function=None)
        many.add(
            ids=[f"id{number}" for number in range(1_203)],
            embeddings=[[float(number), 1.0] for number in range(1_203)],
            documents=[f"Note {number}." for number in range(1_203)],
        )
    return path


def test_documents_and_metadata_move_in(folder) -> None:
    first, second, third = read_chroma(folder, collection="notes", scope=ANA)
    assert isinstance(first, Item) and isinstance(first.content, Document)
    assert (first.content.text, first.content.ref) == ("I live in Lisbon.", "chroma:a")
    assert second.content.metadata == {"created": 1740821400, "stars": 5, "user": "bo"}
    assert isinstance(third, Skipped) and third.reason == "it has no document, only a vector"


def test_fields_of_the_metadata_say_when_who_and_where(folder) -> None:
    fields = {"at": "created", "speaker": "who", "session": "chat"}
    first, second, _ = read_chroma(folder, collection="notes", scope_by=["user"], fields=fields)
    moment = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
    assert first.content == Message("I live in Lisbon.", None, "Ana", "c1", moment, "chroma:a", {"user": "ana"})
    assert (first.scope, second.scope, second.content.at) == (Scope("ana"), Scope("bo"), moment)


def test_every_record_comes_once(folder, store) -> None:
    report = move_in(store, read_chroma(folder, collection="many", scope=ANA))
    assert (report.new, report.known) == (1_203, 0)


def test_the_folder_is_left_as_it_was(folder) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert len(list(read_chroma(folder, collection="notes", scope=ANA))) == 3
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_which_collection_must_be_said_where_there_are_several(folder) -> None:
    for name in (None, "odd"):
        with pytest.raises(InvalidInput, match=r"There are: many, notes\..*--collection"):
            list(read_chroma(folder, collection=name, scope=ANA))


def test_another_folder_is_refused(tmp_path) -> None:
    with pytest.raises(InvalidInput, match="no Chroma"):
        list(read_chroma(tmp_path, scope=ANA))
    (tmp_path / "chroma.sqlite3").write_text("no database, but long enough to look at\n" * 20, encoding="utf-8")
    with pytest.raises(InvalidInput, match="SQLite"):
        list(read_chroma(tmp_path, scope=ANA))


def test_without_the_package_it_is_said_how_to_get_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'agentmem-framework\[chroma\]'"):
        list(read_chroma(tmp_path, scope=ANA))
