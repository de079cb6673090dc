"""Parts for testing: deterministic fakes, and one conformance suite for each protocol.

The suites need pytest (``pip install 'agentmem-framework[dev]'``); the fakes need nothing.
"""

from agentmem.testing.chat import ScriptedChat
from agentmem.testing.fakes import BrokenEmbedder, FakeClock, FakeEmbedder

__all__ = ["BrokenEmbedder", "FakeClock", "FakeEmbedder", "ScriptedChat"]
