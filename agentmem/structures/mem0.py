"""Mem0 (Chhikara et al., arXiv 2504.19413, section 2.1; as in its code of June 2025): facts, and what becomes of them.

Two calls for some turns. The first extracts facts. Each is embedded, and its most similar facts are looked up; they are
pooled, and shown under small numbers in the place of their ids. The second call says for each new fact ADD, UPDATE,
DELETE or NONE. The code of June 2025 shows the first call only the new messages; the paper adds a running summary and
the last messages. Later versions only add, and are another system.

Where Mem0 overwrites and removes, nothing is lost here. DELETE ends the older fact's validity, and the new fact stands.
UPDATE makes a memory of the wording that holds both: it takes the place of the older fact, which stays true for the
time before, and absorbs the new one; it is linked to both, so that whoever forgets either forgets it, and the other is
back. What a model says passes the same vetoes as everybody's decisions (:func:`agentmem.updating.asking.guarded`), and
facts are checked against their lines. Without a language model statements are found, and decided about, by rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from agentmem.errors import InvalidInput
from agentmem.ids import EDGE, MEMORY, new_id
from agentmem.kinds import FACT, SUMMARISES
from agentmem.operations import Link, Operation
from agentmem.prompts.library import render
from agentmem.prompts.replies.extraction import FactEvent, FactEvents, ToldFacts
from agentmem.structures.beliefs import Beliefs, by_model, by_rules
from agentmem.structures.extraction import windows
from agentmem.structures.findings import by_rules as found_by_rules
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.told_facts import memories_of, prompt_about, told
from agentmem.structures.trees.texts import is_document
from agentmem.text.support import lexical_support, supported
from agentmem.types import Edge, Memory, State
from agentmem.updating.asking import guarded
from agentmem.updating.consequences import Ruling
from agentmem.updating.decision import Decision, Pair, Relation
from agentmem.updating.intervals import overlap
from agentmem.updating.vetoes import subjects_known
from agentmem.updating.vocabularies import Mem0 as Event
from agentmem.updating.vocabularies import from_mem0

TURNS = 10
"""How many turns are read at once; the paper shows the ten messages before each new pair."""
SIMILAR = 5
"""How many similar facts are shown for each new one, as in the code; the paper says 10."""
HELD = 0.6
"""The share of a fact's words that a wording must hold to stand for it."""


