"""``python -m agentmem_evals``: the same as the command ``agentmem-evals``."""

from __future__ import annotations

from agentmem_evals.cli import main

if __name__ == "__main__":
    main()
