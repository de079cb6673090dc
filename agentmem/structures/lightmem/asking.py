"""Asking what later entries do to earlier ones: one decision for each entry, several entries in a prompt.

LightMem (arXiv 2510.18866, section 3.3) makes a call for each entry that has sources, many at the same time. Entries
do not depend on each other, so as many as fit are asked about in one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from agentmem.errors import BudgetExhausted, LLMError, MalformedReply
from agentmem.llm import LLM, Prompt
from agentmem.prompts.library import render
from agentmem.prompts.replies.updating import EntryDecision, EntryDecisions
from agentmem.structures.lightmem.queues import Target
from agentmem.text.support import lexical_support
from agentmem.types import Memory, Usage
from agentmem.updating.asking import guarded
from agentmem.updating.consequences import Ruling
from agentmem.updating.decision import Decision, Pair, Relation
from agentmem.updating.vocabularies import LightMem as Word
from agentmem.updating.vocabularies import from_lightmem

PROMPT = "lightmem_update"
MOST_TARGETS = 12
"""The most entries in one prompt."""
MOST_TOKENS = 1_500
"""The most tokens of entries in one prompt, unless a single one has more."""
HELD = 0.6
"""The share of an entry's words that a wording must hold to stand for it."""


@dataclass(slots=True)
class Answered:
    """What was decided about some entries, about which nothing could be, and what it cost."""

    rulings: list[Ruling] = field(default_factory=list)
    failed: list[tuple[tuple[Target, ...], LLMError]] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)


def batches(targets: Sequence[Target], count_tokens: Callable[[str], int]) -> Iterator[tuple[Target, ...]]:
    """Consecutive entries, as many as a prompt may hold."""
    batch: list[Target] = []
    spent = 0
    for target in targets:
        tokens = count_tokens("\n".join(_lines(0, target)))
        if batch and (len(batch) >= MOST_TARGETS or spent + tokens > MOST_TOKENS):
            yield tuple(batch)
            batch, spent = [], 0
        batch.append(target)
        spent += tokens
    if batch:
        yield tuple(batch)


def prompt_of(targets: Sequence[Target]) -> Prompt:
    """The question about some entries, numbered from 0; each entry, earlier or later, is one line."""
    return render(PROMPT, entries="\n".join(line for n, target in enumerate(targets) for line in _lines(n, target)))


def ask(asked: Sequence[tuple[Target, ...]], llm: LLM) -> Answered:
    """A prompt for each batch, all at once. A spent budget is among the failures, as it comes from the model."""
    found = Answered(prompts=[prompt_of(batch) for batch in asked])
    answers = llm.complete_many(found.prompts, EntryDecisions) if found.prompts else []
    for batch, answer in zip(asked, answers, strict=True):
        if isinstance(answer, LLMError):
            found.failed.append((batch, answer))
        else:
            found.usage += answer.usage
            _read(batch, answer.value, found)
    return found


def spent_in(answered: Answered) -> BudgetExhausted | None:
    """The error that says so, where the budget did not last for all."""
    return next((error for _targets, error in answered.failed if isinstance(error, BudgetExhausted)), None)


def ruling(target: Target, said: EntryDecision) -> Ruling | None:
    """What is to be done about an entry and the later one that is named, or else the most similar one.

    Deletion ends the entry's truth. An update rewords it where the wording holds both, and nothing that neither says;
    or leaves the later entry in its place where that holds it. What a veto speaks against is not done.

    Returns:
        ``None`` where the entry stays as it is.

    Raises:
        MalformedReply: the action is none of the three.
    """
    try:
        word = Word(said.action.strip().lower())
    except ValueError:
        raise MalformedReply(
            "The model's word about an entry is none of update, delete and ignore. Nothing was changed; consolidate "
            "again."
        ) from None
    if word == Word.IGNORE:
        return None
    pair = _named(target, said.later)
    decision = guarded(pair, Decision(from_lightmem(word), f"the model says {word}", said.text))
    if decision.relation == Relation.INDEPENDENT or not _keeps(pair, decision):
        return None
    return pair, decision


def _keeps(pair: Pair, decision: Decision) -> bool:
    """Whether what is to be merged is still told afterwards: by the wording both, without one the earlier entry."""
    if decision.relation != Relation.REFINES:
        return True
    if decision.text is None:
        return lexical_support(pair.older.text, [pair.newer.text]) >= HELD
    return all(lexical_support(memory.text, [decision.text]) >= HELD for memory in (pair.older, pair.newer))


def _named(target: Target, later: int | None) -> Pair:
    if later is not None and 0 <= later < len(target.later):
        return target.later[later]
    return max(target.later, key=lambda pair: pair.cosine or 0.0)


def _read(batch: Sequence[Target], reply: EntryDecisions, found: Answered) -> None:
    """An entry without a decision, or with decisions that contradict each other, is to be asked about again."""
    given: dict[int, list[EntryDecision]] = {}
    for said in reply.decisions:
        given.setdefault(said.entry, []).append(said)
    for number, target in enumerate(batch):
        mine = given.get(number, [])
        try:
            if len({said.action.strip().lower() for said in mine}) != 1:
                raise MalformedReply(
                    f"The model gave {'contradicting decisions' if mine else 'no decision'} about an entry. Nothing "
                    "was changed; consolidate again."
                )
            decided = ruling(target, mine[0])
        except MalformedReply as error:
            found.failed.append(((target,), error))
            continue
        if decided is not None:
            found.rulings.append(decided)


def _lines(number: int, target: Target) -> list[str]:
    """White space within an entry becomes a space, so that no text can pass for another line."""
    later = [f"  later {place}: {_line(pair.newer)}" for place, pair in enumerate(target.later)]
    return [f"entry {number}: {_line(target.entry)}", *later]


def _line(memory: Memory) -> str:
    return f"({memory.at:%Y-%m-%d}) {' '.join(memory.text.split())}"
