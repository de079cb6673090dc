"""What the commands say: tables on the output, everything else on the error stream, and how they end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console

from agentmem.errors import AgentMemError, BudgetExhausted
from agentmem_evals.errors import EvalError
from agentmem_evals.reports.runs import read_run
from agentmem_evals.reports.table import Table, to_markdown, to_rich
from agentmem_evals.reports.tasks import tables, warnings
from agentmem_evals.runner.folder import RunFolder

REFUSED = 1
BUDGET_SPENT = 3
OUT = Console()
ERR = Console(stderr=True)


@contextmanager
def told() -> Iterator[None]:
    """Turns a refusal into one line on the error stream and an exit status; anything else is a bug, shown whole.

    A refusal of the operating system, such as a file where a folder should be, or a full disk, is one as well.
    """
    try:
        yield
    except BudgetExhausted as error:
        say("[yellow]Stopped:[/yellow]", str(error))
        raise typer.Exit(BUDGET_SPENT) from error
    except BrokenPipeError:
        raise  # nobody reads on, as after `| head`: there is nobody to tell
    except (EvalError, AgentMemError, OSError) as error:
        say("[red]Error:[/red]", str(error))
        raise typer.Exit(REFUSED) from error


def say(label: str, text: str) -> None:
    """One line on the error stream; ``label`` may have markup, ``text`` is shown as it is."""
    ERR.print(label, end=" ", highlight=False)
    ERR.print(text, highlight=False, soft_wrap=True, markup=False)


def show(shown: Sequence[Table], *, markdown: bool = False) -> None:
    """Tables, for a terminal or a document."""
    for table in shown:
        if markdown:
            typer.echo(to_markdown(table))
        else:
            OUT.print(to_rich(table))


def show_runs(folders: Sequence[RunFolder], *, markdown: bool = False) -> None:
    """Runs side by side, with what a reader must know before comparing."""
    runs = [read_run(folder) for folder in folders]
    show(tables(runs), markdown=markdown)
    for warning in warnings(runs):
        say("[yellow]Note:[/yellow]", warning)


def refuse(task: str, **given: object) -> None:
    """Refuse options that a task has no use for.

    Raises:
        EvalError: one of them was given.
    """
    names = [f"--{name.replace('_', '-')}" for name, value in given.items() if value]
    if names:
        raise EvalError(f"The task {task!r} has no use for {', '.join(names)}: leave it out.")
