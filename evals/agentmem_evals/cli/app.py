"""The command as a whole: its table of contents."""

from __future__ import annotations

import typer

from agentmem_evals.cli import blend, compare, data, fit, inspect, judge, listing, run, scores

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help=(
        "Put the questions of a data set to memory systems, score the answers, and compare runs. "
        "Exit codes: 0 done, 1 refused, 2 wrong command line, 3 stopped by the budget, 130 interrupted."
    ),
)
for command in (
    run.run,
    judge.judge,
    scores.score,
    scores.report,
    compare.compare,
    blend.blend,
    inspect.inspect,
    fit.fit,
    listing.systems,
):
    app.command()(command)
app.add_typer(data.app, name="data")


def main() -> None:
    """Entry point of the command."""
    app()
