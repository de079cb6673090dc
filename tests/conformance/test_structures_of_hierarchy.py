"""H-MEM's hierarchy, by rules and with a model, against the suite of all structures."""

from __future__ import annotations

from functools import partial

from both_ways import OnTexts

from agentmem.structures.hierarchy.layered import Hierarchy
from agentmem.structures.hierarchy.layers import Likeness


class TestHierarchy(OnTexts):
    make = partial(Hierarchy, Likeness(0.2, 0.3, 0.4))
