"""From what a run wrote to what it is worth: pure functions over its manifest and records, and one that reads them."""

from __future__ import annotations

from agentmem_evals.scoring.folder import score_folder
from agentmem_evals.scoring.retrieval import score_retrieval as score

__all__ = ["score", "score_folder"]
