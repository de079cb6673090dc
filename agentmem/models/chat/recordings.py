"""Replies as recorded: the value, and the file of lines of JSON in which they are kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentmem.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Recording:
    """What a model said to a prompt.

    Attributes:
        prompt_id: the prompt.
        variables: those that tell this use of the prompt from others; not necessarily all of them.
        text: the reply.
    """

    prompt_id: str
    variables: Mapping[str, str]
    text: str


def load_recordings(path: Path) -> list[Recording]:
    """The recordings of a file, in order.

    Raises:
        InvalidInput: a line is no recording; the message names it by its number.
    """
    with path.open(encoding="utf-8") as lines:
        return [_parsed(line, number, path) for number, line in enumerate(lines, 1) if line.strip()]


def save_recordings(path: Path, recordings: Iterable[Recording]) -> None:
    """Write a file of recordings, in place of what it held."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_line(recording) for recording in recordings)


class RecordingFile:
    """Appends recordings to a file, each as it comes; call it with one. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def __call__(self, recording: Recording) -> None:
        """Append one."""
        with self._lock, self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(_line(recording))


def _line(recording: Recording) -> str:
    fields = {"prompt": recording.prompt_id, "variables": dict(recording.variables), "text": recording.text}
    # Escaped to ASCII, so that half a surrogate pair, or a line separator, survives in a file of lines.
    return json.dumps(fields) + "\n"


def _parsed(line: str, number: int, path: Path) -> Recording:
    try:
        fields: Any = json.loads(line)
    except ValueError:
        fields = None
    match fields:
        case {"prompt": str(prompt), "variables": dict(variables), "text": str(text)} if all(
            isinstance(value, str) for value in variables.values()
        ):
            return Recording(prompt, variables, text)
    raise InvalidInput(
        f"Line {number} of {path.name} is no recording: it must be a JSON object with 'prompt', 'variables' (texts by "
        "name) and 'text'. Remove the line, or record again."
    )
