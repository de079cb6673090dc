"""Recipes, consolidation, and searching by another recipe."""

from __future__ import annotations

import json

import pytest

from agentmem.errors import LLMUnavailable
from agentmem.recipes import RECIPES


@pytest.fixture
def ana(cli):
    """Two sessions of Ana's."""
    cli("add", "I moved to Lisbon in May.", "--speaker", "Ana", "--session", "s1", "--at", "2025-05-01T10:00Z")
    cli("add", "Rita has a bakery in Porto.", "--speaker", "Ana", "--session", "s2", "--at", "2025-06-01T10:00Z")
    return cli


def test_recipes_lists_all_and_marks_the_default(cli, monkeypatch) -> None:
    found = cli.json("recipes")["recipes"]
    assert [recipe["name"] for recipe in found] == list(RECIPES)
    assert set(found[0]) == {"name", "summary", "paper", "llm_calls", "default"}
    assert [recipe["name"] for recipe in found if recipe["default"]] == ["default"]
    output = cli("recipes").stdout
    assert all(name in output for name in RECIPES) and "default (default)" in output and "arXiv" in output
    assert not list(cli.folder.iterdir())  # it needs no database
    monkeypatch.setenv("AGENTMEM_RECIPE", "facts")
    assert [recipe["name"] for recipe in cli.json("recipes")["recipes"] if recipe["default"]] == ["facts"]
    monkeypatch.setenv("AGENTMEM_RECIPE", "odd")
    assert "odd" in cli.error("recipes", code=1)["message"]


def test_consolidate_builds_what_is_new_and_only_that(ana) -> None:
    document = ana.json("consolidate")
    assert set(document) == {"recipe", "dry_run", "run", "built", "usage", "pending", "done"}
    built, reconciled = document["built"]
    assert reconciled["structure"] == "reconcile:fact" and reconciled["units"] >= 2
    assert document["recipe"] == "default" and document["done"] and document["run"] and built["units"] == 2
    assert built["added"]["fact"] >= 2 and document["usage"]["llm_calls"] == 0
    assert ana.json("list", "--kind", "fact")["items"]
    output = ana("consolidate").stdout
    assert "nothing new" in output and "0 calls of the language model" in output and "undo" not in output
    ana("undo", document["run"])
    assert not ana.json("list", "--kind", "fact")["items"]


def test_consolidate_says_what_it_did(ana) -> None:
    output = ana("consolidate", "--recipe", "facts").stdout
    assert "Recipe facts:" in output and "facts from 2 sessions and documents" in output
    assert "Take it back with: agentmem undo run_" in output
    units = next(
        built["units"] for built in ana.json("consolidate", "--dry-run")["built"] if "reconcile" in built["structure"]
    )
    whole = ana("consolidate").stdout
    assert f"from {units} memories" in next(line for line in whole.splitlines() if "reconcile:fact" in line)


def test_retrieve_and_context_do_without_a_model_that_may_not_be_asked(ana, scripted) -> None:
    chat = scripted()
    options = ("--recipe", "default-rerank", "--llm", "openai:scripted", "--max-calls", 0)
    document = ana.json("retrieve", "Who moved to Lisbon?", *options)
    assert document["hits"] and "0 calls" in document["stopped"] and document["usage"]["llm_calls"] == 0
    shown = ana("retrieve", "Who moved to Lisbon?", *options)
    assert "Lisbon" in shown.stdout and "0 calls" in shown.stderr
    assert "Lisbon" in ana("context", "Who moved to Lisbon?", *options).stdout and chat.requests == []


def test_a_dry_run_writes_nothing(ana) -> None:
    before = ana.json("stats")["journal_head"]
    document = ana.json("consolidate", "--dry-run")
    assert document["run"] is None and document["dry_run"] and document["built"][0]["added"]["fact"] >= 2
    assert "nothing was written" in ana("consolidate", "--dry-run").stdout
    assert ana.json("stats")["journal_head"] == before


def test_a_budget_stops_it_and_the_next_call_goes_on(ana, scripted, reply) -> None:
    chat = scripted(*[reply] * 2)
    document = ana.json("consolidate", "--llm", "openai:scripted", "--max-calls", 0)
    assert document["built"][0]["stopped"] and document["built"][0]["waiting"] and not document["done"]
    output = ana("consolidate", "--llm", "openai:scripted", "--max-tokens", 0).stdout
    assert "stopped:" in output and "left for the next time: 2 episodes" in output and "run the same command" in output
    assert not chat.requests
    document = ana.json("consolidate", "--llm", "openai:scripted", "--max-calls", 5, "--max-tokens", 100_000)
    assert document["done"] and document["usage"]["llm_calls"] == len(chat.requests) == 2


def test_what_fails_is_told_and_kept(ana, scripted, reply) -> None:
    scripted(reply, LLMUnavailable("The server is \x1b[2J away."))
    result = ana("consolidate", "--llm", "openai:scripted", code=1)
    assert "failed: LLMUnavailable" in result.stdout and "\x1b" not in result.stdout
    assert "left for the next time: 1 episode" in result.stdout and "1 fact" in result.stdout
    scripted(LLMUnavailable("Away."), LLMUnavailable("Away."))
    ana("add", "More.", "--session", "s3")
    result = ana("consolidate", "--llm", "openai:scripted", "--json", code=1)
    assert "Away." in json.loads(result.stdout)["built"][0]["failed"][0] and result.stderr == ""


def test_wrong_names_are_refused(ana) -> None:
    assert "There are: default" in ana.error("consolidate", "--recipe", "odd", code=1)["message"]
    assert "openai:MODEL" in ana.error("consolidate", "--llm", "odd", code=1)["message"]
    assert ana.error("retrieve", "x", "--recipe", "odd", code=1)["type"] == "InvalidInput"
    assert ana.error("consolidate", "--max-calls", -1, code=2)["type"] == "UsageError"


def test_recipe_and_model_come_from_the_environment(ana, monkeypatch) -> None:
    monkeypatch.setenv("AGENTMEM_RECIPE", "summaries")
    monkeypatch.setenv("AGENTMEM_LLM", "none")
    assert set(ana.json("consolidate")["built"][0]["added"]) == {"summary"}
    assert ana.json("consolidate", "--recipe", "facts")["recipe"] == "facts"
    monkeypatch.setenv("AGENTMEM_RECIPE", "odd")
    ana("list")  # what follows no recipe does not ask for one
    monkeypatch.setenv("AGENTMEM_LLM", "odd")
    ana("stats")
    assert "odd" in ana.error("context", "x", "--recipe", "chunks", code=1)["message"]


def test_retrieve_and_context_follow_a_recipe(ana) -> None:
    ana("consolidate", "--recipe", "facts")
    assert {hit["kind"] for hit in ana.json("retrieve", "bakery", "--recipe", "facts")["hits"]} == {"fact"}
    assert {hit["kind"] for hit in ana.json("retrieve", "bakery")["hits"]} == {"chunk"}
    assert {hit["kind"] for hit in ana.json("context", "bakery", "--recipe", "facts")["hits"]} == {"fact"}


def test_with_nothing_to_build(ana) -> None:
    assert "builds nothing" in ana("consolidate", "--recipe", "chunks").stdout
    assert "There is nothing in acme/%C3%BCber%20uns yet" in ana("consolidate", "--scope", "acme/über uns").stdout
    assert ana.json("consolidate", "--scope", "nobody")["built"] == []
    assert ana.json("scopes") == {"scopes": ["acme/user-7"]}
