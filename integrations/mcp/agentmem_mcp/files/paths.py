"""Paths below ``/memories``: what is a path, and what only pretends to be one.

There is no file system behind them, so nothing can be reached by a wrong one. They are refused all the same: whoever
copies the files to a disk one day must be able to trust their names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

from agentmem.redaction.addresses import address_of, shown_name, stored_name
from agentmem_mcp.files.errors import FileRefused

ROOT = "/memories"
"""The folder that holds all files."""
MAX_NAME = 200
"""Characters of a name."""
MAX_DEPTH = 16
"""Names in a path, below the root."""

_ENCODED = re.compile(r"%[0-9a-fA-F]{2}|%u[0-9a-fA-F]{4}|&#|\\")
"""Ways to write a character so that a later decoder sees another one."""
_FORBIDDEN = frozenset('<>"|\u2044\u2215\u29f5\u29f8\u29f9\u2216\u1735\u2024\u2025\u2026')
"""What would end a quotation, and what looks like a slash, a backslash or a dot."""
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories nobody sees: controls, direction marks, halves of surrogate pairs, unassigned, line ends."""


@dataclass(frozen=True, slots=True)
class MemoryPath:
    """A path below ``/memories`` that was checked. ``names`` is empty for the root itself.

    Paths are the same where the ``addresses`` of their names are: a name may be redacted where it is shown.
    """

    names: tuple[str, ...] = field(compare=False)
    addresses: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "addresses", tuple(map(address_of, self.names)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The path that a text names, in Unicode's composed form (NFC), so that no two files look the same.

        Raises:
            FileRefused: it is not absolute below ``/memories``, climbs (``..``), is encoded, or holds what cannot be
                seen or passes for something else.
        """
        if not isinstance(text, str):
            raise FileRefused(f"A path is text such as {ROOT}/notes.md, not {type(text).__name__}.")
        composed = unicodedata.normalize("NFC", text)
        if composed in (ROOT, f"{ROOT}/"):
            return cls(())
        if not composed.startswith(f"{ROOT}/"):
            raise FileRefused(f"All files are below {ROOT}. Give an absolute path such as {ROOT}/notes.md.")
        names = tuple(composed.removeprefix(f"{ROOT}/").removesuffix("/").split("/"))
        if len(names) > MAX_DEPTH:
            raise FileRefused(f"A path may have {MAX_DEPTH} names below {ROOT}, this one has {len(names)}.")
        for name in names:
            if reason := _wrong(name):
                raise FileRefused(f"This path {reason}. Use plain names, such as {ROOT}/projects/notes.md.")
        return cls(names)

    @classmethod
    def kept(cls, names: Sequence[str], addresses: Sequence[str]) -> Self:
        """The path that was stored as these names, which hooks may have changed, beside their addresses.

        Raises:
            FileRefused: what was stored is no path.
        """
        shown = [shown_name(name, address) for name, address in zip(names, addresses, strict=True)]
        path = cls(
            tuple(
                shown_name("redacted", address) if name != as_stored and _wrong(name) else name
                for name, as_stored, address in zip(shown, names, addresses, strict=True)
            )
        )
        if path.addresses != tuple(addresses) or any(map(_wrong, path.names)):
            raise FileRefused("What is stored here is no path of a file.")
        return path

    def shown(self, show: Callable[[str], str]) -> Self:
        """The same path, each name as a hook before prompts lets it be shown."""
        return self.kept([show(name) for name in self.stored], self.addresses)

    @property
    def stored(self) -> list[str]:
        """The names as they are kept beside their addresses."""
        return [stored_name(name) for name in self.names]

    @property
    def is_root(self) -> bool:
        """Whether it is ``/memories`` itself."""
        return not self.names

    @property
    def parents(self) -> tuple[MemoryPath, ...]:
        """The folders that it is in, the root left out, nearest last."""
        return tuple(MemoryPath(self.names[:end]) for end in range(1, len(self.names)))

    def is_in(self, folder: MemoryPath) -> bool:
        """Whether it lies below a folder, at any depth."""
        depth = len(folder.addresses)
        return len(self.addresses) > depth and self.addresses[:depth] == folder.addresses

    def moved(self, old: MemoryPath, new: MemoryPath) -> MemoryPath:
        """Where it is when the folder ``old``, which it is in (or is), has become ``new``."""
        return MemoryPath((*new.names, *self.names[len(old.names) :]))

    def __str__(self) -> str:
        return "/".join((ROOT, *self.names))


def _wrong(name: str) -> str | None:
    """What is wrong with a name, in words; ``None``: nothing."""
    folded = unicodedata.normalize("NFKC", name)
    if not name:
        return "has an empty name in it (two slashes)"
    if {name.strip(". "), folded.strip(". ")} & {""}:
        return "climbs: it has a name of dots in it"
    if "/" in folded or _ENCODED.search(name) or _ENCODED.search(folded):
        return "has an encoded character, a backslash or something that reads as a slash in it"
    if any(unicodedata.category(character) in _INVISIBLE for character in name) or _FORBIDDEN & {*name, *folded}:
        return "has a character in it that cannot be seen, or may not be in a name"
    if name != name.strip() or name.endswith("."):
        return "has a name in it that begins or ends with white space, or ends with a dot"
    if len(stored_name(name)) > MAX_NAME:
        return f"has a name of more than {MAX_NAME} characters in it"
    return None
