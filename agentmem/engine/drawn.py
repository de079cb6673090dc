"""What was drawn from a text, and from nothing else: it is outdated, goes and returns with the text."""

from __future__ import annotations

from collections.abc import Sequence

from agentmem.kinds import FACT, TEXT, TRIPLE, layer_of
from agentmem.operations import Op
from agentmem.protocols import Reader
from agentmem.types import Memory

GONE = "what it was drawn from is retired"
"""The reason of what is retired with its text."""

_Span = tuple[int, int, int]


def drawn_from(reader: Reader, ids: Sequence[str]) -> list[Memory]:
    """The active facts and triples that rest on these texts, as they read now, and on nothing else.

    Of derived memories among them, nothing is drawn: facts of one sentence rest on it, and not on each other.
    """
    kinds = {memory.id: memory.kind for memory in reader.hydrate(list(reader.rows_of(ids).values())).values()}
    spans = _spans(reader, [id for id, kind in kinds.items() if layer_of(kind) == TEXT])
    if not spans:
        return []
    episodes = sorted({episode for episode, _start, _end in spans})
    drawn = [memory for kind in (FACT, TRIPLE) for _position, memory in reader.made_of(episodes, kind)]
    within = _within(reader, [memory.id for memory in drawn], spans)
    return [memory for memory in drawn if memory.id in within]


def retired_with(reader: Reader, id: str) -> list[str]:
    """Those that were retired with a memory, rest on it alone, and were not touched since."""
    retired = [change for version in reader.history(id) for change in version.changes if change.op == Op.RETIRE]
    if not retired:
        return []
    run = max(retired, key=lambda change: change.seq).run
    entries = [entry for entry in reader.run_entries(run) if entry.op == Op.RETIRE and entry.subject not in (None, id)]
    gone = [entry.subject for entry in entries if entry.subject and entry.detail.get("reason") == GONE]
    last = reader.last_changes(gone)
    within = _within(reader, gone, _spans(reader, [id]))
    return [one for one in gone if one in within and one in last and last[one][1] == run]


def _spans(reader: Reader, ids: Sequence[str]) -> list[_Span]:
    rows = list(reader.rows_of(ids).values())
    return [(episode, start, end) for _row, episode, start, end in reader.spans(rows).tolist()]


def _within(reader: Reader, ids: Sequence[str], spans: Sequence[_Span]) -> set[str]:
    """Those of the memories all of whose spans lie in these."""
    of_episode: dict[int, list[_Span]] = {}
    for span in spans:
        of_episode.setdefault(span[0], []).append(span)
    id_of = {row: id for id, row in reader.rows_of(ids).items()}
    elsewhere = {
        id_of[row]
        for row, episode, start, end in reader.spans(list(id_of)).tolist()
        if not any(first <= start and end <= last for _episode, first, last in of_episode.get(episode, ()))
    }
    return set(id_of.values()) - elsewhere
