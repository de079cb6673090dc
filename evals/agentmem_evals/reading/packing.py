"""Fitting items into a reader's budget of tokens: the best ones first, shown in the order of their body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentmem.protocols import TokenCounter
from agentmem.retrieval.pack import pack
from agentmem_evals.errors import EvalError
from agentmem_evals.reading.items import ShownItem, line

NOTHING = "(no records)"
"""What a reader is shown when nothing was found, or nothing fits."""


@dataclass(frozen=True, slots=True)
class Packed:
    """The context of a question: its text, the items in it in the order of the text, and what the text costs."""

    text: str
    items: tuple[ShownItem, ...]
    tokens: int


def pack_items(ranked: Sequence[ShownItem], budget: int | None, count: TokenCounter) -> Packed:
    """As many items as the budget holds, best first; one that does not fit is passed over, smaller ones still may.

    Args:
        ranked: the items, best first.
        budget: the most tokens that the text of the items may have; ``None`` for no limit (the full context).
        count: tells how many tokens a text has.

    Raises:
        EvalError: the budget is negative.
    """
    if budget is None:
        return _packed(ranked, count)
    if budget < 0:
        raise EvalError(f"A reader's budget of {budget} tokens is none. Give a positive number.")
    # A number never has more digits than the count of items, so no line becomes longer than it is priced at here.
    widest = 10 ** len(str(len(ranked))) - 1
    kept = pack(ranked, lambda item: count(line(widest, item) + "\n"), budget)
    while kept:
        packed = _packed(kept, count)
        if packed.tokens <= budget:
            return packed
        kept.pop()  # a counter may round each line down; the whole is what must fit
    return Packed(NOTHING, (), 0)


def _packed(items: Sequence[ShownItem], count: TokenCounter) -> Packed:
    if not items:
        return Packed(NOTHING, (), 0)
    ordered = tuple(sorted(items, key=lambda item: item.place))
    text = "\n".join(line(number, item) for number, item in enumerate(ordered, start=1))
    return Packed(text, ordered, count(text))
