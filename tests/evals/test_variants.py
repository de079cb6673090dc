"""``agentmem:NAME``: a recipe, or one step of the default one switched."""

from __future__ import annotations

from dataclasses import fields

import pytest
from agentmem_evals.errors import UnknownName
from agentmem_evals.systems.variant import STEPS, Variant, each_recipe, parse_variant

from agentmem.recipes import DEFAULT_RECIPE, RECIPES
from agentmem.retrieval.settings import DEFAULT_RETRIEVAL, Retrieval
from agentmem.retrieval.signals import SIGNALS


def test_no_name_is_the_default() -> None:
    assert parse_variant(None) == Variant()
    assert Variant().retrieval == DEFAULT_RETRIEVAL


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_recipe_is_found_by_its_name_with_nothing_switched(name: str) -> None:
    assert parse_variant(name) == Variant(name, recipe=name)


def test_no_step_hides_a_recipe() -> None:
    assert not set(STEPS) & set(RECIPES)
    assert all(step.recipe == DEFAULT_RECIPE for step in STEPS.values())


@pytest.mark.parametrize("name", sorted(STEPS))
def test_a_step_is_found_by_its_name(name: str) -> None:
    assert parse_variant(name) is STEPS[name]
    assert STEPS[name].name == name


@pytest.mark.parametrize("name", sorted(STEPS))
def test_a_step_differs_from_the_default_in_one_thing(name: str) -> None:
    variant = STEPS[name]
    settings = [field.name for field in fields(Retrieval)]
    switched = [s for s in settings if getattr(variant.retrieval, s) != getattr(DEFAULT_RETRIEVAL, s)]
    assert len(switched) + (variant.views != Variant().views) == 1


@pytest.mark.parametrize("signal", sorted(SIGNALS))
def test_every_signal_can_be_left_out(signal: str) -> None:
    variant = parse_variant(f"no-{signal}")
    assert (variant.name, variant.retrieval) == (f"no-{signal}", Retrieval(without=frozenset({signal})))


@pytest.mark.parametrize("name", ["", "no-", "no-such", "dense", "Expand", "no-no-dense", "expand "])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(UnknownName, match="has no variant"):
        parse_variant(name)


def test_a_refusal_names_what_there_is() -> None:
    with pytest.raises(UnknownName) as refused:
        parse_variant("nothing")
    assert all(name in str(refused.value) for name in (*RECIPES, *STEPS, *(f"no-{signal}" for signal in SIGNALS)))


def test_a_star_is_every_recipe_once():
    found = each_recipe(["bm25", "agentmem:default", "agentmem:*", "dense"])
    assert found[:2] == ["bm25", "agentmem:default"] and found[-1] == "dense"
    assert sorted(found[1:-1]) == sorted(f"agentmem:{name}" for name in RECIPES)
