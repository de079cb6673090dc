"""The judge ``facts`` put to a chat model: both lists of events are taken apart, and each fact is looked up.

FactScore (Min et al. 2023) as LoCoMo uses it for event summarisation (arXiv 2402.17753, section 4.2): precision is
about the summary's facts and the reference, recall about the reference's facts and the summary. No prompt of LoCoMo's
was published; the wording here is this project's own, so figures are near those of papers, not the same.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence

from agentmem.errors import BudgetExhausted, LLMError
from agentmem.llm import ChatModel
from agentmem.models.chat.structured import StructuredLLM
from agentmem_evals.judging.facts.records import CheckedFact, FactJudgement, FactRecord
from agentmem_evals.judging.facts.replies import FactList, verdicts_on
from agentmem_evals.judging.facts.sides import Sides
from agentmem_evals.judging.records import JUDGE
from agentmem_evals.prompts import render, template
from agentmem_evals.reading.heard import HeardChat
from agentmem_evals.runner.purse import usage_as_json
from agentmem_evals.runner.records import Failure

SPLIT = "facts_split"
CHECK = "facts_check"
NO_EVENTS = "The list has no events."
_LONGEST = 4096

KnownFacts = MutableMapping[tuple[str, tuple[str, ...]], tuple[str, ...]]
"""The facts of gold events that were taken apart before, by speaker and events."""


def fact_prompts() -> dict[str, str]:
    """The digests of the judge's prompts by id."""
    return {id: template(id).digest for id in (SPLIT, CHECK)}


class FactJudge:
    """Takes lists of events apart and looks each fact up, at temperature 0. Safe to use from several threads.

    Args:
        chat: the model that is asked: at most four times for a summary, and not about an empty list.
        known: facts of gold events, which several runs have in common: what is in it is not asked again, so that all
            runs are held against the same facts; what is asked is added.
    """

    def __init__(self, chat: ChatModel, known: KnownFacts | None = None) -> None:
        self._chat = chat
        self._known: KnownFacts = {} if known is None else known

    def judge(self, sides: Sides) -> FactRecord:
        """The facts of both sides with their verdicts, or how the model failed, which is no verdict.

        Raises:
            BudgetExhausted: nothing more may be spent.
        """
        heard = HeardChat(self._chat)
        try:
            said = _split(heard, sides.speaker, sides.said)
            gold = self._gold(heard, sides)
            checked_said = _check(heard, sides.speaker, said, sides.gold_in_all)
            checked_gold = _check(heard, sides.speaker, gold, sides.said_in_all)
        except BudgetExhausted:
            raise
        except LLMError as error:
            usage = usage_as_json(heard.usage)
            return Failure(sides.question_id, sides.body, sides.speaker, JUDGE, type(error).__name__, str(error), usage)
        return FactJudgement(
            question_id=sides.question_id,
            body=sides.body,
            speaker=sides.speaker,
            said=checked_said,
            gold=checked_gold,
            model=self._chat.name,
            judged=sides.digest,
            prompts=fact_prompts(),
            usage=usage_as_json(heard.usage),
        )

    def _gold(self, heard: HeardChat, sides: Sides) -> tuple[str, ...]:
        key = sides.speaker, sides.gold
        if key not in self._known:
            self._known[key] = _split(heard, *key)
        return self._known[key]


def _split(chat: ChatModel, speaker: str, events: Sequence[str]) -> tuple[str, ...]:
    if not events:
        return ()
    prompt = render(SPLIT, speaker=speaker, events="\n".join(events))
    reply = StructuredLLM(chat, max_tokens=_LONGEST).complete(prompt, FactList).value
    return tuple(dict.fromkeys(" ".join(fact.split()) for fact in reply.facts))


def _check(chat: ChatModel, speaker: str, facts: Sequence[str], reference: Sequence[str]) -> tuple[CheckedFact, ...]:
    if not facts or not reference:
        return tuple(CheckedFact(fact, supported=False, reason=NO_EVENTS) for fact in facts)
    numbered = "\n".join(f"{number}. {fact}" for number, fact in enumerate(facts, start=1))
    prompt = render(CHECK, speaker=speaker, facts=numbered, reference="\n".join(reference))
    reply = StructuredLLM(chat, max_tokens=_LONGEST).complete(prompt, verdicts_on(len(facts))).value
    return tuple(CheckedFact(fact, one.supported, one.reason) for fact, one in zip(facts, reply.verdicts, strict=True))
