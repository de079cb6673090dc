"""A full disk, a read-only file, a damaged one, somebody else's: a typed error, nothing half-written."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3

import pytest
from sqlalchemy import event

from agentmem import AgentMemory
from agentmem.errors import (
    NotAnAgentMemDatabase,
    SchemaMismatch,
    StoreCorrupt,
    StoreError,
    StoreFull,
)
from agentmem.store import lifecycle
from agentmem.testing import FakeClock, FakeEmbedder

LARGE = "A long sentence about otters and their ways. " * 2_000


def full_after(store, spare_pages):
    """Let the database grow by so many pages only; ``None`` lifts the limit."""

    def limit(connection, *_):
        cursor = connection.cursor()
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {2**30 if spare_pages is None else pages + spare_pages}")
        cursor.close()

    engine = store.parts.store._engine
    engine.dispose()
    if getattr(store, "limit", None):
        event.remove(engine, "connect", store.limit)
    store.limit = limit
    event.listen(engine, "connect", limit)


@pytest.mark.parametrize("spare", [0, 1, 5, 30])
def test_a_full_disk_stores_nothing_half_and_works_again_with_room(store, handle, spare):
    (_id,) = handle.add("otter").ids
    full_after(store, spare)
    with pytest.raises(StoreFull):
        handle.add(["first", LARGE, "last"])
    assert [memory.text for memory in handle.list()] == ["otter"]
    assert [hit.text for hit in handle.retrieve("otter")] == ["otter"]
    full_after(store, None)
    handle.add(["first", LARGE, "last"])
    assert handle.stats().episodes == 4 and handle.stats().pending_vectors == 0


def test_a_disk_that_fills_between_texts_and_vectors_loses_no_text(store, handle):
    """The receipt is not given, but the texts are stored, found by words, and embedded when there is room."""
    handle.add("otter")

    class Filling(FakeEmbedder):
        def embed_documents(self, texts):
            full_after(store, 0)
            return super().embed_documents(texts)

    store.parts.embedder._inner = Filling()
    outcome = None
    with contextlib.suppress(StoreError):
        outcome = handle.add([f"walrus number {i}" for i in range(300)], ref="w")
    assert outcome is None or outcome.pending == ("vectors",)
    store.parts.embedder._inner = FakeEmbedder()
    assert len(handle.retrieve("walrus", k=50)) == 50  # by words, with the disk still full
    full_after(store, None)
    assert handle.stats().episodes == 301
    handle.retrieve("walrus")
    assert handle.stats().pending_vectors == 0
    assert handle.add([f"walrus number {i}" for i in range(300)], ref="w").duplicates == 300


def test_a_file_size_limit_of_the_system_is_a_typed_error_and_harms_nothing(child, database):
    status, output = child.run(
        f"""
        import resource
        store = opened()
        handle = store.scope("a")
        handle.add("otter")
        size = max(os.path.getsize(database), os.path.getsize(database + "-wal"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, resource.RLIM_INFINITY))
        try:
            handle.add({LARGE[:45]!r} * 3_000)
            print("stored")
        except StoreError as error:
            print(type(error).__name__)
        print(handle.stats().episodes, [hit.text for hit in handle.retrieve("otter")])
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        handle.add({LARGE[:45]!r} * 3_000)
        print(handle.stats().episodes, handle.stats().pending_vectors)
        """
    )
    name, state, after = output.splitlines()
    assert status == 0 and name in ("StoreFull", "StoreError")
    assert state == "1 ['otter']" and after == "2 0"


READ_ONLY = """
    # Load all modules while they can be read: a stranger may not be let into this Python's folders.
    with AgentMemory.open(":memory:", embedder=FakeEmbedder()) as warm:
        (id,) = warm.scope("a").add("otter").ids
        warm.scope("a").context("otter"), warm.scope("a").update(id, text="x"), warm.scope("a").forget(ids=[id])
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    for embedder in ("none", FakeEmbedder()):
        for verb in ("list", "get", "retrieve", "context", "stats", "add", "update", "retire", "forget", "export"):
            try:
                with opened(embedder=embedder) as store:
                    handle = store.scope("a")
                    {
                        "list": lambda: len(handle.list()) == 2 or die(),
                        "get": lambda: handle.get(sys.argv[2]) if len(sys.argv) > 2 else None,
                        "retrieve": lambda: len(handle.retrieve("otter")) == 2 or die(),
                        "context": lambda: handle.context("otter") or die(),
                        "stats": lambda: handle.stats().episodes == 4 or die(),
                        "add": lambda: handle.add("x"),
                        "update": lambda: handle.update(handle.list()[0].id, text="x"),
                        "retire": lambda: handle.retire(handle.list()[0].id),
                        "forget": lambda: handle.forget(everything=True),
                        "export": lambda: handle.export(database + ".export"),
                    }[verb]()
                print(verb, "worked")
            except AgentMemError as error:
                print(verb, type(error).__name__)
