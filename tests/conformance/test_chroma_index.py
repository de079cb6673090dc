"""What is particular to Chroma: erasing, damage, folders and servers. The rest is in test_vector_indexes.py."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from chroma_server import ChromaServer

from agentmem.errors import IndexFailure, InvalidInput, MissingExtra
from agentmem.index.chroma import ChromaIndex
from agentmem.protocols import Space
from agentmem.testing.conformance.vector_index import unit_vectors

HERE = Space(1, "bare")
MANY = 1_200  # enough for Chroma to write its graph to files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index.chroma"


def attached(folder: Path, identity: str = "db-model") -> ChromaIndex:
    index = ChromaIndex(folder)
    index.attach(identity)
    return index


def filled(folder: Path, count: int = MANY) -> ChromaIndex:
    index = attached(folder)
    index.upsert(HERE, np.arange(count), unit_vectors(count))
    index.commit(1, 9)
    return index


def files_with(folder: Path, content: bytes) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and content in path.read_bytes()]


def test_a_deleted_vector_stays_in_chromas_files_until_compacted(folder: Path) -> None:
    index = filled(folder)
    lost = unit_vectors(MANY)[77].tobytes()
    index.remove(1, np.array([77]))
    assert "data_level0.bin" in files_with(folder, lost)  # why compact() must delete the files themselves
    index.compact()
    assert files_with(folder, lost) == []
    assert (index.position(1), index.count(HERE)) == (0, 0)
    keep = np.delete(np.arange(MANY), 77)
    index.upsert(HERE, keep, unit_vectors(MANY)[keep])
    index.close()
    assert files_with(folder, lost) == []
    assert files_with(folder, unit_vectors(MANY)[78].tobytes())


def test_an_index_that_was_not_attached_can_be_compacted(folder: Path) -> None:
    filled(folder).close()
    ChromaIndex(folder).compact()  # as when a store is opened without a model
    assert files_with(folder, unit_vectors(MANY)[3].tobytes()) == []


def test_another_model_leaves_nothing_of_the_first_in_the_folder(folder: Path) -> None:
    index = filled(folder)
    index.attach("db-other-model")
    assert files_with(folder, unit_vectors(MANY)[3].tobytes()) == []
    index.close()
    filled(folder).close()
    attached(folder, "db-third").close()
    assert files_with(folder, unit_vectors(MANY)[3].tobytes()) == []


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was closed properly."""
    folder = tmp_path_factory.mktemp("sealed") / "index.chroma"
    filled(folder).close()
    return folder


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("chroma.sqlite3", "garbage"),
        ("chroma.sqlite3", "truncated"),
        ("data_level0.bin", "garbage"),  # Chroma itself would end the process with a segmentation fault
        ("data_level0.bin", "truncated"),
        ("data_level0.bin", "flipped"),
        ("index_metadata.pickle", "deleted"),
        ("link_lists.bin", "flipped"),
    ],
)
def test_a_damaged_file_is_noticed_and_the_index_starts_anew(
    folder: Path, sealed: Path, caplog: pytest.LogCaptureFixture, name: str, damage: str
) -> None:
    shutil.copytree(sealed, folder)
    path = max(folder.rglob(name), key=lambda path: path.stat().st_size)
    content = bytearray(path.read_bytes())
    if damage == "deleted":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "garbage":
        path.write_bytes(np.random.default_rng(0).bytes(len(content)))
    else:
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)
    with caplog.at_level(logging.WARNING, logger="agentmem"):
        index = attached(folder)
    assert "built again" in caplog.text
    assert (index.position(1), index.count(HERE)) == (0, 0)
    index.upsert(HERE, np.arange(3), unit_vectors(3))
    assert len(index.search(HERE, unit_vectors(1)[0], 5).rows) == 3
    index.close()


