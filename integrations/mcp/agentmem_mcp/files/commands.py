"""The six commands of a memory tool, on the files of one scope."""

from __future__ import annotations

from collections.abc import Callable

from agentmem import ScopeHandle
from agentmem.errors import VersionConflict
from agentmem_mcp.files import edits
from agentmem_mcp.files.entries import Entry, File, FileEntries, FileVersion, entry_of
from agentmem_mcp.files.errors import FileRefused
from agentmem_mcp.files.paths import ROOT, MemoryPath

MAX_CHARACTERS = 100_000
"""How long a file may be. A page of notes has 2,000; what is longer than this is no memory, but a document."""
_TRIES = 10
"""How often an edit is made again because somebody else's came between reading and writing."""


class MemoryFiles:
    """Files of one scope. Blocking; safe to use from several threads and processes at once.

    Every method may raise :class:`FileRefused` (a path that is none, no such file, ...) and what
    :class:`agentmem.ScopeHandle` raises.

    Args:
        handle: whose files.
        max_characters: how long a file may be.
    """

    def __init__(self, handle: ScopeHandle, *, max_characters: int = MAX_CHARACTERS) -> None:
        self._handle = handle
        self._entries = FileEntries(handle)
        self._most = max_characters

    def read(self, path: str) -> File:
        """The file at a path."""
        return self._entry(MemoryPath.parse(path)).file()

    def is_folder(self, path: str) -> bool:
        """Whether a path is a folder: the root, or one that files are in. Folders are made and removed by files."""
        parsed = MemoryPath.parse(path)
        return parsed.is_root or any(found.is_in(parsed) for found in self._entries.files())

    def files(self, folder: str = ROOT) -> list[File]:
        """The files in a folder, at any depth, in order of their paths."""
        parsed = MemoryPath.parse(folder)
        files = self._entries.files()
        return [files[path].file() for path in sorted(files, key=lambda path: path.names) if path.is_in(parsed)]

    def create(self, path: str, text: str) -> File:
        """A new file. One that is there is never overwritten."""
        parsed = MemoryPath.parse(path)
        self._check_text(text)
        self._check_place(parsed)
        return self._entries.written(self._entries.reserved(parsed), text)

    def str_replace(self, path: str, old: str, new: str, *, expected_version: int | None = None) -> File:
        """Replace the only occurrence of ``old``. Raises VersionConflict if the file is at another version."""
        return self._edited(path, lambda text: edits.replaced(text, old, new), expected_version)

    def insert(self, path: str, line: int, text: str, *, expected_version: int | None = None) -> File:
        """Put whole lines in after a line; 0: before the first. Raises VersionConflict as :meth:`str_replace` does."""
        return self._edited(path, lambda before: edits.inserted(before, line, text), expected_version)

    def delete(self, path: str, *, expected_version: int | None = None) -> list[File]:
        """Delete a file, or all files of a folder; returns them. History keeps them, and :meth:`undo` brings them back.

        Raises:
            VersionConflict: a file was changed meanwhile, or is at another version than expected; it stays.
        """
        parsed = MemoryPath.parse(path)
        entries = self._named(parsed)
        _check_version(entries, expected_version)
        for entry in entries:
            self._entries.retired(entry)
        return [entry.file() for entry in entries]

    def rename(self, old: str, new: str, *, expected_version: int | None = None) -> list[File]:
        """Move a file, or a folder with its files; returns them as they are now. Nothing is overwritten.

        File by file: each stands at its new path before it leaves the old one. Whoever is interrupted may do it again.

        Raises:
            VersionConflict: a file was changed meanwhile, or is at another version than expected; it stays.
        """
        source, target = MemoryPath.parse(old), MemoryPath.parse(new)
        if target == source or target.is_in(source):
            raise FileRefused(f"{target} is {source}, or in it. Give a path outside of it.")
        entries = self._named(source)
        _check_version(entries, expected_version)
        self._check_place(target)
        if self.is_folder(new):
            raise FileRefused(f"{target} is there already. Choose another name, or delete it first.")
        return [self._moved(entry, entry.path.moved(source, target)) for entry in entries]

    def history(self, path: str) -> list[FileVersion]:
        """Every version of the files that a path has had, oldest first; also from before they were renamed to it."""
        parsed = MemoryPath.parse(path)
        entries = self._entries.of_path(parsed)
        found = [version for entry in entries for version in self._versions(entry.memory.id)]
        if not found:
            raise FileRefused(f"{parsed} was never there. View {ROOT} for the files there are.")
        return found

    def undo(self, path: str) -> File | None:
        """Take back the last change of a file: an edit, its deletion, its creation; ``None`` if there is none then.

        Twice is once forward again. A rename is taken back by renaming. Raises CannotUndo.
        """
        parsed = MemoryPath.parse(path)
        entries = self._entries.of_path(parsed)
        last = next((entry for entry in reversed(entries) if self._versions(entry.memory.id)), None)
        if last is None:
            raise FileRefused(f"{parsed} was never there. View {ROOT} for the files there are.")
        changes = [change for version in self._handle.history(last.memory.id) for change in version.changes]
        self._handle.undo(max(changes, key=lambda change: change.seq).run)
        entry = self._entries.files().get(parsed)
        return None if entry is None else entry.file()

    def _versions(self, id: str) -> list[FileVersion]:
        found: list[FileVersion] = []
        former: str | None = None
        for version in self._handle.history(id):
            entry = entry_of(version.memory)
            if entry is None or not entry.written:
                continue
            former = former or entry.renamed_from
            run = version.changes[0].run if version.changes else None
            memory = version.memory
            found.append(FileVersion(entry.path, entry.text, id, memory.version, memory.recorded_at, run))
        return found if former is None or former == id else [*self._versions(former), *found]

    def _entry(self, path: MemoryPath) -> Entry:
        files = self._entries.files()
        if path in files:
            return files[path]
        if path.is_root or any(found.is_in(path) for found in files):
            raise FileRefused(f"{path} is a folder. View it for the files in it, and name one of them.")
        raise FileRefused(f"There is no file {path}. View {ROOT} for the files there are, or create it.")

    def _named(self, path: MemoryPath) -> list[Entry]:
        """The file, or the files of the folder."""
        if path.is_root:
            raise FileRefused(f"{ROOT} itself stays. Name a file or a folder in it.")
        files = self._entries.files()
        if path in files:
            return [files[path]]
        found = [files[known] for known in sorted(files, key=lambda known: known.names) if known.is_in(path)]
        return found or [self._entry(path)]

    def _edited(self, path: str, change: Callable[[str], str], expected_version: int | None) -> File:
        """Read, change, write what was read; again when somebody else wrote meanwhile, so that no edit is lost."""
        parsed = MemoryPath.parse(path)
        for _ in range(_TRIES):
            entry = self._entry(parsed)
            _check_version([entry], expected_version)
            text = change(entry.text)
            self._check_text(text)
            if text == entry.text:
                return entry.file()
            try:
                return self._entries.written(entry, text)
            except VersionConflict:
                continue
        raise VersionConflict(f"{parsed} is being changed by others all the time. View it again, and retry.")

    def _moved(self, entry: Entry, target: MemoryPath) -> File:
        moved = self._entries.written(self._entries.reserved(target), entry.text, renamed_from=entry.memory.id)
        try:
            self._entries.retired(entry)
        except VersionConflict:  # it was edited meanwhile: the edit must not be lost with the old path
            self._entries.retired(self._entry(target))
            raise
        return moved

    def _check_text(self, text: str) -> None:
        if not isinstance(text, str):
            raise FileRefused(f"A file holds text, not {type(text).__name__}.")
        if len(text) > self._most:
            raise FileRefused(
                f"The file would have {len(text):,} characters, and may have {self._most:,}. Split it into several."
            )

    def _check_place(self, path: MemoryPath) -> None:
        """Refuse a path that is a folder, or is in something that is a file."""
        if path.is_root:
            raise FileRefused(f"{ROOT} is the folder that holds all files. Name a file in it.")
        files = self._entries.files()
        if inside := next((parent for parent in path.parents if parent in files), None):
            raise FileRefused(f"{inside} is a file, so nothing can be in it. Choose another path.")
        if any(found.is_in(path) for found in files):
            raise FileRefused(f"{path} is a folder. Choose another name, or a path in it.")


def _check_version(entries: list[Entry], expected: int | None) -> None:
    if expected is not None and any(entry.memory.version != expected for entry in entries):
        now = ", ".join(f"{entry.path} at version {entry.memory.version}" for entry in entries)
        raise VersionConflict(f"Not at version {expected}: {now}. It changed since it was viewed: view it, and retry.")
