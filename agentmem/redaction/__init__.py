"""Personal data kept out of the store, or out of prompts: a hook with patterns, and a place for your own."""

from agentmem.redaction.patterns import PATTERNS, Pattern
from agentmem.redaction.redaction import Redaction

__all__ = ["PATTERNS", "Pattern", "Redaction"]
