"""EM-LLM at the level of text: a conversation cut into events where it surprises.

:mod:`~agentmem.structures.surprise.boundaries` finds where events begin,
:mod:`~agentmem.structures.surprise.refinement` moves each beginning to where the events hang together best, and
:mod:`~agentmem.structures.surprise.events` keeps the events as memories.
"""
