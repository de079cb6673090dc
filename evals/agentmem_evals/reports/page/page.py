"""A report of any runs as one page: tables, plots, and what was run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentmem.pictures.page import escaped
from agentmem_evals.reports.examined import ExaminedRun
from agentmem_evals.reports.facts import all_facts, facts_table
from agentmem_evals.reports.html_table import to_html
from agentmem_evals.reports.page.frame import framed
from agentmem_evals.reports.plots.choice import plots
from agentmem_evals.reports.plots.drawing import Plot
from agentmem_evals.reports.plots.labelled import labelled_kinds, labelled_plot, labelled_table
from agentmem_evals.reports.table import Table
from agentmem_evals.reports.tasks import tables, warnings

_TASKS = {"retrieval": "Retrieval", "qa": "Answers", "decisions": "Decisions", "summaries": "Summaries"}


def report_page(runs: Sequence[ExaminedRun], agreements: Sequence[Mapping[str, Any]] = ()) -> str:
    """The page: for each task and data set its tables and plots, then how far judges can be trusted and what was run.

    It needs nothing but itself, holds no script, and is the same every time for the same runs.

    Args:
        runs: of any tasks and data sets, at least one.
        agreements: what judges said of labelled answers, as ``JudgeAgreement.as_json`` gives it.
    """
    parts = list(_by_data(runs).items())
    rules: dict[str, str] = {}
    sections = []
    for number, ((task, dataset), members) in enumerate(parts, start=1):
        drawn = plots(members, f"p{number}")
        for plot in drawn:
            rules |= plot.picture.rules
        sections.append(_section(f"{_TASKS.get(task, task)}: {dataset}", members, drawn))
    people = labelled_plot(agreements, "judges")
    if people is not None:
        rules |= people.picture.rules
        figure = f'<div class="plots">{_figure(people)}</div>'
        pieces = f"{to_html(labelled_table(agreements))}{figure}{_folded(labelled_kinds(agreements))}"
        sections.append(f"<section><h2>Judges</h2>\n{pieces}</section>")
    datasets = ", ".join(dict.fromkeys(dataset for (_, dataset), _ in parts))
    title = f"Memory systems on {datasets}"
    moments = sorted(run.scored.manifest.started_at[:10] for run in runs)
    days = moments[0] if moments[0] == moments[-1] else f"{moments[0]} to {moments[-1]}"
    about = f"{len(runs)} run{'s' if len(runs) > 1 else ''}, made {days} (UTC)."
    body = f'<header><h1>{escaped(title)}</h1>\n<p class="soft">{about}</p></header>\n'
    return framed(title, body + "\n".join([*sections, _facts(runs)]), rules)


def _by_data(runs: Sequence[ExaminedRun]) -> dict[tuple[str, str], list[ExaminedRun]]:
    """Runs that can be set side by side: those of one task and one data set; those not known by name go last."""
    groups: dict[tuple[str, str], list[ExaminedRun]] = {}
    for run in runs:
        groups.setdefault((run.task, str(run.scored.manifest.configuration["dataset"])), []).append(run)
    order = list(_TASKS)
    return dict(sorted(groups.items(), key=lambda item: order.index(item[0][0]) if item[0][0] in order else len(order)))


def _section(heading: str, runs: Sequence[ExaminedRun], drawn: Sequence[Plot]) -> str:
    scored = [run.scored for run in runs]
    first, *others = tables(scored)
    pieces = [f"<section><h2>{escaped(heading)}</h2>", _notes(warnings(scored)), to_html(first)]
    if drawn:
        pieces += ['<div class="plots">', *(_figure(plot) for plot in drawn), "</div>"]
    return "\n".join([*pieces, *(_folded(table) for table in others), "</section>"])


def _folded(table: Table) -> str:
    return f"<details><summary>{escaped(table.title)}</summary>{to_html(table, titled=False)}</details>"


def _notes(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    return f'<ul class="notes">{"".join(f"<li>{escaped(note)}</li>" for note in notes)}</ul>'


def _figure(plot: Plot) -> str:
    return (
        f"<figure><h3>{escaped(plot.title)}</h3>\n{plot.picture.svg}\n<figcaption>{escaped(plot.note)}</figcaption>\n"
        f"<details><summary>The numbers</summary>{to_html(plot.numbers, titled=False)}</details></figure>"
    )


def _facts(runs: Sequence[ExaminedRun]) -> str:
    scored = [run.scored for run in runs]
    return "\n".join(
        ["<section><h2>What was run</h2>", to_html(facts_table(scored)), *map(_detail, runs), "</section>"]
    )


def _detail(run: ExaminedRun) -> str:
    return f"<details><summary>{escaped(run.label)}: everything</summary><dl>{''.join(_items(run))}</dl></details>"


def _items(run: ExaminedRun) -> Iterator[str]:
    for name, value in all_facts(run.scored):
        told = f"<code>{escaped(value)}</code>" if name == "command" else escaped(value)
        yield f"<dt>{escaped(name)}</dt><dd>{told}</dd>"
