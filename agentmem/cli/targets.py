"""Files that commands write."""

from __future__ import annotations

from pathlib import Path

from agentmem.cli.call import Call
from agentmem.cli.errors import NotConfirmed
from agentmem.errors import StoreError


def checked_target(call: Call, file: Path, *, force: bool) -> None:
    """Refuse a file that must not be replaced.

    Raises:
        NotConfirmed: it is there and nobody said ``--force``, or it is the database.
    """
    if not file.exists():
        return
    if Path(call.database).exists() and file.samefile(call.database):
        raise NotConfirmed(f"{file} is the database itself. Choose another name.")
    if not force:
        raise NotConfirmed(f"{file} exists. Say --force to replace it, or choose another name.")


def write_text(file: Path, text: str) -> None:
    """Write a file, replacing one that is there only when all is written.

    Raises:
        StoreError: it cannot be written.
    """
    partial = file.with_name(file.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StoreError(f"{file} could not be written ({error.strerror}). Choose another place.") from error
