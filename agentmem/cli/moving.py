"""Moving in from another system, as the command ``import --from`` does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agentmem.cli import output
from agentmem.cli.call import NONE, Call
from agentmem.cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from agentmem.client import AgentMemory
    from agentmem.moving import Found, Origin
    from agentmem.types import Scope


def names() -> tuple[str, ...]:
    """The origins there are."""
    from agentmem.moving import ORIGINS

    return tuple(ORIGINS)


def move(
    call: Call, path: Path, name: str, asked: Mapping[str, Any], *, dry_run: bool, strict: bool, redact: bool
) -> None:
    """Move in what lies at a path, and show the report.

    Raises:
        UsageError: there is no such origin, or an option cannot be read.
    """
    from agentmem.moving import ORIGINS, move_in, read
    from agentmem.moving.stamps import zone_named

    if name not in ORIGINS:
        raise UsageError(f"--from: {name!r} is unknown. There are: {', '.join(ORIGINS)}.")
    by = _listed(asked["--scope-by"])
    options = {
        "fields": _mapped(asked["--map"]),
        "collection": asked["--collection"],
        "history": asked["--history"],
        "zone": zone_named(asked["--zone"]),
    }
    found: Iterator[Found] = read(name, path, scope=_scope(call, ORIGINS[name], by), scope_by=by, **options)
    found = chain(list(islice(found, 1)), found)  # what cannot be read at all is refused before a database is made
    with _store(call, dry_run=dry_run, redact=redact) as store, output.progress_bar("Reading") as show:
        report = move_in(store, found, dry_run=dry_run, strict=strict, progress=show)

    def table(_tables: Any) -> Any:
        from agentmem.cli import moving_tables

        return moving_tables.moved(report)

    call.show({"origin": name, "path": str(path), **output.jsonable(report)}, table)
    if not report.scopes and any(skipped.malformed for skipped in report.skipped):
        raise typer.Exit(ExitCode.REFUSED)  # nothing could be read: a wrong file, or a wrong origin


@contextmanager
def _store(call: Call, *, dry_run: bool, redact: bool) -> Iterator[AgentMemory]:
    """The database; for a dry run one in memory where there is none, so that none is made."""
    if not dry_run:
        with call.store(embeds=True, creates=True, redacts=redact) as store:
            yield store
    elif Path(call.database).exists():
        with call.store(redacts=redact) as store:
            yield store
    else:
        from agentmem.client import AgentMemory

        with AgentMemory.open(":memory:", embedder=NONE) as store:
            yield store


def _scope(call: Call, origin: Origin, by: tuple[str, ...]) -> Scope | None:
    """The scope that was said; where the origin has none of its own and no field names it, also $AGENTMEM_SCOPE's."""
    from agentmem.config import settings
    from agentmem.types import Scope

    path = call.scope or (None if origin.has_scopes or by else settings().scope)
    return Scope.from_path(path) if path else None


def _listed(value: str | None) -> tuple[str, ...]:
    return tuple(field.strip() for field in (value or "").split(",") if field.strip())


def _mapped(pairs: list[str] | None) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for pair in pairs or ():
        key, equals, field = pair.partition("=")
        if not equals:
            raise UsageError(f"--map says KEY=FIELD, such as text=body, not {pair!r}.")
        found[key.strip()] = field.strip()
    return found or None
