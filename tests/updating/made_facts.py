"""Facts for tests: a memory in a word or two."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from agentmem.operations import Close, Operation, Retire, Revise
from agentmem.types import Memory, Source, State
from agentmem.updating.decision import Pair

START = datetime(2024, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def fact(
    text: str,
    on: float = 0,
    *,
    id: str | None = None,
    until: float | None = None,
    subject: str | None = None,
    sources: tuple[str, ...] = (),
    kind: str = "fact",
    **more: Any,
) -> Memory:
    return Memory(
        id=id or f"mem_{kind}_{on}_{text}",
        version=more.pop("version", 1),
        kind=kind,
        text=text,
        at=day(on),
        valid_from=day(on),
        valid_to=None if until is None else day(until),
        recorded_at=day(on),
        metadata={"subject": subject} if subject else more.pop("metadata", {}),
        sources=tuple(Source(episode, 0, 1) for episode in sources),
        **more,
    )


def pair(older: str, newer: str, days: float = 30, cosine: float | None = 0.9) -> Pair:
    return Pair(fact(older, 0, id="mem_older"), fact(newer, days, id="mem_newer"), cosine)


def after(memories: Sequence[Memory], operations: Sequence[Operation]) -> dict[str, Memory]:
    """What the memories are after the operations, which must name existing ones at their version."""
    from dataclasses import replace

    found = {memory.id: memory for memory in memories}
    for operation in operations:
        match operation:
            case Close(id, ends, expected):
                assert expected == found[id].version and found[id].state == State.ACTIVE
                found[id] = replace(found[id], valid_to=ends)
            case Retire(id, expected):
                assert expected == found[id].version and found[id].state == State.ACTIVE
                found[id] = replace(found[id], state=State.RETIRED)
            case Revise(memory, expected):
                assert expected == found[memory.id].version and found[memory.id].state == State.ACTIVE
                found[memory.id] = memory
    return found
