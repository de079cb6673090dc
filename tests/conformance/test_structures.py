"""Every structure of the project, by rules and with a model, against the suite for structures."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest

from agentmem.kinds import ENTITY, FACT, TRIPLE
from agentmem.structures.associations import Associations
from agentmem.structures.events import Events
from agentmem.structures.extraction import ExtractionStructure
from agentmem.structures.foresight import Foresight
from agentmem.structures.insights import Insights
from agentmem.structures.keep_me_updated import KeepMeUpdated
from agentmem.structures.lightmem.online import LightMem
from agentmem.structures.mem0 import Mem0
from agentmem.structures.memory_bank import MemoryBank
from agentmem.structures.pairs import PairStructure
from agentmem.structures.profile import Profiles
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


class TestMem0(_Both):
    make = Mem0


class TestKeepMeUpdated(_Both):
    make = KeepMeUpdated


class TestLightMem(_Both):
    make = LightMem


class TestMemoryBank(_Both):
    reads_documents = False
    make = MemoryBank


class TestMemTree(_Both):
    make = MemTree


class TestMemWalker(_Both):
    make = MemWalkerTree


class TestRaptor(_Both):
    make = RaptorTree


class TestProfiles(_Both):
    make = Profiles


class TestInsights(_Both):
    make = partial(Insights, threshold=5, sessions=2)


class TestForesight(_Both):
    make = Foresight


class TestAssociations(_Both):
    make = partial(Associations, threshold=0.3)


class TestEvents(_Both):
    rebuilds = False
    make = Events
