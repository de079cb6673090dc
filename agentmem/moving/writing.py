"""Moving in: what a reader finds becomes memories, through the verbs that everybody uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice

from agentmem.client import AgentMemory
from agentmem.engine.intake import Defaults, episode_of
from agentmem.errors import ForgottenRef, InvalidInput, RefConflict
from agentmem.moving.item import Found, Item, Skipped
from agentmem.moving.report import MoveReport
from agentmem.moving.stored import Stored, stored
from agentmem.moving.tally import Tally
from agentmem.moving.versions import as_written, complete
from agentmem.types import Progress, Scope

_Seen = set[tuple[Scope, str]]


def move_in(
    store: AgentMemory,
    items: Iterable[Found],
    *,
    dry_run: bool = False,
    strict: bool = False,
    batch_size: int = 500,
    progress: Callable[[Progress], None] | None = None,
) -> MoveReport:
    """Store what a reader finds, each item in its scope.

    Every item has a ref made of its origin and its id there, so moving in again stores only what is new. What was
    forgotten here stays forgotten. Vectors are made anew, by the model of the store: vectors of different models, or of
    texts that were prepared differently, cannot be compared.

    Args:
        store: the open database.
        items: what ``read_mem0``, ``read_jsonl``, ... yield.
        dry_run: read everything, write nothing, and report what would be done.
        strict: stop at the first thing that cannot be read, instead of reporting it.
        batch_size: how many items are read, and then stored, at once: one transaction for each scope among them.
        progress: called after each batch.

    Raises:
        InvalidInput: with ``strict``, something cannot be read. What came before it is stored.
    """
    if batch_size < 1:
        raise InvalidInput(f"batch_size must be at least 1, not {batch_size}.")
    tally, seen = Tally(), set[tuple[Scope, str]]()
    stream = iter(items)
    stopped: InvalidInput | None = None
    while stopped is None and (batch := list(islice(stream, batch_size))):
        by_scope, stopped = _sorted(store, batch, tally, strict=strict)
        for scope, several in by_scope.items():
            if dry_run:
                _count(store, scope, several, tally, seen)
            else:
                _store(store, scope, several, tally)
        if progress is not None:
            progress(Progress(tally.done, None, "move"))
    if stopped is not None:
        raise stopped
    return tally.report(dry_run=dry_run)


def _sorted(
    store: AgentMemory, batch: Sequence[Found], tally: Tally, *, strict: bool
) -> tuple[dict[Scope, list[Item]], InvalidInput | None]:
    """The items of a batch by scope, and what ends it early."""
    found: dict[Scope, list[Item]] = defaultdict(list)
    for one in batch:
        tally.done += 1
        checked = _checked(store, one)
        if isinstance(checked, Item):
            tally.item(checked)
            found[checked.scope].append(checked)
        elif strict and checked.malformed:
            detail = f" ({checked.detail.rstrip('.')})" if checked.detail else ""
            return found, InvalidInput(
                f"{checked.place}: {checked.reason}{detail}. Mend it, or leave out strict (--strict) to skip it; "
                "what came before is moved in already."
            )
        else:
            tally.skip(checked)
    return found, None


def _checked(store: AgentMemory, found: Found) -> Found:
    """An item that can be stored as it is; else why not."""
    if isinstance(found, Skipped):
        return found
    if found.content.ref is None:
        raise InvalidInput(f"{found.place}: an item to move in needs a ref, made of its origin and its id there.")
    try:
        episode = episode_of(found.content, Defaults(), store.parts.clock(), None)
    except InvalidInput as error:
        return Skipped(found.place, "it cannot be stored", str(error), malformed=True)
    return replace(found, content=replace(found.content, at=episode.at)) if found.content.at is not None else found


def _store(store: AgentMemory, scope: Scope, items: Sequence[Item], tally: Tally) -> None:
    """Store the items of one scope, and complete those that have more to them than one call of ``add`` can say."""
    more = [item for item in _add(store, scope, items, tally) if item.later or item.expires_at is not None]
    if not more:
        return
    after = stored(store, scope, _refs(more))
    for item in more:
        episode = after.episodes.get(item.content.ref or "")
        made, skipped = complete(store, item, episode.memories if episode is not None else ())
        tally.outcome(scope, "versions", made)
        if skipped is not None:
            tally.skip(skipped)


def _add(store: AgentMemory, scope: Scope, items: Sequence[Item], tally: Tally) -> list[Item]:
    """Add items in one call; where some are refused, without them. Returns those that are there now."""
    if not items:
        return []
    try:
        receipt = store.scope(scope).add([item.content for item in items], batch_size=len(items))
    except (ForgottenRef, RefConflict) as error:
        if len(items) == 1:
            tally.outcome(scope, "forgotten" if isinstance(error, ForgottenRef) else "changed")
            return []
        parts = _remaining(store, scope, items, tally) if isinstance(error, ForgottenRef) else _halves(items)
        return [kept for part in parts for kept in _add(store, scope, part, tally)]
    tally.receipt(receipt)
    tally.outcome(scope, "known", receipt.duplicates)
    tally.outcome(scope, "kept_out", receipt.skipped)
    tally.outcome(scope, "new", len(receipt.episodes) - receipt.duplicates)
    return list(items)


def _remaining(store: AgentMemory, scope: Scope, items: Sequence[Item], tally: Tally) -> list[Sequence[Item]]:
    """The items whose refs were not forgotten; in halves if that tells nothing, as a hook may have changed the refs."""
    forgotten = stored(store, scope, _refs(items)).forgotten
    if not forgotten:
        return _halves(items)
    tally.outcome(scope, "forgotten", sum(1 for item in items if item.content.ref in forgotten))
    return [[item for item in items if item.content.ref not in forgotten]]


def _halves(items: Sequence[Item]) -> list[Sequence[Item]]:
    half = len(items) // 2
    return [items[:half], items[half:]]


def _count(store: AgentMemory, scope: Scope, items: Sequence[Item], tally: Tally, seen: _Seen) -> None:
    """What :func:`_store` would do, without doing it."""
    before = stored(store, scope, _refs(items))
    for item in items:
        outcome = _would_be(store, item, before, seen)
        tally.outcome(scope, outcome)
        if outcome == "new":
            tally.outcome(scope, "versions", len(item.later))


def _would_be(store: AgentMemory, item: Item, before: Stored, seen: _Seen) -> str:
    ref = item.content.ref or ""
    text = as_written(store, item, item.content.text)
    if text is None:
        return "kept_out"
    if ref in before.forgotten:
        return "forgotten"
    if ref in before.episodes:
        there = store.scope(item.scope).episode(before.episodes[ref].id)
        return "known" if there.text == text else "changed"
    if (item.scope, ref) in seen:
        return "known"
    seen.add((item.scope, ref))
    return "new"


def _refs(items: Sequence[Item]) -> list[str]:
    return [item.content.ref for item in items if item.content.ref is not None]
