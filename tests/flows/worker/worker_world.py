"""Scopes with sessions in them, a structure that does as it is told, and what to look at afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field

from small_world import said

from agentmem.recipes.recipe import Recipe
from agentmem.structures.structure import Proposal


def fill(store, **sessions):
    """So many sessions of one turn in each scope."""
    for scope, count in sessions.items():
        store.scope(scope).add([said(f"I have {n} cats named {scope}{n}.", "Ana", f"s{n}") for n in range(count)])


def whose(chat):
    """The scope of each question, in order: the fixture's names carry it."""
    return [request.prompt.variables["text"].split("named ")[1].rstrip(".0123456789") for request in chat.requests]


@dataclass
class Stage:
    """A structure that does to each unit what it is told."""

    act: object
    name: str = "stage"
    kinds: tuple = ("insight",)
    reads: tuple = ()
    seen: list = field(default_factory=list)

    def propose(self, units, view, models):
        for unit in units:
            self.seen.append(unit)
            yield self.act(unit) or Proposal((), (unit,))


def recipe_of(*stages):
    return Recipe("own", "for this test", structures=tuple(lambda stage=stage: stage for stage in stages))


def waits(store, scope="a"):
    return store.scope(scope).waiting()[0]
