"""What a note says: the text it is of, its keywords, its tags, and one sentence of context.

A note is embedded by all of these (A-MEM, section 3.1, equation 3), so that its text holds them. It names no sources of
its own, but edges (``summarises``) to its text and to the texts that changed it: whoever forgets one of them forgets
the note, and a word that came into a note from elsewhere takes along no text that does not hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agentmem.kinds import NOTE
from agentmem.structures.derived import first_expiry
from agentmem.structures.trees.nodes import new_node, told
from agentmem.text.phrases import normalise
from agentmem.types import Memory

OF = "of"
"""Metadata: the id of the text that a note is of."""
MOST_KEYWORDS = 8
MOST_TAGS = 8


@dataclass(frozen=True, slots=True)
class Wording:
    """What was found about a text.

    Attributes:
        keywords: its key phrases, at most :data:`MOST_KEYWORDS`.
        tags: what it is filed under, at most :data:`MOST_TAGS`.
        context: one sentence on what it is about; empty if nobody knows more than the text says.
    """

    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    context: str = ""

    def text(self, content: str) -> str:
        """The note as it is embedded and shown; line breaks of the content become spaces."""
        lines = [" ".join(content.split()), self.context]
        lines += [f"{name}: {', '.join(words)}" for name, words in self._lists() if words]
        return "\n".join(line for line in lines if line)

    def _lists(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        return ("keywords", self.keywords), ("tags", self.tags)


def wording_of(note: Memory) -> Wording:
    """What a note's metadata says."""
    told_of = note.metadata
    context = told_of.get("context")
    return Wording(_words(told_of, "keywords"), _words(told_of, "tags"), context if isinstance(context, str) else "")


def note_of(chunk: Memory, wording: Wording) -> Memory:
    """A new note of a text; it dates from it."""
    node = new_node(NOTE, wording.text(told(chunk)), [chunk], metadata=_metadata(chunk, wording))
    return replace(node, speaker=chunk.speaker, role=chunk.role)


def revised(note: Memory, chunk: Memory, wording: Wording, because: Sequence[Memory]) -> Memory:
    """The note's next version, of the text as it is now; true from when the last of ``because`` was."""
    return replace(
        note,
        version=note.version + 1,
        text=wording.text(told(chunk)),
        at=chunk.at,
        valid_from=max([note.valid_from, *(memory.valid_from for memory in because)]),
        speaker=chunk.speaker,
        role=chunk.role,
        title=chunk.title,
        expires_at=first_expiry([note, chunk, *because]),
        metadata=_metadata(chunk, wording),
    )


def united(first: Iterable[str], *others: Iterable[str], most: int = MOST_TAGS) -> tuple[str, ...]:
    """The words of all, each once whatever its form, those of the first in front; at most so many."""
    found: dict[str, str] = {}
    for word in (word for words in (first, *others) for word in words):
        if key := normalise(word):
            found.setdefault(key, " ".join(word.split()))
    return tuple(found.values())[:most]


def _metadata(chunk: Memory, wording: Wording) -> dict[str, Any]:
    found = {
        OF: chunk.id,
        "keywords": list(wording.keywords),
        "tags": list(wording.tags),
        "context": wording.context,
    }
    return {name: value for name, value in found.items() if value}


def _words(metadata: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = metadata.get(name)
    return tuple(str(word) for word in found) if isinstance(found, list | tuple) else ()
