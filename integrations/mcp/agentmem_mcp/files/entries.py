"""How files are kept: one memory holds one file, its versions are the file's versions.

An *entry* is the memory of a path. It is made by an ``add`` whose ``ref`` says the path, so that two processes that
create one path at once get one memory, and only then gets the file's text, by an ``update`` that expects the version
it was read at. A path whose file was deleted gets a new entry, of the next *generation*: what was deleted stays as it
was, and can be restored.

A text that a document was chunked into could not be edited as one: each chunk is a memory of its own. An ``update``
keeps its memory whole, whatever its length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeGuard

from agentmem import Document, Memory, ScopeHandle
from agentmem.errors import ForgottenRef, InvalidInput, VersionConflict
from agentmem.kinds import CHUNK
from agentmem.redaction.addresses import digest_of
from agentmem.types import State
from agentmem_mcp.files.errors import FileRefused
from agentmem_mcp.files.paths import ROOT, MemoryPath

SESSION = ROOT
"""The session of all entries: by it they are found without looking at every memory of the scope."""
MARK = "memory_file"
"""The key under which an entry's metadata says what it is."""
MOST_GENERATIONS = 1_000
"""How often a path may be deleted, or forgotten, and created again."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is now. ``id`` is the memory that holds it, ``version`` that memory's version."""

    path: MemoryPath
    text: str
    id: str
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class FileVersion:
    """What a file said once: since when, and which run wrote it (``ScopeHandle.undo`` takes a run back)."""

    path: MemoryPath
    text: str
    id: str
    version: int
    at: datetime
    run: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """The memory of a path.

    Attributes:
        path: where the file is.
        generation: which file of this path it is, from 1; a deleted one is followed by the next.
        memory: its current version.
        written: whether it holds a file, rather than only the place for one.
        renamed_from: the id of the memory that held the file before it was renamed.
    """

    path: MemoryPath
    generation: int
    memory: Memory
    written: bool
    blank: str | None = None
    renamed_from: str | None = None

    @property
    def is_file(self) -> bool:
        """Whether the file is there: written, and not deleted."""
        return self.written and self.memory.state is State.ACTIVE

    @property
    def text(self) -> str:
        """What the file says. A memory cannot be empty; an empty file's text stands in its metadata."""
        return self.blank if self.blank is not None and self.memory.text == self.stand_in else self.memory.text

    @property
    def stand_in(self) -> str:
        """The text of the memory while the file's is blank: its path, as hooks before writing left it."""
        return self.memory.title or str(self.path)

    def file(self) -> File:
        """As a file."""
        return File(self.path, self.text, self.memory.id, self.memory.version, self.memory.recorded_at)


def entry_of(memory: Memory) -> Entry | None:
    """The entry that a memory is; ``None`` for any other memory."""
    said = memory.metadata.get(MARK)
    if not isinstance(said, Mapping) or memory.session != SESSION or memory.kind != CHUNK:
        return None
    names, addresses, generation = said.get("names"), said.get("addresses"), said.get("generation")
    blank, former = said.get("blank"), said.get("renamed_from")
    if not _are_texts(names) or not _are_texts(addresses) or not isinstance(generation, int):
        return None
    try:
        parsed = MemoryPath.kept(names, addresses)
    except (FileRefused, ValueError):  # of different lengths
        return None
    return Entry(
        parsed,
        generation,
        memory,
        written=said.get("written") is True,
        blank=blank if isinstance(blank, str) else None,
        renamed_from=former if isinstance(former, str) else None,
    )


def _are_texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


class FileEntries:
    """The entries of one scope."""

    def __init__(self, handle: ScopeHandle) -> None:
        self._handle = handle

    def all(self) -> Iterator[Entry]:
        """Every entry, those of deleted files included."""
        after: str | None = None
        while True:
            page = self._handle.list(kinds=[CHUNK], session=SESSION, state=None, limit=1_000, after=after)
            for memory in page:
                if (entry := entry_of(memory)) is not None:
                    yield entry
            after = page.next
            if after is None:
                return

    def files(self) -> dict[MemoryPath, Entry]:
        """By path, the files there are."""
        found: dict[MemoryPath, Entry] = {}
        for entry in self.all():
            known = found.get(entry.path)
            if entry.is_file and (known is None or known.generation < entry.generation):
                found[entry.path] = entry
        return found

    def of_path(self, path: MemoryPath) -> list[Entry]:
        """The entries that a path has had, oldest first."""
        return sorted((entry for entry in self.all() if entry.path == path), key=lambda entry: entry.generation)

    def reserved(self, path: MemoryPath) -> Entry:
        """A place for a new file: the entry left by who did not finish, or one of the next generation.

        Raises:
            FileRefused: there is a file already, or the path was used up.
        """
        entries = self.of_path(path)
        if any(entry.is_file for entry in entries):
            raise FileRefused(
                f"{path} is there already. Change it with str_replace or insert, or delete it first and create it anew."
            )
        latest = entries[-1] if entries else None
        if latest is not None and not latest.written and latest.memory.state is State.ACTIVE:
            return latest
        start = 1 if latest is None else latest.generation + 1
        for generation in range(start, start + MOST_GENERATIONS):
            try:
                return self._added(path, generation)
            except ForgottenRef:  # that file was forgotten: its ref is used up
                continue
        raise FileRefused(f"{path} was forgotten too often. Choose another name.")

    def _added(self, path: MemoryPath, generation: int) -> Entry:
        document = Document(
            str(path),
            title=str(path),
            session=SESSION,
            ref=f"memory-file:{digest_of(*path.addresses)}#{generation}",
            metadata={MARK: _mark(path, generation, written=False)},
        )
        receipt = self._handle.add(document)
        if not receipt.ids:
            raise InvalidInput("A hook before writing kept this file out: it may not be stored. Choose another name.")
        memory = self._handle.pin(receipt.ids[0])  # a policy of forgetting must not delete files
        found = entry_of(memory)
        if found is None or found.written:
            raise VersionConflict(f"{path} was created by somebody else meanwhile. View it, and edit it.")
        return found

    def written(self, entry: Entry, text: str, *, renamed_from: str | None = None) -> File:
        """A new version of the file. A blank text, which no memory may have, goes into the metadata.

        Raises:
            VersionConflict: the entry was changed since it was read.
            FileRefused: it was deleted meanwhile.
        """
        blank = text if not text or text.isspace() else None
        former = renamed_from or entry.renamed_from
        memory = self._handle.update(
            entry.memory.id,
            text=entry.stand_in if blank is not None else text,
            metadata={MARK: _mark(entry.path, entry.generation, written=True, blank=blank, renamed_from=former)},
            expected_version=entry.memory.version,
        )
        if memory.state is not State.ACTIVE:
            raise FileRefused(
                f"{entry.path} was deleted meanwhile. Your text was kept in its history, as version {memory.version} "
                f"of {memory.id}; create the file anew if it is needed."
            )
        now = entry_of(memory)
        return (now or replace(entry, memory=memory, written=True, blank=blank)).file()

    def retired(self, entry: Entry) -> None:
        """Delete the file: its memory is retired, and its history kept. Raises VersionConflict, NotFound."""
        self._handle.retire(entry.memory.id, expected_version=entry.memory.version)


def _mark(
    path: MemoryPath,
    generation: int,
    *,
    written: bool,
    blank: str | None = None,
    renamed_from: str | None = None,
) -> dict[str, Any]:
    place = {"names": path.stored, "addresses": list(path.addresses)}
    said = {**place, "generation": generation, "written": written, "blank": blank}
    return {key: value for key, value in {**said, "renamed_from": renamed_from}.items() if value is not None}
