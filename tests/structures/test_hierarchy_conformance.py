"""H-MEM's hierarchy, by rules and with a model, against the suite of all structures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agentmem.structures.hierarchy.layered import Hierarchy
from agentmem.structures.hierarchy.layers import Likeness
from agentmem.testing.conformance.structure import StructureConformance

sys.path.insert(0, str(Path(__file__).parents[1] / "flows"))
from small_world import scripted


class TestHierarchy(StructureConformance):
    @pytest.fixture
    def make_structure(self):
        return lambda: Hierarchy(Likeness(0.2, 0.3, 0.4))

    @pytest.fixture(params=["rules", "model"])
    def make_chat(self, request):
        return None if request.param == "rules" else scripted
