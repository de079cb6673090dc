"""The Episodic Memories Benchmark (Huet et al., ICLR 2025, arXiv 2501.13121; data MIT) in its published schema.

A folder of one book holds ``book.json`` and ``df_qa.parquet``. Parquet is read with *pyarrow* where that is installed;
otherwise the questions are read from ``df_qa.json``, the same table as a JSON list of rows. The books are in
<https://doi.org/10.6084/m9.figshare.28244480.v1>, under ``U<universe>_S<style>_seed<n>/books/``.

A chapter tells one event and is a passage; evidence are the chapters of the answer. The benchmark scores with a
language model that finds the items in an answer; see ``metrics`` for what is measured here.
"""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.formats.chapters import CATEGORY_NAMES, chapters, question_of
from agentmem_evals.datasets.formats.digest import digest_of
from agentmem_evals.errors import DataFormatError, DataNotFound
from agentmem_evals.types import Dataset, Level

NAME = "epbench"
FILE_NAMES = ("book.json",)
QUESTION_FILES = ("df_qa.json", "df_qa.parquet")


def load_epbench(path: Path) -> Dataset:
    """Read a book, ``book.json``, and the questions beside it; ``path`` may be their folder.

    Raises:
        DataNotFound: the book or its questions are not there, or are in a format that needs a package.
        DataFormatError: a file is not in the benchmark's schema.
    """
    book = path if path.is_file() else path / FILE_NAMES[0]
    if not book.is_file():
        raise DataNotFound(f"{path} holds no {FILE_NAMES[0]}. Pass the folder of one book of the benchmark.")
    asked = _questions_beside(book)
    contents = [book.read_bytes(), asked.read_bytes()]
    try:
        text = json.loads(contents[0])
        if not isinstance(text, str):
            raise TypeError("not one JSON string")
    except (ValueError, TypeError) as error:
        raise DataFormatError(f"{book.name} is not a book of the benchmark ({error}).") from error
    rows = _parquet(contents[1], asked.name) if asked.suffix == ".parquet" else _json(contents[1], asked.name)
    return dataset_of(NAME, f"{book.name}, {asked.name}", digest_of(contents), text, rows)


def dataset_of(name: str, file_name: str, sha256: str, book: str, rows: Sequence[Mapping[str, Any]]) -> Dataset:
    """A book and its rows of questions as a data set.

    Raises:
        DataFormatError: the book has no chapters, or a row is not one of ``df_qa``.
    """
    try:
        corpus = chapters(name, book)
    except ValueError as error:
        raise DataFormatError(f"{file_name}: {error}. Each chapter begins with a line 'Chapter <n>'.") from error
    questions = []
    for number, row in enumerate(rows):
        try:
            questions.append(question_of(f"{name}_{number}", row, corpus))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataFormatError(
                f"Row {number} of the questions in {file_name} is not one of df_qa ({type(error).__name__}: {error}). "
                "It has 'question', 'get', 'correct_answer', 'correct_answer_chapters', 'n_chapters_correct_answer'."
            ) from error
    return Dataset(name, file_name, sha256, Level.PASSAGE, CATEGORY_NAMES, (corpus,), tuple(questions))


def _questions_beside(book: Path) -> Path:
    for name in QUESTION_FILES:
        if (found := book.with_name(name)).is_file():
            return found
    raise DataNotFound(f"Beside {book.name} there are no questions: put {' or '.join(QUESTION_FILES)} there.")


def _json(content: bytes, name: str) -> Sequence[Mapping[str, Any]]:
    try:
        rows = json.loads(content)
    except ValueError as error:
        raise DataFormatError(f"{name} is not JSON ({error}).") from error
    if not isinstance(rows, list):
        raise DataFormatError(f"{name} is not a list of rows. Write it with orient='records'.")
    return rows


def _parquet(content: bytes, name: str) -> Sequence[Mapping[str, Any]]:
    try:
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise DataNotFound(
            f"{name} is a Parquet file, and pyarrow, which reads it, is not installed. Install pyarrow, or write the "
            f"table as {QUESTION_FILES[0]} with any tool (pandas: read_parquet(...).to_json(..., orient='records'))."
        ) from error
    rows: list[Mapping[str, Any]] = parquet.read_table(io.BytesIO(content)).to_pylist()
    return rows