def test_an_intact_folder_is_used_again_without_a_word(
    folder: Path, sealed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(sealed, folder)
    with caplog.at_level(logging.WARNING, logger="agentmem"):
        index = attached(folder)
    assert (index.position(1), index.count(HERE), caplog.text) == (9, MANY, "")
    index.close()


def test_a_folder_of_a_process_that_was_killed_is_not_believed(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    script = (
        "import os, sys, numpy as np\n"
        "from agentmem.index.chroma import ChromaIndex\n"
        "from agentmem.protocols import Space\n"
        f"index = ChromaIndex({str(folder)!r}); index.attach('db-model')\n"
        "index.upsert(Space(1, 'bare'), np.arange(2), np.eye(2, dtype=np.float32)); index.commit(1, 9)\n"
        "os._exit(1) if sys.argv[1] == 'killed' else None\n"
    )
    for end, expected in (("killed", 0), ("forgot to close", 9)):
        subprocess.run([sys.executable, "-c", script, end], check=False, timeout=60)
        with caplog.at_level(logging.WARNING, logger="agentmem"):
            index = attached(folder)
        assert ("not closed properly" in caplog.text) == (expected == 0)
        assert index.position(1) == expected
        index.close()
        caplog.clear()


def test_a_second_user_of_a_folder_works_in_memory(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = filled(folder, 5)
    with caplog.at_level(logging.WARNING, logger="agentmem"):
        second = attached(folder)
    assert "in use by another process" in caplog.text
    assert (second.position(1), second.count(HERE)) == (0, 0)
    second.upsert(HERE, np.arange(2), unit_vectors(2))
    second.compact()
    second.close()
    assert (first.position(1), first.count(HERE)) == (9, 5)
    first.close()


def test_a_folder_with_other_things_in_it_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.txt").write_text("ten years of work")
    with pytest.raises(IndexFailure, match="nothing was changed"):
        attached(folder)
    index = ChromaIndex(folder)
    with pytest.raises(IndexFailure):
        index.compact()
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_a_file_in_the_folders_place_is_told(folder: Path) -> None:
    folder.write_text("not a folder")
    with pytest.raises(IndexFailure, match="index='exact'"):
        attached(folder)


def test_two_indexes_in_memory_do_not_mix() -> None:
    indexes = [ChromaIndex(), ChromaIndex()]
    for number, index in enumerate(indexes):
        index.attach(f"db-{number}")
        index.upsert(HERE, np.array([number]), unit_vectors(1))
    assert [index.search(HERE, unit_vectors(1)[0], 5).rows.tolist() for index in indexes] == [[0], [1]]
    for index in indexes:
        index.close()


def test_a_client_of_ones_own_is_used_and_left_open() -> None:
    import chromadb
    from chromadb.config import Settings

    with chromadb.EphemeralClient(Settings(anonymized_telemetry=False)) as client:
        index = ChromaIndex(client=client)
        index.attach("db-model")
        index.upsert(HERE, np.array([1]), unit_vectors(1))
        index.close()
        assert any(collection.count() == 1 for collection in client.list_collections())
        index.attach("db-model")
        index.clear()
        index.close()


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(IndexFailure, match="does not answer"):
        ChromaIndex(host="127.0.0.1", port=1).attach("db-model")


def test_a_server_may_go_come_back_and_lose_everything(chroma_server: ChromaServer) -> None:
    index = ChromaIndex(host="127.0.0.1", port=chroma_server.port)
    index.attach("db-model")
    index.upsert(HERE, np.arange(5), unit_vectors(5))
    index.commit(1, 9)
    chroma_server.stop()
    with pytest.raises(IndexFailure, match="does not answer"):
        index.position(1)
    with pytest.raises(IndexFailure, match="does not answer"):
        index.search(HERE, unit_vectors(1)[0], 5)
    chroma_server.start()
    assert (index.position(1), index.count(HERE)) == (9, 5)
    chroma_server.stop()
    chroma_server.folder = chroma_server.folder.with_name("fresh")
    chroma_server.start()
    assert index.position(1) == 0
    index.upsert(HERE, np.arange(2), unit_vectors(2))
    assert index.count(HERE) == 2
    index.close()


def test_a_collection_deleted_by_somebody_else_is_made_again(chroma_port: int) -> None:
    index = ChromaIndex(host="127.0.0.1", port=chroma_port)
    index.attach("collection_de")
    index.upsert(HERE, np.arange(5), unit_vectors(5))
    index.commit(1, 9)
    other = ChromaIndex(host="127.0.0.1", port=chroma_port)
    other.attach("collection_de")
    other.clear()
    with pytest.raises(IndexFailure, match="Try again"):
        index.search(HERE, unit_vectors(1)[0], 5)
    assert (index.position(1), index.count(HERE)) == (0, 0)
    index.close()
    other.close()


def test_a_server_keeps_erased_vectors_and_that_is_said(chroma_port: int, caplog: pytest.LogCaptureFixture) -> None:
    index = ChromaIndex(host="127.0.0.1", port=chroma_port)
    index.attach("server_keeps_")
    index.upsert(HERE, np.arange(5), unit_vectors(5))
    index.remove(1, np.array([2]))
    with caplog.at_level(logging.WARNING, logger="agentmem"):
        index.compact()
    assert "delete its folder" in caplog.text
    assert index.count(HERE) == 4
    index.close()


def test_places_exclude_each_other(folder: Path) -> None:
    for arguments in ({"path": folder, "host": "localhost"}, {"port": 8000}, {"host": "a", "client": object()}):
        with pytest.raises(InvalidInput):
            ChromaIndex(**arguments)


def test_without_chromadb_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"agentmem-framework\[chroma\]"):
        ChromaIndex()


def test_importing_the_module_does_not_import_chromadb() -> None:
    script = "import sys, agentmem.index.chroma; sys.exit('chromadb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_chromas_files_hold_nothing_but_elements(folder: Path) -> None:
    """A new graph's file would otherwise begin with whatever memory the process has freed."""
    index = filled(folder, 5)
    graphs = list(folder.rglob("data_level0.bin"))
    assert len(graphs) == 2 and all(graph.stat().st_size for graph in graphs)
    assert not any(any(graph.read_bytes()) or any(graph.with_name("length.bin").read_bytes()) for graph in graphs)
    index.close()
    index = attached(folder)
    assert (index.position(1), len(index.search(HERE, unit_vectors(1)[0], 9).rows)) == (9, 5)
    index.upsert(HERE, np.arange(MANY), unit_vectors(MANY))
    index.close()
    index = attached(folder)
    assert index.search(HERE, unit_vectors(MANY)[700], 1).rows.tolist() == [700]
    index.close()
