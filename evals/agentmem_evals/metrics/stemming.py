"""NLTK's Porter stemmer, loaded when it is first needed: LoCoMo's F1 and ROUGE are defined by it."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def porter_stem(word: str) -> str:
    """The stem of a word in NLTK's default mode, which extends Porter's algorithm; it puts words in lower case."""
    return str(_stemmer().stem(word))


@cache
def _stemmer() -> Any:
    from nltk.stem import PorterStemmer

    return PorterStemmer()
