"""What ``retrieve`` returns: hits, best first, and what the language model had to do with them."""

from __future__ import annotations

from collections.abc import Iterable

from agentmem.types import Hit, Usage


class Hits(list[Hit]):
    """A list of hits that knows what it cost.

    What the language model could not be asked was done without it, so there are hits in any case.

    Attributes:
        usage: what the language model was asked for this question; nothing for replies that were kept.
        stopped: why it was not asked further, when a budget was spent; ``None`` if it was not.
        failures: what else went wrong when it was asked, each as ``"LLMUnavailable: ..."``, in order.
    """

    def __init__(
        self,
        hits: Iterable[Hit] = (),
        usage: Usage | None = None,
        stopped: str | None = None,
        failures: tuple[str, ...] = (),
    ) -> None:
        super().__init__(hits)
        self.usage = Usage() if usage is None else usage
        self.stopped = stopped
        self.failures = failures
