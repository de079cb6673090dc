"""Every exchange with a language model is a span: what it cost, how often it was asked again, and why it failed."""

from __future__ import annotations

import pytest
from opentelemetry.trace import SpanKind
from pydantic import BaseModel

from agentmem.errors import LLMUnavailable
from agentmem.llm import ChatReply, Completion
from agentmem.models.chat.budget import Budget
from agentmem.models.chat.retrying import RetryingChat
from agentmem.testing import ScriptedChat
from agentmem.types import Usage

EMPTY = '{"entities": [], "triples": [], "facts": [], "summary": ""}'
LABELS = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-test",
    "agentmem.prompt": "extract",
}


def scripted(*said):
    return ScriptedChat({"extract": list(said)}, name="openai:gpt-test")


def priced(prompt, completion):
    return ChatReply(EMPTY, Usage(llm_calls=1, prompt_tokens=prompt, completion_tokens=completion))


def test_a_consolidation_holds_the_structure_which_holds_the_exchange(opened, watched, chat):
    memory = opened(recipe="facts", llm=chat).scope("a")
    memory.add("I moved to Lisbon.", speaker="Ana", session="s1")
    memory.consolidate()
    exchange = watched.one("chat gpt-test")
    assert exchange.kind is SpanKind.CLIENT
    assert watched.parent(exchange) == "agentmem.follow extract:fact"
    structure = watched.one("agentmem.follow extract:fact")
    assert watched.parent(structure) == "agentmem.consolidate"
    assert structure.attributes["agentmem.added"] == 1 and structure.attributes["agentmem.llm.calls"] == 1
    assert {key: exchange.attributes[key] for key in LABELS} == LABELS
    assert exchange.attributes["agentmem.cached"] is False
    assert exchange.attributes["gen_ai.response.finish_reasons"] == ("stop",)


def test_tokens_and_cost_are_told(opened, watched):
    memory = opened(recipe="facts", llm=scripted(priced(1_000, 200))).scope("a")
    memory.add("I moved to Lisbon.", session="s1")
    memory.consolidate(budget=Budget(calls=5, usd_per_million_prompt=0.5, usd_per_million_completion=2.0))
    exchange = watched.one("chat gpt-test")
    assert exchange.attributes["gen_ai.usage.input_tokens"] == 1_000
    assert exchange.attributes["gen_ai.usage.output_tokens"] == 200
    # 1000 * 0.5 / 1e6 + 200 * 2 / 1e6 = 0.0005 + 0.0004
    assert exchange.attributes["agentmem.llm.cost"] == pytest.approx(0.0009)
    assert watched.metric("agentmem.llm.cost") == [(LABELS, pytest.approx(0.0009), 1)]
    assert sorted(watched.metric("gen_ai.client.token.usage"), key=lambda point: point[1]) == [
        ({**LABELS, "gen_ai.token.type": "output"}, 200, 1),
        ({**LABELS, "gen_ai.token.type": "input"}, 1_000, 1),
    ]
    ((labels, _seconds, count),) = watched.metric("gen_ai.client.operation.duration")[-1:]
    assert labels.items() >= LABELS.items() and count == 1


def test_without_prices_no_cost_is_told(opened, watched):
    memory = opened(recipe="facts", llm=scripted(priced(1_000, 200), priced(500, 100))).scope("a")
    memory.add("I moved to Lisbon.", session="s1")
    memory.consolidate()
    memory.add("I moved to Porto.", session="s2")
    memory.consolidate(budget=Budget(calls=5))
    assert len(watched.named("chat gpt-test")) == 2
    assert not any("agentmem.llm.cost" in span.attributes for span in watched.spans)
    assert watched.metric("agentmem.llm.cost") == []


def test_a_reply_that_was_kept_costs_nothing_and_says_so(opened, watched):
    memory = opened(recipe="facts", llm=scripted(priced(1_000, 200))).scope("a")
    memory.add("I moved to Lisbon.", session="s1")
    memory.consolidate(dry_run=True)
    memory.consolidate()
    asked, kept = watched.named("chat gpt-test")
    assert (asked.attributes["agentmem.cached"], kept.attributes["agentmem.cached"]) == (False, True)
    assert "gen_ai.usage.input_tokens" not in kept.attributes
    assert sum(count for _labels, _sum, count in watched.metric("gen_ai.client.token.usage")) == 2


def test_retries_are_told_when_it_answers_in_the_end_and_when_it_does_not(opened, watched):
    down = LLMUnavailable("gustavo is not there")
    chat = RetryingChat(scripted(down, down, priced(10, 10), *[down] * 4), sleep=lambda _seconds: None)
    memory = opened(recipe="facts", llm=chat).scope("a")
    memory.add("I moved to Lisbon.", session="s1")
    memory.consolidate()
    memory.add("I moved to Porto.", session="s2")
    done = memory.consolidate()
    assert len(done.failures) == 1
    answered, failed = watched.named("chat gpt-test")
    assert answered.attributes["agentmem.llm.retries"] == 2 and "error.type" not in answered.attributes
    assert failed.attributes["agentmem.llm.retries"] == 3 and failed.attributes["error.type"] == "LLMUnavailable"
    assert watched.metric("agentmem.llm.retries") == [(LABELS, 5, 1)]
    assert watched.metric("agentmem.failures") == [
        ({"agentmem.follower": "extract:fact", "error.type": "LLMUnavailable"}, 1, 1)
    ]
    assert "gustavo" not in watched.exported()


def test_a_repair_is_an_exchange_of_its_own(opened, watched):
    memory = opened(recipe="facts", llm=scripted("no JSON", priced(10, 10))).scope("a")
    memory.add("I moved to Lisbon.", session="s1")
    memory.consolidate()
    assert [span.attributes["agentmem.repairs"] for span in watched.named("chat gpt-test")] == [0, 1]


def test_a_refused_call_of_a_spent_budget_is_an_error(opened, watched):
    memory = opened(recipe="facts", llm=scripted(priced(10, 10))).scope("a")
    memory.add("I moved to Lisbon.", session="s1")
    done = memory.consolidate(budget=Budget(calls=0))
    assert done.built[0].stopped
    assert watched.one("chat gpt-test").attributes["error.type"] == "BudgetExhausted"
    assert watched.one("agentmem.follow extract:fact").attributes["agentmem.stopped"] is True


def test_an_llm_of_its_own_kind_is_watched_from_outside(opened, watched):
    class Own:
        name = "own"

        def complete(self, prompt, schema: type[BaseModel]):
            return Completion(schema.model_validate_json(EMPTY), Usage(1, 0.0, 1, 7, 3))

        def complete_many(self, prompts, schema):
            return [self.complete(prompt, schema) for prompt in prompts]

    memory = opened(recipe="facts", llm=Own()).scope("a")
    memory.add("I moved to Lisbon.", session="s1")
    memory.consolidate()
    exchange = watched.one("chat own")
    assert exchange.attributes["gen_ai.usage.input_tokens"] == 7
    assert exchange.attributes["gen_ai.provider.name"] == "_OTHER"


def test_exchanges_made_at_once_in_threads_are_all_inside(opened, watched, chat):
    memory = opened(recipe="facts", llm=chat).scope("a")
    for session in range(6):
        memory.add(f"I have a cat named c{session}.", speaker="Ana", session=f"s{session}")
    memory.consolidate()
    exchanges = watched.named("chat gpt-test")
    assert len(exchanges) == 6
    assert {watched.parent(span) for span in exchanges} == {"agentmem.follow extract:fact"}
