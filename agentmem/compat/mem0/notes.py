"""What the log is told once, and not with every call."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)


class Notes:
    """Remembers what was said."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def once(self, text: str) -> None:
        """Warn, the first time."""
        if text not in self._said:
            self._said.add(text)
            logger.warning(text)


NO_MODEL = (
    "infer=True, but there is no language model: messages are stored and found as they are, and no facts are drawn. "
    "Configure one ('llm', or AGENTMEM_LLM), or say infer=False."
)
NO_JUDGE = "rerank=True, but there is no language model to judge: results are in the order of the search."
NOT_ACROSS = (
    "Asked for an agent or a run without a user: what was added with a user_id is not looked at. Name the user, or "
    "open Memory(across_users=True)."
)
"""Said when there are users."""
FAILED = "facts could not be drawn (%s); the messages are stored, and are read again with the next add"