"""


@pytest.mark.parametrize("folder_mode", [0o755, 0o777], ids=["folder closed", "folder open"])
@pytest.mark.parametrize("open_elsewhere", [False, True])
def test_a_read_only_file_can_be_read_or_says_that_it_cannot_be_written(
    child, database, store, handle, folder_mode, open_elsewhere
):
    ids = handle.add(["otter one", "otter two", "otter three"]).ids
    handle.retire(ids[0])
    store.scope("a").import_(exported(handle, database))
    with AgentMemory.open(database, embedder="none", clock=FakeClock()) as wordy:
        wordy.scope("a").update(ids[1], text="otter two and a half")  # so that a follower has something to do
    if not open_elsewhere:
        store.close()
    folder = database.parent
    for path in folder.iterdir():
        path.chmod(0o444)
    opened_up = []
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.getuid() and not parent.stat().st_mode & 0o005 and str(parent) != "/":
            opened_up.append((parent, parent.stat().st_mode))
            parent.chmod(parent.stat().st_mode | 0o055)
    folder.chmod(folder_mode if os.getuid() == 0 else folder_mode & 0o555)
    try:
        status, output = child.run(READ_ONLY)
    finally:
        folder.chmod(0o755)
        for parent, mode in opened_up:
            parent.chmod(mode & 0o7777)
    assert status == 0, "a verb gave a wrong answer"
    lines = [line.split() for line in output.splitlines()]
    assert len(lines) == 20
    for verb, outcome in lines:
        if verb in ("add", "update", "retire", "forget"):
            assert outcome == "StoreReadOnly", lines
        elif verb == "export":
            assert outcome in ("worked", "StoreError", "StoreReadOnly"), lines
        else:
            assert outcome in ("worked", "StoreReadOnly"), lines
    if open_elsewhere or folder_mode == 0o777:  # in a closed folder SQLite cannot make the files it shares with others
        reading = ("list", "get", "retrieve", "context", "stats")
        assert [line for line in lines if line[0] in reading and line[1] != "worked"] == []


def exported(handle, database):
    """The scope as a file, taken out of the database, for another scope to hold."""
    path = database.with_name("copy.jsonl")
    handle.export(path)
    engine = handle._parts.store._engine
    handle.forget(everything=True)
    with engine.begin() as connection:
        for table in ("journal", "runs"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    return path


def fill(database, rows=200):
    with AgentMemory.open(database, embedder=FakeEmbedder()) as store:
        store.scope("a").add([f"otter number {i} swims in the bay" for i in range(rows)])


def use_everything(database):
    with AgentMemory.open(database, embedder=FakeEmbedder()) as store:
        handle = store.scope("a")
        handle.list(limit=1_000)
        handle.retrieve("otter")
        handle.add("another otter")
        handle.forget(everything=True)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.25, 0.5, 0.75, 0.9])
@pytest.mark.parametrize("junk", [b"\x00", b"\xff", b"otter"])
def test_a_damaged_file_is_a_typed_error_never_a_wrong_kind(database, share, junk):
    fill(database)
    content = bytearray(database.read_bytes())
    place = int(len(content) * share)
    length = 3 * 4_096
    content[place : place + length] = (junk * length)[: len(content[place : place + length])]
    database.write_bytes(content)
    kind = None
    try:
        use_everything(database)
    except StoreError as error:
        kind = type(error)
    assert kind in (None, StoreCorrupt, NotAnAgentMemDatabase, StoreError)


def test_a_damaged_tree_is_called_corrupt_and_the_error_says_what_to_do(database):
    fill(database, 2_000)
    content = bytearray(database.read_bytes())
    for page in range(20, len(content) // 4_096):
        content[page * 4_096 : page * 4_096 + 200] = b"\xee" * 200
    database.write_bytes(content)
    with pytest.raises(StoreCorrupt, match="recover"):
        use_everything(database)


def test_a_file_cut_short_is_a_typed_error(database):
    fill(database)
    content = database.read_bytes()
    for length in (50, 100, 4_000, 4_096, 10_000, len(content) // 2):
        database.write_bytes(content[:length])
        for extra in ("-wal", "-shm"):
            database.with_name(database.name + extra).unlink(missing_ok=True)
        try:
            use_everything(database)
        except StoreError:
            continue
        raise AssertionError(length)


@pytest.mark.parametrize(
    "content", [b"a text file\n", b"\x00" * 100, b"SQLite format 3\x00" + b"junk" * 500, b"%PDF-1.7" * 999]
)
def test_a_file_of_another_kind_is_refused_unchanged(database, content):
    database.write_bytes(content)
    with pytest.raises(StoreError):
        AgentMemory.open(database, embedder=FakeEmbedder())
    assert database.read_bytes() == content
    assert [path.name for path in database.parent.iterdir()] == ["memory.db"]


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("table", ["notes", "journal", "memories", "alembic_version"])
def test_a_database_of_another_program_is_refused_unchanged(database, mode, table):
    with sqlite3.connect(database) as raw:
        raw.execute(f"PRAGMA journal_mode = {mode}")
        raw.execute(f"CREATE TABLE {table} (version_num)")
        raw.execute(f"INSERT INTO {table} VALUES ('x')")
    raw.close()
    content = database.read_bytes()
    for action in (
        lambda: AgentMemory.open(database, embedder=FakeEmbedder()),
        lambda: lifecycle.upgrade(str(database)),
    ):
        with pytest.raises(NotAnAgentMemDatabase):
            action()
        assert database.read_bytes() == content
    assert [path.name for path in database.parent.iterdir()] == ["memory.db"]


def test_an_empty_file_becomes_a_database(database):
    database.touch()
    fill(database)


@pytest.mark.parametrize(
    ("revision", "command"),
    [("0000", "agentmem --db {} db upgrade"), ("", "agentmem --db {} db upgrade"), ("9999", "pip install -U agentmem")],
)
def test_another_schema_is_refused_with_the_command_that_helps(database, revision, command):
    fill(database, 3)
    with sqlite3.connect(database) as raw:
        raw.execute("UPDATE alembic_version SET version_num = ?", [revision])
    raw.close()
    with pytest.raises(SchemaMismatch) as caught:
        AgentMemory.open(database, embedder=FakeEmbedder())
    assert command.format(database) in str(caught.value)


def test_upgrade_leaves_a_database_of_this_version_as_it_is_and_makes_a_new_one(database, tmp_path):
    fill(database, 3)
    before, after = lifecycle.upgrade(str(database))
    assert before == after
    with AgentMemory.open(database, embedder=FakeEmbedder()) as store:
        assert len(store.scope("a").retrieve("otter")) == 3
    before, after = lifecycle.upgrade(str(tmp_path / "new.db"))
    assert before is None and after
    fill(tmp_path / "new.db", 3)


def test_upgrade_of_an_unknown_schema_is_a_typed_error(database):
    fill(database, 3)
    with sqlite3.connect(database) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(SchemaMismatch):
        lifecycle.upgrade(str(database))


def test_a_path_that_cannot_hold_a_database_is_a_typed_error(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "none" / "x.db", tmp_path / "file" / "x.db", ""):
        with pytest.raises(StoreError):
            AgentMemory.open(path, embedder="none")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


@pytest.mark.parametrize(
    "name", ["a?b.db", "a%20b.db", "a#b.db", "a b.db", "\u00e9.db", "a;b.db", "a'b.db", "file:x.db", "a&mode=ro.db"]
)
def test_any_file_name_is_taken_as_it_is(tmp_path, name):
    fill(tmp_path / name, 2)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with AgentMemory.open(str(tmp_path / name), embedder=FakeEmbedder()) as store:
        assert store.scope("a").stats().episodes == 2


def test_a_url_is_refused_rather_than_taken_for_a_file(tmp_path, monkeypatch):
    from agentmem.errors import InvalidInput

    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput):
        AgentMemory.open("postgresql://localhost/x", embedder="none")
    assert list(tmp_path.iterdir()) == []


def test_a_relative_path_stays_the_same_file_when_the_folder_changes(tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    with AgentMemory.open("memory.db", embedder=FakeEmbedder()) as store:
        store.scope("a").add("otter")
        monkeypatch.chdir(tmp_path / "other")
        store.parts.store._engine.dispose()
        assert len(store.scope("a").retrieve("otter")) == 1
        assert store.scope("a").stats().bytes_on_disk > 0
        assert store.compact() is True
    assert list((tmp_path / "other").iterdir()) == []


def test_a_database_replaced_by_an_older_copy_is_followed_from_there(database, tmp_path):
    fill(database, 3)
    shutil.copy(database, tmp_path / "older.db")
    with AgentMemory.open(database, embedder=FakeEmbedder()) as store:
        store.scope("a").add("walrus")
        store.scope("a").retrieve("walrus")
        older = sqlite3.connect(tmp_path / "older.db")
        target = sqlite3.connect(database)
        older.backup(target)
        older.close(), target.close()
        assert len(store.scope("a").retrieve("otter", k=9)) == 3
        assert "walrus" not in {hit.text for hit in store.scope("a").retrieve("walrus", k=9)}
        store.scope("a").add("seal")
        assert store.scope("a").retrieve("seal")[0].text == "seal"
