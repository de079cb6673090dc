"""What a run is asked to do, as one value. Holds no path: two machines can make the same run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agentmem_evals.errors import EvalError
from agentmem_evals.reading.styles import takes_notes

RETRIEVAL = "retrieval"
QA = "qa"
SUMMARIES = "summaries"


@dataclass(frozen=True, slots=True)
class RunConfiguration:
    """Which task, on which data, put to which system.

    ``ks``: the depths at which rankings are cut, ascending; of the others one, how many items are asked for.
    ``conversations``: ids, or ``None`` for all. ``limit``: at most so many questions, the first ones or, with a
    ``seed``, drawn at random. ``captions``: whether what shared pictures show is part of the turns.
    ``user_side_only``: whether what an assistant says is left out. ``errata``: the name of a file of corrected gold.
    ``batch``: how many texts are added or embedded at once. ``cached``: whether vectors came from a cache, which makes
    times smaller than they would be. ``llm``: the language model that builds the memory. ``concurrency``: how many
    questions are dealt with at once, which makes times longer. Of ``qa`` and ``summaries``: ``reader_llm``, the
    language model that reads and answers (``None``: the system answers by itself), and ``context_tokens``, how much it
    is given to read (0: no limit). Of ``qa`` alone: ``notes``, whether it takes notes on each record first, where the
    data set's protocol has that. Of bAbI: ``haystack``, to how many tokens stories are hidden in book text,
    ``haystack_text``, the name of that text where it is another than the usual one, and ``tasks``, ``None`` for all.
    """

    task: str
    dataset: str
    system: str
    ks: tuple[int, ...]
    conversations: tuple[str, ...] | None = None
    limit: int | None = None
    seed: int | None = None
    captions: bool = True
    user_side_only: bool = False
    errata: str | None = None
    embedder: str = "default"
    batch: int = 1000
    cached: bool = False
    llm: str | None = None
    concurrency: int = 1
    reader_llm: str | None = None
    context_tokens: int | None = None
    notes: bool = False
    haystack: str | None = None
    haystack_text: str | None = None
    tasks: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.task not in (known := (RETRIEVAL, QA, SUMMARIES)):
            raise EvalError(f"There is no task {self.task!r}. Known are: {', '.join(known)}.")
        if not self.ks or self.ks[0] < 1 or list(self.ks) != sorted(set(self.ks)):
            raise EvalError(f"k is a list of different positive numbers in ascending order, not {self.ks}.")
        if self.batch < 1 or (self.limit is not None and self.limit < 1):
            raise EvalError("batch and limit are positive numbers.")
        if self.concurrency < 1:
            raise EvalError(f"A concurrency of {self.concurrency} asks nothing: use 1 or more.")
        if self.task != RETRIEVAL:
            self._check_reading()
        elif self.reader_llm is not None or self.context_tokens is not None or self.notes:
            raise EvalError(f"The task {self.task!r} reads nothing: leave the reader, its tokens and its notes out.")

    def _check_reading(self) -> None:
        if self.notes and not takes_notes(self.dataset):
            raise EvalError(f"The data set {self.dataset!r} is not answered after notes: leave --notes out.")
        if len(self.ks) != 1:
            raise EvalError(f"The task {self.task!r} asks for one number of items: pass one --k, not {len(self.ks)}.")
        if self.task == SUMMARIES and self.reader_llm is None:
            raise EvalError("Summaries are written by a language model: pass --reader-llm openai:MODEL.")
        if self.reader_llm is None and (self.context_tokens is not None or self.notes):
            raise EvalError(
                "A system that answers by itself is given nothing to read: leave --context-tokens and --notes out."
            )
        if self.reader_llm is not None and (self.context_tokens is None or self.context_tokens < 0):
            raise EvalError("The reader is given a number of tokens to read, 0 for no limit: pass --context-tokens.")

    def as_json(self) -> dict[str, Any]:
        """Plain values, equal to what reading them back from JSON gives."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def differing_keys(one: Mapping[str, Any], other: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Dotted names of the values that differ between two nested mappings."""
    differing: list[str] = []
    for key in sorted(one.keys() | other.keys()):
        left, right = one.get(key), other.get(key)
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            differing += differing_keys(left, right, f"{prefix}{key}.")
        elif left != right:
            differing.append(f"{prefix}{key}")
    return differing
