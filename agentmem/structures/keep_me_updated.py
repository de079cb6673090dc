"""Keep Me Updated! (Bae et al., EMNLP Findings 2022, arXiv 2210.08750): sentences of a session, against those kept.

At the end of a session a summariser turns it into sentences ``S``. Of every sentence of the memory ``M`` and every new
one it is decided which of the two to keep: PASS the older, REPLACE it with the newer, APPEND, both, or DELETE, neither.
``M' = (M u S)`` minus all that any pair marked for removal. Pairs are filtered by similarity before; the
paper trains a classifier and asks it about all. Here a model is asked about several at once, and thinks first.

What the paper removes is kept behind a link: a passed sentence is absorbed, a replaced or deleted one is true until the
newer became true. Nothing has two fates at once: a memory that one new sentence has ended, another can no more end, and
stays itself; so never more is removed than in the paper. Decisions pass the same vetoes as everybody's
(:func:`agentmem.updating.asking.guarded`), and sentences are checked against their lines. A document is read like a
session. Without a language model the most telling statements are kept, and rules decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from agentmem.errors import InvalidInput
from agentmem.kinds import FACT
from agentmem.llm import Prompt
from agentmem.operations import Operation
from agentmem.prompts.library import render
from agentmem.prompts.replies.extraction import ToldFacts
from agentmem.prompts.replies.updating import PairOperations
from agentmem.structures.beliefs import Beliefs, by_model, by_rules
from agentmem.structures.extraction import windows
from agentmem.structures.findings import Fact
from agentmem.structures.findings import by_rules as found_by_rules
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.told_facts import memories_of, prompt_about, told
from agentmem.text.salience import summarise
from agentmem.types import Memory, State
from agentmem.updating.asking import guarded
from agentmem.updating.consequences import Ruling
from agentmem.updating.decision import Decision, Pair
from agentmem.updating.vocabularies import KeepMeUpdated as Word
from agentmem.updating.vocabularies import from_keep_me_updated

WORDS = 150
"""How much is kept of a session without a model."""
THRESHOLD = 0.35
"""The cosine from which on two sentences are compared. Low, and not fitted: an illness and its end share few words."""
MOST = 8
"""The most memories that one sentence is compared with."""
AT_ONCE = 16
"""The most pairs in one prompt."""


@dataclass(frozen=True, slots=True)
class KeepMeUpdated:
    """The structure. See the module's docstring.

    Attributes:
        words: see :data:`WORDS`.
        threshold: see :data:`THRESHOLD`.
        most: see :data:`MOST`.

    Raises:
        InvalidInput: ``words`` or ``most`` is less than 1.
    """

    reads: ClassVar[tuple[str, ...]] = ()
    name: ClassVar[str] = "keep-me-updated"
    kinds: ClassVar[tuple[str, ...]] = (FACT,)

    words: int = WORDS
    threshold: float = THRESHOLD
    most: int = MOST

    def __post_init__(self) -> None:
        if self.words < 1 or self.most < 1:
            raise InvalidInput("Keep-Me-Updated keeps at least 1 word, and compares with at least 1 memory.")

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`."""
        beliefs = Beliefs.read(view, models.embed)
        if models.llm is None:
            return by_rules(units, beliefs, self._salient)
        return by_model(units, beliefs, models.llm, lambda *given: self._learn(models, *given))

    def _salient(self, unit: Unit) -> list[Fact]:
        """The most telling of what is stated, word for word."""
        facts = found_by_rules(unit).facts
        lines = set(summarise([fact.text for fact in facts], self.words).splitlines()) if facts else set()
        return [fact for fact in facts if " ".join(fact.text.split()) in lines] or list(facts[:1])

    def _learn(self, models: Models, unit: Unit, beliefs: Beliefs, questions: Questions) -> list[Operation]:
        parts = windows(unit, models)
        replies = questions.ask([prompt_about("session_sentences", part) for part in parts], ToldFacts)
        told_all = [
            memory
            for part, reply in zip(parts, replies, strict=True)
            for memory in memories_of(part, told(part, reply.facts), models)
        ]
        fresh = beliefs.unknown(told_all)
        sound = [memory for memory in fresh if memory.state == State.ACTIVE]
        pairs = beliefs.similar(sound, self.most, self.threshold)
        batches = [pairs[start : start + AT_ONCE] for start in range(0, len(pairs), AT_ONCE)]
        verdicts = questions.ask([prompt_of(batch) for batch in batches], PairOperations)
        added = beliefs.add(fresh)
        rulings = [
            ruling
            for batch, reply in zip(batches, verdicts, strict=True)
            for ruling in _rulings(batch, reply, questions)
        ]
        return [*added, *beliefs.settle(rulings)]


def prompt_of(pairs: Sequence[Pair]) -> Prompt:
    """The question about some pairs, numbered from 0 in their order; each sentence is one line."""
    lines: list[str] = []
    numbered = enumerate(pairs)
    for _id, group in groupby(numbered, key=lambda one: one[1].newer.id):
        same = list(group)
        lines.append(f"new: {_line(same[0][1].newer)}")
        lines += [f"  [{number}] memory: {_line(pair.older)}" for number, pair in same]
    return render("keep_me_updated", pairs="\n".join(lines))


def _rulings(pairs: Sequence[Pair], reply: PairOperations, questions: Questions) -> Iterator[Ruling]:
    """What is to be done about each pair; one that the reply leaves out, or contradicts itself about, is kept whole."""
    words: dict[int, set[str]] = {}
    for said in reply.verdicts:
        words.setdefault(said.pair, set()).add(said.operation.strip().upper())
    for number, pair in enumerate(pairs):
        given = words.get(number, {Word.APPEND})
        if not given <= set(Word):
            raise questions.failed(
                "The model's word about a pair of memories is none of PASS, REPLACE, APPEND and DELETE. Nothing was "
                "changed; consolidate again."
            )
        word = Word(given.pop()) if len(given) == 1 else Word.APPEND
        yield pair, guarded(pair, Decision(from_keep_me_updated(word), f"the model says {word}"))


def _line(memory: Memory) -> str:
    return f"({memory.valid_from:%Y-%m-%d}) {' '.join(memory.text.split())}"
