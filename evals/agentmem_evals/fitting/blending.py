"""Whether a system's ranking would earn a place in another's: both fused, the share decided on other bodies.

Weighted reciprocal-rank fusion (Cormack et al., SIGIR 2009): an item counts ``1 / (60 + place)`` in each ranking that
holds it. Everything is read from finished runs, so a part is tried before anything is built into a recipe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentmem_evals.metrics.bootstrap import PairedDifference, paired_bootstrap
from agentmem_evals.metrics.retrieval import measure
from agentmem_evals.runner.records import Prediction

DAMPING = 60
"""The constant of reciprocal-rank fusion."""
WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
"""What the other ranking may count, where the first counts 1."""


@dataclass(frozen=True, slots=True)
class Blend:
    """What a second ranking adds to a first one, by one measure.

    ``alone`` is the second system by itself. ``added`` compares the first with both fused, every body's questions with
    the weight that is best on the other bodies; ``weights`` are those weights, in order of the bodies' names.
    """

    alone: float
    added: PairedDifference
    weights: tuple[float, ...]


def fused(first: Sequence[str], second: Sequence[str], weight: float) -> tuple[str, ...]:
    """Two rankings as one; items that weigh the same stand in the order of the first."""
    total: dict[str, float] = {}
    for ranking, counts in ((first, 1.0), (second, weight)):
        for place, item in enumerate(dict.fromkeys(ranking), start=1):
            total[item] = total.get(item, 0.0) + counts / (DAMPING + place)
    return tuple(sorted(total, key=lambda item: -total[item]))


def blend(
    first: Mapping[str, Prediction], second: Mapping[str, Prediction], name: str, *, seed: int = 0
) -> Blend | None:
    """What ``second`` adds to ``first`` by a measure such as ``recall@10``; both by question.

    Only questions that both answered and that have evidence count; ``None`` where there are none.

    Raises:
        ValueError: all questions are about one body, so there is no other to decide the weight on.
    """
    asked = sorted(one for one in first.keys() & second.keys() if first[one].gold)
    if not asked:
        return None
    bodies = [first[one].body for one in asked]
    names = sorted(set(bodies))
    if len(names) == 1:
        raise ValueError("A weight is decided on other bodies than it is used on; here is one body alone.")
    _measure, depth = name.rsplit("@", 1)

    def worth(ranking: Sequence[str], question: str) -> float:
        return measure(ranking, first[question].gold, [int(depth)])[name]

    by_weight = [
        [worth(fused(first[one].found, second[one].found, weight), one) for one in asked] for weight in WEIGHTS
    ]
    chosen = {body: _best(by_weight, [other != body for other in bodies]) for body in names}
    added = paired_bootstrap(
        by_weight[0],
        [by_weight[chosen[body]][place] for place, body in enumerate(bodies)],
        clusters=bodies,
        seed=seed,
    )
    assert added is not None  # there are questions
    alone = sum(worth(second[one].found, one) for one in asked) / len(asked)
    return Blend(alone, added, tuple(WEIGHTS[chosen[body]] for body in names))


def _best(by_weight: Sequence[Sequence[float]], counts: Sequence[bool]) -> int:
    """Which weight is best over the questions that count; of equals the smallest."""
    totals = [sum(value for value, use in zip(values, counts, strict=True) if use) for values in by_weight]
    return max(range(len(totals)), key=lambda place: (totals[place], -place))
