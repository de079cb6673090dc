"""``python -m agentmem_evals.systems.remote SPEC``: serves a system over its standard input and output."""

from __future__ import annotations

from agentmem_evals.systems.remote.start import main

if __name__ == "__main__":
    main()
