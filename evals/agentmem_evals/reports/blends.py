"""What runs would add to another, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentmem_evals.errors import EvalError
from agentmem_evals.fitting.blending import blend
from agentmem_evals.metrics.bootstrap import PairedDifference
from agentmem_evals.reports.table import Table
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.records import Prediction


def blend_table(first: RunFolder, others: Sequence[RunFolder], measures: Sequence[str], seed: int) -> Table:
    """A row for each other run: by itself, and the gain of fusing it in, with the interval over bodies.

    Raises:
        NotARun: a folder holds no finished run of the task ``retrieval``.
        EvalError: two runs share no question, or the first is about one body alone.
    """
    found = _by_question(first)
    if len({prediction.body for prediction in found.values()}) < 2:
        raise EvalError(f"{first.path} is not about several bodies: there is no other to decide a weight on.")
    rows = []
    for other in others:
        cells = [other.path.name]
        for name in measures:
            added = blend(found, _by_question(other), name, seed=seed)
            if added is None:
                raise EvalError(f"{first.path} and {other.path} have no question in common.")
            cells += [f"{100 * added.alone:.1f}", _gain(added.added)]
        rows.append(tuple(cells))
    header = ["run", *(title for name in measures for title in (name, "added"))]
    return Table(f"Fused into {first.path.name}, in points; * where the interval does not hold zero", header, rows)


def _by_question(folder: RunFolder) -> Mapping[str, Prediction]:
    return {record.question_id: record for record in folder.read_records() if isinstance(record, Prediction)}


def _gain(added: PairedDifference) -> str:
    return f"{100 * added.difference:+.2f}{'*' if added.significant else ''}"
