"""A tree as a page: summaries that open onto what they were made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agentmem.kinds import CHUNK
from agentmem.pictures.outline import Line, outline
from agentmem.pictures.page import escaped, page
from agentmem.pictures.sizes import counted, node_name

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped]

_OPEN_LEVELS = 1
"""How far down branches are open at first."""


def tree_page(tree: networkx.DiGraph[str], title: str, note: str) -> str:
    """The page.

    Args:
        tree: as :meth:`agentmem.ScopeHandle.tree` gives it.
        title: which tree it is.
        note: how large it is.
    """
    body = f"""<header><h1>{escaped(title)}</h1><span class="soft">{escaped(note)}</span>
<button id="open">Open all</button><button id="close">Close all</button>
<input id="search" type="search" placeholder="Find…" aria-label="Find"></header>
<main>
{"".join(_entries(tree))}</main>"""
    return page(title, body, "tree")


def _entries(tree: networkx.DiGraph[str]) -> Iterator[str]:
    open_levels: list[int] = []
    for line in outline(tree):
        while open_levels and open_levels[-1] >= line.level:
            open_levels.pop()
            yield "</details>\n"
        if line.opens:
            open_levels.append(line.level)
            is_open = " open" if line.level < _OPEN_LEVELS else ""
            yield f"<details{is_open}><summary>{_told(line)}</summary>\n"
        else:
            yield f'<div class="leaf {escaped(line.kind)}">{_told(line)}</div>\n'
    yield "</details>\n" * len(open_levels)


def _told(line: Line) -> str:
    text = f"{line.speaker}: {line.text}" if line.speaker else line.text
    parts = [line.at, line.id]
    if line.kind != CHUNK:
        parts.insert(0, f"{node_name(line.kind)} of {counted(line.leaves, 'text')}")
    if line.repeated:
        parts.append("what it was made of stands further up")
    return f'<span class="text">{escaped(text)}</span><span class="about">{escaped(" · ".join(parts))}</span>'
