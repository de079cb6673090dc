"""How a function becomes a command: the common options are added to its own, and its errors are reported."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from agentmem.cli import options
from agentmem.cli.call import Call
from agentmem.cli.errors import reported


@dataclass(frozen=True, slots=True)
class Command:
    """A command's name (``"db upgrade"`` is one in a group), and the function that typer reads its options from."""

    name: str
    function: Callable[..., None]

    @property
    def summary(self) -> str:
        """What it does, in one line."""
        return (self.function.__doc__ or "").strip().partition("\n")[0]


_COMMON: dict[str, Any] = {
    "db": Annotated[str | None, options.DATABASE],
    "scope": Annotated[str | None, options.SCOPE],
    "embedder": Annotated[str | None, options.EMBEDDER],
    "json": Annotated[bool, options.JSON],
}


def command(
    name: str, *, db: bool = True, scope: bool = True, embedder: bool = False
) -> Callable[[Callable[..., None]], Command]:
    """Make a command of a function whose first argument is the :class:`Call`.

    ``db``, ``scope`` and ``embedder`` say which of the common options it takes beside ``--json``; they overrule those
    given before the command.
    """
    chosen = {"db": db, "scope": scope, "embedder": embedder, "json": True}
    taken = [key for key, is_taken in chosen.items() if is_taken]

    def decorate(function: Callable[..., None]) -> Command:
        def run(ctx: typer.Context, **given: Any) -> None:
            call: Call = ctx.obj.updated(**{key: given.pop(key) for key in taken})
            with reported(as_json=call.json):
                function(call, **given)

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        parameters = [
            context,
            *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
            *(_common(key) for key in taken),
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        run.__doc__ = function.__doc__
        return Command(name, run)

    return decorate


def _common(key: str) -> inspect.Parameter:
    default = False if key == "json" else None
    return inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=_COMMON[key])
