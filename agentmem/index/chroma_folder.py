"""A folder for an embedded Chroma: owned by one process at a time, and believed only when nothing happened to it.

Chroma loads its graph files without checking them: a damaged one gives wrong neighbours, or ends the process with a
segmentation fault, and so may one that was half-written when a process died. The folder therefore gets a *seal* when
it is closed, the checksums of its files. Without a seal that fits, what is in it is thrown away; it is only a cache.

Layout: ``lock.sqlite3`` (held while the folder is in use), ``seal.json``, and one folder ``chroma-...`` with the data.
Erasing means deleting that folder: Chroma itself never deletes the files of a vector, nor even those of a collection.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import shutil
import sqlite3
import struct
from pathlib import Path
from typing import Any

from agentmem.errors import IndexFailure

logger = logging.getLogger(__name__)

_HEADER = struct.Struct("<IQQQQ")
"""How ``header.bin`` begins: version, offset, room for how many elements, how many there are, bytes of each."""
_LOCK, _SEAL, _DATA = "lock.sqlite3", "seal.json", "chroma-"


class ChromaFolder:
    """See the module's docstring. Nothing is touched before :meth:`claim`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: sqlite3.Connection | None = None

    def claim(self) -> bool:
        """Become the owner, creating the folder if need be; ``False`` when somebody else has it open.

        Raises:
            IndexFailure: the folder is no such folder, or cannot be written.
        """
        if self._lock is not None:
            return True
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            entries = [entry.name for entry in self.path.iterdir()]
            if entries and _LOCK not in entries:
                raise IndexFailure(
                    f"{self.path} holds something else than an index of agentmem's; nothing was changed. Give another "
                    "path, or use that Chroma as ChromaIndex(client=...)."
                )
            lock = sqlite3.connect(self.path / _LOCK, timeout=0, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise IndexFailure(
                f"The index's folder {self.path} cannot be used ({error}). Check its permissions, or use index='exact'."
            ) from error
        try:
            lock.execute("BEGIN EXCLUSIVE")  # holds until it is closed, or the process ends in whatever way
        except sqlite3.Error as error:
            lock.close()
            if "locked" in str(error):
                return False
            raise IndexFailure(
                f"The index's folder {self.path} cannot be locked ({error}). Delete it, it will be made again; or use "
                "index='exact'."
            ) from error
        self._lock = lock
        return True

    def resume(self, identity: str) -> Path:
        """The data folder of this identity, as it was sealed; an empty one if there is none, or it cannot be trusted.

        The seal is broken by this: what is not sealed again is not believed.
        """
        data = self._data()
        seal = self._take_seal()
        if seal is None and data:
            logger.warning("%s was not closed properly; the index is built again", self.path)
        elif seal is not None and seal.get("identity") == identity:
            if len(data) == 1 and seal.get("files") == _digests(data[0]):
                return data[0]
            logger.warning("%s was changed or damaged while it was closed; the index is built again", self.path)
        return self.empty()

    def empty(self) -> Path:
        """Delete everything that was kept, and give a new data folder."""
        self.erase()
        new = self.path / f"{_DATA}{secrets.token_hex(4)}"
        new.mkdir(parents=True)
        return new

    def erase(self) -> None:
        """Delete everything that was kept."""
        (self.path / _SEAL).unlink(missing_ok=True)
        for old in self._data():
            try:
                shutil.rmtree(old)
            except OSError as error:
                raise IndexFailure(
                    f"The old index {old} cannot be deleted ({error}). Close whatever uses it and delete it."
                ) from error

    def scrub(self) -> None:
        """Overwrite what Chroma's graph files hold beyond their elements.

        Chroma begins a graph by writing room for a hundred elements as it finds it in memory: whatever the process
        has freed before, a forgotten vector or a text. Later it writes true elements only.
        """
        for header in self.path.glob(f"{_DATA}*/*/header.bin"):
            fields = header.read_bytes()[: _HEADER.size]
            if len(fields) == _HEADER.size:
                _version, _offset, _room, elements, size = _HEADER.unpack(fields)
                for name, used in (("data_level0.bin", elements * size), ("length.bin", elements * 4)):
                    _zero(header.with_name(name), used)

    def seal(self, identity: str) -> None:
        """Vouch for the files as they are now. Nothing may have them open."""
        self.scrub()
        data = self._data()
        if len(data) == 1:
            content = {"identity": identity, "files": _digests(data[0])}
            (self.path / _SEAL).write_text(json.dumps(content), encoding="utf-8")

    def release(self) -> None:
        """Let others claim the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _data(self) -> list[Path]:
        return sorted(self.path.glob(f"{_DATA}*")) if self.path.is_dir() else []

    def _take_seal(self) -> dict[str, Any] | None:
        seal = self.path / _SEAL
        try:
            content = json.loads(seal.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            content = None
        seal.unlink(missing_ok=True)
        return content if isinstance(content, dict) else None


def _zero(path: Path, start: int) -> None:
    """Overwrite a file with zeros from a place on."""
    if path.is_file() and (rest := path.stat().st_size - start) > 0:
        with path.open("r+b") as file:
            file.seek(start)
            if any(file.read(rest)):
                file.seek(start)
                file.write(bytes(rest))


def _digests(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "blake2b").hexdigest()
    return found
