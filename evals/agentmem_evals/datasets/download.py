"""Fetching a data set: the licence is shown and accepted, and what came is checked before it replaces anything."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import urlopen

from agentmem_evals.datasets.declarations import Declaration
from agentmem_evals.datasets.unpacking import unpack
from agentmem_evals.errors import EvalError

STEP = 1 << 20
TIMEOUT_S = 60.0


class LicenceNotAccepted(EvalError):
    """Nothing is downloaded before its licence is accepted."""


class DownloadFailed(EvalError):
    """The address did not answer, or not to the end."""


class HashMismatch(EvalError):
    """What came is not what was expected, and was thrown away."""


class HashNotPinned(EvalError):
    """Nobody has said what to expect, so what came was thrown away; the message tells its hash."""


class Reply(Protocol):
    """What a server sends."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none at the end."""
        ...


Opener = Callable[[str], AbstractContextManager[Reply]]
"""Opens an address. Raises OSError or HTTPException where it does not answer."""


def open_address(url: str) -> AbstractContextManager[Reply]:
    """Open an address of the web.

    Raises:
        OSError, HTTPException: it does not answer.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise OSError(f"{url} is no address of the web")
    reply: AbstractContextManager[Reply] = urlopen(url, timeout=TIMEOUT_S)  # noqa: S310 - the scheme is checked
    return reply


def terms(declaration: Declaration) -> str:
    """What is to be read before a download: what it is, where it comes from, and its licence."""
    size = "of unknown size" if declaration.bytes is None else f"{declaration.bytes:,} bytes"
    pinned = "not known: it is told after the download" if declaration.sha256 is None else declaration.sha256
    lines = [
        f"{declaration.file_name}, {size}",
        f"from     {declaration.url}",
        f"sha256   {pinned}",
        f"licence  {declaration.licence.name} ({declaration.licence.url})",
        *(f"         {note}" for note in (declaration.licence.note, declaration.note) if note),
    ]
    return "\n".join(lines)


def fetch(
    declaration: Declaration,
    root: Path,
    *,
    accept: bool,
    sha256: str | None = None,
    opener: Opener = open_address,
    tell: Callable[[str], object] = print,
) -> Path:
    """Download a file into its folder below ``root``, check it, and take out of an archive what is needed.

    A file that is there already and has the expected hash is not downloaded again. Nothing that is there is touched
    before what came has been checked.

    Args:
        declaration: what to fetch.
        root: the folder of all data; the file goes to ``root/declaration.folder/declaration.file_name``.
        accept: whether the licence is accepted.
        sha256: what to expect where the declaration does not say; where it does, the two must agree.
        opener: opens the address.
        tell: is given the terms, before anything else.

    Returns:
        The file's path.

    Raises:
        LicenceNotAccepted: ``accept`` is false.
        DownloadFailed: the address does not answer, or stops before the end.
        HashMismatch: what came has another hash or size than expected.
        HashNotPinned: nobody said what to expect.
    """
    tell(terms(declaration))
    command = f"agentmem-evals data fetch {declaration.name}"
    if not accept:
        raise LicenceNotAccepted(
            f"{declaration.file_name} is published under {declaration.licence.name}. Read it at "
            f"{declaration.licence.url or declaration.url}. To accept it and download: {command} --accept-licence"
        )
    expected = _expected(declaration, sha256)
    path = root / declaration.folder / declaration.file_name
    if expected is None or not path.is_file() or _sha256_of(path) != expected:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _beside(path) as part:
            size, digest = _receive(declaration, part, opener)
            if expected is None:
                raise HashNotPinned(
                    f"No hash is known for {declaration.file_name}, so it was not kept. What came has {size:,} bytes "
                    f"and the sha256 {digest}. If you trust that, pin it: {command} --accept-licence --sha256 {digest}"
                )
            if digest != expected:
                raise HashMismatch(
                    f"{declaration.url} gave {size:,} bytes with the sha256 {digest}; expected is {expected}. It was "
                    f"thrown away. Try again; if it stays so, the publisher has changed the file, and numbers on it "
                    "would not be comparable."
                )
            part.replace(path)
    if declaration.members:
        unpack(path, declaration.members, path.parent, keep=declaration.keep)
    return path


def _expected(declaration: Declaration, sha256: str | None) -> str | None:
    given = sha256.strip().lower() if sha256 is not None else None
    if given is not None and declaration.sha256 is not None and given != declaration.sha256:
        raise HashMismatch(
            f"{declaration.name} is pinned to the sha256 {declaration.sha256}, not {given}: leave --sha256 out."
        )
    return declaration.sha256 or given


def _receive(declaration: Declaration, part: Path, opener: Opener) -> tuple[int, str]:
    """Write what the address sends; its size and hash."""
    digest, size = hashlib.sha256(), 0
    limit = declaration.bytes
    try:
        with opener(declaration.url) as reply, part.open("wb") as file:
            while chunk := reply.read(STEP):
                digest.update(chunk)
                size += len(chunk)
                if limit is not None and size > limit:
                    raise HashMismatch(
                        f"{declaration.url} sends more than the {limit:,} bytes that {declaration.file_name} has. "
                        "It was thrown away: the publisher has changed the file."
                    )
                file.write(chunk)
            promised = limit if limit is not None else _promised(reply)
    except (OSError, HTTPException) as error:
        raise DownloadFailed(
            f"{declaration.url} could not be read ({type(error).__name__}: {error}). Try again, or fetch the file by "
            f"hand and put it to {declaration.folder}/{declaration.file_name}."
        ) from error
    if promised is not None and size < promised:
        raise DownloadFailed(f"{declaration.url} stopped after {size:,} of {promised:,} bytes. Try again.")
    return size, digest.hexdigest()


def _promised(reply: Reply) -> int | None:
    """How much the server said it would send: a connection that breaks off is no error of its own."""
    length = getattr(reply, "headers", {}).get("Content-Length")
    return int(length) if length is not None and str(length).isdigit() else None


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file in the same folder, to be renamed; it is removed unless it was."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)
