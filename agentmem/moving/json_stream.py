"""The elements of a large JSON array, one after the other: memory holds one element, never the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from agentmem.errors import InvalidInput

_READ = 1 << 20
LONGEST = 1 << 28
"""Characters of the longest element that is read."""
_NEAR_THE_END = 16
"""How far before the end of what was read so far an error may lie that more text would mend: in a number, an escape."""
_SPACE = " \t\r\n"


def elements(file: IO[str], *, read: int = _READ, longest: int = LONGEST) -> Iterator[Any]:
    """The elements of the array that a file holds; a file with one object gives that.

    Args:
        file: decoded text.
        read: how many characters are read at once, at least.
        longest: the longest element that is accepted, in characters.

    Raises:
        InvalidInput: it is not JSON, from a character on that the message names. What came before was yielded.
    """
    stream = _Stream(file, read, longest)
    if stream.next_sign() != "[":
        yield stream.value()
        if stream.next_sign():
            raise stream.refusal("more than one value")
        return
    stream.pass_sign()
    if stream.next_sign() == "]":
        stream.pass_sign()
    else:
        while True:
            yield stream.value()
            sign = stream.next_sign()
            stream.pass_sign()
            if sign == "]":
                break
            if sign != ",":
                raise stream.refusal("',' or ']' is missing")
    if stream.next_sign():
        raise stream.refusal("more after the end of the list")


class _Stream:
    def __init__(self, file: IO[str], read: int, longest: int) -> None:
        self._file, self._read, self._longest = file, read, longest
        self._decoder = json.JSONDecoder()
        self._buffer, self._at, self._before, self._ended = "", 0, 0, False

    def next_sign(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more(self._read):
                return ""

    def pass_sign(self) -> None:
        self._at += 1

    def value(self) -> Any:
        """The next value."""
        if not self.next_sign():
            raise self.refusal("the file ends early")
        self._forget_what_was_read()
        more = self._read
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if not self._may_be_mended(error) or not self._more(more):
                    raise self.refusal(error.msg, error.pos) from error
                if len(self._buffer) - self._at > self._longest:
                    raise self.refusal(f"one element has more than {self._longest:,} characters") from error
                more *= 2  # an element is parsed again after each read: doubling keeps that linear
            except ValueError as error:  # Python reads integers of so many digits only
                raise self.refusal("an integer has too many digits") from error
            except RecursionError as error:
                raise self.refusal("it is nested too deeply") from error
            else:
                may_go_on = isinstance(value, int | float) and end >= len(self._buffer) - _NEAR_THE_END
                if may_go_on and self._more(self._read):
                    continue
                self._at = end
                return value

    def refusal(self, why: str, place: int | None = None) -> InvalidInput:
        character = self._before + (self._at if place is None else place)
        return InvalidInput(f"this is not JSON ({why}, at character {character:,})")

    def _may_be_mended(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._buffer) - _NEAR_THE_END

    def _more(self, count: int) -> bool:
        if self._ended:
            return False
        text = self._file.read(count)
        self._ended = not text
        self._buffer += text
        return bool(text)

    def _forget_what_was_read(self) -> None:
        if self._at >= self._read:
            self._before += self._at
            self._buffer, self._at = self._buffer[self._at :], 0
