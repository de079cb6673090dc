"""What moving in did, as tables for people."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agentmem.cli.output import counted
from agentmem.cli.printing import excerpt, printable
from agentmem.moving import MoveReport, ScopeReport, SkippedReport

_EXAMPLE = 200
_SHOWN_SCOPES = 50


def moved(found: MoveReport) -> RenderableType:
    """What came to each scope, and what was left out, and why."""
    lines: list[RenderableType] = [_head(found)]
    if found.scopes:
        lines.append(_scopes(found))
    for skipped in found.skipped:
        lines += _skipped(skipped)
    if found.pending:
        lines.append(Text("Vectors are pending: they are made when the embedder works again.", style="yellow"))
    if len(found.runs) == len(found.scopes) == 1 and not (found.scopes[0].versions or found.scopes[0].expiring):
        scope = found.scopes[0].scope.path  # a run that versions stand on cannot be taken back by itself
        lines.append(Text(f"Take it back with: agentmem undo {found.runs[0]} --scope {scope}", style="dim"))
    if found.dry_run and found.new:
        lines.append(Text("Leave out --dry-run to do it.", style="dim"))
    return Group(*lines)


def _head(found: MoveReport) -> Text:
    said = "Would move in " if found.dry_run else "Moved in "
    tail = f" into {counted(len(found.scopes), 'scope')}" if found.scopes else ""
    others = [
        f"{count:,} {what}"
        for count, what in (
            (found.known, "known already"),
            (found.forgotten, "forgotten here, not learnt again"),
            (found.changed, "changed since they were moved in, left as they are here"),
            (sum(scope.kept_out for scope in found.scopes), "kept out by a hook"),
        )
        if count
    ]
    rest = f"; {', '.join(others)}" if others else ""
    return Text.assemble(said, (counted(found.new, "item"), "bold"), f"{tail}{rest}.")


def _scopes(found: MoveReport) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Scope", overflow="fold")
    for name in ("New", "Known", "Other", "Versions"):
        table.add_column(name, justify="right", no_wrap=True)
    for scope in found.scopes[:_SHOWN_SCOPES]:
        other = scope.forgotten + scope.changed + scope.kept_out
        counts = [f"{count:,}" if count else "" for count in (scope.new, scope.known, other, scope.versions)]
        table.add_row(Text.assemble(printable(scope.scope.path), ("\n" + _what(scope), "dim")), *counts)
    if (more := len(found.scopes) - _SHOWN_SCOPES) > 0:
        table.add_row(Text(f"and {counted(more, 'scope')} more: --json lists all", style="dim"))
    return table


def _what(scope: ScopeReport) -> str:
    """Of what kind the items of a scope are, and of which time."""
    parts = [counted(count, kind) for kind, count in sorted(scope.kinds.items(), reverse=True)]
    if scope.sessions:
        parts.append(counted(scope.sessions, "session"))
    if scope.expiring:
        parts.append(f"{scope.expiring:,} expiring")
    first, last = (f"{moment:%Y-%m-%d}" if moment else "" for moment in (scope.first_at, scope.last_at))
    if first:
        parts.append(first if first == last else f"{first} to {last}")
    return ", ".join(parts)


def _skipped(found: SkippedReport) -> list[RenderableType]:
    """Why something was left out; where it stands too, if it should be looked at."""
    style = "yellow" if found.malformed else "dim"
    head = Text.assemble((f"Left out {found.count:,}: ", style), (printable(found.reason), style))
    if not found.malformed:
        return [head]
    places = "\n".join(excerpt(place, _EXAMPLE) for place in found.examples)
    if found.count > len(found.examples):
        places += "\n…"
    return [head, Padding(Text(places), (0, 0, 0, 4), expand=False)]
