"""Origin ``mem0``: stores that mem0 itself made, where it is installed, and a history and a store shaped like them."""

from __future__ import annotations

import importlib
import importlib.util
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from agentmem import Document, Message, Scope
from agentmem.errors import InvalidInput, MissingExtra
from agentmem.moving import Item, Skipped, Wording, move_in, read_mem0

NOW = datetime(2026, 1, 1, tzinfo=UTC)
T1, T2, T3 = (datetime(2025, 3, day, 9, 30, tzinfo=UTC) for day in (1, 2, 3))
COLUMNS = "id, memory_id, old_memory, new_memory, event, created_at, updated_at, is_deleted, actor_id, role"


def history(path, *events):
    """A history database in mem0's shape: (memory, old, new, event, created, updated[, actor, role])."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(
            "CREATE TABLE history (id TEXT PRIMARY KEY, memory_id TEXT, old_memory TEXT, new_memory TEXT, event TEXT, "
            "created_at DATETIME, updated_at DATETIME, is_deleted INTEGER, actor_id TEXT, role TEXT)"
        )
        for number, (memory, old, new, event, created, updated, *who) in enumerate(events):
            times = [moment if isinstance(moment, str | None) else moment.isoformat() for moment in (created, updated)]
            row = (f"h{number}", memory, old, new, event, *times, int(event == "DELETE"), *(who or (None, None)))
            raw.execute(f"INSERT INTO history ({COLUMNS}) VALUES ({', '.join('?' * 10)})", row)
        raw.commit()
    return path


PAST = [
    ("m1", None, "I live in Lisbon.", "ADD", T1, T1, "Ana", "user"),
    ("m1", "I live in Lisbon.", "I live in Porto.", "UPDATE", T1, T2, "Ana", "user"),
    ("m1", "I live in Porto.", "I live in Porto.", "UPDATE", T1, T3, "Ana", "user"),
    ("m2", None, "A secret.", "ADD", T1, T1),
    ("m2", "A secret.", None, "DELETE", T1, T2),
    ("m3", None, "Likes tea.", "ADD", T1.isoformat().removesuffix("+00:00"), None),
]
M1 = {"data": "I live in Porto.", "user_id": "ana", "agent_id": "travel", "run_id": "r1", "role": "user"} | {
    "actor_id": "Ana",
    "hash": "x",
    "text_lemmatized": "live porto",
    "topic": "home",
    "created_at": T1.isoformat(),
    "updated_at": T3.isoformat(),
}


@pytest.fixture
def chroma_store(tmp_path):
    """mem0's Chroma: everything in the metadata, no documents."""
    chromadb = pytest.importorskip("chromadb", reason="chromadb is not installed")
    from chromadb.config import Settings

    def make(payloads, *events):
        folder = tmp_path / "store"
        with closing(chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))) as client:
            points = client.create_collection("mem0", embedding_function=None)
            ids = [f"m{number}" for number in range(1, len(payloads) + 1)]
            points.add(ids=ids, embeddings=[[1.0, 2.0]] * len(ids), metadatas=payloads)
        if events:
            history(tmp_path / "history.db", *events)
        return tmp_path

    return make


def test_the_history_alone_moves_into_a_scope_that_is_said(tmp_path, store) -> None:
    path = history(tmp_path / "history.db", *PAST)
    with pytest.raises(InvalidInput, match="Whose memory"):
        list(read_mem0(path))
    first, second, third = read_mem0(path, scope=Scope("ana"))
    content = Message("I live in Lisbon.", "user", "Ana", None, T1, "mem0:m1", {"actor_id": "Ana"}, index=True)
    assert first == Item(Scope("ana"), content, "memory m1", (Wording("I live in Porto.", T2),))
    assert second == Skipped("memory m2", "it was deleted")
    assert isinstance(third.content, Document) and third.content.at == T1  # times without a zone are UTC
    report = move_in(store, read_mem0(path, scope=Scope("ana")))
    assert (report.new, report.scopes[0].versions, report.left_out) == (2, 1, 1)
    texts = [memory.text for memory in store.scope("ana").list().items]
    assert sorted(texts) == ["I live in Porto.", "Likes tea."]


