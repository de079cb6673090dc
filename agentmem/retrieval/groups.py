"""Finding by groups: the texts of the groups most like the question, and of what happened just after and before.

EM-LLM (Fountas et al., ICLR 2025, section 3.4) finds events so: part of the budget goes to events by similarity, the
rest, the *contiguity buffer*, to the neighbours in time of the events found, the later one first. Here the budget is
``k`` units, and the buffer of earlier questions is not kept: a question is answered by itself. SeCom (Pan et al., ICLR
2025, section 3.2) finds topical segments, without neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agentmem.kinds import TEXT
from agentmem.protocols import FloatArray, IntArray
from agentmem.retrieval.layer_view import LayerView, similarity
from agentmem.retrieval.search import Moment, Rank, Scored


def rank_groups(kind: str, contiguous: float = 0.0) -> Rank:
    """The rank: the texts of the best groups, the best text of a group first, and of their neighbours.

    Scores fall with the order in which texts were taken. What is in no group yet comes last, by its own likeness.

    Args:
        kind: of the groups; a group's texts are its sources.
        contiguous: the share of the budget for the neighbours of what was found.
    """

    def rank(moment: Moment, k: int) -> list[Scored]:
        groups, texts = moment.layer(kind), moment.layer(TEXT)
        alike, group_alike = similarity(texts), similarity(groups)
        passing = np.flatnonzero(groups.passing)
        order = passing[np.argsort(-group_alike[passing], kind="stable")].tolist()
        units = _units(groups, texts)
        taken = budgeted(order, _beside(texts, units, passing), units, alike, k, int(contiguous * k))
        left = [slot for slot in _best(np.flatnonzero(texts.open), alike) if slot not in taken]
        taken += left[: max(0, k - len(taken))]
        dense = texts.dense()
        return [
            Scored(int(texts.columns["row"][slot]), 1.0 - place / (k + 1), {"dense": float(dense[slot])})
            for place, slot in enumerate(taken)
        ]

    return rank


def budgeted(
    order: Sequence[int],
    beside: dict[int, tuple[int | None, int | None]],
    units: dict[int, list[int]],
    alike: FloatArray,
    budget: int,
    buffer: int,
) -> list[int]:
    """Units within a budget, in the order in which they are taken.

    Args:
        order: groups, best first.
        beside: the groups after and before each.
        units: the units of each group.
        alike: how like the question each unit is; within a group the best are taken first.
        budget: how many units.
        buffer: how many of them are left to neighbours.
    """
    taken: dict[int, None] = {}
    found: list[int] = []
    for group in order:
        if len(taken) >= budget - buffer:
            break
        found.append(group)
        _take(taken, _best(units[group], alike), budget - buffer)
    for group in found if buffer else ():
        for neighbour in beside[group]:
            if neighbour is not None:
                _take(taken, _best(units[neighbour], alike), budget)
    for group in order[len(found) :]:  # there were too few neighbours
        _take(taken, _best(units[group], alike), budget)
    return list(taken)


def _take(taken: dict[int, None], units: Sequence[int], most: int) -> None:
    for unit in units:
        if len(taken) >= most:
            return
        taken.setdefault(unit)


def _best(units: Sequence[int] | IntArray, alike: FloatArray) -> list[int]:
    return sorted((int(unit) for unit in units), key=lambda unit: -alike[unit])


def _units(groups: LayerView, texts: LayerView) -> dict[int, list[int]]:
    """The texts of each group that may be returned."""
    found: dict[int, list[int]] = {slot: [] for slot in range(len(groups.columns))}
    for group, text in zip(groups.pointers.derived.tolist(), groups.pointers.texts.tolist(), strict=True):
        if texts.open[text]:
            found[group].append(text)
    return found


def _beside(
    texts: LayerView, units: dict[int, list[int]], passing: IntArray
) -> dict[int, tuple[int | None, int | None]]:
    """The groups after and before each, of the same conversation or document."""
    threads: dict[int, list[tuple[int, int, int]]] = {}
    for group in passing.tolist():
        for text in units[group][:1]:
            place = texts.columns[text]
            threads.setdefault(int(place["thread"]), []).append((int(place["at"]), int(place["position"]), group))
    found: dict[int, tuple[int | None, int | None]] = dict.fromkeys(passing.tolist(), (None, None))
    for told in threads.values():
        line = [group for _at, _position, group in sorted(told)]
        for place, group in enumerate(line):
            after = line[place + 1] if place + 1 < len(line) else None
            found[group] = (after, line[place - 1] if place else None)
    return found
