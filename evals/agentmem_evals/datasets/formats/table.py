"""Tables with a header, separated by commas."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from agentmem_evals.errors import DataFormatError

_LONGEST_FIELD = 1 << 27
"""Excerpts of 20,000 words and more are longer than what the csv module takes by default."""


def read_table(content: bytes, name: str, columns: Sequence[str]) -> list[Mapping[str, str]]:
    """The rows of a table that has at least these columns.

    Raises:
        DataFormatError: the file is not UTF-8, lacks a column, or has a row that lacks a field of one.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise DataFormatError(f"{name} lacks the column {missing[0]!r}; it needs {', '.join(columns)}.")
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataFormatError(f"{name} is not a table of comma-separated values in UTF-8: {error}.") from error
    for number, row in enumerate(rows, start=1):
        if any(row[column] is None for column in columns):
            raise DataFormatError(f"Row {number} of {name} is cut short: it lacks some of {', '.join(columns)}.")
    return list(rows)