def test_a_store_moves_in_with_scopes_metadata_and_former_wordings(chroma_store, store) -> None:
    folder = chroma_store([M1, {"data": "Likes tea.", "user_id": "bo"}], *PAST)
    found = list(read_mem0(folder, now=NOW))
    kept = {"user_id": "ana", "agent_id": "travel", "run_id": "r1", "actor_id": "Ana", "topic": "home"}
    kept["updated_at"] = T3.isoformat()
    content = Message("I live in Lisbon.", "user", "Ana", "r1", T1, "mem0:m1", kept, index=True)
    assert found[0] == Item(Scope("ana", "travel"), content, "memory m1", (Wording("I live in Porto.", T2),))
    assert found[1].scope == Scope("bo")
    assert found[2] == Skipped("memory m3", "only the history knows it, not the vector store")
    report = move_in(store, found)
    assert [scope.scope.path for scope in report.scopes] == ["ana/travel", "bo"]
    memory = store.scope("ana", "travel")
    assert [hit.text for hit in memory.retrieve("Where do I live?", k=1)] == ["I live in Porto."]
    assert [hit.text for hit in memory.retrieve("Where do I live?", k=1, as_of=T1 + timedelta(hours=1))] == [
        "I live in Lisbon."
    ]
    assert move_in(store, read_mem0(folder, now=NOW)).known == 2


def test_a_deleted_memory_that_is_in_no_store_is_counted(chroma_store) -> None:
    folder = chroma_store([{"data": "x", "user_id": "ana"}], PAST[3], PAST[4])
    assert [one.reason for one in read_mem0(folder) if isinstance(one, Skipped)] == ["it was deleted"]


def test_without_its_history_a_memory_says_what_it_says_now(chroma_store) -> None:
    (item,) = read_mem0(chroma_store([M1]), now=NOW)
    assert (item.content.text, item.content.at, item.later) == ("I live in Porto.", T1, ())


def test_a_history_that_lags_behind_is_completed_from_the_store(chroma_store) -> None:
    (item, *_) = read_mem0(chroma_store([M1 | {"data": "I live in Graz."}], *PAST[:2]), now=NOW)
    assert item.content.text == "I live in Lisbon."
    assert item.later == (Wording("I live in Porto.", T2), Wording("I live in Graz.", T3))


@pytest.mark.parametrize(
    ("by", "scope", "found"),
    [
        ((), None, Scope("ana", "travel")),
        (["user_id"], None, Scope("ana")),
        (["run_id", "topic"], None, Scope("r1", "home")),
        ((), Scope("acme"), Scope("acme")),
        (["user_id"], Scope("acme"), Scope("acme", "ana")),
    ],
)
def test_which_scope(chroma_store, by, scope, found) -> None:
    (item,) = read_mem0(chroma_store([M1]), scope=scope, scope_by=by, now=NOW)
    assert item.scope == found


def test_an_end_is_the_end_of_its_last_day(chroma_store) -> None:
    payload = {"data": "x", "user_id": "ana", "expiration_date": "2025-12-31"}
    folder = chroma_store([payload])
    (item,) = read_mem0(folder, now=NOW - timedelta(seconds=1))
    assert item.expires_at == NOW
    assert list(read_mem0(folder, now=NOW)) == [Skipped("memory m1", "it has expired")]


def test_a_former_wording_that_is_split_here_is_left_out(chroma_store) -> None:
    long = "A long sentence about soap. " * 60
    events = [("m1", None, long, "ADD", T1, T1), ("m1", long, "Soap.", "UPDATE", T1, T2)]
    item, skipped = read_mem0(chroma_store([{"data": "Soap.", "user_id": "ana"}], *events))
    assert (item.content.text, item.content.at, item.later, skipped.count) == ("Soap.", T2, (), 1)


def test_what_cannot_be_read_is_skipped_with_its_id(chroma_store) -> None:
    payloads = [
        {"user_id": "anonymous", "type": "user_identity"},
        {"user_id": "ana"},
        {"data": "x"},
        {"data": "x", "user_id": "ana", "created_at": "soon"},
        {"data": "x", "user_id": "ana", "expiration_date": "soon"},
        {"data": "x", "user_id": "ana", "role": 7},
        {"data": "good", "user_id": "ana"},
    ]
    found = list(read_mem0(chroma_store(payloads, ("m7", None, "bad", "ADD", "soon", "soon"))))
    reasons = [one.detail if isinstance(one, Skipped) else one.content.text for one in found]
    assert [one.malformed for one in found[:-1]] == [False, True, True, True, True, True, True]
    assert reasons[-1] == "good" and "without" in found[-2].reason and "user_id" in reasons[2]


def test_what_is_no_store_is_refused(tmp_path) -> None:
    with pytest.raises(InvalidInput, match="neither a folder"):
        list(read_mem0(tmp_path))
    (tmp_path / "text.db").write_text("x" * 900, encoding="utf-8")
    with pytest.raises(InvalidInput, match="neither a folder"):
        list(read_mem0(tmp_path / "text.db"))
    with pytest.raises(InvalidInput, match="no history database"):
        list(read_mem0(tmp_path, history=tmp_path / "text.db"))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "meta.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InvalidInput, match="several vector stores"):
        list(read_mem0(tmp_path))


