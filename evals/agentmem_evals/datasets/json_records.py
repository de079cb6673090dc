"""A JSON array read one record at a time, so that a file of gigabytes needs the memory of its largest record.

The splitter finds where each record of the outer array begins and ends; what is in it, ``json`` reads. It looks at
strings, brackets and braces alone, in steps of a fixed size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

STEP = 1 << 20

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{}]', re.DOTALL)
"""A whole string, or a bracket, or a quotation mark whose string goes on beyond what was read."""
_BETWEEN = re.compile(rb"\s*,\s*")
_BLANK = re.compile(rb"\s*")


class Readable(Protocol):
    """A file opened for reading bytes."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in its file, in bytes."""

    offset: int
    length: int


def split_records(file: Readable, step: int = STEP) -> Iterator[tuple[Place, bytes]]:
    """The records of a file that holds one JSON array of objects, in order, each with its place.

    Args:
        file: at its beginning.
        step: how many bytes are read at once.

    When all are asked for, the file has been read to its end.

    Raises:
        ValueError: the file is no array of objects, ends within one, or goes on behind it.
    """
    buffer, start = b"", 0  # what is not yet dealt with, and where it begins in the file
    scanned, record, depth = 0, 0, 0  # places in the buffer: looked at so far, beginning of the record
    seen = 0
    while chunk := file.read(step):
        buffer += chunk
        while (token := _TOKEN.search(buffer, scanned)) is not None:
            mark = token[0]
            if mark == b'"':
                scanned = token.start()  # the string goes on in the next chunk
                break
            if mark in b"[{":
                if depth <= 1:
                    _expect(buffer[record : token.start()], mark, depth, seen)
                    record = token.start() + (depth == 0)
                depth += 1
            elif mark in b"]}":
                depth -= 1
                if depth == 1:
                    yield Place(start + record, token.end() - record), buffer[record : token.end()]
                    seen += 1
                    record = token.end()
                elif depth == 0:
                    _expect_end(buffer[record : token.start()], mark, buffer[token.end() :], file, step)
                    return
            elif depth <= 1:
                raise ValueError("not an array of objects")
            scanned = token.end()
        else:
            scanned = len(buffer)
        buffer, start = buffer[record:], start + record
        scanned, record = scanned - record, 0
    raise ValueError("the file ends in the middle" if depth else "not an array")


def _expect(before: bytes, mark: bytes, depth: int, seen: int) -> None:
    expected, separator = (b"[", _BLANK) if depth == 0 else (b"{", _BETWEEN if seen else _BLANK)
    if mark != expected or separator.fullmatch(before) is None:
        raise ValueError("not an array of objects")


def _expect_end(before: bytes, mark: bytes, after: bytes, file: Readable, step: int) -> None:
    if mark != b"]" or before.strip():
        raise ValueError("not an array of objects")
    while not after.strip():
        after = file.read(step)
        if not after:
            return
    raise ValueError("something stands behind the array")
