"""What is evaluated: each system behind one small protocol, baselines and agentmem alike."""

from __future__ import annotations
