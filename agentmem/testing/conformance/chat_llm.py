"""What every :class:`agentmem.llm.LLM` does."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from agentmem.errors import MalformedReply
from agentmem.llm import LLM, Completion, Prompt
from agentmem.prompts.library import render
from agentmem.prompts.replies.extraction import Extraction
from agentmem.prompts.replies.summaries import Summary
from agentmem.testing.chat_server import Answer, Messages
from agentmem.testing.conformance.chat import TEXTS, echo

NOISES = {
    "alone": "{}",
    "fenced": "```json\n{}\n```",
    "in prose": "Reasoning: {{a}} brace in [prose] is none.\n\nHere it is: {} I hope [it] helps }}",
    "after thinking": '<think>maybe {{"text": "wrong"}}?</think>\n{}',
}


def prompt_about(text: str) -> Prompt:
    """The prompt about one of the suite's texts."""
    return render("summarise", texts=text)


class LLMConformance:
    """Override the fixture ``make_llm``: a function that makes an LLM out of what the model behind it says."""

    @pytest.fixture
    def make_llm(self) -> Callable[[Answer], LLM]:
        """Override me."""
        raise NotImplementedError("Override the fixture make_llm: a function from an Answer to your LLM.")

    def test_it_has_the_protocols_methods(self, make_llm: Callable[[Answer], LLM]) -> None:
        llm = make_llm(echo)
        assert isinstance(llm, LLM)
        assert llm.name

    def test_a_reply_has_the_type_that_was_asked_for(self, make_llm: Callable[[Answer], LLM]) -> None:
        completion = make_llm(echo).complete(prompt_about(TEXTS[0]), Summary)
        assert completion.value == Summary(text=TEXTS[0])
        assert completion.usage.llm_calls == 1

    @pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES.keys())
    def test_what_stands_around_the_reply_is_passed_over(self, make_llm: Callable[[Answer], LLM], noise: str) -> None:
        def answer(messages: Messages) -> str:
            return noise.replace("{}", echo(messages)).replace("{{", "{").replace("}}", "}")

        completion = make_llm(answer).complete(prompt_about(TEXTS[0]), Summary)
        assert completion.value.text == TEXTS[0]
        assert completion.usage.llm_calls == 1

    def test_a_bad_reply_is_repaired_once_and_both_are_paid_for(self, make_llm: Callable[[Answer], LLM]) -> None:
        def answer(messages: Messages) -> str:
            return echo(messages) if len(messages) > 2 else '{"txt": "?"}'

        completion = make_llm(answer).complete(prompt_about(TEXTS[0]), Summary)
        assert completion.value.text == TEXTS[0]
        assert completion.usage.llm_calls == 2

    @pytest.mark.parametrize("said", ["", "I cannot.", "{}", "[]", "null", '{"text": " "}', '{"text": "Ana has'])
    def test_a_reply_that_stays_bad_is_an_error_never_an_empty_result(
        self, make_llm: Callable[[Answer], LLM], said: str
    ) -> None:
        asked: list[Messages] = []
        llm = make_llm(lambda messages: asked.append(messages) or said)  # type: ignore[func-returns-value]
        with pytest.raises(MalformedReply) as caught:
            llm.complete(prompt_about(TEXTS[0]), Summary)
        assert len(asked) == 2
        assert caught.value.retryable

    def test_the_error_tells_the_prompt_but_neither_text_nor_reply(self, make_llm: Callable[[Answer], LLM]) -> None:
        llm = make_llm(lambda _messages: '{"entities": "a secret"}')
        with pytest.raises(MalformedReply) as caught:
            llm.complete(render("extract", text="another secret", date="", title=""), Extraction)
        assert "extract" in str(caught.value)
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is None and caught.value.__context__ is None

    def test_many_replies_stand_in_the_order_of_their_prompts(self, make_llm: Callable[[Answer], LLM]) -> None:
        completions = make_llm(echo).complete_many([prompt_about(text) for text in TEXTS], Summary)
        assert [found.value.text for found in completions if isinstance(found, Completion)] == list(TEXTS)

    def test_failures_stand_in_their_places(self, make_llm: Callable[[Answer], LLM]) -> None:
        bad = {TEXTS[1], TEXTS[7]}

        def answer(messages: Messages) -> str:
            said = echo(messages)
            return "no" if json.loads(said)["text"] in bad else said

        found = make_llm(answer).complete_many([prompt_about(text) for text in TEXTS], Summary)
        assert [isinstance(each, MalformedReply) for each in found] == [text in bad for text in TEXTS]

    def test_no_prompts_have_no_replies(self, make_llm: Callable[[Answer], LLM]) -> None:
        assert make_llm(echo).complete_many([], Summary) == []
