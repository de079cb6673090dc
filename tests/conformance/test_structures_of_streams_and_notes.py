"""A-MEM's notes and the memory stream of generative agents, by rules and with a model, against the suite."""

from __future__ import annotations

from functools import partial

from both_ways import OnTexts

from agentmem.structures.memory_stream import MemoryStream
from agentmem.structures.notes.agentic import Notes


class TestNotes(OnTexts):
    make = partial(Notes, threshold=0.2)


class TestMemoryStream(OnTexts):
    make = partial(MemoryStream, threshold=8)
