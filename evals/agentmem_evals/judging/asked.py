"""A judge that asks a chat model."""

from __future__ import annotations

from agentmem.errors import BudgetExhausted, LLMError
from agentmem.llm import ChatModel, Prompt
from agentmem.models.chat.structured import StructuredLLM
from agentmem_evals.judging.failed import JudgeFailed
from agentmem_evals.judging.judged import Judged, Verdict
from agentmem_evals.judging.replies import outcome
from agentmem_evals.judging.rubrics import UNTOLD, Rubric
from agentmem_evals.prompts import render
from agentmem_evals.reading.heard import HeardChat


class AskedJudge:
    """A protocol put to a model, at temperature 0. Satisfies :class:`agentmem_evals.judging.judged.Judge`."""

    def __init__(self, rubric: Rubric, chat: ChatModel) -> None:
        self._rubric = rubric
        self._chat = chat

    @property
    def name(self) -> str:
        """The protocol's name."""
        return self._rubric.name

    @property
    def model(self) -> str:
        """The model's name."""
        return self._chat.name

    def applies(self, item: Judged) -> bool:
        """See :class:`agentmem_evals.judging.judged.Judge`."""
        return self._rubric.applies(item)

    def judge(self, item: Judged) -> Verdict:
        """See :class:`agentmem_evals.judging.judged.Judge`."""
        prompt = prompt_for(self._rubric, item)
        heard = HeardChat(self._chat)
        llm = StructuredLLM(heard, max_tokens=self._rubric.max_tokens)
        try:
            reply = llm.complete(prompt, self._rubric.reply).value
        except BudgetExhausted:
            raise
        except LLMError as error:
            raise JudgeFailed(type(error).__name__, str(error), heard.usage) from error
        correct, reason = outcome(reply)
        return Verdict(correct, reason, heard.texts[-1], prompt.id, prompt.version, prompt.digest, usage=heard.usage)


def prompt_for(rubric: Rubric, item: Judged) -> Prompt:
    """What the model is asked about an answer. Further right answers stand under the gold, each after ``or``."""
    gold = "\n".join([item.gold or UNTOLD, *(f"or {alias}" for alias in item.aliases)])
    return render(rubric.prompt_of(item), question=item.question, gold=gold, said=item.said)
