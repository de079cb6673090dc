"""Notes over experience, self-notes and the short-term memory, by rules and with a model, against the suite."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest

from agentmem.structures.experience.learning import InMemoryLearning
from agentmem.structures.self_notes import SelfNotes
from agentmem.structures.short_term import ShortTerm
from agentmem.testing.conformance.structure import StructureConformance

sys.path.insert(0, str(Path(__file__).parents[1] / "flows"))
from small_world import scripted


class _Both(StructureConformance):
    make: object

    @pytest.fixture
    def make_structure(self):
        return type(self).make

    @pytest.fixture(params=["rules", "model"])
    def make_chat(self, request):
        return None if request.param == "rules" else scripted

    @pytest.fixture
    def make_below(self):
        return ()  # texts are there without anybody making them


class TestInMemoryLearning(_Both):
    make = partial(InMemoryLearning, batch=2)


class TestSelfNotes(_Both):
    make = SelfNotes


class TestShortTerm(_Both):
    make = ShortTerm
