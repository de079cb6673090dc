"""Writing long texts with the memory: what stands above the verbs, and uses them as an application would."""

from agentmem.writing.recurrent import RecurrentWriter
from agentmem.writing.work import Paragraph

__all__ = ["Paragraph", "RecurrentWriter"]
