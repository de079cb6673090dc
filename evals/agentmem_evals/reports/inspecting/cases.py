"""What is worth seeing of single questions, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agentmem_evals.errors import UnknownName
from agentmem_evals.reports.answer_outcomes import JUDGE
from agentmem_evals.reports.examined import ExaminedRun
from agentmem_evals.reports.inspecting.library import Library
from agentmem_evals.reports.measures import headline, shared_measures
from agentmem_evals.reports.outcomes import Outcome
from agentmem_evals.runner.configuration import QA
from agentmem_evals.runner.records import Failure

HALF = 0.5
"""Below it an answer counts as a failure by a metric of words, which gives 1 to few answers, be they right."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An item that holds the answer: its words, where they are known, and its place in what was found, from 1."""

    id: str
    text: str | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that was found. ``why`` holds the signals that put it there, where the system told them."""

    rank: int
    id: str
    text: str | None
    is_evidence: bool
    is_cited: bool
    why: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Case:
    """One question of a run. ``error`` is what the system raised in place of a result.

    ``value`` is the deciding ``measure`` of the question, ``None`` where that does not apply to it; ``fails`` says
    whether there was something left to find or to say. ``verdicts`` holds what each judge said, and why.
    """

    question_id: str
    body: str
    category: str
    question: str
    answer: str | None
    evidence: tuple[Evidence, ...]
    hits: tuple[Hit, ...]
    measure: str
    value: float | None
    fails: bool
    said: str | None = None
    verdicts: Mapping[str, tuple[bool, str]] = field(default_factory=dict)
    error: str | None = None


def cases(run: ExaminedRun, library: Library, measure: str | None = None) -> list[Case]:
    """Every question of a run, the worst first: those that raised an error, then by ``measure``, then as asked.

    A question fails if its measure is below 1 (some of its evidence was not found; a judge said no); by a metric of
    words, below a half.

    Args:
        run: of the task ``retrieval`` or ``qa``.
        library: the texts behind its ids.
        measure: which one decides; by default the one that stands for such a run.

    Raises:
        UnknownName: the run does not have this measure.
    """
    known = shared_measures([run])
    deciding = measure or headline([run]) or ""
    if deciding and deciding not in known:
        raise UnknownName(f"{run.label} does not have the measure {deciding!r}; it has: {', '.join(known) or 'none'}.")
    names: Mapping[str, str] = run.scored.manifest.data.get("category_names", {})
    line = HALF if run.task == QA and not deciding.startswith(JUDGE) else 1.0
    found = [_failed(one, deciding, library, names) for one in run.failures]
    found += [_case(one, deciding, line, library, names) for one in run.outcomes]
    return sorted(found, key=lambda case: (case.error is None, case.value is None, case.value or 0.0))


def chosen(
    found: Iterable[Case], *, category: str | None = None, failures_only: bool = False, limit: int | None = None
) -> list[Case]:
    """Those of one category, by its name; those that fail; the first ``limit``.

    Raises:
        UnknownName: no question is of this category.
    """
    kept = list(found)
    if category is not None:
        known = sorted({case.category for case in kept})
        if category not in known:
            raise UnknownName(f"No question is of the category {category!r}; there are: {', '.join(known)}.")
        kept = [case for case in kept if case.category == category]
    if failures_only:
        kept = [case for case in kept if case.fails]
    return kept[:limit]


def position_of(found: Sequence[Case], question_id: str) -> int:
    """Where a question is in a list, by its id or the end of it where that is enough to tell.

    Raises:
        UnknownName: no question, or more than one, has such an id.
    """
    exact = [at for at, case in enumerate(found) if case.question_id == question_id]
    ends = exact or [at for at, case in enumerate(found) if case.question_id.endswith(question_id)]
    if len(ends) != 1:
        several = ", ".join(found[at].question_id for at in ends[:3])
        raise UnknownName(
            f"{'No' if not ends else 'More than one'} question here has the id {question_id!r}"
            f"{f': {several}, …' if ends else '; the list shows those there are'}."
        )
    return ends[0]


def _case(one: Outcome, measure: str, line: float, library: Library, names: Mapping[str, str]) -> Case:
    value = one.values.get(measure)
    return Case(
        question_id=one.question_id,
        body=one.body,
        category=names.get(one.category, one.category),
        question=one.question,
        answer=one.answer if one.answer is not None else library.answers.get(one.question_id),
        evidence=tuple(Evidence(item, library.text(one.body, item), one.rank(item)) for item in one.evidence),
        hits=tuple(
            Hit(
                rank=at + 1,
                id=item,
                text=library.text(one.body, item),
                is_evidence=item in one.evidence,
                is_cited=item in one.cited,
                why=one.why[at] if at < len(one.why) else {},
            )
            for at, item in enumerate(one.found)
        ),
        measure=measure,
        value=value,
        fails=value is not None and value < line,
        said=one.said,
        verdicts={
            judge: (one.values[f"{JUDGE}{judge}"] == 1.0, reason) for judge, reason in sorted(one.reasons.items())
        },
    )


def _failed(one: Failure, measure: str, library: Library, names: Mapping[str, str]) -> Case:
    return Case(
        question_id=one.question_id,
        body=one.body,
        category=names.get(one.category, one.category),
        question="",
        answer=library.answers.get(one.question_id),
        evidence=(),
        hits=(),
        measure=measure,
        value=None,
        fails=True,
        error=f"{one.stage}: {one.error}: {one.message}",
    )