@dataclass(frozen=True, slots=True)
class Mem0:
    """The structure. See the module's docstring.

    Attributes:
        turns: see :data:`TURNS`; 2 is what the paper does, at five times the calls.
        similar: see :data:`SIMILAR`.

    Raises:
        InvalidInput: one of them is less than 1.
    """

    reads: ClassVar[tuple[str, ...]] = ()
    kinds: ClassVar[tuple[str, ...]] = (FACT,)

    turns: int = TURNS
    similar: int = SIMILAR

    def __post_init__(self) -> None:
        if self.turns < 1 or self.similar < 1:
            raise InvalidInput("Mem0 reads at least 1 turn at once, and compares with at least 1 fact.")

    @property
    def name(self) -> str:
        """See :class:`agentmem.structures.structure.Structure`."""
        usual = (self.turns, self.similar) == (TURNS, SIMILAR)
        return "mem0" if usual else f"mem0:{self.turns},{self.similar}"

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`."""
        beliefs = Beliefs.read(view, models.embed)
        if models.llm is None:
            return by_rules(units, beliefs, lambda unit: found_by_rules(unit).facts)
        return by_model(units, beliefs, models.llm, lambda *given: self._learn(models, *given))

    def _learn(self, models: Models, unit: Unit, beliefs: Beliefs, questions: Questions) -> list[Operation]:
        parts = list(self._parts(unit, models))
        replies = questions.ask([prompt_about("mem0_facts", part) for part in parts], ToldFacts)
        operations: list[Operation] = []
        for part, reply in zip(parts, replies, strict=True):
            fresh = beliefs.unknown(memories_of(part, told(part, reply.facts), models))
            sound = [memory for memory in fresh if memory.state == State.ACTIVE]
            pairs = beliefs.similar(sound, self.similar)
            operations += beliefs.add(fresh)
            if pairs:
                merged, rulings = _decided(sound, pairs, questions)
                operations += beliefs.add([memory for memory, _made_of in merged])
                operations += [_made(memory, part) for memory, made_of in merged for part in made_of]
                operations += beliefs.settle(rulings)
        return operations

    def _parts(self, unit: Unit, models: Models) -> Iterator[Unit]:
        """A document in parts of many tokens, a session in parts of some turns."""
        step = len(unit.chunks) if is_document(unit) else self.turns
        for start in range(0, len(unit.chunks), max(step, 1)):
            yield from windows(replace(unit, chunks=unit.chunks[start : start + step]), models)


Merged = tuple[Memory, tuple[Memory, Memory]]
"""A wording that holds two facts, and these."""


def _decided(facts: Sequence[Memory], pairs: Sequence[Pair], questions: Questions) -> tuple[list[Merged], list[Ruling]]:
    """The second call. A fact it says nothing of is added; of several fates of one memory, the first counts."""
    pool = list({pair.older.id: pair.older for pair in pairs}.values())
    cosines = {(pair.older.id, pair.newer.id): pair.cosine for pair in pairs}
    [reply] = questions.ask([render("mem0_update", memories=_shown(pool), facts=_shown(facts))], FactEvents)
    merged: list[Merged] = []
    rulings: list[Ruling] = []
    settled: set[int] = set()
    for said in reply.decisions:
        event = _event(said, questions)
        if event == Event.ADD or said.memory is None:
            continue
        if not (0 <= said.fact < len(facts) and 0 <= said.memory < len(pool)) or said.memory in settled:
            continue
        older, newer = pool[said.memory], facts[said.fact]
        pair = Pair(older, newer, cosines.get((older.id, newer.id)))
        if event != Event.NONE:
            settled.add(said.memory)
        text = (said.text or "").strip()
        if event == Event.UPDATE and _holds_both(pair, text):
            memory = _of_both(pair, text)
            merged.append((memory, (older, newer)))
            rulings.append((Pair(older, memory), Decision(Relation.SUPERSEDES, "its wording was updated")))
            rulings.append((Pair(newer, memory), Decision(Relation.REFINES, "it went into an update")))
        else:
            rulings.append((pair, _ruling(pair, event)))
    return merged, rulings


def _ruling(pair: Pair, event: Event) -> Decision:
    """Carried out as it is where nothing speaks against it. An update that must not merge two facts ends the older."""
    decision = guarded(pair, Decision(from_mem0(event), f"the model says {event}"))
    if event == Event.UPDATE and decision.relation == Relation.INDEPENDENT:
        return guarded(pair, Decision(Relation.SUPERSEDES, f"the model says {event}"))
    return decision


def _holds_both(pair: Pair, text: str) -> bool:
    """Whether a wording says what both facts say, of one subject, and nothing that neither says."""
    facts = (pair.older.text, pair.newer.text)
    return (
        bool(text)
        and text not in facts
        and subjects_known(pair) is None
        and overlap(pair.older, pair.newer)
        and supported(text, facts, None)
        and all(lexical_support(fact, [text]) >= HELD for fact in facts)
    )


def _of_both(pair: Pair, text: str) -> Memory:
    """It names no sources: what it was made of is found through its edges."""
    older, newer = pair.older, pair.newer
    return replace(
        newer,
        id=new_id(MEMORY),
        text=text,
        valid_from=max(older.valid_from, newer.valid_from),
        recorded_at=newer.recorded_at + timedelta(microseconds=1),  # after the new fact, which has fates of its own
        sources=(),
    )


def _made(memory: Memory, part: Memory) -> Link:
    return Link(Edge(new_id(EDGE), SUMMARISES, memory.id, part.id))


def _event(said: FactEvent, questions: Questions) -> Event:
    try:
        return Event(said.event.strip().upper())
    except ValueError:
        raise questions.failed(
            "The model's word about a fact is none of ADD, UPDATE, DELETE and NONE. Nothing was changed; consolidate "
            "again."
        ) from None


def _shown(memories: Sequence[Memory]) -> str:
    """A line for each; line breaks become spaces, so that no text can pass for another line."""
    return "\n".join(
        f"[{number}] ({memory.valid_from:%Y-%m-%d}) {' '.join(memory.text.split())}"
        for number, memory in enumerate(memories)
    )
