"""The vector store behind mem0: the payload of each of its points. Never their vectors.

mem0 keeps texts and metadata there, in a folder of Qdrant's (its default) or Chroma's. A folder is copied before its
own package opens it, so that neither a lock nor a repair touches the original.

Qdrant keeps points as Python pickles, which only its own package may load: whoever wrote such a folder decides what
runs when it is opened. Read none that you do not trust.
"""

from __future__ import annotations

import importlib
import importlib.util
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from agentmem.errors import InvalidInput, MissingExtra
from agentmem.moving import chroma
from agentmem.moving.sqlite_files import copied

_META, _STORAGE = "meta.json", "storage.sqlite"
_PAGE = 500

Point = tuple[str, Mapping[str, Any]]
"""A memory's id, and what is kept of it."""


def points_folder(path: Path) -> Path | None:
    """The folder of Qdrant's or Chroma's that ``path`` is, or that lies in it; ``None`` if there is none.

    Raises:
        InvalidInput: there are several.
    """
    if not path.is_dir():
        return None
    places = [path, *sorted(inside for inside in path.iterdir() if inside.is_dir())]
    found = [place for place in places if (place / _META).is_file() or (place / chroma.FILE).is_file()]
    if len(found) > 1:
        listed = ", ".join(map(str, found))
        raise InvalidInput(f"There are several vector stores in {path}: {listed}. Give the one of them that is mem0's.")
    return found[0] if found else None


def check(folder: Path) -> None:
    """Refuse a folder whose package is not installed. Raises MissingExtra."""
    if not (folder / _META).is_file():
        chroma.check(folder)
    elif importlib.util.find_spec("qdrant_client") is None:
        raise MissingExtra("qdrant-client", "qdrant", "Reading mem0's vector store, a local Qdrant folder,")


def points(folder: Path, collection: str) -> Iterator[Point]:
    """The points of a collection.

    Raises:
        MissingExtra: the package that reads the folder is not installed.
        InvalidInput: there is no such collection, or the package cannot read it.
    """
    check(folder)
    if (folder / _META).is_file():
        yield from _qdrant(folder, collection)
    else:
        for id, _document, metadata in chroma.records(folder, collection):
            yield id, metadata


def _qdrant(folder: Path, collection: str) -> Iterator[Point]:
    there = sorted(inside.parent.name for inside in folder.glob(f"collection/*/{_STORAGE}"))
    if collection not in there:
        raise InvalidInput(
            f"There is no collection {collection!r} in {folder}, but: {', '.join(there) or 'none'}. Say which with "
            "collection= (--collection NAME)."
        )
    with tempfile.TemporaryDirectory(prefix="agentmem-") as scratch:
        copy = Path(scratch)
        (copy / _META).write_bytes((folder / _META).read_bytes())
        for name in there:
            copied(folder / "collection" / name / _STORAGE, copy / "collection" / name / _STORAGE)
        with closing(_opened(copy, folder)) as client:
            offset = None
            while True:
                page, offset = client.scroll(
                    collection, limit=_PAGE, offset=offset, with_payload=True, with_vectors=False
                )
                for point in page:
                    yield str(point.id), point.payload or {}
                if offset is None:
                    break


def _opened(copy: Path, folder: Path) -> Any:
    client: Any = importlib.import_module("qdrant_client")
    try:
        return client.QdrantClient(path=str(copy))
    except (ValueError, RuntimeError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"Qdrant cannot read {folder} ({error}). Install the qdrant-client that mem0 used, and try again."
        ) from error
