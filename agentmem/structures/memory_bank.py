"""MemoryBank (Zhong et al. 2024, arXiv 2305.10250): diaries of days, a summary of all of them, and a portrait.

Each day of conversations gets a summary, together with what it tells about the people (one call). From all days follow
a global summary, of what happened, and a portrait, of who they are; both are made anew whenever days were added. Turns
that come to a day later get a summary of their own beside the first. Documents are no conversations and are left out.

A summary of a day names its sources; what is made of the days is linked to them. So who forgets a turn, forgets the
summary of its day and what stands above it, and the rest of the day is read anew. What a model writes is checked,
sentence by sentence, against what it was shown. Without a language model all of them are extracts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from agentmem.errors import BudgetExhausted
from agentmem.kinds import FACT, PROFILE, SUMMARY
from agentmem.operations import Add, Operation, Retire
from agentmem.prompts.library import render
from agentmem.prompts.replies.summaries import DayTold, Summary
from agentmem.protocols import TokenCounter
from agentmem.structures.derived import derived
from agentmem.structures.extraction import MAX_TOKENS, windows
from agentmem.structures.findings import by_rules
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.told_facts import prompt_about
from agentmem.structures.trees.nodes import link, new_node, told
from agentmem.structures.trees.texts import is_document
from agentmem.structures.trees.wording import NotWritten, Written, bounded, condensed, prompts_of, shortened
from agentmem.structures.verify import standing, told_besides
from agentmem.types import Memory, Usage

OF = "of"
"""Metadata: ``"day"`` for a summary of a day, ``"days"`` for the summary of all."""
_PORTRAIT = "portrait"  # metadata of a day: what it tells about the people
_DAY_WORDS, _ALL_WORDS = 80, 150


@dataclass(frozen=True, slots=True)
class MemoryBank:
    """The structure. One proposal for each day; with the last come the global summary and the portrait.

    Should these fail, or the budget be spent before them, the last day is left undone, so that they are not forgotten.
    """

    reads: ClassVar[tuple[str, ...]] = ()
    name: ClassVar[str] = "memory-bank"
    kinds: ClassVar[tuple[str, ...]] = (SUMMARY, PROFILE)

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`."""
        aside = tuple(unit for unit in units if is_document(unit) or not unit.chunks)
        if aside:
            yield Proposal((), aside)
        last: tuple[Proposal, list[Memory]] | None = None
        written: list[Memory] = []
        for same_day in _by_day([unit for unit in units if unit not in aside]):
            try:
                made, costs = _diary(same_day, models)
            except BudgetExhausted:
                if last is not None:
                    yield last[0]  # this day is left, and brings the rest with it when it is done
                raise
            except NotWritten as failed:
                yield Proposal((), same_day, usage=failed.usage, failure=failed.error)
                continue
            if last is not None:
                yield last[0]
                written += last[1]
            last = Proposal(tuple(Add(memory) for memory in made), same_day, prompts_of(costs), costs.usage), made
        if last is not None:
            yield _completed(last[0], [*written, *last[1]], view, models)


def _by_day(units: Sequence[Unit]) -> list[tuple[Unit, ...]]:
    """Units by the day on which they begin, in order of time."""
    days: dict[str, list[Unit]] = {}
    for unit in sorted(units, key=lambda unit: unit.chunks[0].at):
        days.setdefault(unit.chunks[0].at.date().isoformat(), []).append(unit)
    return [tuple(same) for same in days.values()]


def _diary(units: Sequence[Unit], models: Models) -> tuple[list[Memory], Written]:
    """The summaries of a day: one, or several where it does not fit into one prompt. Raises NotWritten."""
    sessions = {unit.session for unit in units}
    session = units[0].session if len(sessions) == 1 else None
    episodes = tuple(episode for unit in units for episode in unit.episodes)
    day = Unit(session, episodes, tuple(chunk for unit in units for chunk in unit.chunks))
    parts = windows(day, models)
    if models.llm is None:
        return [_day(part, *_extracts(part)) for part in parts], Written()
    questions = Questions(models.llm)
    replies = questions.ask([prompt_about("day", part) for part in parts], DayTold)
    made = []
    for part, reply in zip(parts, replies, strict=True):
        extracts = _extracts(part)
        known = told_besides(part.chunks)
        shown = [told(chunk) for chunk in part.chunks]
        texts = [standing(text.strip(), shown, known, models.embed) for text in (reply.summary, reply.portrait)]
        made.append(_day(part, texts[0] or extracts[0], texts[1]))
    return made, Written(usage=questions.usage, prompts=questions.prompts)


