"""Edits as pure functions of a file's text. Lines are what stands between line feeds; they are counted from 1."""

from __future__ import annotations

from agentmem_mcp.files.errors import FileRefused


def lines_of(text: str) -> list[str]:
    """The lines of a text, without their line feeds. A line feed at the end ends the last line and begins none."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def replaced(text: str, old: str, new: str) -> str:
    """The text with its only occurrence of ``old`` replaced.

    Raises:
        FileRefused: ``old`` is empty, is not there, or is there more than once (the message tells in which lines).
    """
    if not old:
        raise FileRefused("old_str is empty: give the text that is to be replaced. To add lines, use insert.")
    first = text.find(old)
    if first < 0:
        raise FileRefused("old_str is not in the file, at least not letter for letter. View the file and copy it.")
    if text.find(old, first + 1) >= 0:
        where = ", ".join(map(str, _lines_with(text, old)))
        raise FileRefused(
            f"old_str is in the file more than once (in lines {where}): give more of what stands around it, so that "
            "only one place is meant."
        )
    return text[:first] + new + text[first + len(old) :]


def inserted(text: str, after: int, new: str) -> str:
    """The text with whole lines put in after line ``after``; 0 puts them first. Other lines stay as they are.

    Raises:
        FileRefused: there is no such line, or nothing to insert.
    """
    if not new:
        raise FileRefused("insert_text is empty: there is nothing to insert.")
    lines = _with_ends(text)
    count = len(lines)
    if not 0 <= after <= count:
        raise FileRefused(
            f"insert_line is {after}, and the file has {count} lines. Give a line from 0 (before the first) to {count}."
        )
    before, rest = "".join(lines[:after]), "".join(lines[after:])
    if before and not before.endswith("\n"):
        before += "\n"
    if rest and not new.endswith("\n"):
        new += "\n"
    return before + new + rest


def _with_ends(text: str) -> list[str]:
    lines = [f"{line}\n" for line in lines_of(text)]
    if lines and not text.endswith("\n"):
        lines[-1] = lines[-1][:-1]
    return lines


def span_of(text: str, view_range: tuple[int, int] | None) -> tuple[int, int]:
    """The first and the last line to show, both included; ``(1, 0)`` for a text without lines.

    Args:
        text: the file's text.
        view_range: the lines asked for; -1 as the last means up to the end. ``None``: all. Of an empty text, (1, -1)
            is all, too.

    Raises:
        FileRefused: the lines are not there.
    """
    count = len(lines_of(text))
    if view_range is None or (not count and tuple(view_range) == (1, -1)):
        return 1, count
    first, last = view_range
    last = count if last == -1 else last
    if not 1 <= first <= last <= count:
        raise FileRefused(
            f"view_range is {list(view_range)}, and the file has {count} lines. Give two lines from 1 to {count}, the "
            "first one first; -1 as the second means up to the end."
        )
    return first, last


def _lines_with(text: str, part: str) -> list[int]:
    """The lines in which the part begins, each once."""
    found: dict[int, None] = {}
    at = text.find(part)
    while at >= 0:
        found[text.count("\n", 0, at) + 1] = None
        at = text.find(part, at + 1)
    return list(found)
