"""How cases look: a line each in a list, or one with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from agentmem.cli.printing import excerpt, printable
from agentmem_evals.reports.inspecting.cases import Case, Evidence, Hit
from agentmem_evals.reports.runs import MISSING
from agentmem_evals.reports.table import Table

DEPTH = 10
"""How many of the items found are shown, if not told otherwise."""
_QUESTION = 80
_LONGEST = 400
"""Letters of an item that are shown; passages can be long."""


def list_view(found: Sequence[Case]) -> Table:
    """A line for each case: its number, what it is worth, where its evidence came, and the question."""
    rows = [
        [
            str(number),
            excerpt(case.question or case.error or "", _QUESTION),
            case.question_id,
            case.category,
            _worth(case),
            ", ".join(_rank(one.rank) for one in case.evidence) or MISSING,
        ]
        for number, case in enumerate(found, start=1)
    ]
    measure = found[0].measure if found else "the measure"
    failing = sum(case.fails for case in found)
    title = f"{len(found)} questions, worst in {measure} first; {failing} of them fail (ranks: of the evidence)"
    return Table(title, ["", "question", "id", "category", "%", "ranks"], rows, left=(1, 2, 3))


def case_view(case: Case, depth: int = DEPTH, place: str = "") -> Group:
    """All that is known of one case, with the first ``depth`` items found. ``place`` says where one is in the list."""
    return Group(*_parts(case, depth, place))


def _parts(case: Case, depth: int, place: str) -> Iterator[RenderableType]:
    where = "  ".join(part for part in (place, case.question_id, case.category, case.body) if part)
    yield Text(printable(where), style="dim")
    if case.error is not None:
        yield Text(printable(case.error), style="red")
        return
    yield Text(printable(case.question), style="bold")
    yield Text(f"{case.measure}: {_worth(case)} %", style="red" if case.fails else "green")
    if case.answer is not None:
        yield _line("gold answer", case.answer)
    if case.said is not None:
        yield _line("said", case.said)
    for judge, (correct, reason) in case.verdicts.items():
        yield _line(f"judge {judge}", f"{'right' if correct else 'wrong'}{f': {reason}' if reason else ''}")
    yield Text(f"\nEvidence ({len(case.evidence)})", style="bold")
    yield _evidence(case.evidence)
    shown = case.hits[:depth]
    yield Text(f"\nFound ({len(shown)} of {len(case.hits)}; ✓ evidence)", style="bold")
    yield _hits(shown)


def _line(name: str, text: str) -> Text:
    return Text.assemble((f"{name}: ", "dim"), printable(text))


def _evidence(evidence: Sequence[Evidence]) -> RichTable:
    grid = RichTable.grid(padding=(0, 1))
    for one in evidence:
        place = Text("not found", "red") if one.rank is None else Text(f"found at {one.rank}", "green")
        grid.add_row("", Text(printable(one.id), "cyan"), place, _words(one.text))
    return grid


def _hits(hits: Sequence[Hit]) -> RichTable:
    grid = RichTable.grid(padding=(0, 1))
    grid.add_column(justify="right")
    for hit in hits:
        mark = ("✓" if hit.is_evidence else "") + (" cited" if hit.is_cited else "")
        grid.add_row(str(hit.rank), Text(printable(hit.id), "cyan"), Text(mark, "green"), _words(hit.text))
        if hit.why:
            # In the system's order, which is the same for all hits, so that the eye can follow one signal down; and
            # without a space in a signal, so that no line ends between its name and its value.
            told = "  ".join(f"{printable(name)}={value:.3g}" for name, value in hit.why.items())
            grid.add_row("", "", "", Text(told, "dim"))
    return grid


def _words(text: str | None) -> Text:
    return Text("" if text is None else excerpt(text, _LONGEST))


def _worth(case: Case) -> str:
    return MISSING if case.value is None else f"{100 * case.value:.0f}"


def _rank(rank: int | None) -> str:
    return MISSING if rank is None else str(rank)
