"""Deciding about pairs with a language model: many pairs a prompt, thinking before the verdict, and guards behind it.

A model judges paraphrases that no rule sees, and over-merges and over-retires where nobody stops it. So its verdicts
pass the same vetoes as everybody's: what differs in a number, a name, a date or a "not" is not merged, and what is not
true at the same time is not ended. A pair without a valid verdict is an error to be tried again, never "independent".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agentmem.errors import BudgetExhausted, InvalidInput, LLMError, MalformedReply
from agentmem.llm import LLM, Prompt
from agentmem.prompts.library import render
from agentmem.prompts.replies.updating import PairVerdict, Update
from agentmem.text.budget import estimate_tokens
from agentmem.text.support import supported
from agentmem.types import Memory, Usage
from agentmem.updating.decision import Decided, Decision, Pair, Relation
from agentmem.updating.intervals import is_later, overlap
from agentmem.updating.vetoes import subjects_known, veto_of

PROMPT = "update"
MOST_PAIRS = 16
"""The most pairs in one prompt."""
MOST_TOKENS = 1_500
"""The most tokens of memories in one prompt, unless a single pair has more."""


@dataclass(frozen=True, slots=True)
class AskingDecider:
    """See the module's docstring.

    Attributes:
        llm: the model.
        most_pairs: see :data:`MOST_PAIRS`.
        most_tokens: see :data:`MOST_TOKENS`.
        count_tokens: how tokens are counted.

    Raises:
        InvalidInput: a limit below 1.
    """

    llm: LLM
    most_pairs: int = MOST_PAIRS
    most_tokens: int = MOST_TOKENS
    count_tokens: Callable[[str], int] = estimate_tokens

    def __post_init__(self) -> None:
        if self.most_pairs < 1 or self.most_tokens < 1:
            raise InvalidInput("A prompt about pairs holds at least 1 pair and 1 token.")

    def decide(self, pairs: Sequence[Pair]) -> Decided:
        """See :class:`agentmem.updating.decision.Decider`.

        Raises:
            BudgetExhausted: the budget was spent before anything was answered; where some prompts were answered, the
                error stands for the pairs of the others.
        """
        batches = list(_batches(pairs, self))
        if not batches:
            return Decided(())
        prompts = [prompt_of(batch) for batch in batches]
        answers = self.llm.complete_many(prompts, Update)
        decisions: list[Decision | LLMError] = []
        usage = Usage()
        for batch, answer in zip(batches, answers, strict=True):
            if isinstance(answer, LLMError):
                decisions += [answer] * len(batch)
            else:
                usage += answer.usage
                decisions += _read(batch, answer.value)
        spent = [answer for answer in answers if isinstance(answer, BudgetExhausted)]
        if spent and len(spent) == len(answers):
            raise spent[0]
        causes = [_cause(prompt) for prompt in prompts]
        return Decided(tuple(decisions), (causes[0],), usage)


def prompt_of(pairs: Sequence[Pair]) -> Prompt:
    """The question about some pairs, numbered from 0 in their order; each memory is one line."""
    lines: list[str] = []
    before: str | None = None
    for number, pair in enumerate(pairs):
        if pair.newer.id != before:
            lines.append(f"newer: {_line(pair.newer)}")
            before = pair.newer.id
        lines.append(f"  [{number}] older: {_line(pair.older)}")
    return render(PROMPT, pairs="\n".join(lines))


def guarded(pair: Pair, decision: Decision) -> Decision:
    """The decision, or ``INDEPENDENT`` with the reason why it must not be carried out.

    A wording that holds what neither memory says is dropped; the newer's own stands then.
    """
    relation = decision.relation
    if relation == Relation.INDEPENDENT:
        return decision
    reason = _against(pair, relation)
    if reason is not None:
        return Decision(Relation.INDEPENDENT, f"{relation}, but {reason}")
    text = (decision.text or "").strip()
    if relation != Relation.REFINES or not text or text == pair.newer.text:
        return Decision(relation, decision.reason)
    if not supported(text, (pair.older.text, pair.newer.text), None):
        return Decision(relation, "its wording was not supported; the newer's own is kept")
    return Decision(relation, decision.reason, text)


def _against(pair: Pair, relation: Relation) -> str | None:
    if not overlap(pair.older, pair.newer):
        return "their times do not overlap"
    if relation in (Relation.REPEATS, Relation.REFINES):
        return veto_of(pair)
    if not is_later(pair.newer, pair.older):
        return "the newer speaks of an earlier time"
    return subjects_known(pair)


def _batches(pairs: Sequence[Pair], limits: AskingDecider) -> Iterator[list[Pair]]:
    """Consecutive pairs, as many as the limits allow at once; a newer memory is counted once in each."""
    batch: list[Pair] = []
    spent, before = 0, None
    for pair in pairs:
        tokens = limits.count_tokens(_line(pair.older))
        header = limits.count_tokens(_line(pair.newer))
        more = tokens + (header if pair.newer.id != before else 0)
        if batch and (len(batch) >= limits.most_pairs or spent + more > limits.most_tokens):
            yield batch
            batch, spent, more = [], 0, tokens + header
        batch.append(pair)
        spent += more
        before = pair.newer.id
    if batch:
        yield batch


def _line(memory: Memory) -> str:
    """One line, so that no text can pass for another memory."""
    ended = f" until {memory.valid_to:%Y-%m-%d}" if memory.valid_to is not None else ""
    speaker = f" {memory.speaker}:" if memory.speaker else ""
    return f"({memory.valid_from:%Y-%m-%d}{ended}){speaker} {' '.join(memory.text.split())}"


def _read(batch: Sequence[Pair], reply: Update) -> list[Decision | LLMError]:
    """A decision or an error for each pair: verdicts that contradict each other are none."""
    given: dict[int, list[PairVerdict]] = {}
    for verdict in reply.verdicts:
        given.setdefault(verdict.pair, []).append(verdict)
    return [_decision(pair, given.get(number, [])) for number, pair in enumerate(batch)]


def _decision(pair: Pair, verdicts: Sequence[PairVerdict]) -> Decision | LLMError:
    words = {verdict.relation.strip().lower() for verdict in verdicts}
    if len(words) != 1:
        said = "no verdict" if not words else "verdicts that contradict each other"
        return MalformedReply(
            f"The model gave {said} about a pair of memories. Nothing was changed; consolidate again."
        )
    word = words.pop()
    if word not in set(Relation):
        return MalformedReply(
            "The model's verdict about a pair of memories is none of the five. Nothing was changed; consolidate again."
        )
    return guarded(pair, Decision(Relation(word), "the model's verdict", verdicts[0].text))


def _cause(prompt: Prompt) -> dict[str, object]:
    return {"prompt": prompt.id, "version": prompt.version, "digest": prompt.digest}
