"""A store with Chroma gives what a store with the exact index gives, through its whole life."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from chroma_server import ChromaServer

from agentmem import AgentMemory
from agentmem.index.chroma import ChromaIndex
from agentmem.models.checked import CheckedEmbedder
from agentmem.testing import FakeClock, FakeEmbedder

WORDS = ["cat", "windowsill", "violin", "glacier", "tea", "Lisbon", "library", "storm", "bicycle", "soup", "letter"]
QUERIES = ["Where does the cat sleep?", "violin in Lisbon", "who wrote about the storm?"]


def text(number: int) -> str:
    chosen = [WORDS[(number * step + step) % len(WORDS)] for step in (1, 2, 3, 5)]
    return f"Note {number}: " + " and ".join(chosen)


class Pair:
    """Two stores that live the same life: one exact, one with Chroma."""

    def __init__(self, folder: Path, make_index: Callable[[], object]) -> None:
        self._folder = folder
        self._make_index = make_index
        self.clock = FakeClock()
        self._ids: list[tuple[str, str]] = []
        self.open()

    def open(self) -> None:
        options = {"embedder": FakeEmbedder(), "views": ["bare", "spoken"], "clock": self.clock}
        self.exact = AgentMemory.open(self._folder / "exact.db", **options)
        self.chroma = AgentMemory.open(self._folder / "chroma.db", index=self._make_index(), **options)

    def close(self) -> None:
        self.exact.close()
        self.chroma.close()

    def both(self, verb: Callable) -> list:
        return [verb(store.scope("acme", "ana")) for store in (self.exact, self.chroma)]

    def add(self, start: int, stop: int) -> None:
        for number in range(start, stop):
            receipts = self.both(lambda handle, n=number: handle.add(text(n), session=f"s{n % 3}", speaker="Ana"))
            self._ids.append(tuple(receipt.ids[0] for receipt in receipts))

    def change(self, number: int, verb: Callable) -> None:
        for store, id in zip((self.exact, self.chroma), self._ids[number], strict=True):
            verb(store.scope("acme", "ana"), id)

    def check(self) -> None:
        for query in QUERIES:
            ours, theirs = self.both(lambda handle, q=query: handle.retrieve(q, k=8))
            assert [hit.text for hit in theirs] == [hit.text for hit in ours]
            for hit, other in zip(ours, theirs, strict=True):
                assert other.score == pytest.approx(hit.score, abs=1e-5)


def live(pair: Pair, damage: Callable[[], None]) -> None:
    pair.add(0, 24)
    pair.check()
    pair.change(3, lambda handle, memory: handle.update(memory, text="Note 3: the cat moved to the violin case"))
    pair.change(5, lambda handle, memory: handle.retire(memory))
    pair.check()
    pair.change(7, lambda handle, memory: handle.forget(ids=[memory]))
    pair.check()
    pair.close()
    pair.open()
    pair.add(24, 27)
    pair.check()
    pair.close()
    damage()
    pair.open()
    pair.check()
    pair.close()


def test_in_a_folder_beside_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "chroma.db.chroma"
    live(Pair(tmp_path, lambda: "chroma"), damage=lambda: shutil.rmtree(folder))
    assert folder.is_dir()


def test_in_a_folder_that_is_damaged(tmp_path: Path) -> None:
    def damage() -> None:
        (path,) = (tmp_path / "chroma.db.chroma").rglob("chroma.sqlite3")
        path.write_bytes(b"garbage" * 1_000)

    live(Pair(tmp_path, lambda: "chroma"), damage)


def test_in_memory(tmp_path: Path) -> None:
    live(Pair(tmp_path, ChromaIndex), damage=lambda: None)


def test_on_a_server_that_loses_everything(tmp_path: Path, chroma_server: ChromaServer) -> None:
    def damage() -> None:
        chroma_server.stop()
        chroma_server.folder = tmp_path / "fresh"
        chroma_server.start()

    live(Pair(tmp_path, lambda: ChromaIndex(host="127.0.0.1", port=chroma_server.port)), damage)


def test_two_stores_of_one_database_at_once(tmp_path: Path) -> None:
    options = {"embedder": FakeEmbedder(), "index": "chroma"}
    with (
        AgentMemory.open(tmp_path / "m.db", **options) as first,
        AgentMemory.open(tmp_path / "m.db", **options) as second,
    ):
        first.scope("ana").add("The cat sleeps.")
        second.scope("ana").add("The violin is in its case.")
        for store in (first, second):
            assert {hit.text for hit in store.scope("ana").retrieve("cat violin")} == {
                "The cat sleeps.",
                "The violin is in its case.",
            }


def test_forgotten_vectors_leave_the_folder(tmp_path: Path) -> None:
    vector = CheckedEmbedder(FakeEmbedder()).embed_documents(["The password is swordfish."])[0].tobytes()
    with AgentMemory.open(tmp_path / "m.db", embedder=FakeEmbedder(), index="chroma") as store:
        handle = store.scope("ana")
        handle.add(["The cat sleeps.", "The password is swordfish."])
        handle.retrieve("password")
        held = [path for path in tmp_path.rglob("*") if path.is_file() and vector in path.read_bytes()]
        assert any(path.name == "chroma.sqlite3" for path in held)
        assert handle.forget(about="swordfish").compacted
        assert [hit.text for hit in handle.retrieve("cat")] == ["The cat sleeps."]
    assert [path for path in tmp_path.rglob("*") if path.is_file() and vector in path.read_bytes()] == []
