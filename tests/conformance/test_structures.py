"""Every structure of the project, by rules and with a model, against the suite for structures."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest

from agentmem.kinds import ENTITY, FACT, TRIPLE
from agentmem.structures.extraction import ExtractionStructure
from agentmem.structures.pairs import PairStructure
from agentmem.structures.rolling import RollingSummary
from agentmem.structures.trees.memtree import MemTree
from agentmem.structures.trees.memwalker import MemWalkerTree
from agentmem.structures.trees.raptor import RaptorTree
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


class TestExtraction(_Both):
    rebuilds = False
    make = ExtractionStructure


class TestFacts(_Both):
    rebuilds = False
    make = partial(ExtractionStructure, (FACT,), (TRIPLE, ENTITY))


class TestTriples(_Both):
    rebuilds = False
    make = partial(ExtractionStructure, (TRIPLE, ENTITY), (TRIPLE, ENTITY))


class TestPairs(_Both):
    rebuilds = False
    make = PairStructure


class TestRolling(_Both):
    reads_documents = False
    make = RollingSummary


class TestMemTree(_Both):
    make = MemTree


class TestMemWalker(_Both):
    make = MemWalkerTree


class TestRaptor(_Both):
    make = RaptorTree
