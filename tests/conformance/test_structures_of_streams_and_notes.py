"""A-MEM's notes and the memory stream of generative agents, by rules and with a model, against the suite."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest

from agentmem.structures.memory_stream import MemoryStream
from agentmem.structures.notes.agentic import Notes
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


class TestNotes(_Both):
    make = partial(Notes, threshold=0.2)


class TestMemoryStream(_Both):
    make = partial(MemoryStream, threshold=8)
