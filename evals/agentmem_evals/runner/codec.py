"""Records as lines: one JSON object a line, with the record's kind, so that one file can hold several kinds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any, Generic, TypeVar

from agentmem_evals.errors import NotARun

R = TypeVar("R")


class Codec(Generic[R]):
    """Writes records as lines of ``predictions.jsonl`` and the like, and reads them back.

    Args:
        what: what a line should have been, for the message about one that is something else.
        kinds: the type of each kind of record; ``kind`` names it in the line.
        read: turns a value that JSON knows into the field's own type, by the field's name; lists become tuples.
    """

    def __init__(
        self, what: str, kinds: Mapping[str, type[Any]], read: Mapping[str, Callable[[Any], Any]] | None = None
    ) -> None:
        self._what = what
        self._kinds = kinds
        self._names = {kind: name for name, kind in kinds.items()}
        self._read = read or {}

    def to_line(self, record: R) -> str:
        """One line, without its end."""
        fields: dict[str, Any] = asdict(record)  # type: ignore[call-overload]  # every kind is a dataclass
        return json.dumps({"kind": self._names[type(record)], **fields}, ensure_ascii=False)

    def to_text(self, records: Iterable[R]) -> str:
        """All lines, with their ends."""
        return "".join(self.to_line(record) + "\n" for record in records)

    def from_text(self, text: str, name: str = "the predictions") -> list[R]:
        """Every record of a file, which messages call ``name``.

        A last line without an end was cut off by a crash, and is passed over.

        Raises:
            NotARun: another line is not a record.
        """
        return [self._from_line(line, number, name) for number, line in enumerate(text.split("\n")[:-1], start=1)]

    def _from_line(self, line: str, number: int, name: str) -> R:
        try:
            raw: dict[str, Any] = json.loads(line)
            kind = self._kinds[raw.pop("kind")]
            record: R = kind(**{field: self._value(field, value) for field, value in raw.items()})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotARun(
                f"Line {number} of {name} is not {self._what} ({error}). Run again with --overwrite."
            ) from error
        return record

    def _value(self, name: str, value: Any) -> Any:
        if name in self._read:
            return self._read[name](value)
        return tuple(value) if isinstance(value, list) else value
