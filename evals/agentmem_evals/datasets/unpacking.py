"""Taking the few files that a loader reads out of an archive."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO

from agentmem_evals.errors import DataFormatError


def unpack(archive: Path, patterns: tuple[str, ...], folder: Path, *, keep: int = 1) -> tuple[Path, ...]:
    """Write the regular files of a tar archive whose paths match one of the patterns into a folder.

    The last ``keep`` names of a member's path are kept, so that ``a/b/c.txt`` becomes ``c.txt`` or, with 2,
    ``b/c.txt``; nothing is ever written outside the folder. What is there already is replaced, each file at once.

    Returns:
        The files, in the archive's order.

    Raises:
        DataFormatError: it is no tar archive, nothing in it matches, or two members would become one file.
    """
    written: dict[PurePosixPath, Path] = {}
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                name = PurePosixPath(*PurePosixPath(member.name).parts[-keep:])
                if not member.isfile() or not any(fnmatchcase(member.name, pattern) for pattern in patterns):
                    continue
                if name in written or ".." in name.parts or name.is_absolute():
                    raise DataFormatError(f"{archive.name} holds {name} twice, or outside itself: unpack it by hand.")
                content = tar.extractfile(member)
                assert content is not None, "a regular file has content"
                written[name] = _write(content, folder / name)
    except tarfile.TarError as error:
        raise DataFormatError(
            f"{archive.name} is no archive that can be unpacked ({error}). Download it again."
        ) from error
    if not written:
        raise DataFormatError(f"{archive.name} holds nothing like {' or '.join(patterns)}: it is another archive.")
    return tuple(written.values())


def _write(content: IO[bytes], path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
        shutil.copyfileobj(content, part)
    return Path(part.name).replace(path)
