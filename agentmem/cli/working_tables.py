"""What waits, and what a worker did, for people to read on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agentmem import clock
from agentmem.cli.output import counted
from agentmem.cli.printing import printable
from agentmem.cli.tables import when
from agentmem.types import Waiting, Worked


def status(recipe: str, found: Mapping[str, Sequence[Waiting]]) -> RenderableType:
    """A line for each follower that has something to do, or that somebody holds."""
    rows = [(scope, one) for scope, waiting in found.items() for one in waiting if one.left or one.owner]
    busy = len({scope for scope, _one in rows})
    said = f"Recipe {recipe}, {counted(len(found), 'scope')}: something waits in {busy:,}."
    if not rows:
        return Text(f"Recipe {recipe}, {counted(len(found), 'scope')}: nothing waits.")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Scope, and what waits for", overflow="fold")
    for heading in ("Waiting", "Due", "Failed", "Dead"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for scope, one in rows:
        name = Text.assemble((printable(scope), "bold"), (f"\n{printable(one.follower)}", "dim"))
        counts = [f"{count:,}" if count else "" for count in (one.left, one.due, one.failed)]
        dead = Text(f"{one.dead:,}" if one.dead else "", style="red")
        table.add_row(name, *counts, dead, Text("\n".join(_more(one))))
    notes = [Text(said)]
    if any(one.dead for _scope, one in rows):
        notes.append(Text("What is dead is not tried again by itself: agentmem retry", style="yellow"))
    return Group(table, *notes)


def _more(one: Waiting) -> Iterator[str]:
    if one.retry_at is not None:
        yield f"next try {when(one.retry_at)}"
    if one.owner is not None and one.lease_until is not None:
        is_held = one.lease_until > clock.now()
        yield f"{one.owner} is at it" if is_held else f"left by {one.owner}"
    if one.last_error:
        yield printable(one.last_error)


def worked(found: Worked) -> RenderableType:
    """The totals of a worker."""
    added = ", ".join(f"{count:,} {kind}" for kind, count in sorted(found.added.items())) or "nothing"
    lines = [Text(f"{counted(found.turns, 'turn')}, {counted(found.units, 'unit')} of work; added: {added}.")]
    calls = counted(found.usage.llm_calls, "call of the language model", "calls of the language model")
    tokens = found.usage.prompt_tokens + found.usage.completion_tokens
    lines.append(Text(f"Cost: {calls}" + (f", {tokens:,} tokens." if tokens else "."), style="dim"))
    if found.failures:
        lines.append(Text(f"{found.failures:,} failed, and wait for a retry: agentmem status", style="yellow"))
    if found.broken:
        lines.append(Text(f"{counted(found.broken, 'turn')} ended with an error; see above.", style="red"))
    if found.stopped:
        lines.append(Text(f"It ended before all was done: {found.stopped}.", style="yellow"))
    return Group(*lines)
