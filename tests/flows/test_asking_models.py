"""The language model at the time of a question: held to a budget, not asked twice, forgotten with the scope."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle

import pytest
from small_world import CONVERSATION, QUESTION, scripted

from agentmem import AgentMemory
from agentmem.aio import AsyncAgentMemory
from agentmem.errors import InvalidInput, LLMUnavailable, StoreReadOnly
from agentmem.llm import Completion
from agentmem.models.chat.budget import Budget
from agentmem.recipes import RECIPES
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat
from agentmem.types import Scope, Usage

TURNS = ("We talked about my family.", "Luis, for example.")
every_recipe = pytest.mark.parametrize("recipe", RECIPES)
ASKING = [name for name, recipe in RECIPES.items() if recipe.cost.query != "0"]
every_asking_recipe = pytest.mark.parametrize("recipe", ASKING)


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(recipe, llm=None, *names):
        stores.append(AgentMemory.open(database, recipe=recipe, llm=llm, embedder=FakeEmbedder(), clock=clock))
        return stores[-1].scope(*(names or ("acme", "ana")))

    yield open_it
    for store in stores:
        store.close()


@pytest.fixture
def built(opened):
    """A scope in which a recipe was built, with a model that has an answer to everything; and that model, fresh."""

    def build(recipe, **words):
        handle = opened(recipe, scripted())
        handle.add(CONVERSATION)
        assert handle.consolidate().done
        chat = scripted(**words)
        return opened(recipe, chat), chat

    return build


def ranking(hits):
    return [(hit.id, hit.score) for hit in hits]


@every_recipe
def test_without_any_budget_left_a_recipe_answers_as_without_a_model(built, opened, recipe):
    handle, chat = built(recipe)
    hits = handle.retrieve(QUESTION, budget=Budget(calls=0), conversation=TURNS)
    assert chat.requests == [] and hits.usage == Usage() and hits
    assert "0 calls" in hits.stopped and hits.failures == ()
    if recipe != "hipporag2":  # its filter is left out, where the walk by rules would start elsewhere
        assert ranking(hits) == ranking(opened(recipe).retrieve(QUESTION, conversation=TURNS))


@every_asking_recipe
@pytest.mark.parametrize("calls", [1, 2, 3])
def test_no_recipe_asks_more_than_the_budget_allows(built, recipe, calls):
    handle, chat = built(recipe)
    hits = handle.retrieve(QUESTION, budget=Budget(calls=calls), conversation=TURNS)
    assert hits and len(chat.requests) == hits.usage.llm_calls <= calls
    unlimited = handle.retrieve(QUESTION, conversation=TURNS)
    assert unlimited.stopped is None
    assert (hits.stopped is not None) == (unlimited.usage.llm_calls > 0)


@every_asking_recipe
def test_what_was_asked_before_is_free(built, opened, recipe):
    handle, chat = built(recipe)
    first = handle.retrieve(QUESTION, conversation=TURNS)
    asked = len(chat.requests)
    assert first.usage.llm_calls == asked > 1 and first.usage.prompt_tokens > 0 and first.stopped is None
    again = handle.retrieve(QUESTION, conversation=TURNS, budget=Budget(calls=0))
    assert ranking(again) == ranking(first) and again.usage == Usage() and again.stopped is None
    elsewhere = opened(recipe, ScriptedChat({}))  # another process
    assert ranking(elsewhere.retrieve(QUESTION, conversation=TURNS)) == ranking(first)
    assert len(chat.requests) == asked


def test_a_recipe_that_asks_nothing_costs_nothing(built):
    handle, chat = built("default")
    hits = handle.retrieve(QUESTION)
    assert isinstance(hits, list) and hits.usage == Usage() and hits.stopped is None and chat.requests == []


def test_replies_are_forgotten_with_the_scope(built):
    handle, chat = built("chunks-rerank")
    handle.retrieve(QUESTION)
    asked = len(chat.requests)
    handle.retrieve(QUESTION)
    assert len(chat.requests) == asked
    handle.forget(about="pottery")
    handle.retrieve(QUESTION)
    assert len(chat.requests) == 2 * asked


def test_a_reply_about_what_is_forgotten_meanwhile_is_not_kept(built):
    def forgets(request):
        handle.forget(about="pottery")
        return json.dumps({"thought": "pottery", "enough": True})

    handle, chat = built("chunks-iterative", think=forgets)
    handle.retrieve(QUESTION)
    with handle._owner.parts.store.read(handle.scope) as reader:
        tables = reader.connection.exec_driver_sql("select count(*) from replies").scalar()
    assert tables == 0 and len(chat.requests) == 1


def test_every_scope_keeps_its_own_replies(built):
    handle, chat = built("chunks-rerank")
    team = handle._owner.scope("acme", "team")
    team.add(CONVERSATION)
    both = handle.reading(team.scope)
    hits = both.retrieve(QUESTION, conversation=TURNS)
    assert len(chat.requests) == hits.usage.llm_calls == 3  # the conversation is mine: it is rewritten once
    both.retrieve(QUESTION, conversation=TURNS)
    assert len(chat.requests) == 3
    handle.forget(everything=True)
    team.retrieve(QUESTION)
    assert len(chat.requests) == 3  # nothing of the team's was forgotten
    both.retrieve(QUESTION, conversation=TURNS)
    assert [request.prompt.id for request in chat.requests[3:]] == ["decontextualise"]


def test_one_budget_holds_for_all_scopes(built):
    handle, chat = built("chunks-rerank")
    team = handle._owner.scope("acme", "team")
    team.add(CONVERSATION)
    hits = handle.reading(team.scope).retrieve(QUESTION, conversation=TURNS, budget=Budget(calls=2))
    assert len(chat.requests) == 2 and hits.stopped and {hit.scope for hit in hits} == {handle.scope, team.scope}


def test_a_question_brings_no_scope_into_being(opened):
    chat = scripted()
    handle = opened("default", chat, "nobody")
    assert handle.retrieve(QUESTION, conversation=TURNS) == [] and len(chat.requests) == 1
    assert Scope("nobody") not in handle._owner.scopes()


def test_where_nothing_can_be_written_the_answer_is_given_all_the_same(built, monkeypatch, caplog):
    handle, chat = built("chunks-rerank")
    store = handle._owner.parts.store

    def refuse(_store, _scope):
        raise StoreReadOnly("The database is read-only.")

    monkeypatch.setattr(type(store), "write", refuse)
    with caplog.at_level(logging.INFO):
        first = handle.retrieve(QUESTION)
    assert first.usage.llm_calls == 1 and first.failures == () and "read-only" in caplog.text
    assert ranking(handle.retrieve(QUESTION)) == ranking(first) and len(chat.requests) == 2


def test_what_failed_is_said(built, caplog):
    handle, _chat = built("default-iterative", think=LLMUnavailable("The server is away."))
    hits = handle.retrieve(QUESTION)
    assert hits and hits.failures == ("LLMUnavailable: The server is away.",) and hits.stopped is None
    assert "The server is away." in caplog.text and QUESTION not in caplog.text


def test_a_budget_that_does_not_reach_for_all_goes_to_the_best(opened):
    def judged(request):
        documents = request.prompt.variables["documents"].splitlines()
        return json.dumps({"scores": [{"number": n, "score": 5} for n in range(len(documents))]})

    chat = ScriptedChat({"rerank": judged})
    handle = opened("chunks-rerank", chat)
    handle.add([f"Luis is number {n} of those who live here." for n in range(60)])
    plain = handle.retrieve(QUESTION, k=60, recipe="chunks")
    hits = handle.retrieve(QUESTION, k=60, budget=Budget(calls=2))
    assert len(chat.requests) == 2 and hits.stopped
    assert [hit.id for hit in hits] == [hit.id for hit in plain]
    assert [hit.signals["judged"] > 0 for hit in hits] == [True] * 20 + [False] * 40
    hits = handle.retrieve(QUESTION, k=60, budget=Budget(calls=2))  # what was judged is free: two more batches
    assert [hit.signals["judged"] > 0 for hit in hits] == [True] * 40 + [False] * 20


def test_a_budget_may_be_of_tokens(built):
    handle, chat = built("chunks-iterative")
    hits = handle.retrieve(QUESTION, budget=Budget(tokens=1), conversation=TURNS)
    assert len(chat.requests) == 1 and "1 tokens" in hits.stopped


class Own:
    """A language model that is no chat model."""

    name = "own"

    def complete(self, prompt, schema):
        return Completion(schema(thought="Luis", enough=True), Usage(llm_calls=1, prompt_tokens=7))

    def complete_many(self, prompts, schema):
        return [self.complete(prompt, schema) for prompt in prompts]


def test_a_model_of_ones_own_kind_tells_what_it_cost_and_cannot_be_held_to_a_budget(opened):
    handle = opened("chunks-iterative", Own())
    handle.add(CONVERSATION)
    assert handle.retrieve(QUESTION).usage == Usage(llm_calls=1, prompt_tokens=7)
    with pytest.raises(InvalidInput, match="ChatModel"):
        handle.retrieve(QUESTION, budget=Budget(calls=1))


def test_a_budget_without_a_model_changes_nothing(opened):
    handle = opened("default-rerank")
    handle.add(CONVERSATION)
    hits = handle.retrieve(QUESTION, budget=Budget(calls=3))
    assert ranking(hits) == ranking(handle.retrieve(QUESTION)) and hits.stopped is None


def test_a_block_for_a_prompt_is_held_to_a_budget_too(built, caplog):
    handle, chat = built("chunks-rerank")
    with caplog.at_level(logging.INFO):
        block = handle.context(QUESTION, budget=Budget(calls=0))
    assert "Luis" in block and chat.requests == [] and "0 calls" in caplog.text


def test_the_same_awaited(database, clock):
    async def run():
        chat = scripted()
        async with AsyncAgentMemory.open(
            database, recipe="chunks-rerank", llm=chat, embedder=FakeEmbedder(), clock=clock
        ) as store:
            handle = store.scope("a")
            await handle.add(CONVERSATION)
            none = await handle.retrieve(QUESTION, budget=Budget(calls=0))
            block = await handle.context(QUESTION, budget=Budget(calls=0))
            return none, block, await handle.retrieve(QUESTION, budget=Budget(calls=1)), len(chat.requests)

    none, block, some, asked = asyncio.run(run())
    assert none.stopped and block and some.usage.llm_calls == 1 == asked and some.stopped is None


def test_hits_can_be_copied_and_sent(built):
    handle, _chat = built("chunks-iterative")
    hits = handle.retrieve(QUESTION, budget=Budget(calls=1))
    for twin in (copy.deepcopy(hits), pickle.loads(pickle.dumps(hits))):
        assert twin == hits and (twin.usage, twin.stopped) == (hits.usage, hits.stopped)


def test_failures_are_not_kept(built):
    replies = ["nonsense", "nonsense", json.dumps({"thought": "Luis", "enough": True})]
    handle, chat = built("chunks-iterative", think=replies)
    assert handle.retrieve(QUESTION).failures[0].startswith("MalformedReply")
    assert handle.retrieve(QUESTION).failures == () and len(chat.requests) == 3
