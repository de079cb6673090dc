"""Evaluations of long-term memory for agents: the same questions put to several systems, and what they found.

Three steps that never mix: *run* asks a system and writes what it answered, *score* judges what was written,
*report* sets runs side by side. Nothing in :mod:`agentmem` imports this package.
"""

from __future__ import annotations
