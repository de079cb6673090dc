"""Every published system as a composition of the same parts, by name. A module reads like a paper's method section."""

from __future__ import annotations

from collections.abc import Mapping

from agentmem.errors import InvalidInput
from agentmem.recipes import (
    amem,
    episodic,
    fader,
    generative_agents,
    hipporag,
    hmem,
    lightmem,
    memoria,
    memory_networks,
    notes,
    own,
    recurrent,
    reflective,
    seal,
    secom,
    streams,
    structural,
    trees,
    updated,
)
from agentmem.recipes.recipe import Recipe

DEFAULT_RECIPE = own.DEFAULT.name

_MODULES = (
    own,
    structural,
    fader,
    hipporag,
    trees,
    updated,
    lightmem,
    reflective,
    seal,
    memory_networks,
    episodic,
    streams,
    secom,
    memoria,
    amem,
    generative_agents,
    notes,
    recurrent,
    hmem,
)

RECIPES: Mapping[str, Recipe] = {recipe.name: recipe for module in _MODULES for recipe in module.RECIPES}
"""All recipes, the default first."""


def recipe_named(name: str) -> Recipe:
    """The recipe of a name.

    Raises:
        InvalidInput: there is none.
    """
    found = RECIPES.get(name)
    if found is None:
        raise InvalidInput(f"There is no recipe {name!r}. There are: {', '.join(RECIPES)}.")
    return found
