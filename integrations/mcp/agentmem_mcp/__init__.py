"""Long-term memory for clients of the Model Context Protocol: agentmem's verbs as tools, and files that are memories.

``agentmem-mcp --db memory.db --scope acme/ana`` serves one scope over standard input and output;
``agentmem-mcp --transport http`` over HTTP. In Python: :func:`agentmem_mcp.serving.build_server`.
"""

__version__ = "0.1.0"
