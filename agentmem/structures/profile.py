"""A profile of everybody and everything that several facts are about: what is true of them now, in groups.

It follows facts. The profile of a subject is made again when facts of it came or were reworded, when one that it rests
on ended or was retired, and when it is gone while the facts are there; one memory a subject, revised, so that its
history tells how the subject changed. A model is shown the facts that tell most, and names those that each line comes
from; a line that they do not support is dropped. Without a model the lines are the facts' own sentences
(:mod:`agentmem.structures.profile_lines`). What ended is not in it.

MemoryBank (arXiv 2305.10250, section 3.2) has a portrait of its user, made of days; this one is made of single facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from agentmem.errors import InvalidInput
from agentmem.kinds import FACT, PROFILE
from agentmem.llm import LLM
from agentmem.operations import Operation, Retire
from agentmem.prompts.library import render
from agentmem.prompts.replies.summaries import ProfileLine, ProfileLines
from agentmem.structures.evidence import (
    NEVER,
    SUBJECT,
    Facts,
    Linked,
    added,
    asked,
    cited,
    numbered,
    resting_on,
    subject_key,
    subject_name,
)
from agentmem.structures.profile_lines import GROUPS, Line, lines_of, telling
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.verify import standing, told_besides
from agentmem.text.phrases import normalise
from agentmem.types import Memory

PROMPT = "profile"
LINES = "lines"
"""Metadata: for each line its group and the ids of the facts it comes from."""
_SHOWN = 60  # facts that a model is shown of one subject
_PER_GROUP = 5  # sentences of a line, without a model
_TOGETHER = 50  # subjects in one proposal, without a model


@dataclass(frozen=True, slots=True)
class Profiles:
    """The structure. With a model one proposal for each subject, those with most new facts first.

    Attributes:
        least: the fewest facts that make a profile.
        most: the most subjects that a model is asked about in one run; the others wait for the next.

    Raises:
        InvalidInput: one of them is less than 1.
    """

    reads: ClassVar[tuple[str, ...]] = (FACT,)
    name: ClassVar[str] = "profile"
    kinds: ClassVar[tuple[str, ...]] = (PROFILE,)

    least: int = 3
    most: int = 16

    def __post_init__(self) -> None:
        if self.least < 1 or self.most < 1:
            raise InvalidInput("A profile is made of at least 1 fact, and at least 1 profile in a run.")

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`."""
        scene = _Scene.read(view)
        waiting: dict[str, list[Unit]] = {}
        for unit in units:
            waiting.setdefault(_key(unit), []).append(unit)
        due = scene.due(waiting, self.least)
        aside = tuple(unit for key, same in waiting.items() if key not in due for unit in same)
        empty = [key for key in due if not scene.subjects.get(key)]
        gone = (*scene.doubles, *(_retired(scene.profiles[key]) for key in empty if key in scene.profiles))
        done = (*aside, *(unit for key in empty for unit in waiting.get(key, ())))
        if gone or done:
            yield Proposal(gone, done)
        new = Counter({key: len(same) for key, same in waiting.items()})
        ordered = sorted((key for key in due if scene.subjects.get(key)), key=lambda key: (-new[key], key))
        if models.llm is None:
            yield from _by_rules(ordered, scene, waiting)
        else:
            yield from _by_model(ordered[: self.most], scene, waiting, models, models.llm)


