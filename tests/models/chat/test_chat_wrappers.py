"""Retrying, metering, budgets and the cache: each around a script."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import (
    BudgetExhausted,
    InvalidInput,
    LLMError,
    LLMRefused,
    LLMUnavailable,
    MalformedReply,
    NoRecording,
)
from agentmem.llm import ChatReply
from agentmem.models.chat.budget import Budget
from agentmem.models.chat.budgeting import BudgetedChat
from agentmem.models.chat.caching import CachingChat, key_of
from agentmem.models.chat.metering import MeteredChat
from agentmem.models.chat.retrying import RetryingChat, half_to_full
from agentmem.models.chat.structured import StructuredLLM
from agentmem.prompts.replies.summaries import Summary
from agentmem.testing.chat import ScriptedChat
from agentmem.testing.conformance.chat import TEXTS, echo, request_about
from agentmem.types import Usage

GOOD = '{"text": "Ana has cats."}'
DOWN = LLMUnavailable("down")


def script(*lines) -> ScriptedChat:
    return ScriptedChat({"summarise": list(lines)})


class Replies(dict):
    def put(self, key, text) -> None:
        self[key] = text


class TestRetrying:
    def retrying(self, chat, **options):
        waits: list[float] = []
        return RetryingChat(chat, sleep=waits.append, jitter=lambda: 1.0, **options), waits

    def test_waits_double_up_to_the_longest(self, request_) -> None:
        chat, waits = self.retrying(script(*[DOWN] * 5, GOOD), attempts=6, first_wait=2.0, longest_wait=10.0)
        assert chat.reply(request_).text == GOOD
        assert waits == [2.0, 4.0, 8.0, 10.0, 10.0]

    def test_the_last_failure_is_raised_without_another_wait(self, request_) -> None:
        inner = script(*[LLMUnavailable(str(n)) for n in range(9)])
        chat, waits = self.retrying(inner)
        with pytest.raises(LLMUnavailable, match="3"):
            chat.reply(request_)
        assert (len(inner.requests), waits) == (4, [1.0, 2.0, 4.0])

    @pytest.mark.parametrize(
        "error", [LLMRefused("no"), BudgetExhausted("spent"), NoRecording("?"), MalformedReply("!")]
    )
    def test_other_errors_are_not_tried_again(self, request_, error: LLMError) -> None:
        inner = script(error, GOOD)
        chat, waits = self.retrying(inner)
        with pytest.raises(type(error)):
            chat.reply(request_)
        assert (len(inner.requests), waits) == (1, [])

    def test_the_server_is_given_the_time_it_asks_for(self, request_) -> None:
        chat, waits = self.retrying(script(LLMUnavailable("wait", 7.5), LLMUnavailable("wait", 0.1), GOOD))
        chat.reply(request_)
        assert waits == [7.5, 2.0]

    def test_a_server_that_asks_for_too_long_is_not_waited_for(self, request_) -> None:
        chat, waits = self.retrying(script(LLMUnavailable("tomorrow", 3_600.0), GOOD))
        with pytest.raises(LLMUnavailable) as caught:
            chat.reply(request_)
        assert (caught.value.retry_after, waits) == (3_600.0, [])

    def test_chance_makes_waits_shorter_by_half_at_most(self) -> None:
        assert all(0.5 <= half_to_full() <= 1.0 for _ in range(100))

    def test_many_attempts_do_not_overflow(self, request_) -> None:
        chat, waits = self.retrying(script(*[DOWN] * 1_999, GOOD), attempts=2_000)
        assert chat.reply(request_).text == GOOD
        assert max(waits) == 30.0

    @pytest.mark.parametrize("options", [{"attempts": 0}, {"first_wait": -1.0}, {"longest_wait": -1.0}])
    def test_senseless_settings_are_refused(self, options) -> None:
        with pytest.raises(InvalidInput):
            RetryingChat(script(), **options)


class TestMetering:
    def test_replies_add_up_and_failures_are_calls_too(self, request_) -> None:
        paid = Usage(llm_calls=1, prompt_tokens=10, completion_tokens=2)
        chat = MeteredChat(script(ChatReply(GOOD, paid), DOWN, ChatReply(GOOD, paid)))
        chat.reply(request_)
        with pytest.raises(LLMUnavailable):
            chat.reply(request_)
        chat.reply(request_)
        assert (chat.calls, chat.usage) == (3, Usage(llm_calls=2, prompt_tokens=20, completion_tokens=4))

    def test_no_thread_is_missed(self, request_) -> None:
        chat = MeteredChat(ScriptedChat({"summarise": ChatReply(GOOD, Usage(llm_calls=1, prompt_tokens=3))}))
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(chat.reply, [request_] * 400))
        assert (chat.calls, chat.usage) == (400, Usage(llm_calls=400, prompt_tokens=1_200))


class TestBudget:
    PAID = ChatReply(GOOD, Usage(llm_calls=1, prompt_tokens=600, completion_tokens=400))

    def spend(self, budget: Budget, request_) -> int:
        inner = ScriptedChat({"summarise": self.PAID})
        chat = BudgetedChat(inner, budget)
        for _ in range(20):
            try:
                chat.reply(request_)
            except BudgetExhausted:
                break
        assert chat.spent.llm_calls == len(inner.requests)
        return len(inner.requests)

    @pytest.mark.parametrize(
        ("budget", "calls"),
        [
            (Budget(calls=0), 0),
            (Budget(calls=3), 3),
            (Budget(tokens=0), 0),
            (Budget(tokens=2_000), 2),
            (Budget(tokens=2_001), 3),
            (Budget(usd=0.004, usd_per_million_prompt=1.0, usd_per_million_completion=3.5), 2),
            (Budget(usd=0.001, usd_per_million_prompt=0, usd_per_million_completion=0), 20),
            (Budget(calls=5, tokens=1_500), 2),
            (Budget(), 20),
        ],
    )
    def test_nothing_is_asked_once_it_is_spent(self, request_, budget: Budget, calls: int) -> None:
        assert self.spend(budget, request_) == calls

    @pytest.mark.parametrize(
        "fields",
        [
            {"usd": 1.0},
            {"usd": 1.0, "usd_per_million_prompt": 1.0},
            {"calls": -1},
            {"tokens": -1},
            {"usd": float("nan"), "usd_per_million_prompt": 1.0, "usd_per_million_completion": 1.0},
            {"usd_per_million_prompt": -0.1},
        ],
    )
    def test_a_senseless_budget_is_refused(self, fields) -> None:
        with pytest.raises(InvalidInput):
            Budget(**fields)

    @pytest.mark.parametrize("limit", [1, 7])
    def test_calls_made_at_once_do_not_exceed_it(self, request_, limit: int) -> None:
        everybody_asked = threading.Barrier(limit)

        def wait_for_the_others(_request):
            everybody_asked.wait(20)  # so that all calls allowed are under way together
            return GOOD

        inner = ScriptedChat({"summarise": wait_for_the_others})
        llm = StructuredLLM(BudgetedChat(inner, Budget(calls=limit)), concurrency=16)
        found = llm.complete_many([request_.prompt] * 16, Summary)
        assert len(inner.requests) == limit
        assert sum(isinstance(each, BudgetExhausted) for each in found) == 16 - limit

    def test_a_call_that_fails_is_not_counted(self, request_) -> None:
        chat = BudgetedChat(script(DOWN, GOOD, GOOD), Budget(calls=1))
        with pytest.raises(LLMUnavailable):
            chat.reply(request_)
        assert chat.reply(request_).text == GOOD
        with pytest.raises(BudgetExhausted, match="1 calls"):
            chat.reply(request_)

    def test_a_model_that_says_it_cost_nothing_is_one_call_nevertheless(self, request_) -> None:
        chat = BudgetedChat(ScriptedChat({"summarise": ChatReply(GOOD)}), Budget(calls=1))
        chat.reply(request_)
        with pytest.raises(BudgetExhausted):
            chat.reply(request_)

    def test_a_repair_is_a_call(self, request_) -> None:
        llm = StructuredLLM(BudgetedChat(script("?", GOOD), Budget(calls=1)))
        with pytest.raises(BudgetExhausted):
            llm.complete(request_.prompt, Summary)


class TestCaching:
    def test_a_request_is_answered_once_and_then_free(self, request_) -> None:
        inner, replies = ScriptedChat({"summarise": lambda request: echo(request.messages())}), Replies()
        first, again = (CachingChat(inner, replies).reply(request_) for _ in range(2))
        assert first.text == again.text
        assert (len(inner.requests), again.usage) == (1, Usage())

    @pytest.mark.parametrize(
        "line",
        [
            ChatReply(GOOD, truncated=True),
            "no JSON",
            '{"txt": "?"}',
            '{"text": ""}',
            '{"text": 5}',
            '[{"text": "a list"}]',
        ],
    )
    def test_what_will_be_refused_is_not_kept(self, request_, line) -> None:
        inner, replies = script(line, GOOD), Replies()
        chat = CachingChat(inner, replies)
        chat.reply(request_)
        assert replies == {}
        assert chat.reply(request_).text == GOOD
        assert list(replies.values()) == [GOOD]

    def test_an_error_is_not_kept(self, request_) -> None:
        chat = CachingChat(script(DOWN, GOOD), Replies())
        with pytest.raises(LLMUnavailable):
            chat.reply(request_)
        assert chat.reply(request_).text == GOOD

    def test_everything_that_changes_an_answer_changes_the_key(self, request_) -> None:
        prompt = request_.prompt
        others = [
            request_about(TEXTS[1]),
            replace(request_, temperature=0.5),
            replace(request_, schema={}),
            replace(request_, repairs=(("a", "b"),)),
            *(
                replace(request_, prompt=replace(prompt, **change))
                for change in ({"id": "other"}, {"version": 2}, {"digest": "0"}, {"system": "?"}, {"user": "?"})
            ),
        ]
        keys = {key_of("a", request_), key_of("b", request_), *(key_of("a", other) for other in others)}
        assert len(keys) == len(others) + 2
        assert all(len(key) == 32 for key in keys)
        assert key_of("a", request_) == key_of("a", replace(request_))

    @given(st.text())
    def test_any_text_has_a_key(self, text: str) -> None:
        assert key_of("a", request_about(text)) == key_of("a", request_about(text))
