"""Paging through cases in a terminal, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console

from agentmem_evals.errors import UnknownName
from agentmem_evals.reports.inspecting.cases import Case, position_of
from agentmem_evals.reports.inspecting.views import DEPTH, case_view

PROMPT = "[n]ext, [p]revious, [m]ore, a number, an id, [q]uit: "


def browse(
    found: Sequence[Case], console: Console, ask: Callable[[str], str], *, start: int = 0, depth: int = DEPTH
) -> None:
    """Show a case and ask where to go, until told to quit or until nothing more can be asked.

    An empty reply goes on to the next case; after the last one it quits.

    Args:
        found: the cases, in order.
        console: where they are shown.
        ask: shows a prompt and gives the reply; raises ``EOFError`` when there is none to come.
        start: which case is shown first.
        depth: how many of the items found are shown; ``m`` shows all.
    """
    at, shown = start, depth
    while 0 <= at < len(found):
        console.rule()
        console.print(case_view(found[at], shown, f"{at + 1} of {len(found)}"))
        step = _asked(found, at, console, ask)
        shown = len(found[at].hits) if step == at else depth
        at = step


def _asked(found: Sequence[Case], at: int, console: Console, ask: Callable[[str], str]) -> int:
    """The place to go to: the same one to see more of it, one outside the list to quit."""
    while True:
        try:
            reply = ask(PROMPT).strip()
        except EOFError:
            return -1
        match reply.lower():
            case "" | "n" | "next":
                return at + 1
            case "p" | "previous":
                return max(at - 1, 0)
            case "m" | "more":
                return at
            case "q" | "quit":
                return -1
        if reply.isdecimal() and 1 <= int(reply) <= len(found):
            return int(reply) - 1
        try:
            return position_of(found, reply)
        except UnknownName as error:
            console.print(str(error), style="yellow", markup=False, highlight=False)
