"""LightMem (Fang et al., arXiv 2510.18866), in its three memories: sensory, short-term, and long-term with sleep.

:mod:`~agentmem.structures.lightmem.compression` and :mod:`~agentmem.structures.lightmem.topics` are the sensory memory,
:mod:`~agentmem.structures.lightmem.online` the short-term memory and the soft update of the long-term memory,
:mod:`~agentmem.structures.lightmem.queues` and :mod:`~agentmem.structures.lightmem.sleep` the update while asleep.
"""
