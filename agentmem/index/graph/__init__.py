"""The associative graph of a memory: entities, passages and how they hang together, and walks on it.

HippoRAG (Gutiérrez et al., NeurIPS 2024) and HippoRAG 2 (Gutiérrez et al., ICML 2025), as an index in memory: it can
be thrown away and rebuilt from the triples of every passage and the entities' vectors.

- :mod:`~agentmem.index.graph.memory_graph`: the graph, changed a passage at a time.
- :mod:`~agentmem.index.graph.pagerank`: personalised PageRank, exact and by local push.
- :mod:`~agentmem.index.graph.linking`: from a query to the seeds of a walk, and from a walk to ranked passages.
- :mod:`~agentmem.index.graph.synonyms`: entities that mean nearly the same.
- :mod:`~agentmem.index.graph.export`: the graph for other programs.
"""
