"""Profiles, insights, prepared answers and associations in a real store: found, revised, undone, forgotten."""

from __future__ import annotations

import json
from functools import partial

import pytest
from small_world import CONVERSATION, in_all, said, scripted

from agentmem import AgentMemory
from agentmem.kinds import ANSWER, FACT, INSIGHT, PROFILE, RELATED
from agentmem.models.chat.budget import Budget
from agentmem.recipes.recipe import Recipe
from agentmem.structures.associations import Associations
from agentmem.structures.extraction import ExtractionStructure
from agentmem.structures.foresight import Foresight
from agentmem.structures.insights import Insights
from agentmem.structures.profile import Profiles
from agentmem.testing import FakeEmbedder

ASLEEP = Recipe(
    "asleep",
    "facts, and all that is thought of them",
    structures=(
        partial(ExtractionStructure, (FACT,), ()),
        partial(Profiles, least=2),
        partial(Insights, threshold=10, sessions=2),
        Foresight,
        partial(Associations, threshold=0.3),
    ),
)
MADE = (PROFILE, INSIGHT, ANSWER)


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(llm=None, recipe=ASLEEP):
        stores.append(AgentMemory.open(database, recipe=recipe, llm=llm, embedder=FakeEmbedder(), clock=clock))
        return stores[-1].scope("acme", "ana")

    yield open_it
    for store in stores:
        store.close()


def test_profiles_insights_and_answers_are_found_where_they_are_asked_for(opened):
    handle = opened(scripted(), "reflective")
    handle.add(CONVERSATION)
    assert handle.consolidate().done
    for kind, question in ((PROFILE, "What is Ana like?"), (ANSWER, "What about the cat of Ana?")):
        hits = handle.retrieve(question, kinds=[kind])
        assert hits and {hit.kind for hit in hits} == {kind} and all(hit.sources for hit in hits)
        assert str(handle.context(question, tokens=200, kinds=[kind]))
    assert all(hit.kind == "chunk" for hit in handle.retrieve("What is Ana like?"))


def test_facts_that_are_alike_are_linked_and_their_links_are_exported(opened, tmp_path):
    handle = opened(None, "reflective")
    for number, text in enumerate(["I have a grey cat named Tom.", "I have a grey cat named Tom and a dog."]):
        handle.add(said(text, "Ana", f"s{number}"))
    assert handle.consolidate().done
    handle.export(tmp_path / "ana.jsonl")
    records = [json.loads(line) for line in (tmp_path / "ana.jsonl").read_text("utf-8").splitlines()]
    facts = {record["id"] for record in records if record.get("kind") == "fact"}
    related = [record for record in records if record.get("kind") == "related"]
    assert related and all({edge["source"], edge["target"]} <= facts for edge in related)


def test_hits_tell_the_turns_they_come_from(opened):
    handle = opened(scripted())
    ids = handle.add(CONVERSATION).episodes
    handle.consolidate()
    profiles = {memory.metadata["subject"]: memory for memory in in_all(handle, PROFILE)}
    assert {source.episode for source in profiles["Ben"].sources} == {ids[1], ids[3]}
    assert "Zoe" not in profiles["Ana"].text
    assert in_all(handle, INSIGHT) and all(len(memory.sources) >= 2 for memory in in_all(handle, INSIGHT))


@pytest.mark.parametrize("thinking", [False, True], ids=["rules", "model"])
def test_a_profile_has_a_history(opened, thinking):
    handle = opened(scripted() if thinking else None)
    handle.add(CONVERSATION)
    handle.consolidate()
    handle.add(said("I bought a red kayak in Faro.", "Ben", "s3"))
    handle.consolidate()
    [profile] = [memory for memory in in_all(handle, PROFILE) if memory.metadata["subject"] == "Ben"]
    before, after = handle.history(profile.id)
    assert "kayak" in after.text and "kayak" not in before.text
    [then] = [memory for memory in handle.list(kinds=[PROFILE], as_of=CONVERSATION[4].at) if memory.id == profile.id]
    assert then.version == 1


