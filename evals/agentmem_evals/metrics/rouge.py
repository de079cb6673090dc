"""ROUGE (Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries"), with the tokens of ``rouge-score``.

LoCoMo reports it for event summarisation and has published no code for it; what is here gives the same figures as
``rouge-score`` 0.1.2, the package that most papers use.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agentmem_evals.metrics.stemming import porter_stem

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Rouge:
    """F1 of unigrams, of bigrams and of the longest common subsequence (of the whole text, not line by line)."""

    rouge1: float
    rouge2: float
    rouge_l: float


def rouge(said: str, reference: str, *, stem: bool = True) -> Rouge:
    """ROUGE-1, -2 and -L as F1; 0 where nothing is shared, so for empty texts."""
    ours, theirs = rouge_tokens(said, stem=stem), rouge_tokens(reference, stem=stem)
    subsequence = longest_common_subsequence(ours, theirs)
    return Rouge(rouge_n(ours, theirs, 1), rouge_n(ours, theirs, 2), _f1(subsequence, len(ours), len(theirs)))


def rouge_tokens(text: str, *, stem: bool = True) -> list[str]:
    """Runs of ASCII letters and digits in lower case; words of more than three characters are stemmed."""
    words = _WORD.findall(text.lower())
    return [porter_stem(word) if len(word) > 3 else word for word in words] if stem else words


def rouge_n(said: Sequence[str], reference: Sequence[str], n: int) -> float:
    """F1 of the two bags of ``n``-grams."""
    ours, theirs = _ngrams(said, n), _ngrams(reference, n)
    return _f1((ours & theirs).total(), ours.total(), theirs.total())


def longest_common_subsequence(first: Sequence[str], second: Sequence[str]) -> int:
    """The length of the longest sequence that both contain in order, gaps allowed."""
    row = [0] * (len(second) + 1)
    for word in first:
        diagonal = 0
        for place, other in enumerate(second, start=1):
            above = row[place]
            row[place] = diagonal + 1 if word == other else max(above, row[place - 1])
            diagonal = above
    return row[-1]


def _ngrams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + n]) for start in range(len(words) - n + 1))


def _f1(shared: int, said: int, reference: int) -> float:
    return 2 * shared / (said + reference) if shared else 0.0
