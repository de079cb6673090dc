"""Trees over the chunks: grown online (MemTree) or built bottom-up (MemWalker, RAPTOR).

The leaves are the chunk memories themselves. An inner node is a memory of its tree's kind, without sources of its own:
an edge ``summarises`` leads from it to each of its children, and forgetting a chunk destroys every node above it. So a
tree may lose inner nodes at any time; what they held stands at the top until the next build.
"""
