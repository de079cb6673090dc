"""H-MEM's hierarchy: domains over categories over traces over the texts, as nodes with edges to what stands below.

The texts are the chunk memories themselves. A node is a memory of its layer's kind without sources of its own: an edge
``summarises`` leads from it to each of its children, and forgetting a text destroys every node above it. What lost its
node stands beside the top of its layer until the next build.
"""
