"""Every structure of the project, by rules and with a model, against the suite for structures."""

from __future__ import annotations

from functools import partial

from both_ways import BothWays

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


class TestExtraction(BothWays):
    rebuilds = False
    make = ExtractionStructure


class TestFacts(BothWays):
    rebuilds = False
    make = partial(ExtractionStructure, (FACT,), (TRIPLE, ENTITY))


class TestTriples(BothWays):
    rebuilds = False
    make = partial(ExtractionStructure, (TRIPLE, ENTITY), (TRIPLE, ENTITY))


class TestPairs(BothWays):
    rebuilds = False
    make = PairStructure


class TestRolling(BothWays):
    reads_documents = False
    make = RollingSummary


class TestMem0(BothWays):
    make = Mem0


class TestKeepMeUpdated(BothWays):
    make = KeepMeUpdated


class TestLightMem(BothWays):
    make = LightMem


class TestMemoryBank(BothWays):
    reads_documents = False
    make = MemoryBank


class TestMemTree(BothWays):
    make = MemTree


class TestMemWalker(BothWays):
    make = MemWalkerTree


class TestRaptor(BothWays):
    make = RaptorTree


class TestProfiles(BothWays):
    make = Profiles


class TestInsights(BothWays):
    make = partial(Insights, threshold=5, sessions=2)


class TestForesight(BothWays):
    make = Foresight


class TestAssociations(BothWays):
    make = partial(Associations, threshold=0.3)


class TestEvents(BothWays):
    rebuilds = False
    make = Events
