"""Speed, measured on generated conversations: ``python -m evals.benchmarks``, in the repository's root.

Each module measures one thing, prints a table, and writes JSON when asked. Nothing here runs in the tests: figures
depend on the machine and on what else it does.
"""

from __future__ import annotations