def test_without_qdrants_package_nothing_is_unpickled_and_it_is_said_how_to_get_it(tmp_path, monkeypatch) -> None:
    (tmp_path / "meta.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'agentmem-framework\[qdrant\]'"):
        list(read_mem0(tmp_path))


class Numbers:
    """An embedder for mem0 that looks at nothing but lengths."""

    def embed(self, text, memory_action=None):
        return [float(len(text)), 1.0]

    def embed_batch(self, texts, memory_action="add"):
        return [self.embed(text) for text in texts]


@pytest.fixture(params=["qdrant", "chroma"])
def real(request, tmp_path, monkeypatch):
    """A folder that mem0 itself filled, without a language model."""
    if importlib.util.find_spec("mem0") is None:
        pytest.skip("mem0ai is not installed")
    monkeypatch.setenv("MEM0_TELEMETRY", "False")
    monkeypatch.setenv("MEM0_DIR", str(tmp_path / "home"))
    mem0 = importlib.import_module("mem0")
    config = {"path": str(tmp_path / "made" / "store")}
    if request.param == "qdrant":
        config |= {"embedding_model_dims": 2, "on_disk": True}
    unused = {"provider": "openai", "config": {"api_key": "unused"}}
    history_path = str(tmp_path / "made" / "history.db")
    vectors = {"provider": request.param, "config": config}
    memory = mem0.Memory.from_config(
        {"vector_store": vectors, "llm": unused, "embedder": unused, "history_db_path": history_path}
    )
    memory.embedding_model = Numbers()

    def add(text, **more):
        return memory.add([{"role": "user", "name": "Ana", "content": text}], infer=False, **more)["results"][0]["id"]

    moved = add("I live in Lisbon.", user_id="ana", agent_id="travel", run_id="r1", metadata={"topic": "home"})
    memory.update(moved, "I live in Porto.")
    memory.delete(add("A secret.", user_id="ana"))
    add("The code is 1234.", user_id="bo", expiration_date="2099-01-01")
    add("Old news.", user_id="bo", expiration_date="2099-06-01")
    memory.vector_store.client.close()
    memory.close()
    return tmp_path / "made"


@pytest.mark.filterwarnings("ignore")  # of the packages that mem0 brings along
def test_what_mem0_made_moves_in_and_stays_as_it_was(real, store) -> None:
    before = {path: path.read_bytes() for path in real.rglob("*") if path.is_file()}
    late = datetime(2099, 3, 1, tzinfo=UTC)
    report = move_in(store, read_mem0(real, now=late - timedelta(days=365 * 3)))
    assert [(scope.scope.path, scope.new, scope.versions) for scope in report.scopes] == [
        ("ana/travel", 1, 0),
        ("bo", 2, 0),
    ]
    assert {(one.reason, one.count) for one in report.skipped} >= {("it was deleted", 1)}
    found = {one.place: one for one in read_mem0(real, now=late)}
    assert sorted(one.reason for one in found.values() if isinstance(one, Skipped)) == [
        "it has expired",
        "it was deleted",
    ]
    (moved,) = [one for one in found.values() if isinstance(one, Item) and one.later]
    assert (moved.content.text, [wording.text for wording in moved.later]) == (
        "I live in Lisbon.",
        ["I live in Porto."],
    )
    assert (moved.content.speaker, moved.content.session) == ("Ana", "r1")
    assert moved.content.metadata["topic"] == "home" and "hash" not in moved.content.metadata
    assert {path: path.read_bytes() for path in real.rglob("*") if path.is_file()} == before


@pytest.mark.filterwarnings("ignore")
def test_what_mem0_made_becomes_versions_in_real_time(real, tmp_path) -> None:
    from agentmem import AgentMemory
    from agentmem.testing import FakeEmbedder

    with AgentMemory.open(tmp_path / "now.db", embedder=FakeEmbedder()) as store:
        assert move_in(store, read_mem0(real)).scopes[0].versions == 1
        (memory,) = store.scope("ana", "travel").list().items
        assert [entry.text for entry in store.scope("ana", "travel").history(memory.id)] == [
            "I live in Lisbon.",
            "I live in Porto.",
        ]
        again = move_in(store, read_mem0(real))
        assert (again.new, again.known, again.scopes[0].versions) == (0, 3, 0)
