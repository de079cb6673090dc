"""``python -m agentmem_mcp``."""

from agentmem_mcp.main import main

if __name__ == "__main__":
    main()
