"""The hook that takes personal data out."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, overload

from agentmem.errors import InvalidInput
from agentmem.redaction.patterns import PATTERNS, Pattern
from agentmem.types import Episode

_TELLS_APART = 4
"""Hex digits by which a key tells values apart."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """Replaces personal data by what it is: ``"write to [EMAIL]"``. Give it to ``open`` as either hook, or call it.

        AgentMemory.open("memory.db", before_write=Redaction())

    As ``before_write`` it sees the text, title, speaker, ``ref`` and all strings in the metadata of
    every episode; what it takes away is nowhere in the database. As ``before_prompt`` it sees what a prompt would show.
    The same text always gives the same result, so that adding twice under one ``ref`` stays adding once.

    Args:
        patterns: what is looked for, in this order; add your own: ``(*PATTERNS, Pattern("BADGE", re.compile(...)))``.
        leave: names of patterns that are not looked for.
        key: with it, values are told apart without being told: ``[EMAIL 3f2a]``, by four hex digits of a keyed hash.
            Whoever has the key can test a guess.

    Raises:
        InvalidInput: a name in ``leave`` that no pattern has.
    """

    patterns: Sequence[Pattern] = PATTERNS
    leave: Collection[str] = ()
    key: bytes | None = None

    def __post_init__(self) -> None:
        names = {pattern.name for pattern in self.patterns}
        if unknown := sorted(set(self.leave) - names):
            raise InvalidInput(f"No pattern is called {', '.join(unknown)}. There are: {', '.join(sorted(names))}.")

    @overload
    def __call__(self, value: str) -> str: ...
    @overload
    def __call__(self, value: Episode) -> Episode: ...
    def __call__(self, value: str | Episode) -> str | Episode:
        """The text, or the episode, without personal data."""
        if isinstance(value, str):
            return self._text(value)
        return replace(
            value,
            text=self._text(value.text),
            title=None if value.title is None else self._text(value.title),
            speaker=None if value.speaker is None else self._text(value.speaker),
            ref=None if value.ref is None else self._text(value.ref),
            metadata=self._values(value.metadata),
        )

    def _text(self, text: str) -> str:
        for pattern in self.patterns:
            if pattern.name not in self.leave:
                text = pattern.expression.sub(partial(self._replaced, pattern), text)
        return text

    def _replaced(self, pattern: Pattern, match: re.Match[str]) -> str:
        group: str | int = "value" if "value" in pattern.expression.groupindex else 0
        value = match[group]
        if not pattern.valid(value):
            return match[0]
        start, end = (place - match.start() for place in match.span(group))
        return match[0][:start] + self._label(pattern.name, value) + match[0][end:]

    def _label(self, name: str, value: str) -> str:
        if self.key is None:
            return f"[{name}]"
        digest = hmac.new(self.key, f"{name}\0{value}".encode(), hashlib.sha256).hexdigest()
        return f"[{name} {digest[:_TELLS_APART]}]"

    def _values(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {self._text(name): self._values(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._values(item) for item in value]
        return value