@dataclass(slots=True)
class _Scene:
    """Facts that hold and profiles, by subject; what to do about a subject that has several profiles."""

    facts: Facts
    subjects: Mapping[str, list[Memory]]
    profiles: Mapping[str, Memory]
    doubles: tuple[Operation, ...]
    linked: Linked

    @classmethod
    def read(cls, view: View) -> _Scene:
        made = view.memories(PROFILE)
        facts = Facts.read(view, made)
        subjects: dict[str, list[Memory]] = {}
        for fact in facts.current:
            if key := subject_key(fact):
                subjects.setdefault(key, []).append(fact)
        profiles: dict[str, Memory] = {}
        doubles: list[Operation] = []
        for memory in made:
            if LINES not in memory.metadata:
                continue  # another structure's
            key = normalise(str(memory.metadata.get(SUBJECT)))
            if key in profiles:  # one came back while there was another
                doubles.append(_retired(profiles[key]))
            profiles[key] = memory
        return cls(facts, subjects, profiles, tuple(doubles), Linked(view))

    def due(self, waiting: Mapping[str, Sequence[Unit]], least: int) -> set[str]:
        """The subjects whose profile is to be made, made again, or taken away."""
        found = {key for key, facts in self.subjects.items() if len(facts) >= least and key not in self.profiles}
        found |= {key for key, profile in self.profiles.items() if not self.facts.supports(profile)}
        return found | (waiting.keys() & self.profiles.keys())

    def chosen(self, key: str) -> list[Memory]:
        """The facts that tell most, best first."""
        return telling(self.subjects[key], key, self.facts.repeated, self.facts.present, _SHOWN)

    def operations(self, key: str, lines: Sequence[Line]) -> list[Operation]:
        """What makes the profile say this."""
        former = self.profiles.get(key)
        if not lines:
            return [] if former is None else [_retired(former)]
        facts = list({fact.id: fact for line in lines for fact in line.facts}.values())
        told = [{"group": line.group, "facts": [fact.id for fact in line.facts]} for line in lines]
        text = "\n".join(f"{line.group.capitalize()}: {line.text}" for line in lines)
        metadata: dict[str, Any] = {SUBJECT: self.name(key), LINES: told}
        if former is None:
            return added(resting_on(PROFILE, text, facts, metadata), facts)
        return self.linked.revised(former, text, facts, metadata, self._changed(key))

    def name(self, key: str) -> str:
        """As most facts write it."""
        names = Counter(subject_name(fact) or key for fact in self.subjects[key])
        return max(sorted(names), key=lambda name: names[name])

    def _changed(self, key: str) -> datetime:
        """When a fact of the subject ended last."""
        ended = (fact for fact in self.facts.all.values() if not self.facts.holds(fact) and subject_key(fact) == key)
        return max((fact.valid_to or NEVER for fact in ended), default=NEVER)


def _by_rules(keys: Sequence[str], scene: _Scene, waiting: Mapping[str, Sequence[Unit]]) -> Iterator[Proposal]:
    for start in range(0, len(keys), _TOGETHER):
        batch = keys[start : start + _TOGETHER]
        operations = [
            operation
            for key in batch
            for operation in scene.operations(key, lines_of(scene.chosen(key), key, _PER_GROUP))
        ]
        units = tuple(unit for key in batch for unit in waiting.get(key, ()))
        if operations or units:
            yield Proposal(tuple(operations), units)


def _by_model(
    keys: Sequence[str], scene: _Scene, waiting: Mapping[str, Sequence[Unit]], models: Models, llm: LLM
) -> Iterator[Proposal]:
    """Raises BudgetExhausted when the budget is spent; what was yielded before stands."""
    shown = {key: sorted(scene.chosen(key), key=lambda fact: (fact.valid_from, fact.text)) for key in keys}
    asking = [key for key in keys if shown[key]]
    prompts = [render(PROMPT, subject=scene.name(key), facts=numbered(shown[key])) for key in asking]
    for number, answer in asked(llm, prompts, ProfileLines):
        key = asking[number]
        units = tuple(waiting.get(key, ()))
        if answer.error is not None:
            yield Proposal((), units, failure=answer.error)
            continue
        lines = _supported(answer.reply.lines, shown[key], scene.name(key), models)
        lines = lines or lines_of(scene.chosen(key), key, _PER_GROUP)
        yield Proposal(tuple(scene.operations(key, lines)), units, answer.prompts, answer.usage)
    nothing = [key for key in keys if not shown[key]]
    operations = tuple(operation for key in nothing for operation in scene.operations(key, ()))
    units = tuple(unit for key in nothing for unit in waiting.get(key, ()))
    if operations or units:
        yield Proposal(operations, units)


def _supported(told: Sequence[ProfileLine], facts: Sequence[Memory], name: str, models: Models) -> list[Line]:
    """The lines that the facts they name support, in the order of their groups."""
    found = []
    for line in told:
        facts_of = cited(line.facts, facts)
        if not facts_of:
            continue
        known = [name, *told_besides(facts_of)]
        text = " ".join(standing(line.text, [fact.text for fact in facts_of], known, models.embed).split())
        if text:
            group = line.group.strip().lower()
            found.append(Line(group if group in GROUPS else GROUPS[-1], text, tuple(facts_of)))
    return sorted(found, key=lambda line: GROUPS.index(line.group))


def _key(unit: Unit) -> str:
    return subject_key(unit.chunks[0]) if unit.chunks else ""


def _retired(memory: Memory) -> Retire:
    return Retire(memory.id, memory.version, "nothing is left that it rests on")
