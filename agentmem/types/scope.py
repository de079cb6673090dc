"""Whose memory it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote

from agentmem.errors import InvalidInput

MAX_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True, init=False)
class Scope:
    """Whose memory this is: a path of names, e.g. ``Scope("acme", "user-7")``.

    Isolation is exact: ``Scope("a")`` sees nothing of ``Scope("a", "b")``, and names are compared code point by
    code point, with no case folding.

    Raises:
        InvalidInput: no name, an empty name, one longer than 200 characters, or one with control characters.
    """

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        if not names:
            raise InvalidInput("A scope needs at least one name: store.scope('acme', 'user-7').")
        for name in names:
            if not isinstance(name, str) or not name:
                raise InvalidInput(f"A scope is made of non-empty strings, not {name!r}.")
            if len(name) > MAX_NAME_LENGTH:
                raise InvalidInput(f"A scope name may have {MAX_NAME_LENGTH} characters, this one has {len(name)}.")
            if any(ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF for c in name):
                raise InvalidInput(f"A scope name may not hold control characters or surrogates: {name!r}.")
        object.__setattr__(self, "names", tuple(names))

    @property
    def path(self) -> str:
        """One string for the whole path, each name percent-encoded, so that no two scopes share one."""
        return "/".join(quote(name, safe="") for name in self.names)

    @classmethod
    def from_path(cls, path: str) -> Self:
        """The scope that :attr:`path` names."""
        return cls(*(unquote(part) for part in path.split("/")))

    def __str__(self) -> str:
        return self.path
