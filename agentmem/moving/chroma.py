"""Origin ``chroma``: a collection in a folder of Chroma's. Its documents and metadata; never its vectors.

Chroma's package reads a copy of the one file that holds texts, so that opening it can neither change nor upgrade the
original. Exercised with chromadb 1.5.9.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, tzinfo
from os import PathLike
from pathlib import Path
from typing import Any

from agentmem.errors import IndexFailure, InvalidInput, MissingExtra
from agentmem.index.chroma_session import embedded, failures
from agentmem.moving.fields import Fields, content_of
from agentmem.moving.item import Found, Item, Skipped
from agentmem.moving.placing import Placing, placing
from agentmem.moving.sqlite_files import copied
from agentmem.types import Scope

FILE = "chroma.sqlite3"
FIELDS = Fields({})
_PAGE = 500

Record = tuple[str, str | None, Mapping[str, Any]]
"""A record's id, document and metadata."""


def read_chroma(
    path: str | PathLike[str],
    *,
    collection: str | None = None,
    scope: Scope | None = None,
    scope_by: Sequence[str] = (),
    fields: Mapping[str, str] | None = None,
    zone: tzinfo | None = UTC,
) -> Iterator[Found]:
    """The records of a Chroma collection.

    Args:
        path: Chroma's folder, with ``chroma.sqlite3`` in it.
        collection: which one; needed where there are several.
        scope: where everything goes.
        scope_by: fields of the metadata that name the scope, below ``scope`` if that is given too.
        fields: which field of the metadata is what: ``{"at": "created", "speaker": "author", "session": "chat"}``;
            ``text`` if it is not the document.
        zone: the time zone of times that name none.

    Raises:
        MissingExtra: the package ``chromadb`` is not installed.
        InvalidInput: there is no such folder or collection, or Chroma cannot read it.
    """
    chosen = FIELDS.mapped(fields)
    where = placing(scope, scope_by)
    check(Path(path))
    return _items(records(Path(path), collection), chosen, where, zone)


def _items(found: Iterator[Record], fields: Fields, where: Placing, zone: tzinfo | None) -> Iterator[Found]:
    for id, document, metadata in found:
        place = f"record {id}"
        text = fields.value(metadata, "text") if fields.names.get("text") else document
        if text is None:
            yield Skipped(place, "it has no document, only a vector")
            continue
        try:
            rest = fields.rest(metadata)
            content = content_of(metadata, fields, text=text, ref=f"chroma:{id}", metadata=rest, zone=zone)
            yield Item(where.scope(metadata), content, place)
        except InvalidInput as error:
            yield Skipped(place, "its metadata cannot be read", str(error), malformed=True)


def check(folder: Path) -> None:
    """Refuse a folder that cannot be read; errors as for :func:`read_chroma`."""
    if importlib.util.find_spec("chromadb") is None:
        raise MissingExtra("chromadb", "chroma", "Reading a Chroma collection")
    if not (folder / FILE).is_file():
        raise InvalidInput(
            f"There is no Chroma in {folder}: it has no {FILE}. Give the folder that Chroma was opened at."
        )


def records(folder: Path, collection: str | None) -> Iterator[Record]:
    """Every record of a collection; errors as for :func:`read_chroma`."""
    check(folder)
    with _collection(folder, collection) as found:
        offset = 0
        while ids := (page := found.get(limit=_PAGE, offset=offset, include=["documents", "metadatas"]))["ids"]:
            for number, id in enumerate(ids):
                yield id, (page["documents"] or [])[number], (page["metadatas"] or [])[number] or {}
            offset += len(ids)


@contextmanager
def _collection(folder: Path, name: str | None) -> Iterator[Any]:
    with tempfile.TemporaryDirectory(prefix="agentmem-") as scratch:
        copied(folder / FILE, Path(scratch) / FILE)
        try:
            with closing(embedded(Path(scratch))) as client, failures():
                there = [found.name for found in client.list_collections()]
                yield client.get_collection(_chosen(folder, there, name), embedding_function=None)
        except IndexFailure as error:
            raise InvalidInput(f"Chroma cannot read {folder}: {error.__cause__ or error}") from error


def _chosen(folder: Path, there: list[str], name: str | None) -> str:
    if name is None and len(there) == 1:
        return there[0]
    if name not in there:
        listed = ", ".join(sorted(there)) or "none"
        raise InvalidInput(
            f"Which collection of {folder}? There are: {listed}. Say it with collection= (--collection NAME)."
        )
    return name
