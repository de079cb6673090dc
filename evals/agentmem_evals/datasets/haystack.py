"""Book text to hide things in: sentences in order, from Book-SORT's excerpts or from any folder of plain texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agentmem.text.budget import estimate_tokens
from agentmem.text.sentences import sentences
from agentmem_evals.datasets.formats.digest import digest_of
from agentmem_evals.datasets.formats.table import read_table
from agentmem_evals.errors import DataNotFound

EXCERPTS = "excerpts_*.csv"
LEAST_TOKENS = 10
"""Shorter sentences are left out, as BABILong's official code does (``SentenceSampler``, ``min_sentence_len``)."""


@dataclass(frozen=True, slots=True)
class Haystack:
    """Different sentences in order, with the estimated tokens of each. ``sha256`` is over the files."""

    file_name: str
    sha256: str
    sentences: tuple[str, ...]
    tokens: tuple[int, ...]


def read_haystack(path: Path) -> Haystack:
    """Book text from a file (``.txt``, or a table of excerpts like Book-SORT's), or from a folder of such files.

    No sentence comes twice: excerpts of one book overlap. The last sentence of an excerpt is cut, and left out.

    Raises:
        DataNotFound: nothing is there to read, or no sentence is long enough.
        DataFormatError: a table has no column ``excerpt_text``.
    """
    paths = _files(path)
    contents = [one.read_bytes() for one in paths]
    found = dict.fromkeys(
        sentence for one, content in zip(paths, contents, strict=True) for sentence in _sentences(one, content)
    )
    counted = [(sentence, count) for sentence in found if (count := estimate_tokens(sentence)) >= LEAST_TOKENS]
    if not counted:
        raise DataNotFound(f"{path} holds no sentence of {LEAST_TOKENS} tokens or more. Pass a folder of books.")
    return Haystack(
        file_name=", ".join(one.name for one in paths),
        sha256=digest_of(contents),
        sentences=tuple(sentence for sentence, _ in counted),
        tokens=tuple(count for _, count in counted),
    )


def _files(path: Path) -> tuple[Path, ...]:
    if path.is_file():
        return (path,)
    for pattern in ("*.txt", EXCERPTS):
        if found := tuple(sorted(one for one in path.glob(pattern) if one.is_file())):
            return found
    raise DataNotFound(f"{path} holds neither *.txt nor {EXCERPTS}. Pass a folder of books, or Book-SORT's folder.")


def _sentences(path: Path, content: bytes) -> Iterator[str]:
    if path.suffix != ".csv":
        yield from _cut(content.decode("utf-8", "replace"))
        return
    rows = read_table(content, path.name, ("book_idx", "excerpt_pos", "excerpt_text"))
    for row in sorted(rows, key=lambda row: (row["book_idx"], float(row["excerpt_pos"]))):
        yield from _cut(row["excerpt_text"].strip().removeprefix("*").removesuffix("*"))[:-1]


def _cut(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in sentences(text)]
