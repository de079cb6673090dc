"""Notes over experience, self-notes and the short-term memory, by rules and with a model, against the suite."""

from __future__ import annotations

from functools import partial

from both_ways import OnTexts

from agentmem.structures.experience.learning import InMemoryLearning
from agentmem.structures.self_notes import SelfNotes
from agentmem.structures.short_term import ShortTerm


class TestInMemoryLearning(OnTexts):
    make = partial(InMemoryLearning, batch=2)


class TestSelfNotes(OnTexts):
    make = SelfNotes


class TestShortTerm(OnTexts):
    make = ShortTerm
