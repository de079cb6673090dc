"""A lock on a folder: the operating system holds it for a process, and lets go when that ends, however it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from agentmem_evals.errors import FolderInUse

NAME = ".lock"
"""The file that is locked. It is empty, and stays: what was locked once can be locked again."""

if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else may be in here for the same folder, in this process or another.

    Raises:
        FolderInUse: somebody is.
        OSError: the folder is not there, or is on a file system that knows no locks.
    """
    with (folder / NAME).open("ab") as file:  # closing it ends the lock
        try:
            _lock(file)
        except (BlockingIOError, PermissionError) as error:
            raise FolderInUse(
                f"Another run is writing to {folder}. Wait until it has ended, or use another --out."
            ) from error
        yield
