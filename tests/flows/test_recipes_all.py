"""Every recipe builds, answers with sources, and keeps to filters; with and without a model, sync and async."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from small_world import CONVERSATION, DOCUMENTS, MAY, QUESTION, in_all, said, scripted

from agentmem import AgentMemory
from agentmem.aio import AsyncAgentMemory
from agentmem.errors import LLMUnavailable
from agentmem.kinds import DERIVED
from agentmem.recipes import RECIPES
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat

WORLDS = {"conversation": CONVERSATION, "documents": DOCUMENTS}
every_recipe = pytest.mark.parametrize("recipe", RECIPES)


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(recipe, llm=None, embedder=None, path=database, **arguments):
        model = FakeEmbedder() if embedder is None else embedder
        stores.append(AgentMemory.open(path, recipe=recipe, llm=llm, embedder=model, clock=clock, **arguments))
        return stores[-1].scope("acme", "ana")

    yield open_it
    for store in stores:
        store.close()


def check(handle, hits, k):
    assert hits and len(hits) <= k
    assert len({hit.id for hit in hits}) == len(hits)
    assert all(0.0 <= hit.score <= 1.0 for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert hit.sources and hit.signals is not None
        for source in hit.sources:
            assert 0 <= source.start < source.end <= len(handle.episode(source.episode).text)


@every_recipe
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("thinking", [False, True], ids=["rules", "model"])
def test_a_recipe_runs_on_a_small_world(opened, recipe, world, thinking):
    handle = opened(recipe, scripted() if thinking else None)
    handle.add(WORLDS[world])
    done = handle.consolidate()
    assert done.done and not done.failures
    question = QUESTION if world == "conversation" else "Where does the Douro rise?"
    check(handle, handle.retrieve(question, k=4, explain=True), 4)
    assert handle.context(question, tokens=200).tokens <= 200
    assert handle.consolidate().run is None


@every_recipe
def test_a_recipe_runs_awaited(database, clock, recipe):
    async def run():
        async with await AsyncAgentMemory.open(
            database, recipe=recipe, llm=scripted(), embedder=FakeEmbedder(), clock=clock
        ) as store:
            handle = store.scope("a")
            await handle.add(CONVERSATION)
            done = await handle.consolidate()
            return done, await handle.retrieve(QUESTION)

    done, hits = asyncio.run(run())
    assert done.done and hits and all(hit.sources for hit in hits)


@every_recipe
@pytest.mark.parametrize("thinking", [False, True], ids=["rules", "model"])
def test_a_recipe_runs_without_an_embedding_model(opened, recipe, thinking):
    handle = opened(recipe, scripted() if thinking else None, embedder="none")
    handle.add([*CONVERSATION, *DOCUMENTS])
    assert handle.consolidate().done
    check(handle, handle.retrieve("Luis lives in Porto", k=20), 20)


@every_recipe
def test_a_recipe_answers_before_anything_was_built(opened, recipe):
    handle = opened(recipe, scripted())
    assert handle.retrieve(QUESTION) == []
    handle.add(CONVERSATION)
    hits = handle.retrieve(QUESTION)
    assert all(hit.kind == "chunk" and hit.sources for hit in hits)


@every_recipe
def test_a_recipe_answers_a_question_without_words_or_entities(opened, recipe):
    handle = opened(recipe, scripted())
    handle.add(CONVERSATION)
    handle.consolidate()
    for question in ("?!", "what about it", "zzzz"):
        hits = handle.retrieve(question)
        assert all(0.0 <= hit.score <= 1.0 for hit in hits)


@every_recipe
def test_a_recipe_answers_when_the_model_is_away(opened, recipe):
    away = ScriptedChat(
        dict.fromkeys(
            ("rerank", "think", "recognise", "rewrite", "likely_words", "navigate", "read_leaf"), LLMUnavailable("away")
        )
    )
    opened(recipe, scripted()).add(CONVERSATION)
    opened(recipe, scripted()).consolidate()
    handle = opened(recipe, away)
    check(handle, handle.retrieve(QUESTION, k=4), 4)


FILTERS = {
    "session": {"session": "s2"},
    "since": {"since": MAY + timedelta(days=2)},
    "until": {"until": MAY + timedelta(days=2)},
    "chunks": {"kinds": ["chunk"]},
    "facts": {"kinds": ["fact"]},
    "both": {"kinds": ["chunk", "fact"]},
    "where": {"where": {"topic": "craft"}},
    "subject": {"where": {"subject": "Ana"}},
    "as_of": {"as_of": MAY + timedelta(days=1, hours=1)},
}


def allowed(hit, filters):
    topic = hit.metadata.get("topic")
    return (
        ("session" not in filters or hit.session == filters["session"])
        and ("since" not in filters or hit.at >= filters["since"])
        and ("until" not in filters or hit.at < filters["until"])
        and ("kinds" not in filters or hit.kind in filters["kinds"])
        and ("as_of" not in filters or hit.at <= filters["as_of"])
        and all(
            {"topic": topic, "subject": hit.metadata.get("subject")}[key] == value
            for key, value in filters.get("where", {}).items()
        )
    )


@every_recipe
@pytest.mark.parametrize("thinking", [False, True], ids=["rules", "model"])
def test_no_recipe_returns_what_a_filter_excludes(opened, recipe, thinking):
    handle = opened(recipe, scripted() if thinking else None)
    handle.add([*CONVERSATION, said("My vase broke in Porto.", "Ben", "s2", 9, metadata={"topic": "craft"})])
    handle.consolidate()
    for filters in FILTERS.values():
        for k in (1, 50):
            hits = handle.retrieve("Luis and Ben in Porto", k=k, **filters)
            assert all(allowed(hit, filters) for hit in hits), (filters, hits)


@pytest.mark.parametrize("recipe", ["facts", "triples", "mixed", "summaries", "facts-iterative", "mixed-rerank"])
def test_a_filter_is_applied_before_the_best_are_cut(opened, recipe):
    handle = opened(recipe, scripted())
    handle.add([*CONVERSATION, *DOCUMENTS])
    handle.consolidate()
    kind = {"facts": "fact", "triples": "triple", "mixed": "chunk", "summaries": "summary"}[recipe.split("-")[0]]
    assert len(handle.retrieve("Porto", k=2, kinds=[kind])) == 2
    if kind == "fact":
        (hit,) = handle.retrieve("Luis lives in Porto", k=1, where={"subject": "Ana"})
        assert hit.metadata["subject"] == "Ana"


def ranking(handle, recipe, **filters):
    return [(hit.id, hit.score, dict(hit.signals)) for hit in handle.retrieve(QUESTION, k=50, recipe=recipe, **filters)]


@pytest.mark.parametrize("built", ["facts", "triples", "summaries", "mixed", "fader"])
def test_what_is_built_never_changes_how_the_texts_themselves_are_ranked(opened, built):
    opened("chunks").add([*CONVERSATION, *DOCUMENTS])
    handle = opened(built, scripted())
    before = ranking(handle, "chunks"), ranking(handle, "chunks", kinds=["chunk"])
    default = ranking(handle, "default")
    handle.consolidate()
    assert (ranking(handle, "chunks"), ranking(handle, "chunks", kinds=["chunk"])) == before
    if built == "summaries":
        assert ranking(handle, "default") == default


@every_recipe
def test_scopes_with_the_same_words_never_see_each_other(opened, recipe):
    chat = scripted()
    mine = opened(recipe, chat)
    store = mine._owner
    theirs, team = store.scope("acme", "ben"), store.scope("acme", "team")
    for handle in (mine, theirs, team):
        handle.add(CONVERSATION)
        handle.consolidate()
    asked = len(chat.requests)
    episodes = {handle: {m.sources[0].episode for m in in_all(handle, "chunk")} for handle in (mine, theirs, team)}
    for handle, own in episodes.items():
        hits = handle.retrieve(QUESTION, k=50)
        assert hits and {source.episode for hit in hits for source in hit.sources} <= own
        assert {hit.scope for hit in hits} == {handle.scope}
    if recipe not in ("chunks", "chunks-rerank", "chunks-iterative", "seal") and chat.requests:
        assert asked % 3 == 0 and asked > 0  # no scope was served the replies of another
    both = mine.reading(team.scope).retrieve(QUESTION, k=50)
    assert {hit.scope for hit in both} == {mine.scope, team.scope}
    mine.forget(everything=True)
    assert mine.retrieve(QUESTION) == []
    assert theirs.retrieve(QUESTION, k=50)


@every_recipe
def test_a_recipe_follows_what_is_reworded(opened, recipe):
    handle = opened(recipe, scripted())
    ids = handle.add(CONVERSATION).ids
    handle.consolidate()
    handle.retrieve(QUESTION)
    handle.update(ids[1], text="My brother Luis lives in Braga with his two dogs.")
    hits = handle.retrieve("Luis lives in Braga", k=20)
    assert not any(hit.kind == "chunk" and "Luis lives in Porto" in hit.text for hit in hits)
    handle.consolidate()
    hits = handle.retrieve("Luis lives in Braga", k=20)
    check(handle, hits, 20)
    if not recipe.startswith(("summaries", "triples")):
        assert any("Braga" in hit.text for hit in hits)


def test_recipes_that_share_kinds_do_not_build_them_twice(opened):
    opened("default", scripted()).add([*CONVERSATION, *DOCUMENTS])
    for thinking in (True, False):
        for recipe in ("default", "facts", "mixed", "triples", "hipporag2", "summaries"):
            handle = opened(recipe, scripted() if thinking else None)
            handle.consolidate()
    for kind in ("fact", "triple", "entity", "summary"):
        found = [(m.text, m.session, m.at) for m in in_all(handle, kind)]
        assert found and len(found) == len(set(found))
    assert len(in_all(handle, "fact")) == 7 and len(in_all(handle, "summary")) == 4


def test_every_recipe_says_what_it_is(opened):
    for name, recipe in RECIPES.items():
        assert recipe.name == name and recipe.summary and recipe.cost.write and recipe.cost.query
        assert {kind for make in recipe.structures for kind in make().kinds} <= DERIVED
