"""The command as a whole: its options, its table of contents, and its behaviour on a wrong command line."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from agentmem import __version__
from agentmem.cli import building, demo, maintenance, options, pictures, reading, transfer, working, writing
from agentmem.cli.call import Call
from agentmem.cli.commands import Command
from agentmem.cli.errors import ExitCode, report

SECTIONS: dict[str, tuple[Command, ...]] = {
    "Start": (demo.demo,),
    "Remember and recall": (writing.add, reading.retrieve, reading.context),
    "Organise": (building.recipes, building.consolidate, pictures.graph, pictures.tree),
    "While nobody waits": (working.worker, working.status, working.retry),
    "Look": (reading.list_, reading.get, reading.history, reading.stats, reading.scopes),
    "Change": (writing.update, writing.retire, writing.restore, writing.pin, writing.expire, writing.undo),
    "Destroy": (writing.forget,),
    "Keep": (
        transfer.export,
        transfer.import_,
        maintenance.reindex,
        maintenance.compact,
        maintenance.check,
        maintenance.upgrade,
    ),
}

_UsageError: type[Any] = typer.BadParameter.__bases__[0]  # click's, or the one typer carries itself
_OUTPUT_LOST = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""A full disk, and the like. A reader that has gone (``| head``) ends the command quietly, which typer sees to."""
_EXIT_CODES = (
    "Exit codes: 0 done, 1 refused, 2 wrong command line, 3 not found, 4 conflict, 5 database missing or unusable, "
    "130 interrupted."
)


class Root(TyperGroup):
    """Ends with this project's messages and exit codes when the command line is wrong, or nothing can be shown."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,  # noqa: ARG002 - it has one name, however it was started
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002 - it always ends the process
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(
                args=given or ["--help"],
                prog_name="agentmem",
                complete_var=complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except _UsageError as error:
            path = error.ctx.command_path if error.ctx else "agentmem"
            hint = f"Try '{path} --help'."
            report("UsageError", error.format_message(), as_json="--json" in given, hint=hint)
            code = ExitCode.USAGE
        except OSError as error:
            if error.errno not in _OUTPUT_LOST:
                raise
            told = f"The result cannot be written to standard output ({error.strerror}). What was done stands."
            report("OutputLost", told, as_json="--json" in given)
            code = ExitCode.REFUSED
        except (typer.Abort, KeyboardInterrupt):
            code = ExitCode.INTERRUPTED
        sys.exit(int(code or 0))

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as click calls it
        """The table of contents, in sections."""
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(command.name, command.summary) for command in commands])


app = typer.Typer(
    cls=Root,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich would double the time that --help takes
    epilog=_EXIT_CODES,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"agentmem {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    db: Annotated[str | None, options.DATABASE] = None,
    scope: Annotated[str | None, options.SCOPE] = None,
    embedder: Annotated[str | None, options.EMBEDDER] = None,
    index: Annotated[
        str,
        typer.Option(
            "--index", metavar="exact|chroma", help="Where vectors are searched.", rich_help_panel=options.COMMON
        ),
    ] = "exact",
    json: Annotated[bool, options.JSON] = False,
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Long-term memory for LLM agents, in one SQLite file. Start with 'agentmem demo'."""
    ctx.obj = Call(db, scope, embedder, index, json)


_groups = {"db": typer.Typer(rich_markup_mode=None, help="The database's schema.")}
for _command in (command for commands in SECTIONS.values() for command in commands):
    _group, _, _name = _command.name.rpartition(" ")
    (_groups[_group] if _group else app).command(_name)(_command.function)
for _group, _typer in _groups.items():
    _typer.callback()(lambda: None)  # without it, typer takes a group of one command for the command itself
    app.add_typer(_typer, name=_group)


def main() -> None:
    """Entry point of the command."""
    app()
