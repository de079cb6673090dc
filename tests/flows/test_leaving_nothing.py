"""After ``forget`` the raw files hold nothing of what was forgotten: no text, name, ref, metadata or vector."""

from __future__ import annotations

import numpy as np
import pytest

from agentmem import AgentMemory, Message
from agentmem.models.checked import CheckedEmbedder
from agentmem.store import sqlite
from agentmem.testing import FakeEmbedder

SECRET = Message(
    "xyzzyplugh frobnicates the quuxotron",
    speaker="Zaphodius",
    session="sessionomega",
    ref="reference-kumquat",
    metadata={"colour": "octarine", "deep": [{"er": "heliotrope"}]},
)
WORDS = [b"xyzzyplugh", b"frobnicates", b"quuxotron", b"Zaphodius", b"sessionomega", b"reference-kumquat", b"octarine"]
WORDS += [b"heliotrope", b"corrigendum"]


def traces(database):
    """Every forgotten byte string that is still in a file beside the database."""
    vectors = CheckedEmbedder(FakeEmbedder()).embed_documents([SECRET.text, "corrigendum instead"])
    wanted = [*WORDS, *(np.asarray(vector, "<f4").tobytes()[:40] for vector in vectors)]
    return {
        (file.name, word[:20])
        for file in database.parent.rglob("*")
        if file.is_file()
        for word in wanted
        if word in file.read_bytes()
    }


@pytest.fixture
def full(handle):
    """A scope in which the secret stands among many others, was rewritten, and was indexed."""
    handle.add([f"An otter of day {i} swims" for i in range(150)])
    (id,) = handle.add(SECRET).ids
    handle.update(id, text="corrigendum instead", metadata={"colour": "octarine"})
    handle.add([f"An otter of night {i} sleeps" for i in range(150)])
    handle.retrieve("xyzzyplugh")
    return handle


def test_the_traces_can_be_seen_before(full, database):
    assert len({word for _, word in traces(database)}) == len(WORDS) + 2


@pytest.mark.parametrize("selection", [{"session": "sessionomega"}, {"about": "quuxotron"}, {"everything": True}])
def test_nothing_is_left_in_any_file(full, database, store, selection):
    certificate = full.forget(**selection)
    assert certificate.compacted and traces(database) == set()
    full.add("life goes on")
    store.close()
    assert traces(database) == set()


def test_nothing_is_left_with_another_store_open_on_the_file(full, database, clock):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as other:
        theirs = other.scope("acme", "ana")
        theirs.retrieve("xyzzyplugh")
        certificate = full.forget(about="quuxotron")
        assert certificate.compacted and traces(database) == set()
        theirs.retrieve("xyzzyplugh")
        theirs.add("life goes on")
    assert traces(database) == set()


def test_a_reader_in_the_way_is_told_of_and_compact_finishes_the_work(full, database, clock, store, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 100)
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as impatient:
        mine = impatient.scope("acme", "ana")
        with store.parts.store.read(full.scope) as reader:
            reader.head()  # a snapshot from before
            certificate = mine.forget(about="quuxotron")
            assert not certificate.compacted and certificate.pending == ("compact",)
            assert impatient.compact() is False
        assert impatient.compact() is True
        assert traces(database) == set()


def test_what_was_not_compacted_is_gone_after_compact(full, database, store):
    full.forget(about="quuxotron", compact=False)
    assert store.compact() is True
    assert traces(database) == set()


def test_vectors_of_a_former_model_are_gone_too(full, database, store):
    store.reindex(FakeEmbedder(32))
    full.forget(about="quuxotron")
    assert traces(database) == set()


def test_an_import_of_an_old_copy_brings_nothing_back(full, database, store, tmp_path, clock):
    """Neither what has a tombstone, nor what had no ref, nor the rewordings that were made of it."""
    copy = tmp_path / "elsewhere"
    copy.mkdir()
    full.export(copy / "copy.jsonl")
    full.forget(everything=True)
    imported = full.import_(copy / "copy.jsonl")
    assert (imported.refused, imported.episodes, imported.memories) == (302, 0, 0)
    (copy / "copy.jsonl").unlink()
    store.close()
    assert traces(database) == set()
