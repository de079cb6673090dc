"""Who judged, with which prompts, and which runs cannot be compared for that reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentmem_evals.reports.runs import MISSING, ScoredRun


def judged_by(run: ScoredRun, judge: str) -> str:
    """The model behind a judge's verdicts; a dash where there are none, or where they do not say."""
    return str(run.scores["judged"].get(judge, {}).get("model", MISSING))


def judged_otherwise(runs: Sequence[ScoredRun]) -> Iterator[str]:
    """A sentence for each run whose verdicts another model or another wording made than those of the first with some.

    A prompt that one of the two had no question for makes no difference.
    """
    for judge in dict.fromkeys(name for run in runs for name in run.scores.get("judged", ())):
        first, *others = [run for run in runs if judge in run.scores.get("judged", ())]
        for other in others:
            if differing := "; ".join(_differing(first, other, judge)):
                yield (
                    f"{first.label} and {other.label} are not comparable by the judge {judge}; different are: "
                    f"{differing}. Judge both by one model with the same prompts."
                )


def _differing(first: ScoredRun, other: ScoredRun, judge: str) -> Iterator[str]:
    models = [judged_by(run, judge) for run in (first, other)]
    if MISSING not in models and models[0] != models[1]:
        yield f"the model ({', '.join(models)})"
    one, two = (run.scores["judged"][judge].get("prompts", {}) for run in (first, other))
    if changed := [id for id in one if id in two and one[id] != two[id]]:
        yield f"the wording of {', '.join(changed)}"
