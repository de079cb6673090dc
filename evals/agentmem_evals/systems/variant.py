"""``agentmem:NAME``: a recipe of the library; or its default one with a step of retrieval switched, to be measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agentmem.recipes import DEFAULT_RECIPE, RECIPES
from agentmem.retrieval.settings import DEFAULT_RETRIEVAL, Retrieval
from agentmem.retrieval.signals import ALL_SIGNALS
from agentmem.structures.views import BARE, SPOKEN
from agentmem_evals.errors import UnknownName

_WITHOUT = "no-"
EVERY_RECIPE = "agentmem:*"
"""Stands for every recipe of the library."""


@dataclass(frozen=True, slots=True)
class Variant:
    """How a run's store is opened."""

    name: str = DEFAULT_RECIPE
    recipe: str = DEFAULT_RECIPE
    retrieval: Retrieval = DEFAULT_RETRIEVAL
    views: tuple[str, ...] = (BARE,)


STEPS = {
    "no-expand": Variant("no-expand", retrieval=Retrieval(expand=False)),
    "diverse": Variant("diverse", retrieval=Retrieval(diversity=0.2)),
    "asked-as-is": Variant("asked-as-is", retrieval=Retrieval(first_person=False)),
    "spoken-view": Variant("spoken-view", views=(BARE, SPOKEN)),
    "candidates-50": Variant("candidates-50", retrieval=Retrieval(candidates=50)),
    "candidates-200": Variant("candidates-200", retrieval=Retrieval(candidates=200)),
}
"""Steps that are off by default, or set otherwise."""


def each_recipe(systems: Iterable[str]) -> list[str]:
    """These systems, :data:`EVERY_RECIPE` replaced by a system for each recipe; each once, in order."""
    recipes = [f"agentmem:{name}" for name in RECIPES]
    return list(dict.fromkeys(one for name in systems for one in (recipes if name == EVERY_RECIPE else [name])))


def parse_variant(text: str | None) -> Variant:
    """The variant of a name: a recipe, one of :data:`STEPS`, or ``no-SIGNAL`` to leave a signal out of the score.

    Raises:
        UnknownName: there is no such variant.
    """
    if text is None:
        return Variant()
    if text in RECIPES:
        return Variant(text, recipe=text)
    if text in STEPS:
        return STEPS[text]
    signal = text.removeprefix(_WITHOUT)
    if text.startswith(_WITHOUT) and signal in ALL_SIGNALS:
        return Variant(text, retrieval=Retrieval(without=frozenset({signal})))
    switched = [*STEPS, *(f"{_WITHOUT}{name}" for name in sorted(ALL_SIGNALS))]
    raise UnknownName(
        f"The system 'agentmem' has no variant {text!r}. Recipes are: {', '.join(RECIPES)}. Steps of the default one "
        f"that can be switched are: {', '.join(switched)}."
    )
