"""Files whose paths look personal, in a store that takes personal data out before it writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("agentmem_mcp", reason="needs agentmem-mcp: pip install -e integrations/mcp")

from agentmem_mcp.files import FileRefused, MemoryFiles

from agentmem import AgentMemory, Redaction
from agentmem.types import Episode

ANA, BO = "/memories/clients/ana@example.org", "/memories/clients/bo@example.org"


@pytest.fixture
def files(database: Path) -> Iterator[MemoryFiles]:
    """Written by one store, read by another."""
    with AgentMemory.open(database, embedder="none", before_write=Redaction()) as store:
        made = MemoryFiles(store.scope("a"))
        made.create(ANA, "Ana: VIP")
        made.create(BO, "")
    with AgentMemory.open(database, embedder="none", before_write=Redaction()) as store:
        yield MemoryFiles(store.scope("a"))


def test_two_files_whose_names_were_redacted_are_two(files: MemoryFiles) -> None:
    assert files.read(ANA).text == "Ana: VIP" and files.read(BO).text == ""
    assert files.str_replace(ANA, "VIP", "gold").text == "Ana: gold"
    assert files.insert(BO, 0, "new").text == "new"
    with pytest.raises(FileRefused, match="there already"):
        files.create(ANA, "again")
    assert [version.text for version in files.history(ANA)] == ["Ana: VIP", "Ana: gold"]
    assert files.undo(ANA).text == "Ana: VIP"  # type: ignore[union-attr]
    files.delete(ANA)
    with pytest.raises(FileRefused, match="no file"):
        files.read(ANA)
    assert files.create(ANA, "anew").text == "anew" and len(files.files()) == 2


def test_the_path_that_is_shown_names_the_file(files: MemoryFiles) -> None:
    one, other = sorted(files.files(), key=lambda file: not file.text)
    assert one.path != other.path and str(one.path).startswith("/memories/clients/[EMAIL]~")
    assert files.read(str(one.path)).text == "Ana: VIP"
    (moved,) = files.rename(str(other.path), "/memories/bo.md")
    assert files.read("/memories/bo.md") == moved and moved.text == ""
    files.rename(str(one.path), "/memories/old/ana@example.org")
    assert files.read("/memories/old/ana@example.org").text == "Ana: VIP"


def test_a_folder_that_looks_personal_is_one(files: MemoryFiles) -> None:
    folder = "/memories/+43 660 1234567"
    files.create(f"{folder}/a.md", "one")
    files.create(f"{folder}/b.md", "two")
    assert files.is_folder(folder) and [file.text for file in files.files(folder)] == ["one", "two"]
    assert len(files.rename(folder, "/memories/phone")) == 2
    assert [file.text for file in files.delete("/memories/phone")] == ["one", "two"]


def test_nothing_of_the_names_is_in_the_database(files: MemoryFiles, database: Path) -> None:
    assert len(files.files()) == 2
    stored = b"".join(file.read_bytes() for file in database.parent.iterdir() if file.is_file())
    assert b"clients" in stored and b"ana@example.org" not in stored


def test_a_name_that_a_hook_made_impossible_is_still_found(database: Path) -> None:
    def angled(episode: Episode) -> Episode:
        said = episode.metadata.get("memory_file")
        if said is None:
            return episode
        return replace(episode, metadata={"memory_file": {**said, "names": ["<EMAIL>" for _ in said["names"]]}})

    with AgentMemory.open(database, embedder="none", before_write=angled) as store:
        files = MemoryFiles(store.scope("a"))
        files.create("/memories/ana", "one")
        (file,) = files.files()
        assert files.read("/memories/ana").text == files.read(str(file.path)).text == "one"
        assert str(file.path).startswith("/memories/redacted~")
