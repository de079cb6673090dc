"""The suite for structures, by rules and with a scripted model."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agentmem.testing.conformance.structure import StructureConformance

sys.path.insert(0, str(Path(__file__).parents[1] / "flows"))
from small_world import scripted


class BothWays(StructureConformance):
    """Set ``make`` to what makes the structure."""

    make: object

    @pytest.fixture
    def make_structure(self):
        return type(self).make

    @pytest.fixture(params=["rules", "model"])
    def make_chat(self, request):
        return None if request.param == "rules" else scripted


class OnTexts(BothWays):
    """Of structures that read texts, which are there without anybody making them."""

    @pytest.fixture
    def make_below(self):
        return ()
