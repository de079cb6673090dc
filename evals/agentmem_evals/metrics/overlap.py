"""Normalising answers and counting the words that two of them share: what several data sets' metrics are made of."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def squad_normalised(text: str) -> str:
    """Lower case, without ASCII punctuation, without a/an/the, single spaces.

    SQuAD's normalisation (Rajpurkar et al. 2016), as MRQA and HippoRAG (``src/hipporag/utils/eval_utils.py``) use it.
    Punctuation is dropped, not turned into spaces: ``"well-known"`` becomes ``"wellknown"``.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def token_f1(said: Sequence[str], gold: Sequence[str]) -> float:
    """F1 of two bags of words: a word counts as often as both have it. 0 where they share none, so for empty ones."""
    shared = (Counter(said) & Counter(gold)).total()
    if not shared:
        return 0.0
    precision, recall = shared / len(said), shared / len(gold)
    return 2 * precision * recall / (precision + recall)