@pytest.mark.parametrize("thinking", [False, True], ids=["rules", "model"])
def test_what_is_forgotten_takes_all_along_that_was_thought_of_it(opened, thinking):
    handle = opened(scripted() if thinking else None)
    receipt = handle.add(CONVERSATION)
    handle.consolidate()
    handle.add(said("I bought a red kayak in Faro.", "Ana", "s3"))
    handle.consolidate()
    handle.forget(ids=[receipt.ids[0]], compact=False)
    for memory in in_all(handle, *MADE, state=None):
        assert not any("grey cat" in version.text for version in handle.history(memory.id))
    assert len(in_all(handle, "chunk")) == 5
    handle.add(said("I read a book about Faro.", "Ana", "s4"))
    assert handle.consolidate().done
    profiles = {memory.metadata["subject"]: memory for memory in in_all(handle, PROFILE)}
    assert "kayak" in profiles["Ana"].text and "grey cat" not in profiles["Ana"].text


def test_forgetting_a_name_in_a_profile_takes_no_turn_along_that_does_not_hold_it(opened):
    handle = opened()
    handle.add(CONVERSATION)
    handle.consolidate()
    assert any("Luis" in memory.text for memory in in_all(handle, PROFILE))
    handle.forget(about="Luis", compact=False)
    assert len(in_all(handle, "chunk")) == len(CONVERSATION) - 1
    assert not any("Luis" in memory.text for memory in in_all(handle, state=None))


def test_forgetting_a_profile_takes_no_fact_along(opened):
    handle = opened()
    handle.add(CONVERSATION)
    handle.consolidate()
    facts = len(in_all(handle, FACT))
    handle.forget(ids=[in_all(handle, PROFILE)[0].id], compact=False)
    assert len(in_all(handle, FACT)) == facts and len(in_all(handle, "chunk")) == len(CONVERSATION)


def test_answers_go_with_a_fact_that_is_retired_or_ends(opened):
    handle = opened(scripted())
    handle.add(CONVERSATION)
    handle.consolidate()
    for fact in in_all(handle, FACT):
        handle.retire(fact.id)
    handle.add(said("I bought a red kayak in Faro.", "Ben", "s3"))
    handle.consolidate()
    assert all("kayak" in memory.text for memory in in_all(handle, ANSWER, PROFILE))
    assert in_all(handle, ANSWER)


def test_associations_link_facts_and_go_with_them(opened):
    handle = opened()
    handle.add(CONVERSATION)
    handle.consolidate()

    def related():
        with handle._parts.store.read(handle.scope) as reader:
            return list(reader.edges_of(RELATED))

    edges = related()
    assert edges and all(0.3 <= edge.weight <= 1 for edge in edges)
    handle.retire(edges[0].target)
    handle.add(said("I bought a red kayak.", "Ben", "s3"))
    handle.consolidate()
    assert edges[0].target not in {end for edge in related() for end in (edge.source, edge.target)}


def test_a_run_is_undone_with_all_it_thought(opened):
    handle = opened(scripted())
    handle.add(CONVERSATION)
    run = handle.consolidate().run
    assert in_all(handle, *MADE)
    handle.undo(run)
    assert in_all(handle, *MADE) == []
    with handle._parts.store.read(handle.scope) as reader:
        assert not reader.edges_of(RELATED)


def test_small_budgets_lead_to_the_same_end(opened):
    handle = opened(scripted())
    handle.add(CONVERSATION)
    done = handle.consolidate(budget=Budget(calls=1))
    for _ in range(30):
        if done.done:
            break
        done = handle.consolidate(budget=Budget(calls=1))
        assert done.usage.llm_calls <= 1
    assert done.done
    whole = opened(scripted())._owner.scope("whole")
    whole.add(CONVERSATION)
    whole.consolidate()
    for kind in (PROFILE, ANSWER):
        texts = sorted(memory.text for memory in in_all(handle, kind))
        assert texts == sorted(memory.text for memory in in_all(whole, kind)) and texts


def test_without_a_model_no_answers_are_made(opened):
    handle = opened()
    handle.add(CONVERSATION)
    assert handle.consolidate().done
    assert in_all(handle, ANSWER) == [] and in_all(handle, PROFILE)


def test_a_profile_that_lost_a_fact_is_made_again_from_the_rest(opened):
    handle = opened()
    handle.add([*CONVERSATION, said("I bought a red kayak in Faro.", "Ana", "s3", ref="kayak")])
    handle.consolidate()
    kayak = next(memory for memory in in_all(handle, "chunk") if "kayak" in memory.text)

    def profiles():
        return {memory.metadata["subject"]: memory.text for memory in in_all(handle, PROFILE)}

    assert "kayak" in profiles()["Ana"]
    handle.forget(ids=[kayak.id], compact=False)
    assert "Ana" not in profiles()
    assert handle.consolidate().done
    assert "kayak" not in profiles()["Ana"]
