"""The library's values as tables for people. Stored text is data: nothing in it can colour or move the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agentmem.cli.output import counted
from agentmem.cli.printing import excerpt, printable
from agentmem.types import (
    Certificate,
    Episode,
    HistoryEntry,
    Hit,
    Imported,
    Memory,
    Page,
    Receipt,
    Scope,
    Source,
    State,
    Stats,
)

_LISTED_IDS = 10
_EXCERPT = 240


class _Said(Protocol):
    """What has somebody, or something, it comes from."""

    @property
    def speaker(self) -> str | None: ...
    @property
    def role(self) -> str | None: ...


def when(moment: datetime | None) -> str:
    """A moment to the minute, in UTC."""
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def who(item: _Said, title: str | None = None) -> str:
    """Who said it, else their role, else what it is from."""
    return printable(item.speaker or item.role or title or "")


def receipt(found: Receipt) -> RenderableType:
    """What an ``add`` did."""
    new = len(found.episodes) - found.duplicates
    lines = [
        Text.assemble("Remembered ", (f"{new:,}", "bold"), f" {'item' if new == 1 else 'items'}; ", *_ids(found.ids))
    ]
    if found.duplicates:
        lines.append(Text(f"{counted(found.duplicates, 'item was', 'items were')} known already."))
    if found.skipped:
        lines.append(
            Text(f"{counted(found.skipped, 'item was', 'items were')} nothing but memories quoted, not stored.")
        )
    lines += _pending(found.pending)
    if new:
        lines.append(Text(f"Take it back with: agentmem undo {found.run}", style="dim"))
    return Group(*lines)


def hits(found: Sequence[Hit]) -> RenderableType:
    """Answers, best first, each with where it comes from and, when asked, why it was found."""
    if not found:
        return Text("Nothing found.")
    return Group(*(hit(place, item) for place, item in enumerate(found, 1)))


def hit(place: int, item: Hit) -> RenderableType:
    """One answer."""
    parts = [f"{item.at:%d %b %Y}", item.session and f"session {printable(item.session)}", who(item, item.title)]
    head = Text.assemble(
        (f"{place:>2}  ", "bold cyan"),
        (f"{item.score:.3f}  ", "cyan"),
        " · ".join(part for part in parts if part),
        (f"  {item.id}", "dim"),
    )
    lines: list[RenderableType] = [head, Padding(Text(printable(item.text), style="bold"), (0, 0, 0, 4), expand=False)]
    if item.reasons:
        lines.append(
            Padding(Text("; ".join(map(printable, item.reasons)), style="italic dim"), (0, 0, 0, 4), expand=False)
        )
    return Group(*lines)


def page(found: Page) -> RenderableType:
    """A listing: two lines for each memory, so that ids can be copied on a narrow terminal."""
    if not found.items:
        return Text("No memories.")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("When (UTC)", no_wrap=True)
    table.add_column("Who", max_width=16)
    table.add_column("Memory", ratio=1)
    for memory in found.items:
        left = Text.assemble(when(memory.at), ("\n" + printable(memory.session or ""), "dim"))
        right = Text.assemble(excerpt(memory.text, _EXCERPT), ("\n" + " ".join([memory.id, *_marks(memory)]), "dim"))
        table.add_row(left, Text(who(memory, memory.title)), right)
    if found.next is None:
        return table
    return Group(table, Text(f"There are more: --after {found.next}", style="dim"))


def memory(found: Memory) -> RenderableType:
    """One memory, whole."""
    rows: list[tuple[str, str]] = [
        ("id", found.id),
        ("version", str(found.version)),
        ("state", " ".join([str(found.state), *(["pinned"] if found.pinned else [])])),
        ("kind", found.kind),
        ("when", when(found.at)),
        ("who", " ".join(filter(None, [found.speaker, f"({found.role})" if found.role else None]))),
        ("title", found.title or ""),
        ("session", found.session or ""),
        ("true", _interval(found)),
        ("expires", when(found.expires_at)),
        ("metadata", _json(found.metadata)),
        *(("source", _source(source)) for source in found.sources),
    ]
    return Group(Text(printable(found.text), style="bold"), _facts(rows))


def episode(found: Episode) -> RenderableType:
    """One episode, whole."""
    rows = [
        ("id", found.id),
        ("kind", str(found.kind)),
        ("when", when(found.at)),
        ("recorded", when(found.recorded_at)),
        ("who", " ".join(filter(None, [found.speaker, f"({found.role})" if found.role else None]))),
        ("title", found.title or ""),
        ("session", found.session or ""),
        ("ref", found.ref or ""),
        ("metadata", _json(found.metadata)),
        ("searchable", "yes" if found.indexed else "no"),
    ]
    return Group(Text(printable(found.text), style="bold"), _facts(rows))


def history(found: Iterable[HistoryEntry]) -> RenderableType:
    """Every version, oldest first, with what made or changed it."""
    blocks: list[RenderableType] = []
    for entry in found:
        head = Text.assemble((f"version {entry.version}", "bold cyan"), f"  true {_interval(entry.memory)}")
        blocks += [head, Padding(Text(printable(entry.text), style="bold"), (0, 0, 0, 4), expand=False)]
        blocks += [Text(f"    {change.op:<8} {when(change.at)}  {change.run}", style="dim") for change in entry.changes]
    return Group(*blocks)


def certificate(found: Certificate) -> RenderableType:
    """What was, or would be, destroyed."""
    counts = ("episodes", "memories", "versions", "sources", "edges", "vectors", "tombstones")
    rows = [(name, f"{getattr(found, name):,}") for name in counts]
    if not found.dry_run:
        rows += [("run", found.run or ""), ("when", when(found.at))]
        rows.append(("file", "rewritten: nothing of it is left in free pages" if found.compacted else "not rewritten"))
    title = "This would be destroyed (nothing was touched)" if found.dry_run else "Destroyed for good"
    return Group(Text(title, style="bold red"), _facts(rows), *_pending(found.pending))


def stats(found: Stats) -> RenderableType:
    """How much a scope holds."""
    span = f"{when(found.first_at)} to {when(found.last_at)}" if found.first_at else ""
    pending = f" ({found.pending_vectors:,} pending)" if found.pending_vectors else ""
    rows = [
        ("scope", found.scope),
        ("episodes", f"{found.episodes:,}"),
        ("memories", f"{found.memories:,}"),
        ("retired", f"{found.retired:,}"),
        ("versions", f"{found.versions:,}"),
        ("sessions", f"{found.sessions:,}"),
        ("speakers", f"{found.speakers:,}"),
        ("vectors", f"{found.vectors:,}{pending}"),
        ("time", span),
        ("embedder", found.embedder or "none yet"),
        ("database", f"{found.bytes_on_disk / 1e6:,.1f} MB, all scopes"),
        ("journal", f"{found.journal_head:,} entries"),
    ]
    return _facts(rows)


def scopes(found: Sequence[Scope]) -> str:
    """One path to a line."""
    return "\n".join(scope.path for scope in found) or "No scopes yet."


def imported(found: Imported) -> RenderableType:
    """What an import did."""
    rows = [
        ("episodes", f"{found.episodes:,} new, {found.present:,} known already, {found.refused:,} forgotten here"),
        ("memories", f"{found.memories:,}"),
        ("edges", f"{found.edges:,}"),
    ]
    return Group(_facts(rows), *_pending(found.pending))


def _facts(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    for name, value in rows:
        if value:
            table.add_row(f"  {name}", Text(printable(value)))
    return table


def _ids(ids: Sequence[str]) -> list[Any]:
    if not ids:
        return ["nothing of it is searched."]
    rest = len(ids) - _LISTED_IDS
    more = f" and {rest:,} more" if rest > 0 else ""
    return [f"{counted(len(ids), 'memory', 'memories')}: ", (", ".join(ids[:_LISTED_IDS]), "cyan"), more]


def _pending(pending: Sequence[str]) -> list[Text]:
    later = {
        "vectors": "Vectors are pending: the text is stored and found by words, and gets its vectors when the embedder "
        "works again.",
        "compact": "The file was not rewritten yet. Finish with: agentmem compact",
    }
    return [Text(later.get(name, f"Pending: {name}"), style="yellow") for name in pending]


def _marks(memory: Memory) -> list[str]:
    marks = [
        memory.version > 1 and f"v{memory.version}",
        memory.state is not State.ACTIVE and str(memory.state),
        memory.pinned and "pinned",
        memory.expires_at is not None and f"expires {when(memory.expires_at)}",
    ]
    return [mark for mark in marks if mark]


def _interval(memory: Memory) -> str:
    return f"from {when(memory.valid_from)}" + (f" to {when(memory.valid_to)}" if memory.valid_to else "")


def _source(source: Source) -> str:
    span = f"characters {source.start}–{source.end}"
    parts = [source.episode, span, when(source.at), source.ref and f"ref {source.ref}"]
    return " · ".join(part for part in parts if part)


def _json(metadata: Mapping[str, Any]) -> str:
    import json

    return json.dumps(dict(metadata), ensure_ascii=False) if metadata else ""
