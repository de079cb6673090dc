"""Walks through a tree of summaries: what they are, and the one that goes by likeness alone."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from agentmem.types import Usage

ChildrenOf = Callable[[str], Sequence[str]]
"""The nodes below a node; none for a leaf."""
ScoresOf = Callable[[Sequence[str]], Sequence[float]]
"""How alike nodes are to the question."""


class Did(StrEnum):
    """What was done in one step of a walk."""

    ENTER = "enter"  # went down to a node, for its summary
    READ = "read"  # read a leaf, without finding enough
    ANSWER = "answer"  # read a leaf, and answered
    BACK = "back"  # left a node, for nothing below it fits


class Ending(StrEnum):
    """Why a walk ended."""

    ANSWERED = "answered"
    NOTHING_LEFT = "nothing left"  # every way was tried, or nothing at the top fits
    LOST = "lost"  # the model's choices could not be understood
    TOO_LONG = "too long"  # as many steps as allowed
    BUDGET = "budget"  # no more calls, tokens or money for the model
    ENOUGH = "enough"  # by likeness: as many leaves as wanted


@dataclass(frozen=True, slots=True)
class Step:
    """One step, for people to look at.

    Attributes:
        node: where it led, or what was left; ``None`` for the place above the roots.
        did: what was done.
        reason: why, in the model's words or by the score.
    """

    node: str | None
    did: Did
    reason: str


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk led.

    Attributes:
        leaves: the leaves that were read, in order.
        steps: the whole path.
        answer: the model's; ``None`` when it gave none.
        ending: why it ended.
        usage: what the model cost.
    """

    leaves: tuple[str, ...]
    steps: tuple[Step, ...]
    answer: str | None
    ending: Ending
    usage: Usage = field(default_factory=Usage)


def walk_by_likeness(
    roots: Sequence[str],
    children_of: ChildrenOf,
    scores_of: ScoresOf,
    *,
    leaves: int = 5,
    most_steps: int = 200,
) -> Walk:
    """Walk without a language model: always on to the most likely node seen so far, wherever that stands.

    Best-first search, so that it goes back by itself when what a promising summary held is less alike than another way.
    It ends after so many leaves were read, or ``most_steps`` nodes entered.
    """
    frontier: list[tuple[float, int, str, str | None]] = []
    arrivals = iter(range(1 << 62))
    seen: set[str] = set()

    def reach(nodes: Sequence[str], parent: str | None) -> None:
        new = [node for node in dict.fromkeys(nodes) if node not in seen]
        seen.update(new)
        for node, score in zip(new, scores_of(new) if new else (), strict=True):
            heapq.heappush(frontier, (-float(score), next(arrivals), node, parent))

    reach(roots, None)
    steps: list[Step] = []
    left = most_steps
    read: list[str] = []
    here: str | None = None
    while frontier and len(read) < leaves and left > 0:
        left -= 1
        negative, _order, node, parent = heapq.heappop(frontier)
        if here is not None and parent != here:
            steps.append(Step(here, Did.BACK, "another way is more alike"))
        below = children_of(node)
        steps.append(Step(node, Did.ENTER if below else Did.READ, f"cosine {-negative:.2f}"))
        if below:
            reach(below, node)
            here = node
        else:
            read.append(node)
            here = parent
    ending = Ending.ENOUGH if len(read) >= leaves else Ending.TOO_LONG if frontier else Ending.NOTHING_LEFT
    return Walk(tuple(read), tuple(steps), None, ending)