def _extracts(day: Unit) -> tuple[str, str]:
    """The most telling sentences of a day, and the most telling that speakers say of themselves."""
    facts = by_rules(day, (FACT,)).facts
    own = [fact.text for fact in facts if fact.speaker is not None and fact.subject == fact.speaker]
    return shortened([told(chunk) for chunk in day.chunks], _DAY_WORDS), shortened(own, _DAY_WORDS) if own else ""


def _day(day: Unit, summary: str, portrait: str) -> Memory:
    metadata = {OF: "day", _PORTRAIT: portrait}
    return derived(SUMMARY, summary, day, range(len(day.chunks)), metadata=metadata)


def _completed(last: Proposal, written: Sequence[Memory], view: View, models: Models) -> Proposal:
    """The last day's proposal with what follows from all days in it; or its failure."""
    there = view.memories(SUMMARY)
    new = {memory.id for memory in written}
    days = [memory for memory in there if memory.metadata.get(OF) == "day" and memory.id not in new]
    days = sorted([*days, *written], key=lambda memory: memory.at)
    former = [memory for memory in there if memory.metadata.get(OF) == "days"]
    former += [memory for memory in view.memories(PROFILE) if memory.metadata.get(OF) == "days"]
    try:
        summary = _all_days(days, models)
        portrait = _of_people(days, models)
    except NotWritten as failed:
        return Proposal((), last.units, usage=last.usage + failed.usage, failure=failed.error)
    operations: list[Operation] = [*last.operations]
    for kind, text in ((SUMMARY, summary.texts), (PROFILE, portrait.texts)):
        if text and text[0]:
            node = replace(new_node(kind, text[0], days, metadata={OF: "days"}), session=None)
            operations += [Add(node), *(link(node.id, day.id) for day in days)]
    operations += [Retire(memory.id, memory.version) for memory in former]
    prompts: tuple[Mapping[str, Any], ...] = prompts_of(Written(prompts=last.prompts), summary, portrait)
    return Proposal(tuple(operations), last.units, prompts, last.usage + summary.usage + portrait.usage)


def _all_days(days: Sequence[Memory], models: Models) -> Written:
    """One summary of all days; of many, of summaries of them. Raises NotWritten, BudgetExhausted."""
    texts = [f"{day.at:%d %B %Y}: {day.text}" for day in days]
    parts = []
    while len(groups := _groups(texts, models.count_tokens)) > 1:
        parts.append(condensed(models, [group for group in groups if len(group) > 1]))
        shorter = iter(parts[-1].texts)
        texts = [next(shorter) if len(group) > 1 else group[0] for group in groups]
    parts.append(condensed(models, groups))
    return Written(parts[-1].texts, sum((part.usage for part in parts), Usage()), prompts_of(*parts))


def _of_people(days: Sequence[Memory], models: Models) -> Written:
    """The portrait; none where no day told anything. The latest days count where there is no room for all."""
    told_by = [str(day.metadata.get(_PORTRAIT) or "") for day in days]
    lines = [f"{day.at:%d %B %Y}: {text}" for day, text in zip(days, told_by, strict=True) if text]
    if not lines:
        return Written()
    if models.llm is None:
        return Written((shortened([text for text in told_by if text], _ALL_WORDS),))
    shown = _groups(lines[::-1], models.count_tokens)[0][::-1]
    questions = Questions(models.llm)
    [reply] = questions.ask([render("portrait", days="\n".join(shown))], Summary)
    text = standing(bounded(reply.text, 2 * _ALL_WORDS), shown, (), models.embed) or shortened(shown, _ALL_WORDS)
    return Written((text,), questions.usage, questions.prompts)


def _groups(texts: Sequence[str], count_tokens: TokenCounter) -> list[list[str]]:
    """Consecutive texts, as many as one prompt holds, but at least two: there are always fewer groups than texts."""
    groups: list[list[str]] = [[]]
    room = MAX_TOKENS
    for text in texts:
        tokens = count_tokens(text)
        if tokens > room and len(groups[-1]) > 1:
            groups.append([])
            room = MAX_TOKENS
        groups[-1].append(text)
        room -= tokens
    return groups
