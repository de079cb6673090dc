"""Accuracy of questions with options (SORT, QuALITY)."""

from __future__ import annotations

from agentmem_evals.errors import DataFormatError
from agentmem_evals.metrics.gold import Gold
from agentmem_evals.metrics.option_replies import chosen_option


def choice(said: str, gold: Gold) -> float | None:
    """1 if the reply names the right option and no other, else 0; ``None`` for a question without options or answer.

    How a reply is read: :func:`agentmem_evals.metrics.option_replies.chosen_option`.

    Raises:
        DataFormatError: the answer is not one of the options.
    """
    if not gold.options or gold.answer is None:
        return None
    if gold.answer not in gold.options:
        raise DataFormatError(
            f"The answer {gold.answer!r} is not one of the question's options. "
            "A loader must give the answer in the same words as the option; correct the data, or the loader."
        )
    chosen = chosen_option(said, gold.options)
    return float(chosen is not None and gold.options[chosen] == gold.answer)
